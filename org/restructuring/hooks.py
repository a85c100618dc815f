"""The one hook by which an app tells what a restructuring touches in it, and moves it.

A mover is registered in the `ready` of its app. It works set-based inside the transaction of the batch, on the
temporary tables that org/restructuring/tables.py fills from the plan:

switch_unit    old_id, ends, new_key, new_id, new_agency_id, certain, why, back
switch_target  old_id, n, of, new_key, new_id: where the people of a unit go, in turns
switch_rule    old_id, how (address, field, procedure), value, new_key, new_id: which case goes where
switch_role    old_id, role: what is granted anew by itself
switch_named   assignment_id, new_key, new_id
switch_heir    old_id, new_key, new_id: who took over anything at all
switch_document document_id, agency_id, unit_id: a document that goes with its case (filled by the app that knows)

In a dry run the new units are not there yet: `new_id` is empty, `new_key` is not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.apps import apps
from django.db import connection
from django.utils.translation import gettext as _

from core import audit
from core.copying import copy_in
from org.models import Leftover, MovedRecord, Restructuring


@dataclass(frozen=True)
class Move:
    """What every mover is told: the batch, its day, the moment at which it is written, and the words for the trail."""

    batch: Restructuring
    on: date
    at: datetime
    basis: str

    @property
    def reason(self) -> str:
        return _("Sắp xếp tổ chức từ %(day)s theo %(basis)s") % {
            "day": f"{self.on:%d/%m/%Y}",
            "basis": self.basis,
        }


@dataclass
class Moved:
    """Counts by label, and what could not be decided."""

    counts: dict[str, int] = field(default_factory=dict)
    leftovers: list[Leftover] = field(default_factory=list)


class Mover(Protocol):
    """`order`: people first (10), then books (20), cases (30), documents (40), keys (50), what is told (90)."""

    name: str
    order: int

    def count(self, move: Move) -> dict[str, int]:
        """What the batch will touch, by Vietnamese label. Nothing is written."""
        ...

    def move(self, move: Move) -> Moved:
        """Move everything, with its trail. Inside the transaction of the batch."""
        ...

    def orphans(self) -> dict[str, int]:
        """Records in use that point at a unit of the batch that has ended: must be nothing after `move`."""
        ...

    def settle(self, leftover: Leftover, *, unit_id: int | None, actor: Any) -> bool:
        """Decide one leftover of this app. False: it is not this app's."""
        ...


_movers: dict[str, Mover] = {}


def register(mover: Mover) -> None:
    _movers[mover.name] = mover


def movers() -> list[Mover]:
    return sorted(_movers.values(), key=lambda mover: (mover.order, mover.name))


# --- what movers share -------------------------------------------------------------------------------------


def rows(sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall()) if cursor.description else []


def run(sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> int:
    """Execute one statement; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def number(sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> int:
    return int(rows(sql, params)[0][0] or 0)


def same_columns(model: Any, source: str, **own: str) -> tuple[str, str]:
    """Column list and select list that copy a row of `model` read as `source`, except `own` (column → SQL)."""
    fields = [f for f in model._meta.concrete_fields if not getattr(f, "generated", False)]
    names = [f.column for f in fields if not f.primary_key or f.column in own]
    return ", ".join(names), ", ".join(own.get(name, f"{source}.{name}") for name in names)


@dataclass(frozen=True)
class Line:
    """One moved record: what it was, where it came from and where it went."""

    record_id: int
    old_unit_id: int
    new_unit_id: int | None
    before: dict[str, Any] = field(default_factory=dict)
    heir_id: int | None = None


def note_moved(
    move: Move, event: str, label: str, lines: Iterable[Line], *, keep: bool = True, note: str = ""
) -> int:
    """An audit event for each record (before → after: the units' short names), and its `MovedRecord`."""
    found = list(lines)
    names = _unit_names({pk for line in found for pk in (line.old_unit_id, line.new_unit_id) if pk})
    if keep:
        copy_in(
            MovedRecord(
                batch=move.batch,
                kind=label,
                record_id=line.record_id,
                heir_id=line.heir_id,
                old_unit_id=line.old_unit_id,
                new_unit_id=line.new_unit_id,
                before=line.before,
            )
            for line in found
        )
    events = (
        Event(
            line.record_id,
            names.get(line.old_unit_id, ""),
            names.get(line.new_unit_id or 0, ""),
            line.before,
            line.new_unit_id or line.old_unit_id,
        )
        for line in found
    )
    return note_all(move, event, label, events, note=note)


@dataclass(frozen=True)
class Event:
    """One line of the trail: the record, what it was and became (short names), and the unit that keeps it now."""

    record_id: int
    before: str = ""
    after: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    unit_id: int | None = None


@dataclass(frozen=True)
class _Subject:
    """Stands for a record in the trail without reading it."""

    _meta: Any
    pk: int
    audit_unit_id: int | None


def note_all(move: Move, event: str, label: str, events: Iterable[Event], *, note: str = "") -> int:
    """An audit event, with its own leaf, for each record of an act on many."""
    meta = apps.get_model(label)._meta
    return audit.record_many(
        {
            "event": event,
            "actor": None,
            "subject": _Subject(meta, one.record_id, one.unit_id),
            "before": one.before[:60],
            "after": one.after[:60],
            "note": note or move.reason,
            "detail": {"batch": move.batch.pk, **one.detail},
            "at": move.at,
        }
        for one in events
    )


def _unit_names(ids: set[int]) -> dict[int, str]:
    from org.models import Organization

    return {
        pk: (short or name)[:60]
        for pk, short, name in Organization.objects.filter(pk__in=ids).values_list("pk", "short_name", "name")
    }
