"""Units begin, change and end: both trees, with versions, successions and the trail. All in the batch's transaction.

What org.actions.units does for one unit, for hundreds at once: in sets, with constraints asked at the end of the batch.
"""

from datetime import date

from core import audit
from core.search import fold
from org import tree
from org.actions.units import folded, version_of
from org.models import (
    AdminUnit,
    AdminUnitSuccession,
    Organization,
    OrgIdentifier,
    OrgSuccession,
    OrgVersion,
)
from org.restructuring.hooks import Event, Move, note_all
from org.restructuring.switch import NewUnit, Switch, Territory


def begin(switch: Switch, move: Move) -> None:
    """New territories and units, before anything moves."""
    territories = _found_territories(switch, move)
    _found_units(switch, move, territories)
    _revise(switch, move)
    tree.forget()


def end(switch: Switch, move: Move) -> None:
    """Old units and territories end on the day; who took over is on record."""
    ended = switch.ended_ids
    ids = dict(Organization.objects.values_list("slug", "pk"))
    _close_versions(ended, move.on)
    Organization.objects.filter(pk__in=ended).update(valid_to=move.on)
    OrgIdentifier.objects.filter(
        organization__in=ended, valid_to__isnull=True, valid_from__lt=move.on
    ).update(valid_to=move.on)
    seen: set[tuple[int, int | None]] = set()
    heirs = []
    for one in switch.successions:
        new_id = ids.get(one.new)
        if (one.old_id, new_id) in seen or one.old_id == new_id:
            continue
        seen.add((one.old_id, new_id))
        heirs.append(
            OrgSuccession(
                old_id=one.old_id,
                new_id=new_id,
                relation=one.relation,
                share=one.share,
                functions=list(one.functions),
                effective_on=move.on,
                legal_basis=move.batch.legal_basis,
                note=move.batch.title[:500],
            )
        )
    OrgSuccession.objects.bulk_create(heirs, batch_size=1000, ignore_conflicts=True)
    _end_territories(switch, move)
    note_all(move, "unit.close", "org.organization", (Event(pk, unit_id=pk) for pk in sorted(ended)))
    tree.forget()


# --- territories -------------------------------------------------------------------------------------------


def _found_territories(switch: Switch, move: Move) -> dict[str, int]:
    """Ids by code of the territories that stand on the day, the new ones included (they win over what ends)."""
    ended = set(switch.ended_territories)
    known = {
        unit.code: unit.pk
        for unit in AdminUnit.objects.valid_on(move.on).exclude(pk__in=ended).order_by("-level")
    }
    former = {unit.code: unit.former_province for unit in switch.ended_territories.values()}
    for level in sorted({one.level for one in switch.territories}):
        made = [
            _admin_unit(one, known, former, switch, move)
            for one in switch.territories
            if one.level == level and not one.exists
        ]
        for unit in AdminUnit.objects.bulk_create(made):
            known[unit.code] = unit.pk
    return known


def _admin_unit(
    one: Territory, known: dict[str, int], former: dict[str, str], switch: Switch, move: Move
) -> AdminUnit:
    province = former.get(one.code, "")
    for old_id, code, _extent in switch.territory_heirs:
        if code == one.code and not province:
            province = switch.ended_territories[old_id].former_province
    return AdminUnit(
        code=one.code,
        level=one.level,
        kind=one.kind,
        name=one.name,
        full_name=one.full_name,
        parent_id=known.get(one.parent),
        valid_from=move.on,
        legal_basis=move.basis[:300],
        source=move.batch.title,
        former_province=province,
        folded=fold(one.full_name),
    )


def _end_territories(switch: Switch, move: Move) -> None:
    ended = list(switch.ended_territories)
    AdminUnit.objects.filter(pk__in=ended).update(valid_to=move.on)
    here = {
        unit.code: unit.pk
        for unit in AdminUnit.objects.valid_on(move.on).exclude(pk__in=ended).order_by("-level")
    }
    AdminUnitSuccession.objects.bulk_create(
        (
            AdminUnitSuccession(
                old_id=old_id,
                new_id=here[code],
                relation="merged_into" if extent == "whole" else "split_part",
                extent=extent,
                effective_on=move.on,
                legal_basis=move.basis[:300],
                confidence="batch",
                note=move.batch.title,
            )
            for old_id, code, extent in dict.fromkeys(switch.territory_heirs)
            if code in here and here[code] != old_id
        ),
        batch_size=1000,
        ignore_conflicts=True,
    )


# --- organizations -----------------------------------------------------------------------------------------


def _found_units(switch: Switch, move: Move, territories: dict[str, int]) -> None:
    """Parents before their parts, level by level."""
    ids = dict(Organization.objects.values_list("slug", "pk"))
    waiting = {made.slug: made for made in switch.founded}
    while waiting:
        ready = [
            made for made in waiting.values() if made.parent not in waiting and made.agency not in waiting
        ]
        again = [made for made in ready if made.restores is not None]
        fresh = [made for made in ready if made.restores is None]
        units = [_organization(made, ids, territories, move) for made in fresh]
        for unit in Organization.objects.bulk_create(units, batch_size=500):
            ids[unit.slug] = unit.pk
        own = [unit for unit in units if unit.agency_id is None]
        for unit in own:
            unit.agency_id = unit.pk
        Organization.objects.bulk_update(own, ["agency"], batch_size=500)
        units += [_live_again(made, ids, territories) for made in again]
        basis = move.batch.legal_basis
        OrgVersion.objects.bulk_create(
            (version_of(unit, move.on, None, basis) for unit in units), batch_size=500
        )
        begun = (Event(unit.pk, after=unit.short_name or unit.name, unit_id=unit.pk) for unit in units)
        note_all(move, "unit.found", "org.organization", begun)
        for made in ready:
            del waiting[made.slug]


def _organization(
    made: NewUnit, ids: dict[str, int], territories: dict[str, int], move: Move
) -> Organization:
    return Organization(
        slug=made.slug,
        name=made.name,
        short_name=made.short_name,
        symbol=made.symbol,
        kind=made.kind,
        parent_id=ids[made.parent] if made.parent else None,
        agency_id=ids[made.agency] if made.agency and made.agency != made.slug else None,
        territory_id=territories.get(made.territory) if made.territory else None,
        identifier=made.identifier,
        valid_from=move.on,
        source=move.batch.title,
        folded=folded(made.name, made.short_name),
    )


def _live_again(made: NewUnit, ids: dict[str, int], territories: dict[str, int]) -> Organization:
    """The same unit with its books and papers; the time between stays a gap among its versions."""
    assert made.restores is not None
    unit = Organization.objects.get(pk=made.restores)
    unit.valid_to = None
    unit.parent_id = ids[made.parent] if made.parent else None
    unit.agency_id = ids[made.agency] if made.agency else unit.pk
    if made.territory:
        unit.territory_id = territories.get(made.territory, unit.territory_id)
    unit.name, unit.short_name, unit.symbol = made.name, made.short_name, made.symbol
    unit.save(update_fields=["valid_to", "parent", "agency", "territory", "name", "short_name", "symbol"])
    return unit


def _revise(switch: Switch, move: Move) -> None:
    """Rename or another parent: the unit stays itself, a new version begins."""
    ids = dict(Organization.objects.values_list("slug", "pk"))
    _close_versions(set(switch.revised), move.on)
    for pk, changes in switch.revised.items():
        unit = Organization.objects.get(pk=pk)
        before = unit.short_name or unit.name
        for name, value in changes.items():
            if name == "parent":
                unit.parent_id = ids[value] if value else None
            else:
                setattr(unit, name, value)
        unit.folded = folded(unit.name, unit.short_name)
        unit.save(update_fields=["name", "short_name", "symbol", "parent", "folded"])
        version_of(unit, move.on, None, move.batch.legal_basis).save(force_insert=True)
        audit.record(
            "unit.revise",
            actor=None,
            subject=unit,
            before=before[:60],
            after=(unit.short_name or unit.name)[:60],
            note=move.reason,
            detail={"batch": move.batch.pk, "changes": sorted(changes)},
            at=move.at,
        )


def _close_versions(ids: set[int], on: date) -> None:
    """A unit older than the table of versions gets the one it had."""
    known = set(OrgVersion.objects.filter(organization__in=ids).values_list("organization_id", flat=True))
    bare = Organization.objects.filter(pk__in=ids - known)
    OrgVersion.objects.bulk_create(version_of(unit, unit.valid_from, None, None) for unit in bare)
    OrgVersion.objects.filter(organization__in=ids, valid_to__isnull=True, valid_from__lt=on).update(
        valid_to=on
    )
