"""What administrators see of keys and signatures. Nothing is edited in place; every button calls an action."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.errors import RuleError
from org.models import User
from signing import actions, keys, trust
from signing.models import (
    KeyCustody,
    PublicPaper,
    Signature,
    SignatureRequest,
    SigningKey,
    TrustAnchor,
    Verification,
)


def _actor(request: HttpRequest) -> User:
    """The administrator; the site lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class ReadOnly(admin.ModelAdmin):
    """Looked at, never changed here."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Who might change the record may press its buttons."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def each(self, request: HttpRequest, chosen: models.QuerySet[Any], act: Callable[[Any], object]) -> None:
        """Do `act` for each chosen record and tell how many; a refusal is shown in its own words."""
        done = 0
        for one in chosen:
            try:
                act(one)
                done += 1
            except RuleError as error:
                messages.error(request, f"{one}: {error}")
        if done:
            messages.success(
                request,
                ngettext("Đã thực hiện %(count)s mục.", "Đã thực hiện %(count)s mục.", done)
                % {"count": done},
            )


@admin.register(TrustAnchor)
class TrustAnchorAdmin(ReadOnly):
    list_display = ["name", "purpose", "active", "is_demo", "added_at"]
    list_filter = ["active", "purpose"]
    fields = ["name", "purpose", "pem"]
    actions = ["drop", "believe_again"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def save_model(self, request: HttpRequest, obj: TrustAnchor, form: ModelForm, change: bool) -> None:
        try:
            made = trust.add_anchor(obj.name, obj.pem, purpose=obj.purpose, actor=_actor(request))
        except RuleError as error:
            messages.error(request, str(error))
            return
        obj.pk = made.pk

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        """Our own audit trail tells of it; a refused one has no row to point at."""

    def response_add(
        self, request: HttpRequest, obj: models.Model, post_url_continue: str | None = None
    ) -> Any:
        if obj.pk is None:
            return self.response_post_save_add(request, obj)
        return super().response_add(request, obj, post_url_continue)

    @admin.action(description=_("Ngừng tin cậy"), permissions=["operate"])
    def drop(self, request: HttpRequest, chosen: models.QuerySet[TrustAnchor]) -> None:
        self.each(request, chosen, lambda one: trust.set_active(one, False, actor=_actor(request)))

    @admin.action(description=_("Tin cậy lại"), permissions=["operate"])
    def believe_again(self, request: HttpRequest, chosen: models.QuerySet[TrustAnchor]) -> None:
        self.each(request, chosen, lambda one: trust.set_active(one, True, actor=_actor(request)))


class CustodyInline(admin.TabularInline):
    model = KeyCustody
    fields = ["user", "valid_from", "valid_to", "granted_by"]
    readonly_fields = ["user", "valid_from", "valid_to", "granted_by"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnly):
    list_display = [
        "subject_name",
        "kind",
        "owner_user",
        "owner_organization",
        "valid_to",
        "suspended_at",
        "revoked_at",
    ]
    list_filter = ["kind", "algorithm"]
    list_select_related = ["owner_user", "owner_organization"]
    search_fields = ["subject_name", "serial"]
    date_hierarchy = "valid_to"
    exclude = ["certificate", "wrapped_key", "system_dek"]
    inlines = [CustodyInline]
    actions = ["suspend", "resume", "retire", "release"]

    @admin.action(description=_("Tạm dừng"), permissions=["operate"])
    def suspend(self, request: HttpRequest, chosen: models.QuerySet[SigningKey]) -> None:
        self.each(request, chosen, lambda one: keys.suspend(one, actor=_actor(request)))

    @admin.action(description=_("Cho dùng lại"), permissions=["operate"])
    def resume(self, request: HttpRequest, chosen: models.QuerySet[SigningKey]) -> None:
        self.each(request, chosen, lambda one: keys.resume(one, actor=_actor(request)))

    @admin.action(description=_("Ghi nhận đã thu hồi"), permissions=["operate"])
    def retire(self, request: HttpRequest, chosen: models.QuerySet[SigningKey]) -> None:
        self.each(request, chosen, lambda one: keys.retire(one, actor=_actor(request)))

    @admin.action(description=_("Mở lại khóa do nhập sai mã PIN"), permissions=["operate"])
    def release(self, request: HttpRequest, chosen: models.QuerySet[SigningKey]) -> None:
        self.each(request, chosen, lambda one: keys.release_all(one, actor=_actor(request)))


@admin.register(SignatureRequest)
class SignatureRequestAdmin(ReadOnly):
    list_display = [
        "id",
        "key",
        "purpose",
        "field_name",
        "state",
        "attempts",
        "next_try_at",
        "last_error",
        "created_at",
    ]
    list_filter = ["state"]
    list_select_related = ["key"]
    exclude = ["sealed_unlock", "signature_value", "preparation", "prepared"]
    actions = ["retry", "cancel"]

    @admin.action(description=_("Thử ký lại"), permissions=["operate"])
    def retry(self, request: HttpRequest, chosen: models.QuerySet[SignatureRequest]) -> None:
        self.each(request, chosen, lambda one: actions.retry(one.pk, _actor(request)))

    @admin.action(description=_("Hủy yêu cầu ký"), permissions=["operate"])
    def cancel(self, request: HttpRequest, chosen: models.QuerySet[SignatureRequest]) -> None:
        reason = str(_("Quản trị hủy"))
        self.each(request, chosen, lambda one: actions.cancel(one.pk, reason, actor=_actor(request)))


@admin.register(Signature)
class SignatureAdmin(ReadOnly):
    list_display = ["signer_name", "signer_post", "signer_unit", "field_name", "signed_at"]
    search_fields = ["signer_name", "signed_sha256", "source_sha256"]
    exclude = ["certificate", "timestamp_token"]


@admin.register(PublicPaper)
class PublicPaperAdmin(ReadOnly):
    list_display = ["code", "title", "number", "unit_name", "issued_at", "status"]
    list_filter = ["status"]
    search_fields = ["code", "number", "sha256"]


@admin.register(Verification)
class VerificationAdmin(ReadOnly):
    list_display = ["sha256", "verdict", "checked_at", "checked_by"]
    list_filter = ["verdict"]
    search_fields = ["sha256"]
