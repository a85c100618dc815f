"""Who holds what an older unit held: walks of two graphs, authorities (OrgSuccession) and territories.

A name or a code may come back, so every walk keeps the set of what it has visited. Something that was divided is
whole again only when all its pieces are found in one hand (domain/organisation.md §1, §5).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from org.choices import SuccessionShare
from org.models import AdminUnit, AdminUnitSuccession, Organization, OrgSuccession, OrgVersion


@dataclass(frozen=True)
class Heir:
    """An organization that is there on the day asked for. `functions` empty: not limited to any."""

    id: int
    share: str
    functions: tuple[str, ...]
    effective_on: date
    basis: str


@dataclass(frozen=True)
class TerritoryHeir:
    """A territory of the day asked for. `extent` is whole or part; `effective_on`: the last step that led there."""

    unit: AdminUnit
    extent: str
    effective_on: date
    basis: str
    has_all_residents: bool = False


@dataclass(frozen=True)
class Hop:
    """One step of a walk."""

    old: AdminUnit
    new: AdminUnit
    relation: str
    extent: str
    effective_on: date
    basis: str
    note: str = ""


@dataclass
class Walk:
    """What a walk over territories found. `is_complete` False: a piece went where the files do not say."""

    heirs: list[TerritoryHeir] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)
    is_complete: bool = True


# --- authorities ------------------------------------------------------------------------------------------


def heirs(org_id: int, on: date | None = None) -> list[Heir]:
    """Organizations that hold on that day what the old one held, the unit itself excepted. Empty: nobody took over."""
    on = on or timezone.localdate()
    found: dict[int, Heir] = {}
    visited: set[int] = {org_id}
    lost = False
    waiting = [(org_id, Heir(org_id, SuccessionShare.WHOLE, (), date.min, ""))]
    while waiting:
        steps = _steps([unit_id for unit_id, _way in waiting], on)
        alive = _alive({step.new_id for several in steps.values() for step in several if step.new_id}, on)
        ahead = []
        for unit_id, way in waiting:
            lost |= not steps.get(unit_id) and unit_id not in found and unit_id != org_id
            for step in steps.get(unit_id, ()):
                if step.new_id is None:
                    lost = True
                    continue
                onward = _onward(way, step, divided=len(steps[unit_id]) > 1)
                if step.new_id in alive and step.new_id != org_id:
                    found[step.new_id] = _joined(found.get(step.new_id), onward)
                if step.new_id not in visited:
                    visited.add(step.new_id)
                    ahead.append((step.new_id, onward))
        waiting = ahead
    if len(found) == 1 and not lost:
        (only,) = found.values()
        if only.share == SuccessionShare.PART and _all_pieces(org_id, on):
            return [Heir(only.id, SuccessionShare.WHOLE, only.functions, only.effective_on, only.basis)]
    return sorted(found.values(), key=lambda heir: (heir.share != SuccessionShare.WHOLE, heir.id))


def responsible_org(
    old_id: int, *, function: str = "", territory: AdminUnit | None = None, on: date | None = None
) -> Organization | None:
    """The one organization that answers on that day for what the old one did.

    Several heirs are told apart by the function (code of a field), then by the territory. None: nobody, or not to be
    told; the caller queues it for an administrator.
    """
    on = on or timezone.localdate()
    itself = old_id in _alive({old_id}, on)
    candidates = heirs(old_id, on)
    if function:
        named = [heir for heir in candidates if function in heir.functions]
        if named:
            candidates = named
        elif itself:
            return Organization.objects.get(pk=old_id)
        else:
            candidates = [heir for heir in candidates if heir.share != SuccessionShare.FUNCTION] or candidates
    elif itself:
        return Organization.objects.get(pk=old_id)
    organizations = {row.pk: row for row in Organization.objects.filter(pk__in=[h.id for h in candidates])}
    if territory is not None and len(organizations) > 1:
        held = {heir.unit.pk for heir in territory_heirs(territory, on)} | {territory.pk}
        organizations = {pk: row for pk, row in organizations.items() if row.territory_id in held}
    return next(iter(organizations.values())) if len(organizations) == 1 else None


def _steps(ids: Iterable[int], on: date) -> dict[int, list[OrgSuccession]]:
    """Steps taken by that day, except those of a former life: a unit that was set up again starts afresh."""
    began = {
        row.organization_id: row.valid_from
        for row in OrgVersion.objects.filter(organization__in=ids).valid_on(on).order_by("valid_from")
    }
    lives = _lives(began, on)
    found: dict[int, list[OrgSuccession]] = {}
    rows = (
        OrgSuccession.objects.filter(old__in=ids, effective_on__lte=on)
        .select_related("legal_basis")
        .order_by("effective_on", "id")
    )
    for row in rows:
        if row.old_id not in lives or row.effective_on > lives[row.old_id]:
            found.setdefault(row.old_id, []).append(row)
    return found


def _lives(began: dict[int, date], on: date) -> dict[int, date]:
    """First day of the unbroken life in which each of these units stands on that day."""
    ends: dict[int, dict[date, date]] = {}
    for row in OrgVersion.objects.filter(organization__in=began, valid_to__isnull=False, valid_to__lte=on):
        ends.setdefault(row.organization_id, {})[row.valid_to or date.max] = row.valid_from
    lives = dict(began)
    for unit_id, earlier in ends.items():
        while lives[unit_id] in earlier:
            lives[unit_id] = earlier[lives[unit_id]]
    return lives


def _alive(ids: set[int], on: date) -> set[int]:
    """Those that have a version on that day; a unit without any version is asked itself."""
    versions = OrgVersion.objects.filter(organization__in=ids)
    known = set(versions.values_list("organization_id", flat=True))
    plain = Organization.objects.filter(pk__in=ids - known).valid_on(on).values_list("pk", flat=True)
    return set(versions.valid_on(on).values_list("organization_id", flat=True)) | set(plain)


def _onward(way: Heir, step: OrgSuccession, *, divided: bool) -> Heir:
    share = step.share
    if share == SuccessionShare.WHOLE and divided:
        share = SuccessionShare.PART
    if way.share != SuccessionShare.WHOLE and share == SuccessionShare.WHOLE:
        share = way.share
    functions = tuple(step.functions) or way.functions
    return Heir(
        step.new_id or 0, share, functions, step.effective_on, str(step.legal_basis or "") or way.basis
    )


def _joined(one: Heir | None, other: Heir) -> Heir:
    """Two ways to the same heir."""
    if one is None:
        return other
    functions = (
        tuple(dict.fromkeys([*one.functions, *other.functions])) if one.functions and other.functions else ()
    )
    share = one.share if one.share == other.share else SuccessionShare.PART
    return Heir(one.id, share, functions, max(one.effective_on, other.effective_on), one.basis or other.basis)


def _all_pieces(org_id: int, on: date) -> bool:
    """Was the old unit divided by several recorded pieces (which then met again), not by a single one?"""
    return OrgSuccession.objects.filter(old=org_id, effective_on__lte=on).count() > 1


# --- territories ------------------------------------------------------------------------------------------


def territory_heirs(admin_unit: AdminUnit, on: date | None = None) -> list[TerritoryHeir]:
    """Territories of that day which hold the ground of an older one; itself when it is still there."""
    return territory_walk(admin_unit, on).heirs


def territory_walk(admin_unit: AdminUnit, on: date | None = None, *, as_of: date | None = None) -> Walk:
    """The heirs with every step, of the ground as the unit held it on `as_of` (default: at its end).

    A district or province is followed through its communes of that day.
    """
    on = on or timezone.localdate()
    as_of = as_of or min(on, _last_day(admin_unit))
    walk = Walk()
    if not _stands(admin_unit, as_of) or on < as_of:
        walk.is_complete = False
        return walk
    starts = [admin_unit]
    if admin_unit.level < 3 and not _stands(admin_unit, on) and not admin_unit.successions.exists():
        starts = _communes_of(admin_unit, as_of)
        walk.is_complete = bool(starts)
    reached = _follow(starts, on, as_of, walk)
    if starts != [admin_unit]:
        reached = _raised(reached, admin_unit)
    is_whole = len(reached) == 1 and walk.is_complete
    # Ground that went to one unit with all its people, and a bit of empty land to another.
    peopled = {hop.new.pk for hop in walk.hops if hop.extent == "part_area_whole_population"}
    walk.heirs = [
        TerritoryHeir(
            unit,
            "whole" if is_whole else "part",
            effective_on,
            basis,
            is_whole or (starts == [admin_unit] and unit.pk in peopled),
        )
        for unit, effective_on, basis in reached.values()
    ]
    walk.heirs.sort(key=lambda heir: (heir.unit.kind, heir.unit.folded))
    return walk


def _last_day(unit: AdminUnit) -> date:
    return unit.valid_to - timedelta(days=1) if unit.valid_to else date.max


def _stands(unit: AdminUnit, on: date) -> bool:
    return unit.valid_from <= on <= _last_day(unit)


def _communes_of(unit: AdminUnit, day: date) -> list[AdminUnit]:
    """Communes that belonged to a district or province on a day."""
    below = AdminUnit.objects.valid_on(day).select_related("parent")
    found: list[AdminUnit] = []
    for child in below.filter(parent=unit):
        is_leaf = child.level == 3 or child.successions.exists()
        found += [child] if is_leaf else list(below.filter(parent=child))
    return found


Reached = dict[int, tuple[AdminUnit, date, str]]  # unit, since when it holds the ground, basis


def _follow(starts: list[AdminUnit], on: date, as_of: date, walk: Walk) -> Reached:
    """One query a step, for all the units that stand on it."""
    found: Reached = {}
    visited = {unit.pk for unit in starts}
    waiting = starts
    while waiting:
        steps: dict[int, list[Hop]] = {}
        for row in (
            AdminUnitSuccession.objects.filter(old__in=waiting, effective_on__gt=as_of, effective_on__lte=on)
            .select_related("new__parent", "old__parent")
            .order_by("new__folded")
        ):
            hop = Hop(
                row.old, row.new, row.relation, row.extent, row.effective_on or on, row.legal_basis, row.note
            )
            steps.setdefault(row.old_id, []).append(hop)
        ahead = []
        for unit in waiting:
            several = steps.get(unit.pk, [])
            walk.hops += several
            if _stands(unit, on):  # what it gave away meanwhile lies elsewhere
                found.setdefault(unit.pk, (unit, unit.valid_from, unit.legal_basis))
            else:  # nothing follows, or a single piece whose rest is not told
                walk.is_complete &= len(several) > 1 or (len(several) == 1 and several[0].extent == "whole")
            for hop in several:
                if hop.new.pk in found:
                    _unit, since, basis = found[hop.new.pk]
                    found[hop.new.pk] = (hop.new, max(since, hop.effective_on), basis or hop.basis)
                elif _stands(hop.new, on):
                    found[hop.new.pk] = (hop.new, hop.effective_on, hop.basis)
                if hop.new.pk not in visited:
                    visited.add(hop.new.pk)
                    ahead.append(hop.new)
        waiting = ahead
    return found


def _raised(reached: Reached, unit: AdminUnit) -> Reached:
    """Heirs of the old unit's own level where that level still exists on the day, else the communes."""
    raised: Reached = {}
    ends_on = unit.valid_to or date.max
    for heir, effective_on, basis in reached.values():
        above = heir
        while above.level > unit.level and above.parent is not None:
            above = above.parent
        if above.level == unit.level:
            raised[above.pk] = (above, max(ends_on, above.valid_from), above.legal_basis or basis)
        else:
            raised[heir.pk] = (heir, effective_on, basis)
    return raised
