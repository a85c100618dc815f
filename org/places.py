"""Places and agencies by any name they ever had: who holds them today, since when and by what.

Search folds marks, case and tone placement (hoà, hòa); «UBND», «cũ», the kind of a unit and the district behind a comma
are understood. Names repeat, so an answer always carries the path.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.search import alphabetical, fold
from org import succession
from org.choices import OrganizationKind, SuccessionShare, UnitKind
from org.models import AdminUnit, AdminUnitSuccession, Organization, OrgVersion

COMMUNE_LEVEL, DISTRICT_LEVEL = 3, 2
MOST = 8
KIND_WORDS = ("thi tran", "thi xa", "thanh pho", "dac khu", "phuong", "xa", "quan", "huyen", "tinh")
AUTHORITY_WORDS = ("uy ban nhan dan ", "ubnd ", "hoi dong nhan dan ", "hdnd ")
AGENCY_WORDS = ("so ", "ban quan ly ", "thanh tra ", "van phong ", "hoi dong nhan dan ", "uy ban nhan dan ")
RANK = {UnitKind.WARD: 0, UnitKind.COMMUNE: 1, UnitKind.SPECIAL_ZONE: 2}


@dataclass(frozen=True)
class HeirLine:
    """One who holds today what an old unit held, ready to be shown."""

    name: str
    url: str
    is_whole: bool
    effective_on: date
    basis: str
    has_all_residents: bool = False
    unit: AdminUnit | None = None
    slug: str = ""  # of the organization: the agency itself, or the committee of the territory

    @property
    def staff_url(self) -> str:
        return _staff_url(self.slug) or self.url

    @property
    def share_words(self) -> str:
        if self.is_whole:
            return _("giữ toàn bộ")
        return _("giữ một phần, toàn bộ dân cư") if self.has_all_residents else _("giữ một phần")


@dataclass(frozen=True)
class Finding:
    """One territory that fits the words, and who holds its ground today."""

    unit: AdminUnit
    url: str
    heirs: tuple[HeirLine, ...] = ()
    until: date | None = None
    slug: str = ""  # of its committee

    @property
    def staff_url(self) -> str:
        return _staff_url(self.slug) or self.url

    @property
    def is_current(self) -> bool:
        return self.until is None

    @property
    def path(self) -> str:
        """The unit that it belonged to, where a name without it would be ambiguous."""
        return self.unit.parent.full_name if self.unit.parent and self.unit.level == COMMUNE_LEVEL else ""

    @property
    def words(self) -> str:
        """How the old unit relates to the new ones."""
        if self.unit.level == DISTRICT_LEVEL and not (self.heirs and self.heirs[0].is_whole):
            return _("nay không còn cấp huyện; địa bàn thuộc")
        return _("nay chia về") if len(self.heirs) > 1 else _("nay thuộc")

    @property
    def effective_on(self) -> date | None:
        return max((heir.effective_on for heir in self.heirs), default=None)

    @property
    def basis(self) -> str:
        return next((heir.basis for heir in self.heirs if heir.basis), "")


@dataclass(frozen=True)
class AgencyFinding:
    """One organization that fits the words; when it is no more, who does its work."""

    organization: Organization
    url: str
    heirs: tuple[HeirLine, ...] = ()
    until: date | None = None

    @property
    def staff_url(self) -> str:
        return _staff_url(self.organization.slug)


@dataclass(frozen=True)
class Answer:
    typed: str
    findings: list[Finding]
    near: str = ""

    @property
    def units(self) -> list[AdminUnit]:
        """The current units of all findings, each once."""
        seen: dict[int, AdminUnit] = {}
        for finding in self.findings:
            found = [finding.unit] if finding.is_current else [heir.unit for heir in finding.heirs]
            for unit in found:
                if unit is not None and unit.level == COMMUNE_LEVEL:
                    seen.setdefault(unit.pk, unit)
        return list(seen.values())


# --- territories ------------------------------------------------------------------------------------------


def current() -> list[AdminUnit]:
    """The communes of today: wards, communes, special zones, each in Vietnamese order."""
    units = AdminUnit.objects.valid_on().filter(level=COMMUNE_LEVEL)
    return sorted(units, key=lambda unit: (RANK.get(UnitKind(unit.kind), 3), alphabetical(unit.name)))


def ask(text: str) -> Answer:
    """Units by name, current ones first, exact names before parts of names; a near spelling when nothing fits."""
    typed = " ".join(text.split())[:100]
    name, context = _name_and_context(typed)
    if len(name) < 2:
        return Answer(typed, [])
    found = _fitting(name, context) or (_fitting(name, "") if context else [])
    if not found:
        names = {
            fold(known): known
            for known in AdminUnit.objects.filter(level=COMMUNE_LEVEL).values_list("name", flat=True)
        }
        near = difflib.get_close_matches(_bare(name), names, n=1, cutoff=0.7)
        if near:
            return Answer(typed, _findings(_fitting(near[0], "")), names[near[0]])
    return Answer(typed, _findings(found))


def named_in_question(text: str) -> list[Finding]:
    """Places that a question about something else names: the whole of it, or with their kind inside it.

    «quận Lê Chân», «khai sinh ở phường Cát Dài», «Cát Dài»; not «an» in «an táng».
    """
    typed = " ".join(text.split())[:200]
    name, _context = _name_and_context(typed)
    query = fold(typed)
    if len(query) < 3:
        return []
    named = (
        AdminUnit.objects.filter(level__in=[COMMUNE_LEVEL, DISTRICT_LEVEL])
        .annotate(
            question=Value(f" {query} "),
            spoken=Concat(Value(" "), F("folded"), Value(" ")),
        )
        .filter(Q(question__contains=F("spoken")) | Q(folded=name) | Q(pk__in=_called(name)))
        .select_related("parent")
        .order_by("-valid_from")
    )
    return _findings(_latest(named))


def _called(name: str) -> QuerySet[AdminUnit]:
    """Units whose name without the kind is exactly this."""
    return AdminUnit.objects.filter(
        folded__in=[f"{kind} {name}" for kind in KIND_WORDS], level__in=[COMMUNE_LEVEL, DISTRICT_LEVEL]
    )


def committees(units: Iterable[AdminUnit]) -> list[Organization]:
    """The UBND of each territory, in the order given."""
    wanted = [unit.pk for unit in units]
    found = {
        agency.territory_id: agency
        for agency in Organization.objects.valid_on()
        .filter(kind=OrganizationKind.COMMITTEE, territory_id__in=wanted)
        .select_related("territory")
    }
    return [found[pk] for pk in wanted if pk in found]


def named_in(address: str) -> list[AdminUnit]:
    """Current units whose full name stands in an address: a suggestion, never a decision."""
    folded = f" {fold(address)} "
    return [unit for unit in current() if f" {unit.folded} " in folded] if address else []


def counters() -> QuerySet[Organization]:
    """The communes' service centres with their agency."""
    return (
        Organization.objects.valid_on()
        .filter(kind=OrganizationKind.ADMIN_UNIT, territory__level=COMMUNE_LEVEL)
        .select_related("agency", "territory")
        .prefetch_related(
            Prefetch("territory__predecessions", queryset=AdminUnitSuccession.objects.select_related("old"))
        )
    )


def urls(units: Iterable[AdminUnit]) -> dict[int, str]:
    """Address of the public page of each territory, by id; one query. It is named after its committee."""
    units = list(units)
    slugs = committee_slugs(units)
    return {unit.pk: _url(unit, slugs.get(unit.pk, "")) for unit in units}


def committee_slugs(units: Iterable[AdminUnit]) -> dict[int, str]:
    """Slug of the UBND that governs or governed each territory, by the territory's id."""
    return dict(
        OrgVersion.objects.filter(
            territory__in=list(units), organization__kind=OrganizationKind.COMMITTEE
        ).values_list("territory", "organization__slug")
    )


def _url(unit: AdminUnit, slug: str) -> str:
    if slug.startswith("ubnd-"):
        return reverse("org:unit", args=[slug.removeprefix("ubnd-")])
    return reverse("org:territory", args=[unit.code, unit.valid_from.isoformat()])


def _staff_url(slug: str) -> str:
    return reverse("org:staff_unit", args=[slug]) if slug else ""


def heir_lines(found: Iterable[succession.TerritoryHeir]) -> tuple[HeirLine, ...]:
    """In Vietnamese order, wards first."""
    heirs = list(found)
    slugs = committee_slugs(heir.unit for heir in heirs)
    heirs.sort(key=lambda heir: (RANK.get(UnitKind(heir.unit.kind), 3), alphabetical(heir.unit.name)))
    return tuple(
        HeirLine(
            heir.unit.full_name,
            _url(heir.unit, slugs.get(heir.unit.pk, "")),
            heir.extent == "whole",
            heir.effective_on,
            heir.basis,
            heir.has_all_residents,
            heir.unit,
            slugs.get(heir.unit.pk, ""),
        )
        for heir in heirs
    )


def _name_and_context(typed: str) -> tuple[str, str]:
    """«UBND phường Cát Dài cũ, quận Lê Chân» → («phuong cat dai», «quan le chan»)."""
    first, _comma, rest = typed.partition(",")
    words = first.strip()
    for ending in (" cũ", " trước đây", " (cũ)"):
        words = words.removesuffix(ending)
    name = fold(words)
    for authority in AUTHORITY_WORDS:
        name = name.removeprefix(authority)
    return name, fold(rest)


def _bare(folded: str) -> str:
    """The name without its kind: «phuong cau dat» → «cau dat»."""
    return next((folded[len(kind) + 1 :] for kind in KIND_WORDS if folded.startswith(f"{kind} ")), folded)


def _fitting(query: str, context: str) -> list[AdminUnit]:
    bare = _bare(query)
    units = list(
        AdminUnit.objects.filter(folded__contains=bare, level__in=[COMMUNE_LEVEL, DISTRICT_LEVEL])
        .select_related("parent__parent")
        .order_by("-valid_from")
    )
    if bare != query and any(unit.folded.startswith(query) for unit in units):
        units = [unit for unit in units if unit.folded.startswith(query)]
    if any(_bare(unit.folded) == bare for unit in units):
        units = [unit for unit in units if _bare(unit.folded) == bare]
    if context:
        units = [unit for unit in units if _bare(context) in _path_of(unit)]
    return _latest(units)


def _path_of(unit: AdminUnit) -> str:
    above = [unit.parent, unit.parent.parent if unit.parent else None]
    return " ".join([*(one.folded for one in above if one), fold(unit.former_province)])


def _latest(units: Iterable[AdminUnit]) -> list[AdminUnit]:
    """Newest first: an older state of the same unit says nothing new."""
    latest: dict[tuple[Any, ...], AdminUnit] = {}
    for unit in units:
        latest.setdefault((unit.code, unit.full_name, unit.valid_to is None), unit)
    return list(latest.values())


def _findings(units: Iterable[AdminUnit]) -> list[Finding]:
    today = timezone.localdate()
    ranked = sorted(
        units,
        key=lambda unit: (
            unit.valid_to is not None and unit.valid_to <= today,
            unit.level != COMMUNE_LEVEL,
            unit.folded,
            unit.valid_from,
        ),
    )[:MOST]
    slugs = committee_slugs(ranked)
    found = []
    for unit in ranked:
        slug = slugs.get(unit.pk, "")
        url = _url(unit, slug)
        if unit.valid_to is None or unit.valid_to > today:
            found.append(Finding(unit, url, slug=slug))
        elif heirs := heir_lines(succession.territory_heirs(unit, today)):
            found.append(Finding(unit, url, heirs, unit.valid_to - timedelta(days=1), slug))
    return found


# --- agencies ---------------------------------------------------------------------------------------------


def agencies_called(text: str, *, most: int = MOST) -> list[AgencyFinding]:
    """Agencies of the city and the former province by words of their name; those of communes are found by place."""
    query = fold(text)[:100]
    if len(query) < 2:
        return []
    words = Q()
    for word in query.split():
        words &= Q(folded__contains=word)
    found = list(
        Organization.objects.filter(words)
        .exclude(territory__level__gt=1)
        .filter(agency=F("pk"))
        .order_by(F("valid_to").asc(nulls_first=True), "name")[:most]
    )
    today = timezone.localdate()
    return [
        AgencyFinding(
            unit,
            reverse("org:unit", args=[unit.slug]),
            agency_heirs(unit, today) if unit.valid_to and unit.valid_to <= today else (),
            unit.valid_to - timedelta(days=1) if unit.valid_to and unit.valid_to <= today else None,
        )
        for unit in found
    ]


def former_agencies_in_question(text: str) -> list[AgencyFinding]:
    """Agencies that are no more, when a question about something else names one: «sở thông tin», not «thanh»."""
    query = fold(text)
    if not query.startswith(AGENCY_WORDS) or len(query.split()) < 2:
        return []
    return [found for found in agencies_called(text) if found.until]


def agency_heirs(unit: Organization, on: date) -> tuple[HeirLine, ...]:
    heirs = succession.heirs(unit.pk, on)
    names = {row.pk: row for row in Organization.objects.filter(pk__in=[heir.id for heir in heirs])}
    lines = [
        HeirLine(
            names[heir.id].name,
            reverse("org:unit", args=[names[heir.id].slug]),
            heir.share == SuccessionShare.WHOLE,
            heir.effective_on,
            heir.basis,
            slug=names[heir.id].slug,
        )
        for heir in heirs
    ]
    return tuple(sorted(lines, key=lambda line: (not line.is_whole, alphabetical(line.name))))
