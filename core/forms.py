"""Form parts that every app shares: the Vietnamese date, boxes of choices, uploads."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

INPUT_FORMATS = ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y", "%d%m%Y"]


class DateWidget(forms.DateInput):
    """dd/mm/yyyy as text: native date inputs follow the browser's language, not the page's."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        defaults = {"inputmode": "numeric", "size": "12", "maxlength": "10", "autocomplete": "off"}
        super().__init__(attrs=defaults | (attrs or {}), format="%d/%m/%Y")


class DateField(forms.DateField):
    """A day, typed as people write it: 05/11/2026."""

    widget = DateWidget

    def __init__(self, *, earliest: date | None = None, latest: date | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", INPUT_FORMATS)
        kwargs.setdefault("help_text", _("Ví dụ 05/11/2026"))
        super().__init__(**kwargs)
        self.earliest, self.latest = earliest, latest

    def to_python(self, value: Any) -> date | None:
        try:
            return super().to_python(value)
        except ValidationError:
            raise ValidationError(
                _("Viết ngày theo thứ tự ngày/tháng/năm, ví dụ 05/11/2026; bạn đã nhập «%(value)s»."),
                code="invalid",
                params={"value": value},
            ) from None

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and self.earliest and value < self.earliest:
            limit = f"{self.earliest:%d/%m/%Y}"
            raise ValidationError(_("Ngày phải từ %(limit)s trở đi."), code="early", params={"limit": limit})
        if value and self.latest and value > self.latest:
            limit = f"{self.latest:%d/%m/%Y}"
            raise ValidationError(_("Ngày không được sau %(limit)s."), code="late", params={"limit": limit})


class HintedChoices:
    """Adds one line of consequence (time, cost) under each answer: `hints={"post": "1–2 ngày làm việc"}`."""

    def __init__(self, *args: Any, hints: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = dict(hints or {})

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)  # type: ignore[misc]
        option["hint"] = self.hints.get(str(value), "")
        return option


class RadioBoxes(HintedChoices, forms.RadioSelect):
    """One full-width white box per answer."""


class CheckBoxes(HintedChoices, forms.CheckboxSelectMultiple):
    """Several answers, one box each."""


class ManyCheckBoxes(CheckBoxes):
    """Several of a long list: boxes that scroll in a frame of their own, for fingers and keys alike."""

    is_long = True


class UploadWidget(forms.FileInput):
    """Rendered by components/upload.html: «Chụp ảnh» and «Chọn tệp» are two inputs, `name`-photo and `name`."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"accept": "application/pdf,image/jpeg,image/png"} | (attrs or {}))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.get(f"{name}-photo") or files.get(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and f"{name}-photo" not in files


class UploadField(forms.FileField):
    """A file, or a photo taken on the spot; the photo wins if both come."""

    widget = UploadWidget

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "help_text", _("Chụp đủ bốn góc, đọc được chữ. Tệp PDF, JPG hoặc PNG, tối đa 20 MB.")
        )
        super().__init__(**kwargs)


class PinWidget(forms.PasswordInput):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        defaults = {"inputmode": "numeric", "autocomplete": "off", "size": "12", "maxlength": "32"}
        super().__init__(attrs=defaults | (attrs or {}))


class PinField(forms.CharField):
    """The PIN of a signing certificate: never shown again, never kept by the browser."""

    widget = PinWidget

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mã PIN chứng thư số"))
        kwargs.setdefault("strip", False)
        super().__init__(**kwargs)
        self.error_messages["required"] = _("Nhập mã PIN chứng thư số.")


class SpeakingForm(forms.Form):
    """Says what is missing in words («Nhập ngày sinh của trẻ.») instead of «Trường này là bắt buộc»."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            own = type(self).base_fields.get(name, field).error_messages["required"]
            if own == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = what_is_missing(field, str(self[name].label))


def what_is_missing(field: forms.Field, label: str) -> str:
    """The sentence for an empty required field, by its kind."""
    label = str(label)
    words = label[:1].lower() + label[1:] if label[1:2].islower() else label
    if isinstance(field, forms.BooleanField):
        return gettext("Đánh dấu vào ô này để tiếp tục.")
    if isinstance(field, forms.FileField):
        return gettext("Thêm %(what)s.") % {"what": words}
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return (
            gettext("Chọn một câu trả lời.")
            if label.endswith("?")
            else gettext("Chọn %(what)s.") % {"what": words}
        )
    return (
        gettext("Trả lời câu hỏi này.")
        if label.endswith("?")
        else gettext("Nhập %(what)s.") % {"what": words}
    )
