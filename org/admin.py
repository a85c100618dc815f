"""Units, posts and roles for administrators. Nobody is deleted: a period ends."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import audit
from core.admin import AuditedAdmin, AuditedInline
from org.models import AdminUnit, Assignment, Organization, Person, Position, RoleGrant, User


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """Accounts: switched on and off here; passwords and second factors belong to their owners."""

    list_display = ["email", "full_name", "is_active", "is_staff"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "full_name"]
    fields = [
        "email",
        "full_name",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "date_joined",
        "last_login",
    ]
    readonly_fields = ["date_joined", "last_login"]
    filter_horizontal = ["groups"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only a superuser hands out administration itself."""
        own = list(self.readonly_fields)
        return own if request.user.is_superuser else [*own, "email", "is_staff", "is_superuser", "groups"]


@admin.register(Organization)
class OrganizationAdmin(AuditedAdmin):
    list_display = ["name", "kind", "symbol", "agency", "verified", "valid_from", "valid_to"]
    list_filter = ["kind", "certainty"]
    list_select_related = ["agency"]
    search_fields = ["name", "folded", "slug", "symbol"]
    autocomplete_fields = ["parent", "agency", "territory"]
    show_full_result_count = False

    @admin.display(boolean=True, description=_("đã xác minh"))
    def verified(self, unit: Organization) -> bool:
        return unit.is_verified


@admin.register(AdminUnit)
class AdminUnitAdmin(AuditedAdmin):
    list_display = ["full_name", "code", "level", "parent", "valid_from", "valid_to"]
    list_filter = ["level", "kind"]
    list_select_related = ["parent"]
    search_fields = ["full_name", "folded", "code"]
    autocomplete_fields = ["parent"]
    show_full_result_count = False


@admin.register(Position)
class PositionAdmin(AuditedAdmin):
    list_display = ["title", "code", "is_head", "signs_as"]
    search_fields = ["title", "code"]


@admin.register(Person)
class PersonAdmin(AuditedAdmin):
    list_display = ["full_name", "user"]
    list_select_related = ["user"]
    search_fields = ["full_name", "user__email"]
    fields = ["full_name", "user"]
    autocomplete_fields = ["user"]


class RoleGrantInline(AuditedInline):
    model = RoleGrant
    fields = ["role", "organization", "valid_from", "valid_to"]
    autocomplete_fields = ["organization"]


@admin.register(Assignment)
class AssignmentAdmin(AuditedAdmin):
    list_display = ["person", "position", "organization", "kind", "valid_from", "valid_to"]
    list_select_related = ["person", "position", "organization"]
    list_filter = ["kind"]
    search_fields = ["person__full_name", "organization__name", "position__title"]
    autocomplete_fields = ["person", "organization", "position"]
    inlines = [RoleGrantInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Who handed out a role stands in the row and in the trail."""
        for grant in formset.save(commit=False):
            verb = "admin.change" if grant.pk else "admin.add"
            grant.granted_by = grant.granted_by or request.user
            grant.save()
            audit.record(verb, actor=request.user, subject=grant, note=str(grant))
        formset.save_m2m()
