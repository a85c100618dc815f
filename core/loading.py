"""Reference files that we ship: read them strictly, plant their rows, leave alone what administrators changed."""

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any

from django.db import models

from core.models import OfficeHours, WorkingDay
from core.models.calendar import DayKind

HERE = Path(__file__).parent / "data"
OPENING = [
    (time(7, 0), time(11, 30)),
    (time(13, 30), time(17, 0)),
]  # domain/onecase.md §4, «one known default»
SINCE = date(2017, 1, 1)  # what we know begins here


class NotFit(Exception):
    """A reference file is not what the loader may take (text not in NFC, a count that is off, an unknown name)."""


def read_text(path: Path) -> str:
    """The text of a shipped file. NotFit: not NFC, so that a search or a comparison would miss it."""
    text = path.read_text(encoding="utf-8")
    if not unicodedata.is_normalized("NFC", text):
        raise NotFit(f"{path.name}: text is not in Unicode NFC")
    return text


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read_text(path), newline="")))


def read_json(path: Path) -> Any:
    return json.loads(read_text(path))


def demand(count: int, expected: int, what: str) -> None:
    """NotFit unless the file holds what we know it must hold."""
    if count != expected:
        raise NotFit(f"{what}: {count} rows, expected {expected}")


@dataclass
class Planted:
    """What `plant` did, and the rows by key for those that point to them."""

    label: str
    by_key: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    created: int = 0
    changed: int = 0

    def __str__(self) -> str:
        return f"{self.label}: {len(self.by_key)} (+{self.created}, ~{self.changed})"


def plant(
    model: type[models.Model],
    rows: Iterable[models.Model],
    *,
    key: Sequence[str],
    update: bool = False,
    scope: models.QuerySet[Any] | None = None,
) -> Planted:
    """Create the rows whose key is not there yet; with `update` also bring the others to what the file says."""
    result = Planted(str(model._meta.label))
    standing = {_key(row, key): row for row in (model._default_manager.all() if scope is None else scope)}
    names = [f.attname for f in model._meta.concrete_fields if not f.primary_key and f.attname not in key]
    fresh, stale = [], []
    for row in rows:
        own = _key(row, key)
        if own in result.by_key:
            raise NotFit(f"{result.label}: {own} twice")
        found = standing.get(own)
        if found is None:
            fresh.append(row)
        elif update and _differs(found, row, names):
            for name in names:
                setattr(found, name, getattr(row, name))
            stale.append(found)
        result.by_key[own] = found or row
    model._default_manager.bulk_create(fresh, batch_size=500)
    if stale:
        model._default_manager.bulk_update(stale, names, batch_size=200)
    result.created, result.changed = len(fresh), len(stale)
    return result


def load_calendar(*, update: bool = False) -> list[Planted]:
    """Days that depart from Monday–Friday, and the opening hours of whoever has none of his own."""
    rows = read_csv(HERE / "public_holidays.csv")
    demand(len(rows), 60, "public_holidays.csv")
    unknown = {row["kind"] for row in rows} - set(DayKind.values)
    if unknown:
        raise NotFit(f"public_holidays.csv: unknown kinds {sorted(unknown)}")
    days = [
        WorkingDay(
            date=date.fromisoformat(row["date"]),
            name=row["name"],
            kind=row["kind"],
            status=row["status"],
            source=row["source"],
            note=row["note"],
        )
        for row in rows
    ]
    hours = [OfficeHours(opens=opens, closes=closes, valid_from=SINCE) for opens, closes in OPENING]
    general = OfficeHours.objects.filter(organization__isnull=True)
    if general.exists():  # an administrator's own hours are not to be mixed with ours
        hours = []
    return [
        plant(WorkingDay, days, key=["date"], update=update),
        plant(OfficeHours, hours, key=["organization_id", "valid_from", "opens"], scope=general),
    ]


def _key(row: models.Model, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in names)


def _differs(one: models.Model, other: models.Model, names: Sequence[str]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in names)
