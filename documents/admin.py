"""Types of documents for administrators; documents themselves as facts, without their text."""

from django.contrib import admin

from core.admin import AuditedAdmin, EstimatingPaginator, ReadOnlyAdmin
from documents.models import Document, DocumentType


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
