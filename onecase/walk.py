"""The walk of an online application: its steps, the papers it asks for, and what is still missing. No HTTP, no writes."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from core import office_calendar
from core.search import fold
from onecase import eforms
from onecase.choices import ReturnWay
from onecase.models import Case, CaseFile, Component

PLACE, SECTION, PAPERS, LAST = "place", "section", "papers", "last"
COMMUNE = "ubnd_xa"
# A paper whose data lie in a state register is looked up by the office (NĐ 118/2025/NĐ-CP, art. 4(2a) as amended).
REGISTER = re.compile(r"CSDL|VNeID|Hệ thống|dữ liệu|số định danh")
NOT_YET = re.compile(r"cần xác minh|khi vận hành|giai đoạn đầu")
HANDED_IN = frozenset({"ban_chinh", "ban_sao", "ban_chup", "khac"})
# Answers of a form that name how the result is received.
WAYS = {
    "Tại Trung tâm Phục vụ hành chính công": ReturnWay.COUNTER,
    "Bưu chính": ReturnWay.POST,
    "Bản điện tử": ReturnWay.ONLINE,
    "Bản sao điện tử": ReturnWay.ONLINE,
}
# The person whom the paper is about, where the form asks for somebody else than the one who fills it in.
OWNERS = ("subject_full_name", "elder_full_name", "land_user_full_name", "owner_full_name", "owner_name")
SAME_PAPER = 0.8


@dataclass(frozen=True)
class Step:
    """One page. `number` counts from 1."""

    number: int
    kind: str
    title: str
    section: eforms.Section | None = None


@dataclass(frozen=True)
class Slot:
    """A place for the files of one paper; `key` stands in the names of its inputs."""

    key: str
    label: str
    hint: str = ""
    needed: bool = False
    component_id: int | None = None
    form_field: str = ""
    suffixes: tuple[str, ...] = ("pdf", "jpg", "jpeg", "png")
    max_mb: int = 20
    files: tuple[CaseFile, ...] = field(default=(), compare=False)


def is_looked_up(component: Component) -> bool:
    """The office finds the data itself: nothing to hand in."""
    source = component.replaceable_by
    return component.kind == "du_lieu" or bool(REGISTER.search(source) and not NOT_YET.search(source))


def is_declaration(component: Component) -> bool:
    return component.kind == "to_khai"


def is_shown_only(component: Component) -> bool:
    return component.kind == "xuat_trinh"


class Walk:
    """One draft, seen as a series of steps."""

    def __init__(self, case: Case) -> None:
        self.case = case

    @cached_property
    def components(self) -> list[Component]:
        """The papers of the case: those of its variant and those common to all."""
        found = self.case.version.components.filter(is_note=False)
        return [one for one in found if one.procedure_case_id in (None, self.case.procedure_case_id)]

    @cached_property
    def form(self) -> eforms.Form:
        names = [one.name for one in self.components if not is_declaration(one) and not is_shown_only(one)]
        return eforms.load(self.case.procedure.eform.schema, components=names)

    @cached_property
    def variants(self) -> list[Any]:
        return list(self.case.version.cases.order_by("pk"))

    @cached_property
    def steps(self) -> list[Step]:
        titles: list[tuple[str, str, eforms.Section | None]] = [(PLACE, self._place_title(), None)]
        titles += [(SECTION, section.title, section) for section in eforms.asking(self.form)]
        if self.has_papers:
            titles.append((PAPERS, _("Giấy tờ"), None))
        titles.append((LAST, _("Kiểm tra và nộp"), None))
        return [Step(number, *parts) for number, parts in enumerate(titles, start=1)]

    def _place_title(self) -> str:
        return _("Nơi giải quyết và trường hợp") if self.variants else _("Nơi giải quyết")

    def step(self, number: int) -> Step | None:
        return self.steps[number - 1] if 1 <= number <= len(self.steps) else None

    def fields_of(self, step: Step) -> list[eforms.Field]:
        """The questions of a step; file fields are slots, not questions."""
        if step.kind == SECTION and step.section:
            return list(step.section.fields)
        if step.kind == PAPERS:
            return [item for section in eforms.papers(self.form) for item in section.fields]
        if step.kind == LAST:
            return [item for section in eforms.closing(self.form) for item in section.fields]
        return []

    @property
    def asks_return_way(self) -> bool:
        """Forms without a question of their own about the result get ours."""
        return self.form.field("result_channel") is None

    @property
    def is_of_commune(self) -> bool:
        return self.case.procedure.decided_by == COMMUNE

    # --- files --------------------------------------------------------------------------------------------

    @cached_property
    def files(self) -> list[CaseFile]:
        return list(
            self.case.files.filter(removed_at__isnull=True)
            .exclude(source="system")
            .select_related("stored", "component")
        )

    @cached_property
    def situation(self) -> eforms.Situation:
        calendar = office_calendar.load(self.case.agency_id)
        return eforms.Situation(
            today=timezone.localdate(),
            files=Counter(file.form_field for file in self.files if file.form_field),
            is_working_day=calendar.is_working_day,
        )

    @cached_property
    def has_papers(self) -> bool:
        return bool(eforms.papers(self.form) or self._uploaded_components(set()))

    def slots(self, answers: Mapping[str, Any]) -> list[Slot]:
        """Places for files in the papers step: the form's own, then what else the procedure asks for."""
        pairs = self._paired()
        slots = [self._field_slot(item, pairs.get(item.name), answers) for item in self._paper_fields()]
        taken = {component.pk for component in pairs.values()}
        slots += [self._component_slot(component) for component in self._uploaded_components(taken)]
        return slots

    def _paper_fields(self) -> list[eforms.Field]:
        return [
            item for section in eforms.papers(self.form) for item in section.fields if item.kind == "file"
        ]

    def _uploaded_components(self, taken: set[int]) -> list[Component]:
        if any(item.kind == "repeat" for section in eforms.papers(self.form) for item in section.fields):
            return []  # the form lists the papers itself
        return [
            one
            for one in self.components
            if one.pk not in taken and one.kind in HANDED_IN and not is_looked_up(one)
        ]

    def _paired(self) -> dict[str, Component]:
        """Which component each file field of the form means, by their words; each component once."""
        free = [one for one in self.components if not is_declaration(one)]
        pairs: dict[str, Component] = {}
        for item in self._paper_fields():
            scored = [(likeness(item.label, one.name), -len(one.name), one.pk, one) for one in free]
            best = max(scored, default=None, key=lambda entry: entry[:3])
            if best and best[0] >= SAME_PAPER:
                pairs[item.name] = best[3]
                free.remove(best[3])
        return pairs

    def _field_slot(
        self, item: eforms.Field, component: Component | None, answers: Mapping[str, Any]
    ) -> Slot:
        hints = [item.help, eforms.hint_of(self.form, item)]
        return Slot(
            key=item.name,
            label=item.label,
            hint=" ".join(_sentence(hint) for hint in hints if hint),
            needed=eforms.needed(self.form, answers, self.situation, item),
            component_id=component.pk if component else None,
            form_field=item.name,
            suffixes=item.suffixes,
            max_mb=min(item.max_mb or settings.UPLOAD_MAX_MB, settings.UPLOAD_MAX_MB),
            files=tuple(file for file in self.files if file.form_field == item.name),
        )

    def _component_slot(self, component: Component) -> Slot:
        needed = component.required == "yes"
        hint = component.condition
        return Slot(
            key=f"giay-{component.pk}",
            label=component.name,
            hint=_sentence(hint if needed or not hint else _("Nộp khi: %(when)s") % {"when": hint}),
            needed=needed,
            component_id=component.pk,
            max_mb=settings.UPLOAD_MAX_MB,
            files=tuple(
                file for file in self.files if file.component_id == component.pk and not file.form_field
            ),
        )

    def row_slot(self, item: eforms.Field, row: Mapping[str, Any], part: eforms.Field) -> Slot:
        """The file of one row of a group."""
        where = eforms.path(item, row, part)
        return Slot(
            key=where,
            label=part.label,
            needed=part.required,
            form_field=where,
            suffixes=part.suffixes,
            max_mb=min(part.max_mb or settings.UPLOAD_MAX_MB, settings.UPLOAD_MAX_MB),
            files=tuple(file for file in self.files if file.form_field == where),
        )

    def all_slots(self, step: Step, answers: Mapping[str, Any]) -> list[Slot]:
        """Every place for files on the page of a step."""
        slots = self.slots(answers) if step.kind == PAPERS else []
        for item in self.fields_of(step):
            if item.kind == "repeat":
                parts = [part for part in item.fields if part.kind == "file"]
                slots += [
                    self.row_slot(item, row, part) for row in answers.get(item.name) or [] for part in parts
                ]
            elif item.kind == "file" and step.kind != PAPERS:
                slots.append(self._field_slot(item, None, answers))
        return slots

    @cached_property
    def looked_up(self) -> list[Component]:
        """«Không phải nộp»: the office looks it up."""
        paired = {component.pk for component in self._paired().values()}
        return [one for one in self.components if is_looked_up(one) and one.pk not in paired]

    @cached_property
    def brought(self) -> list[Component]:
        """Originals to bring along, which no scan replaces."""
        return [
            one
            for one in self.components
            if is_shown_only(one) and one.required == "yes" and not is_looked_up(one)
        ]

    # --- checking -----------------------------------------------------------------------------------------

    def check(self, step: Step, answers: Mapping[str, Any]) -> eforms.Outcome:
        """One step: the questions, and in the papers step the files."""
        outcome = eforms.check(self.form, answers, self.situation, fields=self.fields_of(step))
        if step.kind == PAPERS:
            for slot in self.slots(answers):
                if slot.needed and not slot.files:
                    label = slot.label[:1].lower() + slot.label[1:]
                    outcome.errors.setdefault(slot.key, _("Tải lên %(label)s.") % {"label": label})
        if step.kind == PLACE:
            if self.case.agency_id is None:
                outcome.errors["agency"] = _("Chọn xã, phường, đặc khu giải quyết hồ sơ.")
            if self.variants and self.case.procedure_case_id is None:
                outcome.errors["variant"] = _("Chọn trường hợp của bạn.")
        return outcome

    def problems(self, answers: Mapping[str, Any]) -> list[tuple[Step, str, str]]:
        """Everything that stands in the way of submitting: step, key, sentence."""
        return [
            (step, key, text) for step in self.steps for key, text in self.check(step, answers).errors.items()
        ]

    def warnings(self, answers: Mapping[str, Any]) -> list[str]:
        return list(eforms.check(self.form, answers, self.situation).warnings.values())

    def cleaned(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        return eforms.check(self.form, answers, self.situation).answers

    # --- what the last step shows -------------------------------------------------------------------------

    def review(self, answers: Mapping[str, Any]) -> list[tuple[Step, list[tuple[str, str]]]]:
        """The answers of each asking step as (label, value); open ones are left out."""
        return [
            (step, [line for item in self.fields_of(step) for line in _lines(item, answers.get(item.name))])
            for step in self.steps
            if step.kind == SECTION
        ]

    def owner_name(self, answers: Mapping[str, Any]) -> str:
        found = next(
            (str(answers[name]) for name in OWNERS if self.form.field(name) and answers.get(name)), ""
        )
        return found or str(answers.get("applicant_full_name") or self.case.owner_name)


def likeness(one: str, other: str) -> float:
    """Share of common words, measured by the shorter text."""
    left, right = set(fold(one).split()), set(fold(other).split())
    return len(left & right) / min(len(left), len(right)) if left and right else 0


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "…", "?")) else ".") if text else ""


def _lines(item: eforms.Field, value: Any) -> Iterable[tuple[str, str]]:
    if item.kind != "repeat":
        shown = eforms.show(item, value)
        return [(item.label, shown)] if shown else []
    rows = []
    for number, row in enumerate(value or [], start=1):
        parts = [eforms.show(part, row.get(part.name)) for part in item.fields if part.kind != "file"]
        rows.append((f"{item.label} {number}", " · ".join(part for part in parts if part)))
    return rows
