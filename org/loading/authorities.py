"""Authorities and parts of them through time, out of the files in org/data: pure, rows in, rows out.

City agencies and their counterparts before the mergers, the template of every commune of today, and the committee of
every district and commune that is no more, so that a letter of 2024 still says whose it is.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from core.loading import SINCE, NotFit, demand, read_csv
from core.search import fold
from org.choices import OrganizationKind, SuccessionRelation, SuccessionShare, UnitKind
from org.loading.territories import (
    CITY,
    FORMER_PROVINCE,
    HERE,
    TWO_LEVELS,
    Span,
)

CITY_BEFORE, PROVINCE_BEFORE = "ubnd-tp-2017", "ubnd-hd"
MERGER = "NQ 202/2025/QH15"  # Hải Dương joins Hải Phòng and the district level ends, 01/7/2025
LEGAL_NUMBER = re.compile(r"\b(?:NQ|NĐ|QĐ) \d+/[\w/-]*[\w]")
BEFORE_2025 = "-2017"  # end of the slug of an agency of Hải Phòng that was merged on 01/7/2025
SPRING_2025 = "-2025"  # and of those which stood between 01/3/2025 and that day
RELATIONS = {
    "merged_into": SuccessionRelation.MERGE,
    "merged_code_kept": SuccessionRelation.MERGE,
    "split_part": SuccessionRelation.SPLIT,
    "type_changed": SuccessionRelation.UPGRADE,
    "continued": SuccessionRelation.UPGRADE,
    "renamed": SuccessionRelation.RENAME,
    "unchanged": SuccessionRelation.MERGE,
}

Pairs = list[tuple[Span, Span, dict[str, str]]]


@dataclass(frozen=True)
class Period:
    """What an authority was called and where it stood from one day until another."""

    name: str
    short_name: str
    symbol: str
    parent: str  # slug
    territory: Span | None
    valid_from: date
    valid_to: date | None
    basis: str = ""


@dataclass(frozen=True)
class Authority:
    slug: str
    kind: OrganizationKind
    agency: str  # slug: itself, or the one it is a part of
    periods: tuple[Period, ...]
    identifier: str = ""
    certainty: str = ""
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class Taking:
    """One authority took over from another."""

    old: str
    new: str
    relation: SuccessionRelation
    share: SuccessionShare
    effective_on: date
    basis: str = ""
    note: str = ""


@dataclass
class Found:
    authorities: dict[str, Authority] = field(default_factory=dict)
    takings: list[Taking] = field(default_factory=list)

    def add(self, authority: Authority) -> None:
        if authority.slug in self.authorities:
            raise NotFit(f"agencies: slug {authority.slug} twice")
        self.authorities[authority.slug] = authority

    def as_it_stood(self, day: date) -> "Found":
        """Without what came later: nothing that began after that day, and what ended later is still open."""
        kept = Found()
        for authority in self.authorities.values():
            periods = [period for period in authority.periods if period.valid_from <= day]
            if periods and (periods[-1].valid_to or date.max) > day:
                periods[-1] = replace(periods[-1], valid_to=None)
            if periods:
                kept.add(replace(authority, periods=tuple(periods)))
        kept.takings = [
            taking
            for taking in self.takings
            if taking.effective_on <= day and {taking.old, taking.new} <= kept.authorities.keys()
        ]
        return kept


def authorities(spans: list[Span], pairs: Pairs) -> Found:
    """Everything that governed or governs these territories. `pairs`: their successions (territories.successions)."""
    found = Found()
    file_rows = read_csv(HERE / "agencies.csv")
    demand(len(file_rows), 70, "agencies.csv")
    interim = read_csv(HERE / "agencies_interim.csv")
    demand(len(interim), 6, "agencies_interim.csv")
    templates = [row for row in file_rows if row["level"] == "commune_template"]
    rows = [row for row in file_rows if row["level"] != "commune_template"]
    rows += [*interim, *read_csv(HERE / "agency_parts.csv")]
    province = {
        "city": _one(spans, CITY),
        "province_hd": _one(spans, FORMER_PROVINCE),
    }
    known = {row["slug"]: row for row in rows}
    for row in rows:
        found.add(_of_row(row, known, province[row["level"]], _basis_in(row)))
    found.takings += _takings_of_agencies(found, rows)
    communes = [span for span in spans if span.level == 3 and span.covers(TWO_LEVELS)]
    place_of = places(communes)
    for commune in communes:
        own = {row["slug"]: row for row in commune_agencies(commune, place_of[commune.code], templates)}
        for row in own.values():
            basis = (
                _first_number(commune.legal_basis)
                if row["kind"] == OrganizationKind.COMMITTEE
                else _basis_in(row)
            )
            found.add(_of_row(row, own, commune, basis))
    _add_former_committees(found, spans, pairs, {code: f"ubnd-{place}" for code, place in place_of.items()})
    _refuse_strangers(found)
    return found


def _one(spans: list[Span], code: str) -> Span:
    return next(span for span in spans if span.level == 1 and span.code == code)


def _of_row(row: dict[str, str], known: dict[str, dict[str, str]], territory: Span, basis: str) -> Authority:
    """One row of agencies.csv; `valid_to` of the file is the last day."""
    last = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
    period = Period(
        row["name"],
        row["short_name"],
        row["symbol"],
        row["parent_slug"],
        territory,
        date.fromisoformat(row["valid_from"]),
        last + timedelta(days=1) if last else None,
        basis if row["valid_from"] == TWO_LEVELS.isoformat() else "",
    )
    return Authority(
        row["slug"],
        OrganizationKind(row["kind"]),
        _agency_slug(row, known),
        (period,),
        row["agency_code"],
        row["certainty"],
        row["note"],
        row["source"],
    )


def _agency_slug(row: dict[str, str], rows: dict[str, dict[str, str]]) -> str:
    """Who decides and has the seal: a phòng, a centre or an office of a commune belongs to its UBND, a part of a sở to it."""
    parent = rows.get(row["parent_slug"])
    part = row["kind"] in {OrganizationKind.DIVISION, OrganizationKind.PUBLIC_SERVICE} or (
        row["kind"] == OrganizationKind.ADMIN_UNIT
        and parent is not None
        and parent["kind"] == OrganizationKind.COMMITTEE
    )
    return row["parent_slug"] if part and parent else row["slug"]


def _basis_in(row: dict[str, str]) -> str:
    """The legal number that the row's source names, if it names one."""
    return _first_number(row["source"])


def _first_number(text: str) -> str:
    match = LEGAL_NUMBER.search(text)
    return match[0] if match else ""


# --- the communes of today --------------------------------------------------------------------------------


def places(communes: list[Span]) -> dict[str, str]:
    """Part of a slug by code: phuong-ngo-quyen. Cẩm Giang and Cẩm Giàng fold alike, so their codes tell them apart."""
    plain = {commune.code: _place(commune) for commune in communes}
    taken = Counter(plain.values())
    return {code: place if taken[place] == 1 else f"{place}-{code}" for code, place in plain.items()}


def _place(unit: Span) -> str:
    return fold(unit.full_name).replace(" ", "-")


def _in_a_sentence(unit: Span) -> str:
    """«phường Ngô Quyền»."""
    return unit.full_name[0].lower() + unit.full_name[1:]


def commune_agencies(commune: Span, place: str, templates: list[dict[str, str]]) -> list[dict[str, str]]:
    """The organisations that every commune has, as rows of agencies.csv."""
    ward = commune.kind == UnitKind.WARD
    rows = []
    for template in templates:
        stem = template["slug"].removeprefix("tpl-").rsplit("-", 1)[0]
        if stem == ("kt" if ward else "kthtdt"):
            continue
        lower = _in_a_sentence(commune)
        name, slot, _rest = template["name"].partition("{")
        row = dict(template, slug=f"{stem}-{place}", name=f"{name.strip()} {lower}")
        row["short_name"] = f"{template['short_name']} {lower}" if slot else template["name"]
        row["parent_slug"] = f"ubnd-{place}" if template["parent_slug"] else ""
        if commune.kind == UnitKind.SPECIAL_ZONE and stem == "kt":
            row["note"] = "đặc khu: tên phòng theo quyết định của thành phố, cần xác minh"
        rows.append(row)
    return rows


# --- agencies that were merged ----------------------------------------------------------------------------


def _takings_of_agencies(found: Found, rows: list[dict[str, str]]) -> Iterator[Taking]:
    """agencies.csv names the successors of July 2025; one that ended before went to the one that stood then."""
    for row in rows:
        ends_on = found.authorities[row["slug"]].periods[-1].valid_to
        heirs = [slug for slug in row["successor_slugs"].split(";") if slug]
        for heir in heirs:
            assert ends_on is not None
            yield Taking(
                row["slug"],
                _standing(found, heir, ends_on),
                SuccessionRelation(row["succession"]),
                SuccessionShare.WHOLE if len(heirs) == 1 else SuccessionShare.PART,
                ends_on,
                MERGER if ends_on == TWO_LEVELS else "",
                row["note"] if len(heirs) > 1 else row["source"],
            )


def _standing(found: Found, slug: str, day: date) -> str:
    for candidate in (slug, f"{slug}{SPRING_2025}", f"{slug}{BEFORE_2025}"):
        authority = found.authorities.get(candidate)
        if authority and any(_covers(period, day) for period in authority.periods):
            return candidate
    return slug


def _covers(period: Period, day: date) -> bool:
    return period.valid_from <= day and (period.valid_to is None or day < period.valid_to)


# --- districts and communes that are no more --------------------------------------------------------------


def _add_former_committees(found: Found, spans: list[Span], pairs: Pairs, today: dict[str, str]) -> None:
    """UBND of every district and commune before 01/7/2025. One that merely came under another district goes on."""
    lives = list(_lives([span for span in spans if span.level > 1 and not span.covers(TWO_LEVELS)]))
    slug_of = _former_slugs(lives, today.values())
    for life in lives:
        found.add(_committee(life, slug_of))
    slug_of |= {span.key: today[span.code] for span in spans if span.level == 3 and span.covers(TWO_LEVELS)}
    found.takings += _takings_of_communes(pairs, slug_of)
    for life in lives:
        if life[-1].level == 2 and life[-1].key not in {old.key for old, _new, _row in pairs}:
            found.takings += _takings_of_district(life[-1], pairs, slug_of)


def _lives(spans: list[Span]) -> Iterator[list[Span]]:
    """Periods that follow each other under one code and one name, each time as a list."""
    ordered = sorted(spans, key=lambda span: (span.level, span.code, span.valid_from))
    life: list[Span] = []
    for span in ordered:
        goes_on = life and (life[-1].code, life[-1].level, life[-1].full_name, life[-1].valid_to) == (
            span.code,
            span.level,
            span.full_name,
            span.valid_from,
        )
        if life and not goes_on:
            yield life
            life = []
        life.append(span)
    if life:
        yield life


def _former_slugs(lives: list[list[Span]], taken: Iterable[str]) -> dict[tuple[str, int, date], str]:
    """ubnd-quan-le-chan; where names fold alike, with code and year: ubnd-phuong-an-bien-11341-2017."""
    plain = Counter([*taken, *(f"ubnd-{_place(life[0])}" for life in lives)])
    found: dict[tuple[str, int, date], str] = {}
    for life in lives:
        slug = f"ubnd-{_place(life[0])}"
        if plain[slug] > 1:
            slug = f"{slug}-{life[0].code}-{life[0].valid_from.year}"
        found |= {span.key: slug for span in life}
    return found


def _committee(life: list[Span], slug_of: dict[tuple[str, int, date], str]) -> Authority:
    name = _in_a_sentence(life[0])
    slug = slug_of[life[0].key]
    return Authority(
        slug,
        OrganizationKind.COMMITTEE,
        slug,
        tuple(
            Period(
                f"Ủy ban nhân dân {name}",
                f"UBND {name}",
                "UBND",
                _above(span, slug_of),
                span,
                span.valid_from,
                span.valid_to,
                _basis_of_period(span),
            )
            for span in life
        ),
        certainty="verified",
        note="" if life[0].valid_from > SINCE else "lập trước 2017; ngày lập chưa ghi",
        source=life[-1].source,
    )


def _above(span: Span, slug_of: dict[tuple[str, int, date], str]) -> str:
    assert span.parent is not None
    if span.parent.level == 2:
        return slug_of[span.parent.key]
    return PROVINCE_BEFORE if span.parent.code == FORMER_PROVINCE else CITY_BEFORE


def _basis_of_period(span: Span) -> str:
    return last_resolution(span.legal_basis)


def last_resolution(text: str) -> str:
    """Of «NQ 768/…; NQ 788/… (16/10/2019)» the last resolution, with its date; codes are no basis of a unit."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    return next((part for part in reversed(parts) if part.startswith("NQ")), "")


def _takings_of_communes(pairs: Pairs, slug_of: dict[tuple[str, int, date], str]) -> Iterator[Taking]:
    seen = set()
    for old, new, row in pairs:
        pair = slug_of[old.key], slug_of[new.key]
        if pair[0] != pair[1] and pair not in seen:
            seen.add(pair)
            yield Taking(
                *pair,
                RELATIONS[row["relation"]],
                SuccessionShare.WHOLE if row["extent"] == "whole" else SuccessionShare.PART,
                date.fromisoformat(row["effective_date"]),
                last_resolution(row["legal_basis"]),
                row["note"],
            )


def _takings_of_district(
    district: Span, pairs: Pairs, slug_of: dict[tuple[str, int, date], str]
) -> Iterator[Taking]:
    """No file names the heir of a district: it follows from where its communes came."""
    assert district.valid_to is not None
    came_to: dict[tuple[str, int, date], Span] = {}
    is_divided = False
    for old, new, row in pairs:
        if old.parent == district and row["effective_date"] == district.valid_to.isoformat():
            heir = new.parent if new.parent is not None and new.parent.level == 2 else new
            came_to[heir.key] = heir
            is_divided |= row["extent"] != "whole"
    if not came_to:
        raise NotFit(f"unit_successors.csv: nothing took over from {district.full_name}")
    is_whole = len(came_to) == 1
    for heir in came_to.values():
        goes_on = heir.level == 2
        yield Taking(
            slug_of[district.key],
            slug_of[heir.key],
            SuccessionRelation.UPGRADE
            if goes_on and heir.code == district.code
            else SuccessionRelation.SPLIT
            if goes_on
            else SuccessionRelation.FUNCTIONS_TO,
            SuccessionShare.WHOLE if is_whole else SuccessionShare.PART,
            district.valid_to,
            last_resolution(heir.legal_basis) if goes_on else MERGER,
            "suy từ địa bàn các xã, phường, thị trấn trực thuộc",
        )


def _refuse_strangers(found: Found) -> None:
    """Every parent, agency and heir is known, and there are no circles of parents."""
    for authority in found.authorities.values():
        for slug in {authority.agency, *(period.parent for period in authority.periods)} - {""}:
            if slug not in found.authorities:
                raise NotFit(f"agencies: unknown parent {slug} of {authority.slug}")
    for taking in found.takings:
        for slug in (taking.old, taking.new):
            if slug not in found.authorities:
                raise NotFit(f"agencies: unknown {slug} in a succession")
