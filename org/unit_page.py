"""What the pages of a unit show: its life, what it came from, who holds it now. Public and staff pages share it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.loading import SINCE
from core.search import alphabetical
from org import places, succession, tree
from org.choices import OrganizationKind, SuccessionShare
from org.models import (
    AdminUnit,
    AdminUnitSuccession,
    Assignment,
    Organization,
    OrgIdentifier,
    OrgSuccession,
    OrgVersion,
)

DISTRICT, COMMUNE = 2, 3
EXTENTS: dict[str, Any] = {
    "whole": "",
    "part": gettext_lazy("một phần"),
    "part_area": gettext_lazy("một phần diện tích"),
    "part_area_whole_population": gettext_lazy("một phần diện tích, toàn bộ dân cư"),
}


DIVIDED_NOTE = "đơn vị cũ chia về"  # how the file says «a part»; the page says it in its own words


def since_words(day: date) -> str:
    """«từ 1/7/2025»; what was there when our data begin is older than they can tell."""
    return _("từ trước năm 2017") if day <= SINCE else _("từ %(day)s") % {"day": short(day)}


def until_words(valid_to: date | None) -> str:
    """«đến 30/6/2025»: the last day, not the first without it."""
    return _("đến %(day)s") % {"day": short(valid_to - timedelta(days=1))} if valid_to else ""


def short(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def life_words(valid_from: date, valid_to: date | None) -> str:
    return " ".join(part for part in (since_words(valid_from), until_words(valid_to)) if part)


@dataclass(frozen=True)
class Origin:
    """One older unit of which this one was made, or whose work it does."""

    name: str
    url: str
    path: str
    share: str
    effective_on: date
    basis: str = ""
    note: str = ""
    staff_url: str = ""


# --- a territory ------------------------------------------------------------------------------------------


@dataclass
class PlacePage:
    """One territory through the states that it had under one name."""

    unit: AdminUnit  # its last state
    committee: Organization | None
    is_current: bool
    heirs: tuple[places.HeirLine, ...] = ()
    is_complete: bool = True
    hops: list[dict[str, Any]] = field(default_factory=list)
    life: list[dict[str, Any]] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    given: list[Origin] = field(default_factory=list)
    parts: list[tuple[AdminUnit, str]] = field(default_factory=list)
    code_lives: list[tuple[AdminUnit, str]] = field(default_factory=list)

    @property
    def is_divided(self) -> bool:
        return self.unit.level == COMMUNE and len(self.heirs) > 1

    @property
    def last_day(self) -> date | None:
        return self.unit.valid_to - timedelta(days=1) if self.unit.valid_to and not self.is_current else None


def of_place(units: list[AdminUnit], committee: Organization | None = None) -> PlacePage:
    """`units`: the states of one territory, oldest first."""
    today, last = timezone.localdate(), units[-1]
    page = PlacePage(last, committee, last.valid_to is None or last.valid_to > today)
    if not page.is_current:
        walk = succession.territory_walk(last, today)
        page.heirs, page.is_complete = places.heir_lines(walk.heirs), walk.is_complete
        if last.level == COMMUNE and any(hop.old.pk != last.pk for hop in walk.hops):
            page.hops = [_hop(hop) for hop in sorted(walk.hops, key=lambda hop: hop.effective_on)]
    page.life = [_state(unit, is_current=page.is_current and unit is last) for unit in units]
    page.origins = _origins(AdminUnitSuccession.objects.filter(new__in=units).exclude(old__in=units))
    page.given = _given(units)
    page.parts = _parts(last, today)
    lives = AdminUnit.objects.filter(code=last.code, level=last.level).exclude(
        pk__in=[unit.pk for unit in units]
    )
    others = list(lives.order_by("valid_from"))
    address = places.urls(others)
    page.code_lives = [(unit, address[unit.pk]) for unit in others]
    return page


def states_of(organization: Organization) -> list[AdminUnit]:
    """States of the territory that a committee governed, oldest first."""
    return list(
        AdminUnit.objects.filter(
            pk__in=OrgVersion.objects.filter(organization=organization).values("territory")
        )
        .select_related("parent__parent")
        .order_by("valid_from")
    )


def _state(unit: AdminUnit, *, is_current: bool) -> dict[str, Any]:
    where = _("thuộc %(parent)s") % {"parent": _in_sentence(unit.parent.full_name)} if unit.parent else ""
    told = [
        life_words(unit.valid_from, None if is_current else unit.valid_to),
        where,
        _("theo %(basis)s") % {"basis": unit.legal_basis} if unit.legal_basis else "",
    ]
    return {
        "state": "now" if is_current else "done",
        "title": unit.full_name,
        "meta": ", ".join(part for part in told if part),
    }


def _hop(hop: succession.Hop) -> dict[str, Any]:
    words = _("%(old)s vào %(new)s") % {"old": hop.old.full_name, "new": _in_sentence(hop.new.full_name)}
    extent = EXTENTS.get(hop.extent, "")
    return {
        "state": "done",
        "title": f"{words} ({extent})" if extent else words,
        "meta": ", ".join(part for part in (short(hop.effective_on), hop.basis) if part),
        "note": _note(hop.extent, hop.note),
    }


def _note(extent: str, note: str) -> str:
    """What the file remarks on a piece of ground; its remarks on codes and names are for whoever keeps the file."""
    return "" if extent == "whole" or note.startswith(DIVIDED_NOTE) else note


def _origins(rows: Any) -> list[Origin]:
    links = list(rows.select_related("old__parent").order_by("old__folded"))
    address = places.urls(link.old for link in links)
    made = [
        Origin(
            link.old.full_name,
            address[link.old.pk],
            _path(link.old),
            EXTENTS.get(link.extent, ""),
            link.effective_on or link.new.valid_from,
            link.legal_basis,
            _note(link.extent, link.note),
        )
        for link in links
    ]
    return sorted(made, key=lambda origin: alphabetical(origin.name))


def _given(units: list[AdminUnit]) -> list[Origin]:
    """Pieces that left while the unit itself went on."""
    links = list(
        AdminUnitSuccession.objects.filter(old__in=units)
        .exclude(new__in=units)
        .select_related("old", "new__parent")
    )
    links = [
        link
        for link in links
        if link.old.valid_to is None or (link.effective_on or date.max) < link.old.valid_to
    ]
    address = places.urls(link.new for link in links)
    return [
        Origin(
            link.new.full_name,
            address[link.new.pk],
            _path(link.new),
            EXTENTS.get(link.extent, ""),
            link.effective_on or link.new.valid_from,
            link.legal_basis,
            link.note,
        )
        for link in links
    ]


def _parts(unit: AdminUnit, today: date) -> list[tuple[AdminUnit, str]]:
    """What lay in a district or province on its last day; nothing for a commune."""
    if unit.level == COMMUNE:
        return []
    day = min(today, unit.valid_to - timedelta(days=1) if unit.valid_to else today)
    parts = sorted(
        AdminUnit.objects.filter(parent=unit).valid_on(day), key=lambda part: alphabetical(part.name)
    )
    address = places.urls(parts)
    return [(part, address[part.pk]) for part in parts]


def _path(unit: AdminUnit) -> str:
    return unit.parent.full_name if unit.parent and unit.level == COMMUNE else ""


def _in_sentence(name: str) -> str:
    return name[:1].lower() + name[1:]


# --- an organization --------------------------------------------------------------------------------------


@dataclass
class UnitPage:
    """One organization through time."""

    unit: Organization
    is_current: bool
    begins: str
    last_day: date | None
    heirs: tuple[places.HeirLine, ...] = ()
    versions: list[OrgVersion] = field(default_factory=list)
    life: list[dict[str, Any]] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    path: list[tree.Node] = field(default_factory=list)
    parts: list[tree.Node] = field(default_factory=list)
    place_url: str = ""
    identifiers: list[OrgIdentifier] = field(default_factory=list)
    basis: str = ""

    @property
    def is_to_come(self) -> bool:
        return self.unit.valid_from > timezone.localdate()


def of_organization(unit: Organization) -> UnitPage:
    today = timezone.localdate()
    ended = unit.valid_to is not None and unit.valid_to <= today
    day = min(today, unit.valid_to - timedelta(days=1)) if unit.valid_to else max(today, unit.valid_from)
    found = tree.as_of(day)
    versions = list(unit.versions.select_related("parent", "territory", "legal_basis").order_by("valid_from"))
    page = UnitPage(
        unit,
        not ended,
        since_words(unit.valid_from),
        unit.valid_to - timedelta(days=1) if unit.valid_to and ended else None,
        places.agency_heirs(unit, today) if ended else (),
        versions,
        [_version(version, today) for version in versions],
        _forebears(unit),
        found.path(unit.pk)[:-1],
        sorted(found.children(unit.pk), key=lambda node: alphabetical(node.name)),
    )
    if unit.territory is not None and unit.kind in {OrganizationKind.COMMITTEE, OrganizationKind.COUNCIL}:
        page.place_url = places.urls([unit.territory])[unit.territory.pk]
    page.identifiers = list(unit.identifiers.order_by("scheme", "-valid_from"))
    page.basis = next((str(version.legal_basis) for version in versions if version.legal_basis), "")
    return page


def _version(version: OrgVersion, today: date) -> dict[str, Any]:
    begun = version.valid_from <= today
    is_now = begun and (version.valid_to is None or version.valid_to > today)
    told = [
        life_words(version.valid_from, version.valid_to),
        _("trực thuộc %(parent)s") % {"parent": version.parent.name} if version.parent else "",
        _("theo %(basis)s") % {"basis": version.legal_basis} if version.legal_basis else "",
    ]
    return {
        "state": "now" if is_now else "done" if begun else "todo",
        "title": version.name,
        "meta": ", ".join(part for part in told if part),
        "note": version.note,
    }


def _forebears(unit: Organization) -> list[Origin]:
    links = OrgSuccession.objects.filter(new=unit).select_related("old", "legal_basis")
    made = [
        Origin(
            link.old.name,
            reverse("org:unit", args=[link.old.slug]),
            "",
            "" if link.share == SuccessionShare.WHOLE else link.get_share_display(),
            link.effective_on,
            str(link.legal_basis or ""),
            link.note,
            reverse("org:staff_unit", args=[link.old.slug]),
        )
        for link in links
    ]
    return sorted(made, key=lambda origin: alphabetical(origin.name))


def takings_from(unit: Organization) -> list[OrgSuccession]:
    """What left the organization, step by step, as recorded."""
    return list(unit.heirs.select_related("new", "legal_basis").order_by("effective_on", "id"))


def people_at(unit: Organization) -> list[Assignment]:
    """Who holds a post there today, heads first."""
    return list(
        Assignment.objects.valid_on()
        .filter(organization=unit)
        .select_related("person", "position")
        .order_by("-position__is_head", "rank", "person__sort_key", "id")
    )


# --- lists ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Branch:
    """One organization with all below it."""

    node: tree.Node
    parts: list["Branch"]

    @property
    def count(self) -> int:
        return 1 + sum(part.count for part in self.parts)


def branches_of(found: tree.Tree, nodes: Iterable[tree.Node]) -> list[Branch]:
    """These organizations with all below them, in the order in which they are read; no query."""
    return [Branch(node, branches_of(found, found.children(node.id))) for node in in_order(nodes)]


@dataclass(frozen=True)
class Group:
    """Organizations of one kind of place on a day; `places` empty: the branches stand by themselves."""

    words: Any
    branches: list[Branch] = field(default_factory=list)
    places: list[tuple[str, tree.Node | None, list[Branch], int]] = field(default_factory=list)


def groups_of(found: tree.Tree) -> list[Group]:
    """The tree of a day: the city and the province first, then commune by commune. One query, whatever its size."""
    roots = found.roots()
    territories = AdminUnit.objects.in_bulk({node.territory_id for node in roots if node.territory_id})
    of_city: list[tree.Node] = []
    of_commune: dict[AdminUnit, list[tree.Node]] = {}
    for node in roots:
        territory = territories.get(node.territory_id or 0)
        if territory is None or territory.level < COMMUNE:
            of_city.append(node)
        else:
            of_commune.setdefault(territory, []).append(node)
    groups = [Group(_("Thành phố"), branches_of(found, of_city))] if of_city else []
    for kind in places.RANK:
        own = sorted(
            (unit for unit in of_commune if unit.kind == kind), key=lambda unit: alphabetical(unit.name)
        )
        if own:
            lines = []
            for unit in own:
                nodes = in_order(of_commune[unit])
                head = next((node for node in nodes if node.kind == OrganizationKind.COMMITTEE), None)
                branches = branches_of(found, nodes)
                lines.append((unit.full_name, head, branches, sum(branch.count for branch in branches)))
            groups.append(Group(own[0].get_kind_display(), places=lines))
    return groups


KIND_ORDER = {kind: place for place, kind in enumerate(OrganizationKind.values)}


def in_order(nodes: Iterable[tree.Node]) -> list[tree.Node]:
    return sorted(nodes, key=lambda node: (KIND_ORDER.get(node.kind, 99), alphabetical(node.name)))
