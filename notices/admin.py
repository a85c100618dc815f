"""Proof of sending, without the text: what was told to whom is no business of a system administrator."""

from django.contrib import admin

from core.admin import EstimatingPaginator, ReadOnlyAdmin
from notices.models import Message, Notice


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "created_at", "done_at", "attempts", "given_up_at", "last_error"]
    list_filter = ["kind"]
    fields = [
        "kind",
        "created_at",
        "next_try_at",
        "attempts",
        "last_error",
        "done_at",
        "given_up_at",
        "message_id",
        "read_at",
    ]
    ordering = ["-id"]
    paginator = EstimatingPaginator
    show_full_result_count = False


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["id", "channel", "kind", "created_at", "done_at", "attempts", "given_up_at", "last_error"]
    list_filter = ["channel", "kind"]
    fields = [
        "channel",
        "kind",
        "created_at",
        "expires_at",
        "next_try_at",
        "attempts",
        "last_error",
        "done_at",
        "given_up_at",
        "reference",
    ]
    ordering = ["-id"]
    paginator = EstimatingPaginator
    show_full_result_count = False
