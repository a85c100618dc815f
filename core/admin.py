"""Administrators' door to the ground layer, and what the admin pages of all apps share."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connection, models
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core import audit, signals
from core.models import AuditEvent, IssuedNumber, NumberSeries, OfficeHours, StoredFile, WorkingDay

COUNT_EXACTLY_UP_TO = 10_000


class EstimatingPaginator(Paginator):
    """Counts a whole big table by the planner's estimate: an exact count of millions of rows takes seconds."""

    @cached_property
    def count(self) -> int:
        query = getattr(self.object_list, "query", None)
        if query is None or query.where:
            return super().count
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class WHERE relkind = 'r' "
                "AND (oid = %s::regclass OR oid IN (SELECT relid FROM pg_partition_tree(%s)))",
                [query.model._meta.db_table] * 2,
            )
            estimate = int(cursor.fetchone()[0])
        return estimate if estimate > COUNT_EXACTLY_UP_TO else super().count


class AuditedAdmin(admin.ModelAdmin):
    """Whatever an administrator changes here leaves an event with the names of the changed fields."""

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        changed = {
            name: _told(form.initial.get(name), form.cleaned_data.get(name)) for name in form.changed_data
        }
        verb = "admin.change" if change else "admin.add"
        audit.record(verb, actor=request.user, subject=obj, note=str(obj)[:200], detail=changed)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class AuditedInline(admin.TabularInline):
    """Rows of a record; nothing the law keeps is deleted."""

    extra = 0
    can_delete = False
    show_change_link = True


class CalendarAdmin(AuditedAdmin):
    """Whatever is changed here moves due times."""

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        signals.working_calendar_changed.send(sender=type(obj), actor=request.user)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        audit.record("admin.delete", actor=request.user, subject=obj, note=str(obj)[:200])
        super().delete_model(request, obj)
        signals.working_calendar_changed.send(sender=type(obj), actor=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return bool(request.user.is_superuser)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Looked at, never changed by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


def _told(before: Any, after: Any) -> list[str]:
    return [str(before)[:200], str(after)[:200]]


@admin.register(WorkingDay)
class WorkingDayAdmin(CalendarAdmin):
    """A day confirmed or changed moves due times: apps above listen to `working_calendar_changed`."""

    list_display = ["date", "name", "kind", "status", "is_official"]
    list_filter = ["kind", "status"]
    date_hierarchy = "date"
    search_fields = ["name", "source"]

    @admin.display(boolean=True, description=_("đã có văn bản"))
    def is_official(self, day: WorkingDay) -> bool:
        return day.is_official


@admin.register(OfficeHours)
class OfficeHoursAdmin(CalendarAdmin):
    list_display = ["organization", "opens", "closes", "valid_from", "valid_to"]
    list_select_related = ["organization"]
    autocomplete_fields = ["organization"]


@admin.register(NumberSeries)
class NumberSeriesAdmin(ReadOnlyAdmin):
    list_display = ["key", "last", "closed_at"]
    search_fields = ["key"]


@admin.register(IssuedNumber)
class IssuedNumberAdmin(ReadOnlyAdmin):
    list_display = ["series", "value", "taken_at", "cancelled_at", "cancel_reason"]
    list_select_related = ["series"]
    ordering = ["-id"]
    paginator = EstimatingPaginator
    show_full_result_count = False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what and when; the texts of cases stay out (they may hold personal data)."""

    list_display = [
        "at",
        "event",
        "actor_name",
        "post_name",
        "unit_name",
        "subject_type",
        "subject_id",
        "before",
        "after",
    ]
    list_filter = ["subject_type"]
    fields = [
        "at",
        "event",
        "actor_name",
        "post_name",
        "unit_name",
        "subject_type",
        "subject_id",
        "before",
        "after",
        "ip",
    ]
    ordering = ["-id"]
    paginator = EstimatingPaginator
    show_full_result_count = False


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    """Facts about files, never their bytes."""

    list_display = ["id", "media_type", "size", "pages", "scan_state", "created_at"]
    list_filter = ["media_type", "scan_state"]
    ordering = ["-id"]
    paginator = EstimatingPaginator
    show_full_result_count = False
