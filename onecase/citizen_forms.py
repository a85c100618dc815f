"""The questions of an electronic form as a Django form, so that the shared components can draw them.

The rules live in onecase.eforms; nothing is validated here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict, ErrorList
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.forms import CheckBoxes, DateWidget, RadioBoxes
from onecase import eforms
from onecase.choices import RatingLevel, ReturnWay

RADIO_UP_TO = 8
AUTOCOMPLETE = {"phone": "tel", "email": "email"}
# How long an answer usually is: the width of the box hints at it.
SIZES = {"citizen_id": 14, "phone": 16, "number": 10, "money": 18, "partial_date": 12}
NUMERIC = frozenset({"citizen_id", "number", "money", "partial_date"})


class CheckboxInput(forms.CheckboxInput):
    """One box whose value is the answer itself («Đồng ý»). The components know it by this name."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.answer = answer

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["value"] = self.answer
        return context


class QuestionForm(forms.Form):
    """Bound to answers and to messages found elsewhere. Unknown keys of `errors` count as the form's own."""

    use_required_attribute = False

    def __init__(self, answers: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> None:
        super().__init__(initial=dict(answers))
        found = ErrorDict({name: ErrorList([text]) for name, text in (errors or {}).items()})
        self._errors = found if found else None  # type: ignore[assignment]

    def ask(self, form: eforms.Form, item: eforms.Field, name: str = "", value: Any = None) -> BoundField:
        """Add the question and return it ready for drawing."""
        name = name or item.name
        self.fields[name] = question(form, item)
        if name != item.name:
            self.initial[name] = value
        elif (item.kind == "number" and isinstance(self.initial.get(name), int | float)) or (
            item.kind == "money" and isinstance(self.initial.get(name), int | float)
        ):
            self.initial[name] = eforms.show_number(self.initial[name])
        return self[name]


def question(form: eforms.Form, item: eforms.Field) -> forms.Field:
    """A field that draws itself like the schema says; «(nếu có)» when nothing can ever demand it."""
    hints = [item.help, eforms.hint_of(form, item)]
    if item.kind == "date" and not item.help:
        hints.insert(0, _t("Ví dụ 05/11/2026"))
    help_text = " ".join(_closed(hint) for hint in hints if hint)
    required = item.required or eforms.is_sometimes_needed(item)
    common: dict[str, Any] = {"label": item.label, "required": required, "help_text": help_text}
    if item.kind == "choice":
        return _choice(item, common)
    return forms.CharField(widget=_box(item), **common)


def _closed(text: str) -> str:
    return text if text.endswith((".", "?", "…")) else f"{text}."


def _choice(item: eforms.Field, common: dict[str, Any]) -> forms.Field:
    options = [(choice, choice) for choice in item.choices]
    if item.is_consent:
        return forms.CharField(widget=CheckboxInput(item.choices[0]), **common)
    if item.is_multiple:
        return forms.MultipleChoiceField(widget=CheckBoxes, choices=options, **common)
    if item.required and len(options) <= RADIO_UP_TO:
        return forms.ChoiceField(widget=RadioBoxes, choices=options, **common)
    blank = _t("Chọn trong danh sách") if item.required else _t("Không chọn")
    return forms.ChoiceField(widget=forms.Select, choices=[("", blank), *options], **common)


def _box(item: eforms.Field) -> forms.Widget:
    if item.kind == "date":
        return DateWidget()
    attrs: dict[str, Any] = {"maxlength": eforms.TEXT_LIMIT}
    if item.kind in SIZES:
        attrs |= {"size": SIZES[item.kind], "autocomplete": "off"}
    if item.kind in NUMERIC and item.kind != "partial_date":
        attrs["inputmode"] = "decimal" if item.kind == "number" and not item.is_whole else "numeric"
    if item.rule("time_hh_mm"):
        attrs["size"] = 8
    if item.prefill == "account" and item.kind in AUTOCOMPLETE:
        attrs["autocomplete"] = AUTOCOMPLETE[item.kind]
    if item.kind == "phone":
        attrs["inputmode"] = "tel"
    if item.kind == "email":
        return forms.EmailInput(attrs=attrs)
    return forms.TextInput(attrs=attrs)


@dataclass
class Group:
    """A repeated question: rows of boxes, each with its own button to take it away."""

    name: str
    label: str
    hint: str
    error: str
    needed: bool
    rows: list["Row"] = field(default_factory=list)

    @property
    def auto_id(self) -> str:
        return f"nhom-{self.name}"


@dataclass
class Row:
    """`parts`: BoundField, or a walk.Slot for a file."""

    key: str
    number: int
    parts: list[Any] = field(default_factory=list)


class LookUpForm(forms.Form):
    """Code and a second factor. Both are checked together, so that neither tells about the other."""

    ma = forms.CharField(
        label=_("Mã hồ sơ"),
        max_length=60,
        help_text=_("In trên biên nhận và Giấy hẹn. Có hay không có dấu chấm, gạch ngang đều được."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "size": 26}),
        error_messages={"required": _("Nhập mã hồ sơ in trên biên nhận hoặc Giấy hẹn.")},
    )
    so_cuoi = forms.RegexField(
        regex=r"^\d{4}$",
        label=_("4 số cuối"),
        help_text=_("4 số cuối của số định danh hoặc số điện thoại đã khai trong hồ sơ."),
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 4, "size": 6}
        ),
        error_messages={
            "required": _("Nhập 4 số cuối của số định danh hoặc số điện thoại."),
            "invalid": _("Nhập đúng 4 chữ số cuối của số định danh hoặc số điện thoại."),
        },
    )
    use_required_attribute = False


class RatingForm(forms.Form):
    level = forms.TypedChoiceField(
        label=_("Bạn hài lòng với việc phục vụ ở mức nào?"),
        choices=[(level.value, level.label) for level in reversed(RatingLevel)],
        coerce=int,
        widget=RadioBoxes,
        error_messages={"required": _("Chọn một mức."), "invalid_choice": _("Chọn một mức trong danh sách.")},
    )
    comment = forms.CharField(
        label=_("Điều muốn nói thêm"),
        help_text=_("Cán bộ được đánh giá không thấy tên bạn."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    use_required_attribute = False


class WithdrawForm(forms.Form):
    note = forms.CharField(
        label=_("Vì sao bạn rút hồ sơ?"),
        help_text=_("Cơ quan đang giữ hồ sơ đọc lý do này trước khi đồng ý."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Nhập lý do rút hồ sơ.")},
    )
    use_required_attribute = False


WAY_HINTS: dict[str, Any] = {
    ReturnWay.ONLINE: _("Tải ngay khi cơ quan ký và đóng dấu, 0 đồng"),
    ReturnWay.COUNTER: _("Mang theo căn cước và mã hồ sơ"),
    ReturnWay.POST: _("Người nhận trả cước cho bưu chính"),
}


def add_return_way(form: QuestionForm) -> BoundField:
    """Our own question about the result, where the form has none."""
    form.fields["return_way"] = forms.ChoiceField(
        label=_t("Bạn muốn nhận kết quả ở đâu?"),
        choices=[
            (ReturnWay.ONLINE, _t("Bản điện tử trên cổng này")),
            (ReturnWay.COUNTER, _t("Tại bộ phận Một cửa")),
            (ReturnWay.POST, _t("Bưu chính về nhà")),
        ],
        widget=RadioBoxes(hints=WAY_HINTS),
    )
    return form["return_way"]


def problems_of(
    errors: Mapping[str, str], *, groups: Iterable[str] = (), slots: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """(address on the page, sentence) for the error summary."""
    names, uploads = set(groups), set(slots)
    found = []
    for name, text in errors.items():
        anchor = f"nhom-{name}" if name in names else f"tep-{name}" if name in uploads else f"id_{name}"
        found.append((f"#{anchor}", text))
    return found
