"""What staff type in: the papers a move needs, intake over the counter, the draft of a result, the PIN."""

import re
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, PinField, RadioBoxes, UploadField
from onecase.choices import Channel, CheckState, ReturnWay
from onecase.models import Case, Component, LegalReason, Procedure
from onecase.required_papers import components_of
from org import services as org
from org.choices import Role
from org.models import Organization

TWELVE_DIGITS = re.compile(r"\d{12}")
PHONE = re.compile(r"0\d{9,10}")
FREE_ROWS = 2
NOTE = {"rows": 3, "maxlength": 2000}


class NoteForm(forms.Form):
    """A reason in words; `label` says what it is for."""

    note = forms.CharField(label=_("Nội dung"), widget=forms.Textarea(attrs=NOTE), max_length=2000)

    def __init__(
        self, *args: Any, label: Any = "", hint: Any = "", required: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["note"]
        field.required = required
        field.label = label or field.label
        field.help_text = hint
        field.error_messages["required"] = _("Nhập lý do hoặc nội dung trước khi thực hiện.")


class ReasonChoice(forms.ModelChoiceField):
    """A reason of the list, with its ground; what nobody has confirmed says so."""

    def label_from_instance(self, reason: LegalReason) -> str:
        unsure = "" if reason.is_verified else _t(" (căn cứ cần xác minh)")
        return f"{reason.text}{unsure}"


class RejectForm(NoteForm):
    reason = ReasonChoice(
        label=_("Lý do từ chối"),
        queryset=LegalReason.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Chọn một lý do trong danh mục.")},
    )
    field_order = ["reason", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label=_("Nói rõ thêm cho người nộp"), required=False, **kwargs)
        reason: Any = self.fields["reason"]
        reason.queryset = LegalReason.objects.filter(kind="reject", is_active=True).order_by("pk")


class ItemsForm(forms.Form):
    """Form 02 as a table: which papers, why, on what ground; with rows for what is no paper of the list."""

    note = forms.CharField(
        label=_("Hướng dẫn cho người nộp"),
        widget=forms.Textarea(attrs=NOTE),
        required=False,
        max_length=2000,
        help_text=_("Người nộp đọc nguyên văn. Nói rõ cần giấy gì, lấy ở đâu."),
    )
    reply_by = DateField(label=_("Bổ sung trước ngày"), required=False)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.papers: list[tuple[str, Component | None]] = [(str(one.pk), one) for one in components_of(case)]
        self.papers += [(f"x{number}", None) for number in range(1, FREE_ROWS + 1)]
        reasons = [("", _t("Chọn lý do"))]
        self.reasons = {
            str(one.pk): one for one in LegalReason.objects.filter(kind="supplement", is_active=True)
        }
        reasons += [(pk, one.text) for pk, one in self.reasons.items()]
        wrong = {
            str(check.component_id): check
            for check in case.checks.filter(state__in=[CheckState.MISSING, CheckState.WRONG])
        }
        for key, paper in self.papers:
            name = paper.name if paper else _t("nội dung khác")
            if paper is None:
                self.fields[f"text-{key}"] = forms.CharField(
                    label=_t("Nội dung khác cần bổ sung"), required=False, max_length=500
                )
            else:
                self.fields[f"pick-{key}"] = forms.BooleanField(
                    label=name, required=False, initial=key in wrong
                )
            self.fields[f"reason-{key}"] = forms.ChoiceField(
                label=_t("Lý do: %(name)s") % {"name": name}, choices=reasons, required=False
            )
            self.fields[f"more-{key}"] = forms.CharField(
                label=_t("Nói rõ thêm: %(name)s") % {"name": name},
                required=False,
                max_length=200,
                initial=wrong[key].note if key in wrong else "",
            )
            self.fields[f"ground-{key}"] = forms.CharField(
                label=_t("Căn cứ: %(name)s") % {"name": name}, required=False, max_length=300
            )
        reply_by: Any = self.fields["reply_by"]
        reply_by.earliest = timezone.localdate()
        self.items: list[dict[str, Any]] = []

    def rows(self) -> Iterator[dict[str, Any]]:
        """The table: one line per paper, then the free ones."""
        for key, paper in self.papers:
            yield {
                "paper": paper,
                "pick": self[f"pick-{key}"] if paper else None,
                "text": None if paper else self[f"text-{key}"],
                "reason": self[f"reason-{key}"],
                "more": self[f"more-{key}"],
                "ground": self[f"ground-{key}"],
            }

    def rest(self) -> list[forms.BoundField]:
        return [self["note"], self["reply_by"]]

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        for key, paper in self.papers:
            text = (
                (paper.name if answers.get(f"pick-{key}") else "")
                if paper
                else (answers.get(f"text-{key}") or "").strip()
            )
            if not text:
                continue
            reason = self.reasons.get(answers.get(f"reason-{key}") or "")
            more = (answers.get(f"more-{key}") or "").strip()
            if reason is None and not more:
                self.add_error(f"reason-{key}", _t("Chọn lý do cho «%(text)s».") % {"text": text[:80]})
                continue
            words = ". ".join(part for part in (reason.text if reason else "", more) if part)
            item = {"component_id": paper.pk if paper else None, "text": text[:500], "reason": words[:300]}
            typed = (answers.get(f"ground-{key}") or "").strip()  # what the list lacks, or says otherwise
            self.items.append(item | {"ground": typed or (reason.ground if reason else "")})
        if not self.items and not self.errors:
            raise ValidationError(_t("Chọn ít nhất một giấy tờ hoặc ghi một nội dung cần bổ sung."))
        return answers


class ApproveSupplementForm(forms.Form):
    """The head agrees with what the officer proposed."""

    note = forms.CharField(
        label=_("Hướng dẫn cho người nộp"), widget=forms.Textarea(attrs=NOTE), required=False, max_length=2000
    )
    reply_by = DateField(label=_("Bổ sung trước ngày"), required=False)


class HandOverForm(NoteForm):
    unit = forms.ModelChoiceField(
        label=_("Chuyển tới"),
        queryset=Organization.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
    )
    field_order = ["unit", "note"]

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, label=_("Ghi chú giao nhận"), required=False, **kwargs)
        assert case.agency is not None  # a database constraint: whatever is submitted has one
        usual = org.handling_unit_of(case.agency, case.procedure.handled_by_symbol)
        parts = Organization.objects.valid_on().filter(agency=case.agency)
        field: Any = self.fields["unit"]
        field.queryset = parts.exclude(pk=case.receiving_unit_id or 0).order_by("name")
        field.initial = usual.pk
        field.label_from_instance = lambda unit: (
            _t("%(unit)s (theo quy trình)") % {"unit": unit.name} if unit.pk == usual.pk else unit.name
        )


class AssignForm(NoteForm):
    officer = forms.ModelChoiceField(
        label=_("Giao cho"),
        queryset=Organization.objects.none(),
        empty_label=None,
        widget=RadioBoxes,
        error_messages={"required": _("Chọn một công chức.")},
    )
    field_order = ["officer", "note"]

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, label=_("Ý kiến khi giao"), required=False, **kwargs)
        officers = org.people_serving(Role.CASE_OFFICER, case.handling_unit_id or 0)
        field: Any = self.fields["officer"]
        field.queryset = officers
        field.initial = case.handler_id
        busy = {officer.pk: Case.objects.open().filter(handler=officer).count() for officer in officers[:20]}
        field.widget.hints = {
            str(pk): _t("đang giữ %(count)s hồ sơ") % {"count": count} for pk, count in busy.items()
        }


class ReturnResultForm(forms.Form):
    """Who took the result and how he proved himself (T17)."""

    receiver = forms.CharField(label=_("Người nhận kết quả"), max_length=120)
    stands_as = forms.ChoiceField(
        label=_("Tư cách"),
        choices=[
            ("owner", _("chính chủ hồ sơ")),
            ("authorised", _("người được ủy quyền")),
            ("post", _("nhân viên bưu chính")),
        ],
        widget=forms.RadioSelect,
        initial="owner",
    )
    proof = forms.CharField(
        label=_("Giấy tờ đã đối chiếu"),
        max_length=120,
        help_text=_("Ví dụ: căn cước, giấy ủy quyền số …, mã vận đơn …"),
    )

    def note(self) -> str:
        stands_as: Any = self.fields["stands_as"]
        words = dict(stands_as.choices)[self.cleaned_data["stands_as"]]
        return _t("Người nhận: %(name)s (%(as)s). Đã đối chiếu: %(proof)s.") % {
            "name": self.cleaned_data["receiver"],
            "as": words,
            "proof": self.cleaned_data["proof"],
        }


class SupplyForm(NoteForm):
    """Missing papers brought to the counter: one upload per item asked for."""

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, label=_("Ghi chú"), required=False, **kwargs)
        self.asked = list(case.supplement_items.filter(answered_at__isnull=True))
        for item in self.asked:
            self.fields[f"file-{item.pk}"] = UploadField(
                label=item.text, required=False, help_text=item.reason
            )

    def uploads(self) -> Iterator[tuple[Any, Any]]:
        """(upload, id of the paper it answers) for what was chosen."""
        for item in self.asked:
            if upload := self.cleaned_data.get(f"file-{item.pk}"):
                yield upload, item.component_id


class IntakeForm(forms.Form):
    """A paper application: the applicant stays the party, the officer only keys it in (T2)."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    channel = forms.ChoiceField(
        label=_("Hồ sơ tới bằng cách nào?"),
        choices=[(Channel.DIRECT, _("Trực tiếp tại quầy")), (Channel.POSTAL, _("Qua bưu chính"))],
        widget=forms.RadioSelect,
        initial=Channel.DIRECT,
    )
    agency = forms.ModelChoiceField(
        label=_("Cơ quan giải quyết"), queryset=Organization.objects.none(), empty_label=_("Chọn cơ quan")
    )
    variant: Any = forms.ModelChoiceField(
        label=_("Trường hợp"), queryset=None, required=False, empty_label=_("Chọn trường hợp")
    )
    full_name = forms.CharField(label=_("Họ và tên chủ hồ sơ"), max_length=120)
    number = forms.CharField(
        label=_("Số định danh"),
        max_length=20,
        help_text=_("12 chữ số"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "16"}),
    )
    birth_on = DateField(label=_("Ngày sinh"), earliest=date(1900, 1, 1))
    phone = forms.CharField(
        label=_("Số điện thoại"),
        max_length=15,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "size": "16"}),
    )
    email = forms.EmailField(label=_("Thư điện tử"), required=False)
    address = forms.CharField(label=_("Nơi cư trú"), max_length=300)
    is_other = forms.BooleanField(label=_("Người nộp khác chủ hồ sơ"), required=False)
    other_name = forms.CharField(label=_("Họ và tên người nộp"), max_length=120, required=False)
    other_number = forms.CharField(
        label=_("Số định danh người nộp"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "16"}),
    )
    other_phone = forms.CharField(
        label=_("Số điện thoại người nộp"),
        max_length=15,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "size": "16"}),
    )
    authority_note = forms.CharField(
        label=_("Giấy ủy quyền"), max_length=300, required=False, help_text=_("Số, ngày, nơi chứng thực")
    )
    return_way = forms.ChoiceField(
        label=_("Nhận kết quả"),
        choices=ReturnWay.choices,
        widget=forms.RadioSelect,
        initial=ReturnWay.COUNTER,
    )

    def __init__(self, *args: Any, procedure: Procedure, agencies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version = procedure.versions.get(valid_to__isnull=True)
        self.papers = list(version.components.filter(is_note=False))
        choice: Any = self.fields["agency"]
        choice.queryset = agencies
        self.single_agency = agencies[0] if len(agencies[:2]) == 1 else None
        if self.single_agency is not None:
            choice.initial, choice.widget = self.single_agency.pk, forms.HiddenInput()
        variants = version.cases.order_by("pk")
        variant: Any = self.fields["variant"]
        variant.queryset = variants
        if not variants.exists():
            del self.fields["variant"]
        birth_on: Any = self.fields["birth_on"]
        birth_on.latest = timezone.localdate()
        for paper in self.papers:
            for part, label in (("originals", _t("bản chính")), ("copies", _t("bản sao"))):
                self.fields[f"{part}-{paper.pk}"] = forms.IntegerField(
                    label=f"{paper.name}: {label}",
                    min_value=0,
                    max_value=99,
                    error_messages={
                        "min_value": _t("Số bản ghi từ 0 đến 99."),
                        "max_value": _t("Số bản ghi từ 0 đến 99."),
                        "invalid": _t("Số bản ghi bằng chữ số, từ 0 đến 99."),
                    },
                    required=False,
                    widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "3"}),
                )
            self.fields[f"file-{paper.pk}"] = forms.FileField(
                label=_t("Bản quét: %(paper)s") % {"paper": paper.name},
                required=False,
                widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
            )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The form in the order in which one asks at the counter; papers stand in a table of their own."""
        first = [self[name] for name in ("channel", "agency", "variant", "return_way") if name in self.fields]
        owner = [self[name] for name in ("full_name", "number", "birth_on", "address", "phone", "email")]
        other = [
            self[name] for name in ("is_other", "other_name", "other_number", "other_phone", "authority_note")
        ]
        return [(_t("Hồ sơ"), first), (_t("Chủ hồ sơ"), owner), (_t("Người nộp"), other)]

    def rows(self) -> Iterator[dict[str, Any]]:
        for paper in self.papers:
            yield {
                "paper": paper,
                "originals": self[f"originals-{paper.pk}"],
                "copies": self[f"copies-{paper.pk}"],
                "file": self[f"file-{paper.pk}"],
            }

    def clean_number(self) -> str:
        return self._twelve("number")

    def clean_other_number(self) -> str:
        return self._twelve("other_number")

    def clean_phone(self) -> str:
        return self._phone("phone")

    def clean_other_phone(self) -> str:
        return self._phone("other_phone")

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if answers.get("is_other") and not answers.get("other_name"):
            self.add_error("other_name", _t("Nhập họ và tên người nộp."))
        return answers

    def owner(self) -> dict[str, Any]:
        return {
            name: self.cleaned_data[name]
            for name in ("full_name", "number", "birth_on", "phone", "email", "address")
        }

    def submitter(self) -> dict[str, Any] | None:
        answers = self.cleaned_data
        if not answers["is_other"]:
            return None
        return {
            "full_name": answers["other_name"],
            "number": answers["other_number"],
            "phone": answers["other_phone"],
        }

    def checks(self) -> dict[int, dict[str, Any]]:
        """What was brought, still to be looked at."""
        answers, brought = self.cleaned_data, {}
        for paper in self.papers:
            originals, copies = (
                answers.get(f"originals-{paper.pk}") or 0,
                answers.get(f"copies-{paper.pk}") or 0,
            )
            digital = 1 if answers.get(f"file-{paper.pk}") else 0
            if originals or copies or digital:
                brought[paper.pk] = {
                    "state": CheckState.UNSEEN,
                    "originals": originals,
                    "copies": copies,
                    "digital": digital,
                }
        return brought

    def uploads(self) -> Iterator[tuple[Any, int]]:
        for paper in self.papers:
            if upload := self.cleaned_data.get(f"file-{paper.pk}"):
                yield upload, paper.pk

    def _twelve(self, name: str) -> str:
        value = re.sub(r"[\s.]", "", self.cleaned_data[name])
        if value and not TWELVE_DIGITS.fullmatch(value):
            digits = len(re.sub(r"\D", "", value))
            raise ValidationError(_t("Số định danh có 12 chữ số; bạn đã nhập %(count)d.") % {"count": digits})
        return value

    def _phone(self, name: str) -> str:
        value = re.sub(r"[\s.\-]", "", self.cleaned_data[name])
        if value and not PHONE.fullmatch(value):
            raise ValidationError(
                _t("Số điện thoại bắt đầu bằng 0 và có 10 chữ số; bạn đã nhập «%(value)s».")
                % {"value": value}
            )
        return value


class ResultForm(forms.Form):
    """The draft of a result; its HTML is cleaned by documents before it is kept."""

    kind = forms.ChoiceField(
        label=_("Kết quả"),
        choices=[("grant", _("Giải quyết theo đề nghị")), ("refuse", _("Từ chối giải quyết, nêu căn cứ"))],
        widget=forms.RadioSelect,
    )
    title = forms.CharField(label=_("Trích yếu"), max_length=500)
    body_html = forms.CharField(
        label=_("Nội dung"),
        widget=forms.Textarea(attrs={"rows": 22, "data-editor": "", "spellcheck": "false"}),
        help_text=_(
            "Đoạn văn, chữ đậm, chữ nghiêng, danh sách và bảng. Số, ngày và chữ ký được điền khi ký."
        ),
        max_length=60_000,
    )


class PinForm(forms.Form):
    pin = PinField()
