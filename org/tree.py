"""The tree of organizations on one day. Today's tree costs one read of the cache: the mark of the last change.

Trees are kept in the process under that mark; `forget` changes it, so that every process draws its next tree anew.
"""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from org.choices import SuccessionShare
from org.models import Organization, OrgSuccession, OrgVersion

MARK = "org-tree-mark"
MARK_SECONDS = 600  # the longest time a process may lag behind while the shared cache is away
KEPT = 16  # trees in this process: today's, and days that somebody leafs through
DEEPEST = 12  # of a broken chain; the database refuses circles

_here = threading.local()  # `changed`: the open transaction of this thread's connection has changed units
_kept: OrderedDict[tuple[str, date], "Tree"] = OrderedDict()


class Node(NamedTuple):
    """One organization as it was on the day of the tree; the dates are those of its whole life."""

    id: int
    slug: str
    name: str
    short_name: str
    symbol: str
    kind: str
    parent_id: int | None
    agency_id: int | None
    territory_id: int | None
    valid_from: date
    valid_to: date | None


class Tree:
    """Organizations of one day by id. An unknown id has no parts and no path."""

    def __init__(self, day: date, nodes: Iterable[Node]) -> None:
        self.day = day
        self._nodes = {node.id: node for node in nodes}
        self._children: dict[int | None, list[Node]] = {}
        self._before: dict[int, list[int]] | None = None
        for node in self._nodes.values():
            parent = node.parent_id if node.parent_id in self._nodes else None
            self._children.setdefault(parent, []).append(node)

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def __contains__(self, unit_id: object) -> bool:
        return unit_id in self._nodes

    def node(self, unit_id: int | None) -> Node | None:
        return self._nodes.get(unit_id) if unit_id is not None else None

    def roots(self) -> list[Node]:
        return list(self._children.get(None, ()))

    def children(self, unit_id: int) -> list[Node]:
        return list(self._children.get(unit_id, ()))

    def descendants(self, unit_id: int) -> set[int]:
        """Ids of the unit and of all below it; empty when it was not there on that day."""
        found: set[int] = set()
        waiting = [unit_id] if unit_id in self._nodes else []
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += [child.id for child in self._children.get(one, ())]
        return found

    def ancestors(self, unit_id: int) -> list[Node]:
        """From the parent up to the root."""
        return self.path(unit_id)[-2::-1]

    def path(self, unit_id: int) -> list[Node]:
        """From the root down to the unit itself."""
        found: list[Node] = []
        node = self.node(unit_id)
        while node is not None and node not in found and len(found) < DEEPEST:
            found.append(node)
            node = self.node(node.parent_id)
        return found[::-1]

    def taken_over(self, unit_ids: Iterable[int]) -> frozenset[int]:
        """Units that were no more on that day and whose whole place these took, over any number of steps.

        One query for the first who asks of this tree. What was divided is nobody's: a part never counts for the whole.
        """
        found: set[int] = set()
        waiting = list(unit_ids)
        if waiting and self._before is None:
            self._before = _ended_before(self.day)
        while waiting:
            older = [one for one in (self._before or {}).get(waiting.pop(), ()) if one not in found]
            found.update(older)
            waiting += older
        return frozenset(found - set(self._nodes))


def _ended_before(day: date) -> dict[int, list[int]]:
    """new → the old ones that it followed as a whole."""
    steps: dict[int, list[int]] = {}
    whole = OrgSuccession.objects.filter(
        share=SuccessionShare.WHOLE, effective_on__lte=day, new__isnull=False
    )
    for new, old in whole.values_list("new", "old"):
        steps.setdefault(new, []).append(old)
    return steps


def today() -> Tree:
    return as_of(timezone.localdate())


def as_of(day: date) -> Tree:
    """The tree of any day, past or to come. Inside a transaction that changed units nothing is kept."""
    if _changed_here():
        return _drawn(day)
    key = (_mark(), day)
    tree = _kept.get(key)
    if tree is None:
        tree = _kept[key] = _drawn(day)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return tree


def forget() -> None:
    """Units have changed: at once for this transaction, for everybody once it is kept."""
    if connection.in_atomic_block:
        _here.changed = True
        if not any(entry[1] is _forget_now for entry in connection.run_on_commit):
            transaction.on_commit(_forget_now)
    else:
        _forget_now()


def _forget_now() -> None:
    _here.changed = False
    _kept.clear()
    cache.set(MARK, uuid.uuid4().hex, MARK_SECONDS)


def _changed_here() -> bool:
    """A transaction that failed never commits; outside of one there is nothing unsaved."""
    if not connection.in_atomic_block:
        _here.changed = False
    return getattr(_here, "changed", False)


def _mark() -> str:
    mark = cache.get(MARK)
    if mark is None:
        cache.add(MARK, uuid.uuid4().hex, MARK_SECONDS)
        mark = cache.get(MARK)
    return str(mark)


def _drawn(day: date) -> Tree:
    """From the versions; a unit that has none yet stands as its own columns say."""
    names = [name for name in Node._fields if name not in {"id", "slug", "kind", "valid_from", "valid_to"}]
    versions = OrgVersion.objects.valid_on(day).values_list(
        "organization_id",
        "organization__slug",
        *names[:3],
        "organization__kind",
        *names[3:],
        "organization__valid_from",
        "organization__valid_to",
    )
    plain = (
        Organization.objects.valid_on(day)
        .exclude(Exists(OrgVersion.objects.filter(organization=OuterRef("pk"))))
        .values_list(*Node._fields)
    )
    return Tree(day, (Node(*row) for row in [*versions, *plain]))
