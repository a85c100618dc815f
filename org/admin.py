"""Units, posts and roles for administrators. Nobody is deleted: a period ends."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from core.admin import AuditedAdmin, AuditedInline, ReadOnlyAdmin
from core.errors import RuleError
from org import actions, devices, mailboxes
from org.actions import units
from org.models import (
    AdminUnit,
    AdminUnitSuccession,
    Assignment,
    LegalBasis,
    Organization,
    OrgIdentifier,
    OrgSuccession,
    OrgVersion,
    Person,
    Position,
    RoleGrant,
    SecondFactor,
    SignedIn,
    User,
)


class UserForm(forms.ModelForm):
    def clean_email(self) -> str | None:
        """Whoever holds a post keeps an official mailbox, also when an administrator changes it."""
        mail = str(self.cleaned_data.get("email") or "").lower()
        if self.instance.must_use_second_factor and not mailboxes.is_official(mail):
            raise forms.ValidationError(
                _("Người giữ chức vụ phải có hộp thư công vụ (%(domains)s)."),
                params={"domains": mailboxes.domains()},
            )
        return mail or None


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """Accounts: switched on and off here; passwords belong to their owners, second factors too until they are lost."""

    form = UserForm
    list_display = ["__str__", "email", "phone", "is_active", "is_staff"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "full_name", "phone"]
    fields = [
        "email",
        "full_name",
        "phone",
        "phone_verified_at",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "date_joined",
        "last_login",
    ]
    readonly_fields = ["phone", "phone_verified_at", "date_joined", "last_login"]
    filter_horizontal = ["groups"]
    show_full_result_count = False
    actions = ["reset_second_factors"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only a superuser hands out administration itself."""
        own = list(self.readonly_fields)
        return own if request.user.is_superuser else [*own, "email", "is_staff", "is_superuser", "groups"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """An account that is switched off is signed in nowhere, also after it is switched on again."""
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data and not obj.is_active:
            actions.close_sessions(obj, actor=request.user)

    @admin.action(description=_("Gỡ lớp bảo vệ thứ hai (mất điện thoại, mất khóa)"))
    def reset_second_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            try:
                actions.reset_second_factors(user.pk, actor=request.user)
                messages.success(
                    request, _("Đã gỡ cho %(name)s; lần đăng nhập tới phải đặt lại.") % {"name": user}
                )
            except RuleError as error:
                messages.error(request, str(error))


@admin.register(SecondFactor)
class SecondFactorAdmin(ReadOnlyAdmin):
    """That there is one, and when it was used; never what it is made of."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_select_related = ["user"]
    list_filter = ["type"]
    search_fields = ["user__email", "user__full_name"]
    fields = ["user", "type", "created_at", "last_used_at"]
    show_full_result_count = False


@admin.register(SignedIn)
class SignedInAdmin(ReadOnlyAdmin):
    list_display = ["user", "created_at", "last_seen_at", "ip", "machine"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__full_name", "ip"]
    fields = ["user", "created_at", "last_seen_at", "ip", "machine"]
    show_full_result_count = False

    @admin.display(description=_("thiết bị"))
    def machine(self, session: SignedIn) -> str:
        return devices.device(session.user_agent)


class RefusingAdmin(AuditedAdmin):
    """What is saved here goes through an action; when the action refuses, its sentence is shown and nothing is kept."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except RuleError as error:
            messages.error(request, str(error))
            return redirect(request.get_full_path())


class OnlyAdded(RefusingAdmin):
    """A dated record: added through an action, never changed afterwards."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Organization)
class OrganizationAdmin(RefusingAdmin):
    """A unit is set up here; its name, symbol and place change from a day on, by a new version (OrgVersion)."""

    list_display = ["name", "kind", "symbol", "agency", "verified", "valid_from", "valid_to"]
    list_filter = ["kind", "certainty"]
    list_select_related = ["agency"]
    search_fields = ["name", "folded", "slug", "symbol"]
    autocomplete_fields = ["parent", "agency", "territory"]
    show_full_result_count = False
    versioned = (
        "slug",
        "kind",
        "name",
        "short_name",
        "symbol",
        "parent",
        "agency",
        "territory",
        "valid_from",
    )
    plain = ("certainty", "note", "source", "address", "phone")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*self.versioned, *(["valid_to", "identifier"] if obj else []), *self.plain]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.versioned, "valid_to", "identifier"] if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        told = form.cleaned_data
        made = units.found(
            on=told["valid_from"],
            basis=None,
            actor=cast(User, request.user),
            **{name: told[name] for name in self.versioned if name != "valid_from"},
            **{name: told[name] for name in ("certainty", "note", "source")},
        )
        made.address, made.phone = told["address"], told["phone"]
        made.save(update_fields=["address", "phone"])
        obj.pk = made.pk

    @admin.display(boolean=True, description=_("đã xác minh"))
    def verified(self, unit: Organization) -> bool:
        return unit.is_verified


@admin.register(OrgVersion)
class OrgVersionAdmin(OnlyAdded):
    """History of units. A new line is a change from its first day on; what was before stays as it was."""

    list_display = ["name", "organization", "symbol", "parent", "valid_from", "valid_to", "legal_basis"]
    list_select_related = ["organization", "parent", "legal_basis"]
    search_fields = ["organization__folded", "organization__slug", "name"]
    autocomplete_fields = ["organization", "parent", "agency", "territory", "legal_basis"]
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [
            "organization",
            *units.FIELDS,
            "valid_from",
            *(["valid_to"] if obj else []),
            "legal_basis",
            "note",
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        told = form.cleaned_data
        made = units.revise(
            told["organization"],
            on=told["valid_from"],
            basis=told["legal_basis"],
            note=told["note"],
            actor=cast(User, request.user),
            **{name: told[name] for name in units.FIELDS},
        )
        obj.pk = made.pk


@admin.register(OrgIdentifier)
class OrgIdentifierAdmin(OnlyAdded):
    """A new code ends the one before it in the same notation; old ones still route."""

    list_display = ["value", "scheme", "organization", "valid_from", "valid_to"]
    list_filter = ["scheme"]
    list_select_related = ["organization"]
    search_fields = ["value", "organization__folded"]
    autocomplete_fields = ["organization"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["organization", "scheme", "value", "valid_from", *(["valid_to"] if obj else []), "source"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        told = form.cleaned_data
        made = units.give_identifier(
            told["organization"],
            scheme=told["scheme"],
            value=told["value"],
            on=told["valid_from"],
            source=told["source"],
            actor=cast(User, request.user),
        )
        obj.pk = made.pk


@admin.register(LegalBasis)
class LegalBasisAdmin(AuditedAdmin):
    list_display = ["number", "issuer", "title", "issued_on", "effective_on"]
    search_fields = ["number", "title"]
    exclude = ["file"]


@admin.register(OrgSuccession)
class OrgSuccessionAdmin(ReadOnlyAdmin):
    """Written by restructurings."""

    list_display = ["old", "new", "relation", "share", "effective_on", "legal_basis"]
    list_filter = ["relation", "share"]
    list_select_related = ["old", "new", "legal_basis"]
    search_fields = ["old__folded", "new__folded"]
    show_full_result_count = False


@admin.register(AdminUnit)
class AdminUnitAdmin(ReadOnlyAdmin):
    """Territories come from the files and from restructurings; what they were is not rewritten by hand."""

    list_display = ["full_name", "code", "level", "parent", "valid_from", "valid_to"]
    list_filter = ["level", "kind"]
    list_select_related = ["parent"]
    search_fields = ["full_name", "folded", "code"]
    show_full_result_count = False


@admin.register(AdminUnitSuccession)
class AdminUnitSuccessionAdmin(ReadOnlyAdmin):
    list_display = ["old", "new", "relation", "extent", "effective_on", "legal_basis", "confidence"]
    list_filter = ["relation", "extent"]
    list_select_related = ["old", "new"]
    search_fields = ["old__folded", "new__folded", "old__code"]
    show_full_result_count = False


@admin.register(Position)
class PositionAdmin(AuditedAdmin):
    list_display = ["title", "code", "is_head", "signs_as"]
    search_fields = ["title", "code"]


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """People and posts change on the pages of those who manage them; who runs the system does not give himself a post."""

    list_display = ["full_name", "user"]
    list_select_related = ["user"]
    search_fields = ["full_name", "user__email"]
    fields = ["full_name", "user"]


class RoleGrantInline(AuditedInline):
    model = RoleGrant
    fields = ["role", "organization", "include_descendants", "valid_from", "valid_to", "granted_by"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ["person", "position", "organization", "kind", "valid_from", "valid_to"]
    list_select_related = ["person", "position", "organization"]
    list_filter = ["kind"]
    search_fields = ["person__full_name", "organization__name", "position__title"]
    inlines = [RoleGrantInline]
