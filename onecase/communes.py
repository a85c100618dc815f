"""«Xã, phường của bạn»: which of the 114 units holds a place, asked by its new or its old name."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.search import fold
from org.choices import OrganizationKind, UnitKind
from org.models import AdminUnit, AdminUnitSuccession, Organization

COMMUNE_LEVEL, DISTRICT_LEVEL = 3, 2
MOST = 8
KIND_WORDS = ("thi tran", "thi xa", "thanh pho", "dac khu", "phuong", "xa", "quan", "huyen")
# Vietnamese order of letters, for sorting names without a collation of the database.
LETTERS = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfghiìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvwxyỳỷỹýỵz"
ORDER = {letter: place for place, letter in enumerate(LETTERS)}


@dataclass(frozen=True)
class Finding:
    """One unit that fits the words, and who holds its territory today."""

    unit: AdminUnit
    heirs: tuple[AdminUnit, ...]
    until: date | None = None

    @property
    def is_current(self) -> bool:
        return self.until is None

    @property
    def words(self) -> str:
        """How the old unit relates to the new ones."""
        if self.unit.level == DISTRICT_LEVEL:
            return _("nay không còn cấp huyện; địa bàn thuộc")
        return _("nay chia về") if len(self.heirs) > 1 else _("nay thuộc")


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
            for unit in finding.heirs:
                seen.setdefault(unit.pk, unit)
        return list(seen.values())


def sort_key(name: str) -> list[int]:
    return [ORDER.get(letter, 0) for letter in name.lower() if letter.isalpha() or letter == " "]


def current() -> list[AdminUnit]:
    """The 114 units of today: wards, communes, special zones, each in Vietnamese order."""
    rank = {UnitKind.WARD: 0, UnitKind.COMMUNE: 1, UnitKind.SPECIAL_ZONE: 2}
    units = AdminUnit.objects.valid_on().filter(level=COMMUNE_LEVEL)
    return sorted(units, key=lambda unit: (rank.get(UnitKind(unit.kind), 3), sort_key(unit.name)))


def ask(text: str) -> Answer:
    """Units by name, current ones first, exact names before parts of names; a near spelling when nothing fits."""
    typed = " ".join(text.split())[:100]
    query = fold(typed)
    if len(query) < 2:
        return Answer(typed, [])
    found = _fitting(query)
    if not found:
        names = {
            fold(name): name
            for name in AdminUnit.objects.filter(level=COMMUNE_LEVEL).values_list("name", flat=True)
        }
        near = difflib.get_close_matches(_bare(query), names, n=1, cutoff=0.7)
        if near:
            return Answer(typed, _fitting(near[0]), names[near[0]])
    return Answer(typed, found)


def _bare(folded: str) -> str:
    """The name without its kind: «phuong cau dat» → «cau dat»."""
    return next((folded[len(kind) + 1 :] for kind in KIND_WORDS if folded.startswith(f"{kind} ")), folded)


def _fitting(query: str) -> list[Finding]:
    today = timezone.localdate()
    bare = _bare(query)
    units = list(
        AdminUnit.objects.filter(folded__contains=bare, level__in=[COMMUNE_LEVEL, DISTRICT_LEVEL])
        .select_related("parent")
        .order_by("-valid_from")
    )
    if bare != query and any(unit.folded.startswith(query) for unit in units):
        units = [unit for unit in units if unit.folded.startswith(query)]
    if any(_bare(unit.folded) == bare for unit in units):
        units = [unit for unit in units if _bare(unit.folded) == bare]
    latest: dict[tuple[Any, ...], AdminUnit] = {}
    for unit in units:  # newest first: an older state of the same unit says nothing new
        latest.setdefault(
            (unit.full_name, unit.parent.full_name if unit.parent and unit.valid_to else ""), unit
        )
    findings = [_finding(unit, today) for unit in latest.values()]
    findings = [finding for finding in findings if finding.heirs]
    findings.sort(
        key=lambda finding: (not finding.is_current, finding.unit.level != COMMUNE_LEVEL, finding.unit.folded)
    )
    return findings[:MOST]


def _finding(unit: AdminUnit, today: date) -> Finding:
    if unit.valid_to is None or unit.valid_to > today:
        return Finding(unit, (unit,) if unit.level == COMMUNE_LEVEL else ())
    if unit.level == DISTRICT_LEVEL:
        parts = AdminUnit.objects.filter(parent=unit, valid_to=unit.valid_to)
        heirs = {heir.pk: heir for part in parts for heir in _heirs(part)}
        return Finding(
            unit,
            tuple(sorted(heirs.values(), key=lambda heir: sort_key(heir.name))),
            unit.valid_to - timedelta(days=1),
        )
    return Finding(unit, tuple(_heirs(unit)), unit.valid_to - timedelta(days=1))


def _heirs(unit: AdminUnit, depth: int = 0) -> list[AdminUnit]:
    """Who holds the territory today, through every change since."""
    found: dict[int, AdminUnit] = {}
    steps = AdminUnitSuccession.objects.filter(old=unit).select_related("new")
    for step in steps if depth < 4 else ():
        if step.new.valid_to is None:
            found[step.new.pk] = step.new
        else:
            found.update({heir.pk: heir for heir in _heirs(step.new, depth + 1)})
    return sorted(found.values(), key=lambda heir: sort_key(heir.name))


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


def with_past(unit: AdminUnit) -> QuerySet[AdminUnitSuccession]:
    """What the unit was made of, the last step back."""
    return (
        AdminUnitSuccession.objects.filter(new=unit).select_related("old__parent").order_by("old__full_name")
    )


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
