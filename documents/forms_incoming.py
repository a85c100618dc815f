"""Forms of arrivals, directives and tasks."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import office_calendar
from core.forms import DateField, RadioBoxes, SpeakingForm
from documents.actions.directives import Assignee, end_of, people_of, units_of
from documents.actions.incoming import OWN_FACTS, Facts, issuer_on, leaders_of
from documents.choices import DeliveryState, IncomingSource, RecallKind, TaskRole, Urgency
from documents.models import DocumentType, IncomingDocument, Task
from org.models import Assignment, Organization

HERE = {"class": "input"}
FIRST_DAY = date(1945, 9, 2)
PAGES_WRONG = {name: _("Số trang từ 1 đến 30.000.") for name in ("min_value", "max_value", "invalid")}


class FactsForm(SpeakingForm):
    """What is written down of an arrival; what another unit of the system wrote is not asked again."""

    type = forms.ModelChoiceField(
        label=_("Tên loại"),
        queryset=DocumentType.objects.none(),
        required=False,
        empty_label=_("không rõ loại"),
    )
    number_printed = forms.CharField(label=_("Số, ký hiệu"), max_length=120, required=False)
    dated_on = DateField(label=_("Ngày văn bản"), required=False)
    issuer_printed = forms.CharField(
        label=_("Tác giả"),
        max_length=300,
        help_text=_("Tên cơ quan ban hành như in trên văn bản, kể cả cơ quan đã kết thúc hoạt động."),
        widget=forms.TextInput(attrs={"list": "noi-gui-ds", "autocomplete": "off"}),
    )
    title = forms.CharField(label=_("Trích yếu"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    signer_printed = forms.CharField(label=_("Người ký"), max_length=200, required=False)
    urgency = forms.TypedChoiceField(label=_("Độ khẩn"), choices=Urgency.choices, coerce=int, initial=0)
    reply_by = DateField(label=_("Hạn trả lời ghi trên văn bản"), required=False)
    pages = forms.IntegerField(
        label=_("Số trang"), min_value=1, max_value=30000, required=False, error_messages=PAGES_WRONG
    )
    paper_copies = forms.IntegerField(label=_("Số bản giấy"), min_value=0, max_value=999, required=False)
    note = forms.CharField(label=_("Ghi chú"), max_length=500, required=False)
    seen_twins = forms.BooleanField(label=_("Đã xem văn bản trùng, vẫn đăng ký"), required=False)

    def __init__(self, *args: Any, incoming: IncomingDocument | None = None, **kwargs: Any) -> None:
        if incoming is not None:
            kwargs.setdefault("initial", facts_of(incoming))
        super().__init__(*args, **kwargs)
        self.incoming = incoming
        self.fields["type"].queryset = DocumentType.objects.filter(is_active=True).order_by("name")  # type: ignore[attr-defined]
        if incoming is not None and incoming.source == IncomingSource.SYSTEM:
            for name in list(self.fields):
                if name in FactsForm.base_fields and name not in {*OWN_FACTS, "seen_twins"}:
                    del self.fields[name]
        if incoming is not None and "paper_copies" in self.fields and incoming.source != IncomingSource.PAPER:
            del self.fields["paper_copies"]

    def clean_dated_on(self) -> date | None:
        """A day of the past; nothing is older than the state itself."""
        day: date | None = self.cleaned_data.get("dated_on")
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(_("Ngày văn bản chưa tới. Kiểm tra lại ngày ghi trên văn bản."))
        if day is not None and day < FIRST_DAY:
            raise forms.ValidationError(_("Ngày văn bản trước 02/9/1945. Kiểm tra lại năm."))
        return day

    def facts(self) -> Facts:
        given = self.cleaned_data
        if self.incoming is not None and self.incoming.source == IncomingSource.SYSTEM:
            return Facts(
                title=self.incoming.title,
                pages=given.get("pages"),
                note=given.get("note", ""),
                paper_copies=self.incoming.paper_copies,
            )
        return Facts(
            type=given.get("type"),
            title=" ".join(given["title"].split()),
            number_printed=given.get("number_printed", "").strip(),
            issuer_printed=given["issuer_printed"].strip(),
            issuer=issuer_on(given["issuer_printed"], given.get("dated_on")),
            dated_on=given.get("dated_on"),
            signer_printed=given.get("signer_printed", ""),
            urgency=given["urgency"],
            pages=given.get("pages"),
            paper_copies=given.get("paper_copies") or 0,
            reply_by=given.get("reply_by"),
            note=given.get("note", ""),
        )


def facts_of(incoming: IncomingDocument) -> dict[str, Any]:
    names = [name for name in FactsForm.base_fields if name != "seen_twins"]
    return {name: getattr(incoming, name) for name in names}


class OnwardForm(FactsForm):
    """Facts, and where it goes in the same press: the leader, or straight to a unit."""

    leader: Any = forms.ModelChoiceField(label=_("Trình"), queryset=None, required=False, empty_label=None)
    unit: Any = forms.ModelChoiceField(
        label=_("hoặc chuyển thẳng đơn vị"),
        queryset=None,
        required=False,
        empty_label=_("– chọn đơn vị –"),
    )

    def __init__(
        self, *args: Any, agency: Organization, last_leader: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        leaders: Any = self.fields["leader"]
        leaders.queryset = leaders_of(agency.pk)
        if last_leader:
            self.initial.setdefault("leader", last_leader)
        units: Any = self.fields["unit"]
        units.queryset = (
            Organization.objects.valid_on().filter(agency=agency).exclude(pk=agency.pk).order_by("name")
        )

    def onward(self) -> list[Any]:
        return [self["leader"], self["unit"]]

    def own(self) -> list[Any]:
        return [self[name] for name in self.fields if name not in {"leader", "unit", "seen_twins"}]


class NoteForm(SpeakingForm):
    note = forms.CharField(
        label=_("Lý do"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), strip=True
    )

    def __init__(self, *args: Any, label: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["note"].label = label


class DirectiveForm(SpeakingForm):
    """The opinion, and one line per unit: role and deadline. All of it by keyboard, nothing needs a script."""

    text = forms.CharField(
        label=_("Ý kiến chỉ đạo"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "data-phrases": ""}),
    )
    due_on = DateField(
        label=_("Hạn chung"), required=False, help_text=_("Dùng cho nơi nào không ghi hạn riêng.")
    )
    lead_person = forms.ChoiceField(label=_("Giao đích danh người chủ trì"), required=False)

    def __init__(
        self,
        *args: Any,
        agency_id: int,
        units: Iterable[Organization] | None = None,
        default_due: datetime | None = None,
        **kwargs: Any,
    ) -> None:
        if default_due is not None:
            kwargs.setdefault("initial", {"due_on": timezone.localdate(default_due)})
        super().__init__(*args, **kwargs)
        self.agency_id = agency_id
        self.units = list(units) if units is not None else units_of(agency_id)
        self.people = people_of(agency_id)
        self.fields["lead_person"].choices = [("", _("– giao đơn vị –")), *_grouped(self.people)]  # type: ignore[attr-defined]
        for unit in self.units:
            self.fields[f"role-{unit.pk}"] = forms.ChoiceField(
                label=unit.name,
                choices=[("", _("Không giao")), *TaskRole.choices],
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields[f"due-{unit.pk}"] = DateField(
                label=_("Hạn của %(unit)s") % {"unit": unit.name}, required=False, help_text=""
            )

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"unit": unit, "role": self[f"role-{unit.pk}"], "due": self[f"due-{unit.pk}"]}
            for unit in self.units
        ]

    def assignees(self) -> list[Assignee]:
        given = self.cleaned_data
        calendar = office_calendar.load(self.agency_id)

        def due(day: date | None) -> datetime | None:
            wanted = day or given.get("due_on")
            return end_of(wanted, calendar) if wanted else None

        found = [
            Assignee(unit, given[f"role-{unit.pk}"], due_at=due(given.get(f"due-{unit.pk}")))
            for unit in self.units
            if given.get(f"role-{unit.pk}")
        ]
        if person := given.get("lead_person"):
            chosen = next(one for one in self.people if str(one.pk) == person)
            found.insert(
                0, Assignee(chosen.organization, TaskRole.LEAD, person=chosen.person.user, due_at=due(None))
            )
        return found


class PassOnForm(SpeakingForm):
    """The head gives the unit's task to its people."""

    text = forms.CharField(label=_("Ý kiến"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
    due_on = DateField(label=_("Hạn"), required=False)

    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        initial = {"text": task.text, "due_on": timezone.localdate(task.due_at) if task.due_at else None}
        kwargs.setdefault("initial", initial)
        super().__init__(*args, **kwargs)
        self.task = task
        self.people = [
            one for one in people_of(task.incoming.agency_id) if one.organization_id == task.unit_id
        ]
        for one in self.people:
            self.fields[f"role-{one.pk}"] = forms.ChoiceField(
                label=one.person.full_name,
                choices=[("", _("Không giao")), *TaskRole.choices],
                required=False,
                widget=forms.RadioSelect,
            )

    def rows(self) -> list[dict[str, Any]]:
        return [{"hat": one, "role": self[f"role-{one.pk}"]} for one in self.people]

    def assignees(self) -> list[Assignee]:
        given = self.cleaned_data
        calendar = office_calendar.load(self.task.incoming.agency_id)
        due = end_of(given["due_on"], calendar) if given.get("due_on") else self.task.due_at
        if due and self.task.due_at and timezone.localdate(due) == timezone.localdate(self.task.due_at):
            due = self.task.due_at
        return [
            Assignee(self.task.unit, given[f"role-{one.pk}"], person=one.person.user, due_at=due)
            for one in self.people
            if given.get(f"role-{one.pk}")
        ]


class ProgressForm(SpeakingForm):
    text = forms.CharField(
        label=_("Tiến độ, khó khăn"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    progress = forms.IntegerField(label=_("Đã làm được (%)"), min_value=0, max_value=100, required=False)


class FinishForm(SpeakingForm):
    result = forms.CharField(
        label=_("Kết quả"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    reply: Any = forms.ModelChoiceField(
        label=_("Văn bản trả lời"), queryset=None, required=False, empty_label=_("không có văn bản trả lời")
    )

    def __init__(self, *args: Any, replies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["reply"]
        field.queryset = replies
        field.label_from_instance = lambda one: f"{one.number_printed} – {one.title}"
        if not self.is_bound and (newest := replies.order_by("-pk").first()) is not None:
            self.initial["reply"] = newest.pk


class ExtensionForm(SpeakingForm):
    until = DateField(label=_("Xin đến hết ngày"))
    reason = forms.CharField(
        label=_("Lý do xin gia hạn"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class RecallForm(SpeakingForm):
    kind = forms.TypedChoiceField(
        label=_("Yêu cầu nơi nhận"), choices=RecallKind.choices, coerce=int, widget=RadioBoxes, initial=1
    )
    replacement: Any = forms.ModelChoiceField(
        label=_("Văn bản thay"), queryset=None, required=False, empty_label=_("– chọn văn bản đã phát hành –")
    )
    reason = forms.CharField(label=_("Lý do"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, replacements: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["replacement"]
        field.queryset = replacements
        field.label_from_instance = lambda one: f"{one.number_printed} – {one.title}"


PAPER_STATES = [
    (state.value, state.label)
    for state in (
        DeliveryState.ARRIVED,
        DeliveryState.REGISTERED,
        DeliveryState.IN_PROGRESS,
        DeliveryState.DONE,
        DeliveryState.REFUSED,
    )
]


class PaperStateForm(SpeakingForm):
    state = forms.ChoiceField(label=_("Trạng thái bản giấy"), choices=PAPER_STATES)
    note = forms.CharField(label=_("Ghi chú, lý do"), max_length=500, required=False)


def _grouped(people: list[Assignment]) -> list[Any]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in people:
        groups.setdefault(one.organization.name, []).append(
            (str(one.pk), f"{one.person.full_name} – {one.position.title}")
        )
    return list(groups.items())
