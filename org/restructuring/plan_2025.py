"""The plan of 01/7/2025 out of the reference files: 27 districts and 374 communes of two provinces → 114 communes.

Who took over from whom is read from org/data (unit_successors.csv, agencies.csv); what these files do not say is not
decided here: cases of a commune that was divided become leftovers, unless the owner's address names a whole one.
"""

from collections import defaultdict
from datetime import date
from typing import Any, Final

from org.choices import OrganizationKind, StepKind, SuccessionShare
from org.loading import authorities, territories
from org.loading.authorities import Authority, Taking
from org.loading.territories import TWO_LEVELS, Span
from org.models import RestructuringStep

TITLE: Final = "Tổ chức chính quyền địa phương 2 cấp từ 01/7/2025"
ALL_PEOPLE: Final = "part_area_whole_population"


def steps() -> list[RestructuringStep]:
    spans = territories.spans()
    pairs = territories.successions(spans)
    found = authorities.authorities(spans, pairs)
    takings = [taking for taking in found.takings if taking.effective_on == TWO_LEVELS]
    extents = _extents(found.authorities.values(), pairs)
    founded = {
        slug: authority
        for slug, authority in found.authorities.items()
        if authority.periods[0].valid_from == TWO_LEVELS
    }
    by_new: dict[str, list[Taking]] = defaultdict(list)
    by_district: dict[str, list[Taking]] = defaultdict(list)
    for taking in takings:
        old = found.authorities[taking.old].periods[-1]
        is_district = old.territory is not None and old.territory.level == 2 and taking.new in founded
        if is_district and (taking.old, taking.new) not in extents:
            by_district[taking.old].append(taking)
        else:
            by_new[taking.new].append(taking)
    made = [_city(founded, by_new)]
    made += [
        _agency(founded[slug], by_new[slug]) for slug in founded if _is_city_agency(founded[slug], by_new)
    ]
    main = _main_heirs(by_new, extents)
    communes = [authority for authority in founded.values() if _is_commune(authority)]
    made += [_commune(authority, by_new[authority.slug], extents, main) for authority in communes]
    address_rules = _address_rules(by_new, extents, found.authorities)
    departments = [
        slug for slug, authority in founded.items() if authority.kind == OrganizationKind.DEPARTMENT
    ]
    made += [
        _district(slug, ways, address_rules[slug], departments) for slug, ways in sorted(by_district.items())
    ]
    return made


Extents = dict[tuple[str, str], str]


def _extents(known: Any, pairs: authorities.Pairs) -> Extents:
    """Extent of each step of territory, by the committees of old and new."""
    committee: dict[tuple[str, int, date], str] = {}
    for authority in known:
        if authority.kind == OrganizationKind.COMMITTEE:
            for period in authority.periods:
                if period.territory is not None:
                    committee[period.territory.key] = authority.slug
    return {
        (committee[old.key], committee[new.key]): row["extent"]
        for old, new, row in pairs
        if row["effective_date"] == TWO_LEVELS.isoformat()
    }


def _is_commune(authority: Authority) -> bool:
    territory = authority.periods[0].territory
    return authority.kind == OrganizationKind.COMMITTEE and territory is not None and territory.level == 3


def _is_city_agency(authority: Authority, by_new: dict[str, list[Taking]]) -> bool:
    territory = authority.periods[0].territory
    is_city = territory is not None and territory.level == 1
    return is_city and authority.slug != "ubnd-tp" and authority.slug in by_new


def _city(founded: dict[str, Authority], by_new: dict[str, list[Taking]]) -> RestructuringStep:
    """The committee of the enlarged city, and what the files know no predecessor of."""
    beside = [
        _described(authority) | {"beside": True}
        for slug, authority in founded.items()
        if slug not in by_new and not _belongs_to_commune(authority)
    ]
    return RestructuringStep(
        kind=StepKind.MERGE,
        old=[{"unit": taking.old, "share": "whole"} for taking in by_new["ubnd-tp"]],
        new=[_described(founded["ubnd-tp"]), *beside],
    )


def _belongs_to_commune(authority: Authority) -> bool:
    territory = authority.periods[0].territory
    return territory is not None and territory.level == 3


def _described(authority: Authority) -> dict[str, Any]:
    period = authority.periods[0]
    territory: dict[str, Any] | None = None
    if period.territory is not None:
        territory = {"code": period.territory.code, "exists": True}
    return {
        "unit": authority.slug,
        "name": period.name,
        "short_name": period.short_name,
        "symbol": period.symbol,
        "kind": str(authority.kind),
        "parent": period.parent,
        "agency": "" if authority.agency == authority.slug else authority.agency,
        "identifier": authority.identifier,
        "territory": territory,
    }


def _agency(authority: Authority, ways: list[Taking]) -> RestructuringStep:
    whole = all(way.share == SuccessionShare.WHOLE for way in ways)
    return RestructuringStep(
        kind=StepKind.MERGE,
        old=[{"unit": way.old, "share": str(way.share)} for way in ways],
        new=[_described(authority)],
        note="" if whole else ways[0].note[:300],
    )


def _main_heirs(by_new: dict[str, list[Taking]], extents: Extents) -> dict[str, str]:
    """Of a divided commune: who got all its people, else who kept its code, else the first by name."""
    heirs: dict[str, list[str]] = defaultdict(list)
    for new, ways in by_new.items():
        for way in ways:
            heirs[way.old].append(new)
    main = {}
    for old, several in heirs.items():
        peopled = [new for new in several if extents.get((old, new)) in {"whole", ALL_PEOPLE}]
        main[old] = (peopled or sorted(several))[0]
    return main


def _commune(
    authority: Authority, ways: list[Taking], extents: Extents, main: dict[str, str]
) -> RestructuringStep:
    territory = authority.periods[0].territory
    assert territory is not None and territory.parent is not None
    entry = _described(authority) | {
        "territory": _founded(territory),
        "parts": "commune",
    }
    old = []
    for way in ways:
        extent = extents.get((way.old, way.new), "whole" if way.share == SuccessionShare.WHOLE else "part")
        old.append(
            {
                "unit": way.old,
                "share": "whole" if extent == "whole" else "part",
                "extent": extent,
                "main": main[way.old] == authority.slug,
                "certain": extent in {"whole", ALL_PEOPLE},
            }
        )
    return RestructuringStep(kind=StepKind.MERGE, old=old, new=[entry])


def _founded(territory: Span) -> dict[str, Any]:
    return {
        "code": territory.code,
        "level": territory.level,
        "kind": territory.kind,
        "name": territory.name,
        "full_name": territory.full_name,
        "parent": territory.parent_code,
    }


def _address_rules(
    by_new: dict[str, list[Taking]], extents: Extents, known: dict[str, Authority]
) -> dict[str, list[dict[str, str]]]:
    """Of each district: a case whose owner lives in a commune that went to one unit goes there."""
    rules: dict[str, list[dict[str, str]]] = defaultdict(list)
    for new, ways in by_new.items():
        for way in ways:
            last = known[way.old].periods[-1]
            if last.territory is None or last.territory.level != 3:
                continue
            if extents.get((way.old, new)) in {"whole", ALL_PEOPLE}:
                rules[last.parent].append({"by": "address", "value": last.territory.full_name, "to": new})
    return rules


def _district(
    slug: str, ways: list[Taking], address_rules: list[dict[str, str]], departments: list[str]
) -> RestructuringStep:
    """Its functions go to the communes of its ground, or to the department that decides a procedure now."""
    heirs = sorted({way.new for way in ways})
    rules: list[dict[str, str]] = [*address_rules]
    rules += [{"by": "decided_by", "value": name, "to": name} for name in departments]
    return RestructuringStep(
        kind=StepKind.DISSOLVE,
        old=[{"unit": slug, "share": "function", "certain": False}],
        new=[{"unit": heir, "named": True} for heir in heirs],
        rules={"people": heirs, "cases": rules},
        note="Nhiệm vụ của cấp huyện chuyển về cấp xã hoặc sở",
    )
