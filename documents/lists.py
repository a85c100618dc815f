"""Keyset pages of documents over a union of rights: as fast with 5,000 grants, or in a tiny agency, as for one office.

One clause «agency or task or grant» makes the database read either everything or every grant. Here each right is a branch
that walks its own index newest first and stops after a page; the pages are merged. The branches say the same as
`documents.rules`; tests prove it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Final

from django.db.models import Q, QuerySet

from documents.models import Document, IncomingDocument
from org.choices import Role
from org.powers import archive_units

PAGE: Final = 50
COUNT_UP_TO: Final = 1000
APART_MAX: Final = 12  # units with a branch each; more share one

MANY: Final = ("tasks__", "grants__", "opinions__")
NOBODY: Final = Q(pk__in=[])


@dataclass
class Ids:
    """Ids of one page, newest first, and where to go on."""

    ids: list[int] = field(default_factory=list)
    older: int | None = None
    newer: int | None = None


def incoming_branches(user: Any) -> Iterator[Q]:
    """`rules.incoming_visible`, one right at a time."""
    if not user.is_authenticated:
        return
    yield from _of_units(user, "agency", (Role.LEADER, Role.CLERK), IncomingDocument)
    yield Q(grants__user=user, grants__ended_at__isnull=True)
    if user.hat is not None:
        yield Q(tasks__person=user)
        yield from _each("tasks__unit", user.units_as(Role.UNIT_HEAD, Role.LEADER))
        for power in user.powers:
            if power.role == Role.CASE_OFFICER and power.holder_id and not power.scope:
                yield Q(tasks__unit__in=power.units, tasks__person=power.holder_id)
    yield from _each("agency", archive_units(user))


def document_branches(user: Any) -> Iterator[Q]:
    """`rules.visible`, one right at a time."""
    if not user.is_authenticated:
        return
    yield Q(drafter=user)
    yield from _of_units(user, "agency", (Role.LEADER, Role.CLERK), Document)
    yield from _of_units(user, "unit", (Role.UNIT_HEAD, Role.CASE_OFFICER), Document)
    yield Q(grants__user=user, grants__ended_at__isnull=True)
    yield from _each("opinions__unit", user.units_as(Role.UNIT_HEAD, Role.LEADER, Role.CASE_OFFICER))
    for rule in _each("agency", archive_units(user)):
        yield rule & Q(issued_at__isnull=False)


def _of_units(user: Any, column: str, roles: tuple[Role, ...], model: Any) -> Iterator[Q]:
    mine = [power for power in user.powers if power.role in roles]
    own: frozenset[int] = frozenset().union(*(power.units for power in mine if not power.delegation))
    yield from _each(column, own)
    for power in mine:
        if power.delegation and (rule := power.rule(column, model)) != NOBODY:
            yield rule


def _each(column: str, units: frozenset[int]) -> Iterator[Q]:
    if len(units) > APART_MAX:
        yield Q(**{f"{column}__in": units})
    else:
        yield from (Q(**{column: unit}) for unit in sorted(units))


def incoming_page(user: Any, narrow: Q | None = None, **place: Any) -> Ids:
    """Ids of incoming documents that `user` may see and that `narrow` lets through. `place`: older_than or newer_than."""
    return page_of(IncomingDocument.objects.all(), list(incoming_branches(user)), narrow, **place)


def document_page(user: Any, narrow: Q | None = None, **place: Any) -> Ids:
    return page_of(Document.objects.official(), list(document_branches(user)), narrow, **place)


def page_of(
    rows: QuerySet[Any],
    branches: list[Q],
    narrow: Q | None = None,
    *,
    older_than: int | None = None,
    newer_than: int | None = None,
    size: int = PAGE,
) -> Ids:
    """One page of the union of `branches`, in one query."""
    if narrow is not None:
        rows = rows.filter(narrow)
    if newer_than is not None:
        ids = _merged(rows.filter(pk__gt=newer_than), branches, "pk", size + 1)
        more, ids = len(ids) > size, ids[:size][::-1]
        return Ids(ids, older=ids[-1] if ids else None, newer=ids[0] if more else None)
    bounded = rows.filter(pk__lt=older_than) if older_than is not None else rows
    ids = _merged(bounded, branches, "-pk", size + 1)
    more, ids = len(ids) > size, ids[:size]
    return Ids(ids, older=ids[-1] if more else None, newer=ids[0] if ids and older_than is not None else None)


def _merged(rows: QuerySet[Any], branches: list[Q], order: str, size: int) -> list[int]:
    parts = [_once(rows, branch).order_by(order).values_list("pk", flat=True)[:size] for branch in branches]
    if not parts:
        return []
    if len(parts) == 1:
        return list(parts[0])
    first, *rest = parts
    return list(first.union(*rest).order_by(order)[:size])


def _once(rows: QuerySet[Any], branch: Q) -> QuerySet[Any]:
    """Each record once: its tasks, grants and opinions may be several, its own columns never are."""
    found = rows.filter(branch)
    return found.distinct() if any(str(name).startswith(MANY) for name, _value in branch.children) else found  # type: ignore[misc]


def incoming_count(user: Any, narrow: Q | None = None) -> int:
    """How many there are, never counted further than COUNT_UP_TO + 1."""
    return count_of(IncomingDocument.objects.all(), list(incoming_branches(user)), narrow)


def document_count(user: Any, narrow: Q | None = None) -> int:
    return count_of(Document.objects.official(), list(document_branches(user)), narrow)


def count_of(rows: QuerySet[Any], branches: list[Q], narrow: Q | None = None) -> int:
    if narrow is not None:
        rows = rows.filter(narrow)
    cap = COUNT_UP_TO + 1
    parts = [_once(rows, branch).order_by().values_list("pk", flat=True)[:cap] for branch in branches]
    if not parts:
        return 0
    if len(parts) == 1:
        return min(cap, parts[0].count())
    return min(cap, reduce(lambda one, other: one.union(other), parts).count())
