"""What is typed into the pages of outgoing documents."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, PinField, RadioBoxes, SpeakingForm, UploadField
from documents.choices import AttachmentRole, Circulation, CopyKind, OpinionVerdict, Urgency
from documents.models import DocumentType
from org.models import Organization

NOTE = {"rows": 3, "maxlength": 500}


class TypeChoice(forms.ModelChoiceField):
    """«Quyết định (cá biệt) – QĐ»."""

    def label_from_instance(self, kind: DocumentType) -> str:
        return f"{kind.name} – {kind.abbreviation}" if kind.abbreviation else kind.name


class DraftForm(SpeakingForm):
    agency = forms.ModelChoiceField(
        label=_("Ban hành với danh nghĩa"),
        queryset=Organization.objects.none(),
        empty_label=None,
        help_text=_("Số, ký hiệu, con dấu và người ký theo cơ quan này; chọn một lần khi bắt đầu soạn."),
    )
    type = TypeChoice(
        label=_("Loại văn bản"),
        queryset=DocumentType.objects.none(),
        to_field_name="code",
        empty_label=None,
    )
    title = forms.CharField(
        label=_("Trích yếu"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Một câu ngắn gọn; không viết lại tên loại hoặc «V/v»."),
    )
    urgency = forms.TypedChoiceField(label=_("Độ khẩn"), choices=Urgency, coerce=int, initial=0)
    circulation = forms.ChoiceField(
        label=_("Phạm vi lưu hành"),
        choices=Circulation.choices,
        required=False,
        help_text=_("«Lưu hành nội bộ» chỉ gửi các đơn vị trong cơ quan."),
    )
    reply_by = DateField(label=_("Hạn trả lời"), required=False)
    for_organ = forms.CharField(
        label=_("Ban hành thay mặt"),
        max_length=120,
        required=False,
        help_text=_("Hội đồng, Ban, Tổ dùng con dấu của cơ quan; có dãy số riêng."),
    )
    body_html = forms.CharField(
        label=_("Nội dung"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 18, "data-editor": "full"}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, issuers: Sequence[Organization] = (), **kwargs: Any) -> None:
        """`issuers`: in whose name a new draft may be written; with fewer than two there is nothing to choose."""
        super().__init__(*args, **kwargs)
        if len(issuers) < 2:
            del self.fields["agency"]
        else:
            agencies: Any = self.fields["agency"]
            agencies.queryset = Organization.objects.filter(pk__in=[one.pk for one in issuers])
        kinds: Any = self.fields["type"]
        kinds.queryset = DocumentType.objects.filter(is_active=True, is_specialised=False).order_by("name")


class NoteForm(SpeakingForm):
    note = forms.CharField(label=_("Ghi chú"), widget=forms.Textarea(attrs=NOTE), max_length=500)

    def __init__(self, *args: Any, label: Any = "", required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["note"]
        field.label, field.required = label or field.label, required
        field.error_messages["required"] = _("Nhập lý do.")


class FileForm(SpeakingForm):
    file = UploadField(
        label=_("Tệp"),
        help_text=_("PDF cho văn bản chính và phụ lục; DOCX, XLSX, ODT cho tài liệu tham khảo."),
    )
    role = forms.ChoiceField(
        label=_("Tệp này là"),
        choices=AttachmentRole.choices,
        initial=AttachmentRole.APPENDIX,
        widget=RadioBoxes(
            hints={
                AttachmentRole.MAIN: _(
                    "thay nội dung soạn trên trang; hệ thống đóng số, ngày lên tệp khi ký"
                ),
                AttachmentRole.APPENDIX: _("phát hành cùng văn bản, cơ quan ký số lên từng tệp"),
                AttachmentRole.BESIDE: _("chỉ người trong quy trình xem"),
            }
        ),
    )


class AskForm(SpeakingForm):
    question = forms.CharField(
        label=_("Cần cho ý kiến về"), widget=forms.Textarea(attrs=NOTE), max_length=500, required=False
    )
    due_on = DateField(label=_("Trả lời trước hết ngày"))

    def due_at(self) -> datetime:
        """The end of office hours of that day is the agency's own matter: the day counts whole."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["due_on"], time(23, 59)))


class OpinionForm(SpeakingForm):
    verdict = forms.ChoiceField(label=_("Ý kiến"), choices=OpinionVerdict, widget=RadioBoxes)
    text = forms.CharField(label=_("Nội dung"), widget=forms.Textarea(attrs={"rows": 5}), required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class AnswerForm(SpeakingForm):
    text = forms.CharField(
        label=_("Tiếp thu, giải trình"),
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 1000}),
        max_length=1000,
    )


class CopyForm(SpeakingForm):
    kind = forms.ChoiceField(label=_("Hình thức sao"), choices=CopyKind, widget=RadioBoxes(
        hints={
            CopyKind.SY: _("từ bản gốc, bản chính"),
            CopyKind.SL: _("từ bản sao y"),
            CopyKind.TRS: _("một phần của bản gốc, bản chính, trình bày lại đủ thể thức"),
        }
    ))  # fmt: skip
    scan = UploadField(
        label=_("Bản quét PDF"), required=False, help_text=_("Quét đủ trang, đúng chiều, đọc được chữ.")
    )
    pin = PinField()


class PinForm(SpeakingForm):
    pin = PinField()
