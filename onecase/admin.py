"""The catalogue of procedures for administrators. Cases are not here: their content is no business of a system administrator."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import AuditedAdmin, AuditedInline
from onecase.models import (
    Component,
    ElectronicForm,
    Fee,
    LegalReason,
    Procedure,
    ProcedureCase,
    ProcedureVersion,
    ResultTemplate,
    Step,
)


class VersionInline(AuditedInline):
    model = ProcedureVersion
    fields = ["valid_from", "valid_to", "decision", "limit_quantity", "limit_unit", "limit_verified"]


class ComponentInline(AuditedInline):
    model = Component
    fields = ["seq", "name", "kind", "originals", "copies", "required", "condition", "is_note"]


class FeeInline(AuditedInline):
    model = Fee
    fields = ["channel", "amount_vnd", "note", "verified"]


class StepInline(AuditedInline):
    model = Step
    fields = ["seq", "code", "name", "hours", "status"]


class ProcedureCaseInline(AuditedInline):
    model = ProcedureCase
    fields = ["code", "name", "limit_quantity", "limit_unit"]


@admin.register(Procedure)
class ProcedureAdmin(AuditedAdmin):
    list_display = ["name", "code", "field", "decided_by", "is_published", "to_verify"]
    list_filter = ["is_published", "field", "decided_by"]
    search_fields = ["name", "code", "folded"]
    readonly_fields = ["folded"]
    inlines = [VersionInline]

    @admin.display(boolean=True, description=_("cần xác minh"))
    def to_verify(self, procedure: Procedure) -> bool:
        return any(
            not version.limit_verified or version.contradictions
            for version in procedure.versions.all()
            if version.valid_to is None
        )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("versions")


@admin.register(ProcedureVersion)
class ProcedureVersionAdmin(AuditedAdmin):
    """What was in force when a case was filed stays its measure: change by a new version from a date on."""

    list_display = [
        "procedure",
        "valid_from",
        "valid_to",
        "limit_quantity",
        "limit_unit",
        "limit_verified",
        "to_verify",
    ]
    list_filter = ["limit_verified", "limit_unit"]
    list_select_related = ["procedure"]
    search_fields = ["procedure__name", "procedure__code"]
    autocomplete_fields = ["procedure"]
    inlines = [ProcedureCaseInline, ComponentInline, FeeInline, StepInline]

    @admin.display(boolean=True, description=_("có điểm cần xác minh"))
    def to_verify(self, version: ProcedureVersion) -> bool:
        return bool(version.contradictions)


@admin.register(Component)
class ComponentAdmin(AuditedAdmin):
    list_display = ["name", "version", "seq", "required", "originals", "copies", "is_note"]
    list_select_related = ["version__procedure"]
    list_filter = ["required", "is_note"]
    search_fields = ["name", "version__procedure__name", "version__procedure__code"]
    autocomplete_fields = ["version"]
    raw_id_fields = ["procedure_case"]


@admin.register(Fee)
class FeeAdmin(AuditedAdmin):
    list_display = ["version", "channel", "amount_vnd", "verified"]
    list_select_related = ["version__procedure"]
    list_filter = ["verified", "channel"]
    search_fields = ["version__procedure__name", "version__procedure__code"]
    autocomplete_fields = ["version"]


@admin.register(Step)
class StepAdmin(AuditedAdmin):
    list_display = ["version", "seq", "name", "hours", "status"]
    list_select_related = ["version__procedure"]
    list_filter = ["status"]
    search_fields = ["name", "version__procedure__name", "version__procedure__code"]
    autocomplete_fields = ["version"]


@admin.register(ElectronicForm)
class ElectronicFormAdmin(AuditedAdmin):
    list_display = ["title", "procedure", "status"]
    list_select_related = ["procedure"]
    search_fields = ["title", "procedure__name"]
    autocomplete_fields = ["procedure"]


@admin.register(ResultTemplate)
class ResultTemplateAdmin(AuditedAdmin):
    list_display = ["name", "procedure", "document_type", "signer", "status"]
    list_select_related = ["procedure"]
    list_filter = ["status", "document_type"]
    search_fields = ["name", "procedure__name"]
    autocomplete_fields = ["procedure"]


@admin.register(LegalReason)
class LegalReasonAdmin(AuditedAdmin):
    list_display = ["text", "kind", "ground", "is_verified", "is_active"]
    list_filter = ["kind", "is_verified", "is_active"]
    search_fields = ["text", "ground"]
