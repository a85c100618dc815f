"""Territories of three states and their successions, out of the files in org/data.

The readers are pure: rows in, rows out. Joins are on (state, code): a statistics code is not an identity
(domain/organisation.md §1). What a state calls by the same name, kind and parent is one row.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from core.loading import SINCE, NotFit, demand, read_csv
from org.choices import UnitKind

HERE = Path(__file__).parent.parent / "data"
FIRST, SECOND = "2017-12-31", "2025-06-30"
TWO_LEVELS = date(2025, 7, 1)  # NQ 202/2025/QH15: the district level ends, Hải Dương joins
CITY, FORMER_PROVINCE = "31", "30"
PROVINCE_NAMES = {CITY: "Thành phố Hải Phòng", FORMER_PROVINCE: "Tỉnh Hải Dương"}
# When a district changed its kind between the two states; the basis is that of its communes in unit_successors.csv.
DISTRICT_CHANGES = {
    "290": (date(2019, 3, 1), "NQ 623/NQ-UBTVQH14"),
    "292": (date(2019, 11, 1), "NQ 768/NQ-UBTVQH14"),
    "311": (date(2025, 1, 1), "NQ 1232/NQ-UBTVQH15 (24/10/2024)"),
    "312": (date(2025, 1, 1), "NQ 1232/NQ-UBTVQH15 (24/10/2024)"),
}


@dataclass(frozen=True)
class Span:
    """A unit as it was from one day until another; `parent` is the span it belonged to all that time."""

    code: str
    level: int
    kind: str
    name: str
    full_name: str
    parent_code: str
    valid_from: date
    valid_to: date | None
    legal_basis: str
    source: str
    former_province: str
    parent: "Span | None" = None

    @property
    def key(self) -> tuple[str, int, date]:
        return self.code, self.level, self.valid_from

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def spans() -> list[Span]:
    """Every unit of the three states with its period, parents first."""
    old_rows, new_rows = read_csv(HERE / "units_2017.csv"), read_csv(HERE / "units_2025.csv")
    _check_counts(old_rows, new_rows)
    hop = [row for row in read_csv(HERE / "unit_successors.csv") if row["from_as_of"] == FIRST]
    first = {row["code"]: row for row in old_rows if row["as_of"] == FIRST}
    second = {row["code"]: row for row in old_rows if row["as_of"] == SECOND}
    found: list[Span] = []
    for level in (1, 2, 3):
        own = [
            span
            for code in sorted({*first, *second})
            if int((first.get(code) or second[code])["level"]) == level
            for span in _life(code, first.get(code), second.get(code), hop)
        ]
        found += [part for span in own for part in _under_parents(span, found)]
    city = _one(found, CITY, TWO_LEVELS)
    found += [_since_2025(row, city) for row in new_rows]
    _refuse_twins(found)
    return found


def as_it_stood(found: list[Span], day: date) -> list[Span]:
    """The same without what came later: nothing that began after that day, and what ended later is still open."""
    kept: dict[tuple[str, int, date], Span] = {}
    for span in found:  # parents first
        if span.valid_from <= day:
            ends = span.valid_to if span.valid_to is not None and span.valid_to <= day else None
            parent = kept[span.parent.key] if span.parent else None
            kept[span.key] = replace(span, parent=parent, valid_to=ends)
    return list(kept.values())


def _life(
    code: str, first: dict[str, str] | None, second: dict[str, str] | None, hop: list[dict[str, str]]
) -> Iterator[Span]:
    """One or two periods of a code before July 2025."""
    if first and second and _face(first) == _face(second):
        yield _span(second, SINCE, _end(first), "")
        return
    if first:
        out = [row for row in hop if row["old_code"] == code]
        changed, _basis = _change(code, first, out)
        yield _span(first, SINCE, changed, "")
    if second:
        into = [row for row in hop if row["new_code"] == code]
        same = [row for row in into if row["old_code"] == code]
        changed, basis = _change(code, second, same or into)
        yield _span(second, changed, TWO_LEVELS, basis)


def _change(code: str, row: dict[str, str], moves: list[dict[str, str]]) -> tuple[date, str]:
    """When and by what a unit became another between the states."""
    if row["level"] == "2":
        return DISTRICT_CHANGES[code]
    dated = sorted((move["effective_date"], move["legal_basis"]) for move in moves if move["effective_date"])
    if not dated:
        raise NotFit(f"unit_successors.csv: no date for the change of {code} {row['full_name']}")
    return date.fromisoformat(dated[-1][0]), dated[-1][1]


def _face(row: dict[str, str]) -> tuple[str, ...]:
    return row["full_name"], row["type"], row["parent_code"]


def _end(row: dict[str, str]) -> date | None:
    return None if row["code"] == CITY else TWO_LEVELS


def _span(row: dict[str, str], valid_from: date, valid_to: date | None, basis: str) -> Span:
    level = int(row["level"])
    kind = UnitKind.DISTRICT_CITY if level == 2 and row["type"] == "thanh_pho" else UnitKind(row["type"])
    return Span(
        code=row["code"],
        level=level,
        kind=kind,
        name=row["name"],
        full_name=row["full_name"],
        parent_code=row["parent_code"],
        valid_from=valid_from,
        valid_to=valid_to,
        legal_basis=basis,
        source=row["source"],
        former_province=PROVINCE_NAMES[row["province_code"]],
    )


def _since_2025(row: dict[str, str], city: Span) -> Span:
    return Span(
        code=row["code"],
        level=3,
        kind=UnitKind(row["type"]),
        name=row["name"],
        full_name=row["full_name"],
        parent_code=CITY,
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        legal_basis=row["legal_basis"],
        source=row["source"],
        former_province=PROVINCE_NAMES[row["former_province_code"]],
        parent=city,
    )


def _under_parents(span: Span, known: list[Span]) -> Iterator[Span]:
    """Cut the period where the parent changed: a parent is valid over the whole life of its child."""
    if not span.parent_code:
        yield span
        return
    parents = [
        parent for parent in known if parent.code == span.parent_code and parent.level == span.level - 1
    ]
    for parent in parents:
        begins = max(span.valid_from, parent.valid_from)
        ends = min(span.valid_to or date.max, parent.valid_to or date.max)
        if begins < ends:
            yield replace(span, parent=parent, valid_from=begins, valid_to=None if ends == date.max else ends)
    if not any(parent.covers(span.valid_from) for parent in parents):
        raise NotFit(f"unknown parent {span.parent_code} of {span.code} {span.full_name}")


def _one(found: list[Span], code: str, day: date) -> Span:
    hits = [span for span in found if span.code == code and span.covers(day)]
    if len(hits) != 1:
        raise NotFit(f"{code} on {day}: {len(hits)} units")
    return hits[0]


def _refuse_twins(found: list[Span]) -> None:
    """No second active name for one (level, parent), no two periods of one code at once."""
    for keyed in (lambda s: (s.level, s.parent_code, s.full_name), lambda s: (s.level, s.code)):
        groups: dict[tuple[object, ...], list[Span]] = {}
        for span in found:
            groups.setdefault(keyed(span), []).append(span)
        for key, group in groups.items():
            group.sort(key=lambda s: s.valid_from)
            for one, other in pairwise(group):
                if one.valid_to is None or one.valid_to > other.valid_from:
                    raise NotFit(f"overlapping units {key}: {one.valid_from} and {other.valid_from}")


def _check_counts(old_rows: list[dict[str, str]], new_rows: list[dict[str, str]]) -> None:
    """domain/organisation.md §9."""
    kinds = [row["type"] for row in new_rows]
    demand(len(new_rows), 114, "communes of 2025")
    demand(kinds.count("phuong"), 45, "phường of 2025")
    demand(kinds.count("xa"), 67, "xã of 2025")
    demand(kinds.count("dac_khu"), 2, "đặc khu of 2025")
    former = [row["former_province_code"] for row in new_rows]
    demand(former.count(FORMER_PROVINCE), 64, "communes on former Hải Dương soil")
    demand(former.count(CITY), 50, "communes on former Hải Phòng soil")
    for state, districts, communes in ((FIRST, 27, 488), (SECOND, 27, 374)):
        levels = [row["level"] for row in old_rows if row["as_of"] == state]
        demand(levels.count("2"), districts, f"districts of {state}")
        demand(levels.count("3"), communes, f"communes of {state}")


def successions(found: list[Span]) -> list[tuple[Span, Span, dict[str, str]]]:
    """Both hops. A unit that simply went on being the same row is no succession."""
    rows = read_csv(HERE / "unit_successors.csv")
    demand(len(rows), 940, "unit_successors.csv")
    day_of = {FIRST: date(2017, 12, 31), SECOND: date(2025, 6, 30), "2025-07-01": TWO_LEVELS}
    at = {
        (state, span.code): span
        for state, day in day_of.items()
        for span in found
        if span.covers(day) and span.level > 1
    }
    heirs = {(row["from_as_of"], row["old_code"]) for row in rows}
    for state, expected in ((FIRST, 488), (SECOND, 374)):
        communes = [code for day, code in at if day == state and at[day, code].level == 3]
        demand(
            sum((state, code) in heirs for code in communes),
            expected,
            f"communes of {state} with a successor",
        )
    lives = _lives(found)
    pairs = []
    for row in rows:
        try:
            old, new = at[row["from_as_of"], row["old_code"]], at[row["to_as_of"], row["new_code"]]
        except KeyError as error:
            raise NotFit(f"unit_successors.csv: unknown unit {error}") from error
        if row["effective_date"]:  # between the states a unit may have come under another district first
            day = date.fromisoformat(row["effective_date"])
            old, new = _at(lives, old, day - timedelta(days=1)), _at(lives, new, day)
        if old != new:
            pairs.append((old, new, row))
    return pairs + list(_came_under_another_district(lives, pairs))


Lives = dict[tuple[str, int], list[Span]]  # periods of one code, in order


def _lives(found: list[Span]) -> Lives:
    lives: Lives = {}
    for span in sorted(found, key=lambda span: span.valid_from):
        lives.setdefault((span.code, span.level), []).append(span)
    return lives


def _at(lives: Lives, span: Span, day: date) -> Span:
    """The period of the same code that covers a day, else the one given."""
    return next((one for one in lives[span.code, span.level] if one.covers(day)), span)


def _came_under_another_district(
    lives: Lives, pairs: list[tuple[Span, Span, dict[str, str]]]
) -> Iterator[tuple[Span, Span, dict[str, str]]]:
    """Periods of one commune that follow each other only because its district changed kind or was exchanged."""
    known = {(old, new) for old, new, _row in pairs}
    for life in lives.values():
        for old, new in pairwise(life):
            is_same = (old.full_name, old.kind, old.valid_to) == (new.full_name, new.kind, new.valid_from)
            if old.level == 3 and is_same and (old, new) not in known and new.parent is not None:
                yield (
                    old,
                    new,
                    {
                        "relation": "district_changed",
                        "extent": "whole",
                        "effective_date": new.valid_from.isoformat(),
                        "legal_basis": new.parent.legal_basis,
                        "confidence": "",
                        "note": "",
                    },
                )
