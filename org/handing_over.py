"""The open work of somebody who leaves. Org does not know cases or drafts: each app above names its keeper.

A keeper finds what somebody may no longer do himself, so that running it twice changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple


class Passed(NamedTuple):
    """So many of `what` went to `to` (empty: nobody was found, somebody must look)."""

    what: str
    number: int
    to: str


@dataclass(frozen=True)
class Keeper:
    """`open_of(user)`: how much lies open with him. `pass_on(user, successor, actor, reason)`: give away what his
    remaining posts do not let him finish, to the successor where he serves, else to the head of the unit."""

    label: Any
    open_of: Callable[[Any], int]
    pass_on: Callable[[Any, Any, Any, str], list[Passed]]


KEEPERS: dict[str, Keeper] = {}


def register(name: str, keeper: Keeper) -> None:
    KEEPERS[name] = keeper


def open_work(user: Any) -> list[tuple[str, int]]:
    """(what, how much) for the page that asks to whom it goes."""
    return [(str(keeper.label), keeper.open_of(user)) for keeper in KEEPERS.values()] if user else []


def pass_on(user: Any, successor: Any, actor: Any, reason: str) -> list[Passed]:
    """Call inside `atomic`."""
    return [
        passed for keeper in KEEPERS.values() for passed in keeper.pass_on(user, successor, actor, reason)
    ]
