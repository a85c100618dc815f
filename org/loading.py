"""Territories of three states, their successions, the agencies and posts, out of the files in org/data.

The readers are pure: rows in, rows out. `load` writes. Joins are on (state, code): a statistics code is not an
identity (domain/organisation.md §1). What a state calls by the same name, kind and parent is one row.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from core.loading import SINCE, NotFit, Planted, demand, plant, read_csv
from core.search import fold
from org.choices import OrganizationKind, SignsAs, UnitKind
from org.models import AdminUnit, AdminUnitSuccession, Organization, Position

HERE = Path(__file__).parent / "data"
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

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


# --- territories ------------------------------------------------------------------------------------------


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
    try:
        pairs = [(at[r["from_as_of"], r["old_code"]], at[r["to_as_of"], r["new_code"]], r) for r in rows]
    except KeyError as error:
        raise NotFit(f"unit_successors.csv: unknown unit {error}") from error
    return [(old, new, row) for old, new, row in pairs if old != new]


# --- agencies ---------------------------------------------------------------------------------------------


def places(communes: list[Span]) -> dict[str, str]:
    """Part of a slug by code: phuong-ngo-quyen. Cẩm Giang and Cẩm Giàng fold alike, so their codes tell them apart."""
    plain = {commune.code: fold(commune.full_name).replace(" ", "-") for commune in communes}
    taken = Counter(plain.values())
    return {code: place if taken[place] == 1 else f"{place}-{code}" for code, place in plain.items()}


def commune_agencies(commune: Span, place: str, templates: list[dict[str, str]]) -> list[dict[str, str]]:
    """The organisations that every commune has, as rows of agencies.csv."""
    ward = commune.kind == UnitKind.WARD
    rows = []
    for template in templates:
        stem = template["slug"].removeprefix("tpl-").rsplit("-", 1)[0]
        if stem == ("kt" if ward else "kthtdt"):
            continue
        lower = commune.full_name[0].lower() + commune.full_name[1:]
        name, slot, _rest = template["name"].partition("{")
        row = dict(template, slug=f"{stem}-{place}", name=f"{name.strip()} {lower}")
        row["short_name"] = f"{template['short_name']} {lower}" if slot else template["name"]
        row["parent_slug"] = f"ubnd-{place}" if template["parent_slug"] else ""
        if commune.kind == UnitKind.SPECIAL_ZONE and stem == "kt":
            row["note"] = "đặc khu: tên phòng theo quyết định của thành phố, cần xác minh"
        rows.append(row)
    return rows


def _agency_slug(row: dict[str, str], rows: dict[str, dict[str, str]]) -> str:
    """Who decides and has the seal: a phòng, a centre or an office of a commune belongs to its UBND, a part of a sở to it."""
    parent = rows.get(row["parent_slug"])
    part = row["kind"] in {OrganizationKind.DIVISION, OrganizationKind.PUBLIC_SERVICE} or (
        row["kind"] == OrganizationKind.ADMIN_UNIT
        and parent is not None
        and parent["kind"] == OrganizationKind.COMMITTEE
    )
    return row["parent_slug"] if part and parent else row["slug"]


# --- writing ----------------------------------------------------------------------------------------------


def load(*, update: bool = False) -> list[Planted]:
    """Write everything of this app's reference data. NotFit: nothing is to be kept (the caller's transaction)."""
    found = spans()
    pairs = successions(found)
    units: dict[tuple[str, int, date], AdminUnit] = {}
    planted = Planted("org.AdminUnit")
    for level in (1, 2, 3):
        step = plant(
            AdminUnit,
            [_unit(span, units) for span in found if span.level == level],
            key=["code", "level", "valid_from"],
            update=update,
            scope=AdminUnit.objects.filter(level=level),
        )
        units |= step.by_key
        planted.by_key |= step.by_key
        planted.created, planted.changed = planted.created + step.created, planted.changed + step.changed
    links = plant(
        AdminUnitSuccession,
        [
            AdminUnitSuccession(
                old_id=units[_unit_key(old)].pk,
                new_id=units[_unit_key(new)].pk,
                relation=row["relation"],
                extent=row["extent"],
                effective_on=date.fromisoformat(row["effective_date"]) if row["effective_date"] else None,
                legal_basis=row["legal_basis"],
                confidence=row["confidence"],
                note=row["note"],
            )
            for old, new, row in pairs
        ],
        key=["old_id", "new_id"],
        update=update,
    )
    return [planted, links, _load_agencies(found, units, update=update), _load_positions(update=update)]


def _unit_key(span: Span) -> tuple[str, int, date]:
    return span.code, span.level, span.valid_from


def _unit(span: Span, units: dict[tuple[str, int, date], AdminUnit]) -> AdminUnit:
    return AdminUnit(
        code=span.code,
        level=span.level,
        kind=span.kind,
        name=span.name,
        full_name=span.full_name,
        parent_id=units[_unit_key(span.parent)].pk if span.parent else None,
        valid_from=span.valid_from,
        valid_to=span.valid_to,
        legal_basis=span.legal_basis,
        source=span.source,
        former_province=span.former_province,
        folded=fold(span.full_name),
    )


def _load_agencies(
    found: list[Span], units: dict[tuple[str, int, date], AdminUnit], *, update: bool
) -> Planted:
    """Parents before children, then the agency of each (itself, or the one it belongs to)."""
    file_rows = read_csv(HERE / "agencies.csv")
    demand(len(file_rows), 70, "agencies.csv")
    templates = [row for row in file_rows if row["level"] == "commune_template"]
    rows = {row["slug"]: row for row in file_rows if row["level"] != "commune_template"}
    rows |= {row["slug"]: row for row in read_csv(HERE / "agency_parts.csv")}
    city = {name: units[_unit_key(_one(found, code, day))].pk for name, code, day in (
        ("city", CITY, TWO_LEVELS), ("province_hd", FORMER_PROVINCE, SINCE))}  # fmt: skip
    territory = {slug: city[row["level"]] for slug, row in rows.items()}
    communes = [span for span in found if span.level == 3 and span.covers(TWO_LEVELS)]
    place_of = places(communes)
    for commune in communes:
        for row in commune_agencies(commune, place_of[commune.code], templates):
            if row["slug"] in rows:
                raise NotFit(f"agencies: slug {row['slug']} twice")
            rows[row["slug"]] = row
            territory[row["slug"]] = units[_unit_key(commune)].pk
    planted = Planted("org.Organization")
    ids = dict(Organization.objects.values_list("slug", "pk"))
    waiting = dict(rows)
    for row in rows.values():
        heirs = ", ".join(rows[slug]["name"] for slug in row["successor_slugs"].split(";") if slug)
        row["note"] = "; ".join(part for part in (row["note"], f"kế thừa: {heirs}" if heirs else "") if part)
    while waiting:
        ready = [row for row in waiting.values() if row["parent_slug"] not in waiting]
        if not ready:
            raise NotFit(f"agencies: parents in a circle or unknown: {sorted(waiting)[:5]}")
        step = plant(
            Organization,
            [
                _organization(row, territory[row["slug"]], planted, ids.get(_agency_slug(row, rows)))
                for row in ready
            ],
            key=["slug"],
            update=update,
        )
        _settle_own_agency(step)
        ids |= {slug: organization.pk for (slug,), organization in step.by_key.items()}
        planted.by_key |= step.by_key
        planted.created, planted.changed = planted.created + step.created, planted.changed + step.changed
        for row in ready:
            del waiting[row["slug"]]
    return planted


def _organization(
    row: dict[str, str], territory_id: int, planted: Planted, agency_id: int | None
) -> Organization:
    """`agency_id` None: its own agency, before it has an id (see _settle_own_agency)."""
    parent = planted.by_key.get((row["parent_slug"],))
    if row["parent_slug"] and parent is None:
        raise NotFit(f"agencies: unknown parent {row['parent_slug']} of {row['slug']}")
    return Organization(
        slug=row["slug"],
        name=row["name"],
        short_name=row["short_name"],
        symbol=row["symbol"],
        kind=OrganizationKind(row["kind"]),
        parent_id=parent.pk if parent else None,
        agency_id=agency_id,
        territory_id=territory_id,
        identifier=row["agency_code"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) + timedelta(days=1) if row["valid_to"] else None,
        certainty=row["certainty"],
        note=row["note"],
        source=row["source"],
        folded=fold(f"{row['name']} {row['short_name']}")[:220],
    )


def _settle_own_agency(step: Planted) -> None:
    """Those that are their own agency could not say so before they had an id."""
    own = [organization for organization in step.by_key.values() if organization.agency_id is None]
    for organization in own:
        organization.agency_id = organization.pk
    Organization.objects.bulk_update(own, ["agency"], batch_size=500)


def _load_positions(*, update: bool) -> Planted:
    rows = read_csv(HERE / "positions.csv")
    return plant(
        Position,
        [
            Position(
                code=row["code"],
                title=row["title"],
                is_head=row["is_head"] == "yes",
                signs_as=SignsAs(row["signs_as"]),
            )
            for row in rows
        ],
        key=["code"],
        update=update,
    )
