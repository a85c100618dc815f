"""Types of documents for administrators; documents themselves as facts, without their text."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import audit
from core.admin import AuditedAdmin, EstimatingPaginator, ReadOnlyAdmin
from documents.models import AgencyPractice, Document, DocumentType, Mailbox, RetentionPeriod
from org import crypto


@admin.register(DocumentType)
class DocumentTypeAdmin(AuditedAdmin):
    list_display = ["name", "code", "abbreviation", "is_specialised", "is_active"]
    list_filter = ["is_specialised", "is_active"]
    search_fields = ["name", "code"]


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    """Status moves only through actions; title and body may hold personal data and stay out."""

    list_display = ["id", "type", "agency", "number_printed", "dated_on", "status", "revision", "issued_at"]
    list_select_related = ["type", "agency"]
    list_filter = ["status", "type"]
    fields = [
        "type",
        "agency",
        "unit",
        "drafter",
        "status",
        "revision",
        "number_printed",
        "dated_on",
        "signer",
        "check_code",
        "created_at",
        "issued_at",
    ]
    ordering = ["-id"]
    paginator = EstimatingPaginator
    show_full_result_count = False


class MailboxForm(forms.ModelForm):
    """The password is typed, sealed and never shown again; left empty it stays as it is."""

    password = forms.CharField(
        label=_("Mật khẩu"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Để trống: giữ nguyên. Mật khẩu được mã hóa, không hiển thị lại."),
    )

    class Meta:
        model = Mailbox
        fields = ["agency", "host", "port", "use_tls", "user_name", "folder", "is_active"]


@admin.register(Mailbox)
class MailboxAdmin(AuditedAdmin):
    form = MailboxForm
    list_display = ["user_name", "agency", "host", "is_active", "polled_at", "last_error"]
    list_select_related = ["agency"]
    raw_id_fields = ["agency"]
    readonly_fields = ["polled_at", "last_uid", "failures", "last_error"]
    fields = [
        "agency",
        "host",
        "port",
        "use_tls",
        "user_name",
        "password",
        "folder",
        "is_active",
        "polled_at",
        "last_uid",
        "failures",
        "last_error",
    ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        typed = form.cleaned_data.pop("password", "")
        if typed:
            obj.password_sealed = crypto.seal(typed)
            obj.next_poll_at = None
        form.changed_data = [name for name in form.changed_data if name != "password"]
        super().save_model(request, obj, form, change)
        if typed:
            audit.record("mail.password", actor=request.user, subject=obj)


@admin.register(AgencyPractice)
class AgencyPracticeAdmin(AuditedAdmin):
    list_display = ["agency", "numbering", "remind_hours", "escalate_hours", "unread_hours", "task_days"]
    list_select_related = ["agency"]
    raw_id_fields = ["agency"]


@admin.register(RetentionPeriod)
class RetentionPeriodAdmin(AuditedAdmin):
    """What the law and the sector's table say; the rows that ship are to be confirmed."""

    list_display = ["name", "code", "years", "is_active", "source"]
    list_filter = ["is_active"]
    search_fields = ["name", "code"]
