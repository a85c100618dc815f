"""Reference data of org: territories, agencies, who took over from whom, and posts. `load` writes."""

import re
from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, connection
from django.utils import timezone

from core.loading import NotFit, Planted, plant, read_csv
from core.search import fold
from org import tree
from org.choices import IdentifierScheme, SignsAs
from org.loading import authorities, territories
from org.loading.authorities import Authority, Found, Period
from org.loading.territories import HERE, Span
from org.models import (
    AdminUnit,
    AdminUnitSuccession,
    LegalBasis,
    Organization,
    OrgIdentifier,
    OrgSuccession,
    OrgVersion,
    Position,
)

__all__ = ["load", "load_territories"]

DATED = re.compile(r"^(?P<number>.*?)(?: \((?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})\))?$")
ISSUERS = {
    "UBTVQH": "Ủy ban Thường vụ Quốc hội",
    "/QH": "Quốc hội",
    "NĐ-CP": "Chính phủ",
    "NQ-CP": "Chính phủ",
    "QĐ-TTg": "Thủ tướng Chính phủ",
}
Units = dict[tuple[str, int, date], AdminUnit]


def load(*, update: bool = False, as_of: date | None = None) -> list[Planted]:
    """Write everything of this app's reference data; with `as_of` the world as it stood on that day.

    NotFit: nothing is to be kept (the caller's transaction). Overlaps are looked at when all is written.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    spans = territories.spans()
    pairs = territories.successions(spans)
    found = authorities.authorities(spans, pairs)
    if as_of is not None:
        found = found.as_it_stood(as_of)
    planted, units = _load_territories(spans, pairs, update=update, as_of=as_of)
    bases = _load_bases(found, update=update)
    organizations = _load_organizations(found, units, update=update)
    ids = {slug: row.pk for (slug,), row in organizations.by_key.items()}
    planted += [
        bases,
        organizations,
        _load_versions(found, units, ids, bases, update=update),
        _load_identifiers(found, ids, update=update),
        _load_takings(found, ids, bases, update=update),
        _load_positions(update=update),
    ]
    _settle()
    tree.forget()
    return planted


def load_territories(*, update: bool = False, as_of: date | None = None) -> list[Planted]:
    """Territories and their successions alone: what a restructuring needs before its authorities can begin."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    spans = territories.spans()
    planted, _units = _load_territories(spans, territories.successions(spans), update=update, as_of=as_of)
    _settle()
    return planted


def _settle() -> None:
    """Let the database look at everything now, while the command can still say what is wrong."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        raise NotFit(f"org: {error}") from error


# --- territories ------------------------------------------------------------------------------------------


def _load_territories(
    spans: list[Span], pairs: authorities.Pairs, *, update: bool, as_of: date | None
) -> tuple[list[Planted], Units]:
    if as_of is not None:
        spans = territories.as_it_stood(spans, as_of)
        pairs = [pair for pair in pairs if date.fromisoformat(pair[2]["effective_date"]) <= as_of]
    units: Units = {}
    planted = Planted("org.AdminUnit")
    for level in (1, 2, 3):
        step = plant(
            AdminUnit,
            [_unit(span, units) for span in spans if span.level == level],
            key=["code", "level", "valid_from"],
            update=update,
            scope=AdminUnit.objects.filter(level=level),
        )
        units |= step.by_key
        _add(planted, step)
    links = plant(
        AdminUnitSuccession,
        [
            AdminUnitSuccession(
                old_id=units[old.key].pk,
                new_id=units[new.key].pk,
                relation=row["relation"],
                extent=row["extent"],
                effective_on=date.fromisoformat(row["effective_date"]),
                legal_basis=row["legal_basis"],
                confidence=row["confidence"],
                note=row["note"],
            )
            for old, new, row in pairs
        ],
        key=["old_id", "new_id"],
        update=update,
    )
    return [planted, links], units


def _unit(span: Span, units: Units) -> AdminUnit:
    return AdminUnit(
        code=span.code,
        level=span.level,
        kind=span.kind,
        name=span.name,
        full_name=span.full_name,
        parent_id=units[span.parent.key].pk if span.parent else None,
        valid_from=span.valid_from,
        valid_to=span.valid_to,
        legal_basis=span.legal_basis,
        source=span.source,
        former_province=span.former_province,
        folded=fold(span.full_name),
    )


def _add(planted: Planted, step: Planted) -> None:
    planted.by_key |= step.by_key
    planted.created, planted.changed = planted.created + step.created, planted.changed + step.changed


# --- authorities ------------------------------------------------------------------------------------------


def _load_bases(found: Found, *, update: bool) -> Planted:
    """Each number once, with the date that any file gives for it."""
    said = [period.basis for authority in found.authorities.values() for period in authority.periods]
    said += [taking.basis for taking in found.takings]
    issued: dict[str, date | None] = {}
    for text in said:
        number, day = _number_and_day(text)
        if number:
            issued[number] = issued.get(number) or day
    return plant(
        LegalBasis,
        [
            LegalBasis(number=number, issuer=_issuer(number), issued_on=day)
            for number, day in sorted(issued.items())
        ],
        key=["number"],
        update=update,
    )


def _number_and_day(text: str) -> tuple[str, date | None]:
    """«NQ 788/NQ-UBTVQH14 (16/10/2019)» → its number and its day."""
    match = DATED.match(text)
    assert match is not None
    day = date(int(match["year"]), int(match["month"]), int(match["day"])) if match["year"] else None
    return match["number"], day


def _issuer(number: str) -> str:
    return next((issuer for mark, issuer in ISSUERS.items() if mark in number), "")


def _shown(authority: Authority) -> Period:
    """The period whose names the organization's own columns bear: today's, else the last, else the first."""
    begun = [period for period in authority.periods if period.valid_from <= timezone.localdate()]
    return begun[-1] if begun else authority.periods[0]


def _load_organizations(found: Found, units: Units, *, update: bool) -> Planted:
    """Parents and agencies before those that point to them; who is his own agency may not have an id yet."""
    planted = Planted("org.Organization")
    ids = dict(Organization.objects.values_list("slug", "pk"))
    for ready in _in_order(found):
        step = plant(
            Organization,
            [_organization(authority, units, planted, ids.get(authority.slug)) for authority in ready],
            key=["slug"],
            update=update,
        )
        own = [row for row in step.by_key.values() if row.agency_id is None]
        for row in own:
            row.agency_id = row.pk
        Organization.objects.bulk_update(own, ["agency"], batch_size=500)
        _add(planted, step)
    return planted


def _in_order(found: Found) -> Iterable[list[Authority]]:
    waiting = dict(found.authorities)
    while waiting:
        ready = [
            authority
            for authority in waiting.values()
            if not ({authority.agency, _shown(authority).parent} - {authority.slug}) & waiting.keys()
        ]
        if not ready:
            raise NotFit(f"agencies: parents in a circle: {sorted(waiting)[:5]}")
        yield ready
        for authority in ready:
            del waiting[authority.slug]


def _organization(authority: Authority, units: Units, planted: Planted, own_id: int | None) -> Organization:
    shown = _shown(authority)
    agency = planted.by_key.get((authority.agency,))
    return Organization(
        slug=authority.slug,
        name=shown.name,
        short_name=shown.short_name,
        symbol=shown.symbol,
        kind=authority.kind,
        parent=planted.by_key.get((shown.parent,)),
        agency_id=agency.pk if agency else own_id,
        territory_id=units[shown.territory.key].pk if shown.territory else None,
        identifier=authority.identifier,
        valid_from=authority.periods[0].valid_from,
        valid_to=authority.periods[-1].valid_to,
        certainty=authority.certainty,
        note=authority.note,
        source=authority.source,
        folded=fold(f"{shown.name} {shown.short_name}")[:220],
    )


def _load_versions(
    found: Found, units: Units, ids: dict[str, int], bases: Planted, *, update: bool
) -> Planted:
    return plant(
        OrgVersion,
        [
            OrgVersion(
                organization_id=ids[authority.slug],
                name=period.name,
                short_name=period.short_name,
                symbol=period.symbol,
                parent_id=ids[period.parent] if period.parent else None,
                agency_id=ids[authority.agency],
                territory_id=units[period.territory.key].pk if period.territory else None,
                valid_from=period.valid_from,
                valid_to=period.valid_to,
                legal_basis=_basis(period.basis, bases),
            )
            for authority in found.authorities.values()
            for period in authority.periods
        ],
        key=["organization_id", "valid_from"],
        update=update,
    )


def _basis(text: str, bases: Planted) -> LegalBasis | None:
    return bases.by_key.get((_number_and_day(text)[0],))


def _load_identifiers(found: Found, ids: dict[str, int], *, update: bool) -> Planted:
    return plant(
        OrgIdentifier,
        [
            OrgIdentifier(
                organization_id=ids[authority.slug],
                scheme=IdentifierScheme.QD20,
                value=authority.identifier,
                valid_from=authority.periods[0].valid_from,
                valid_to=authority.periods[-1].valid_to,
                source="agencies.csv",
            )
            for authority in found.authorities.values()
            if authority.identifier
        ],
        key=["organization_id", "scheme", "valid_from"],
        update=update,
    )


def _load_takings(found: Found, ids: dict[str, int], bases: Planted, *, update: bool) -> Planted:
    return plant(
        OrgSuccession,
        [
            OrgSuccession(
                old_id=ids[taking.old],
                new_id=ids[taking.new],
                relation=taking.relation,
                share=taking.share,
                functions=[],
                effective_on=taking.effective_on,
                legal_basis=_basis(taking.basis, bases),
                note=taking.note[:500],
            )
            for taking in found.takings
        ],
        key=["old_id", "new_id", "effective_on"],
        update=update,
    )


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
