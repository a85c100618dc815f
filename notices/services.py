"""The public face of notices."""

from typing import Any

from django.db.models import QuerySet

from notices.actions import Letter, blank, mark_read, tell, tell_inbox, tell_many
from notices.models import Notice

__all__ = ["Letter", "blank", "inbox", "mark_read", "tell", "tell_inbox", "tell_many", "unread_count"]


def inbox(user: Any) -> QuerySet[Notice]:
    return Notice.objects.filter(recipient=user).order_by("-id")


def unread_count(user: Any) -> int:
    """Capped: the bell shows at most «99+»."""
    return Notice.objects.filter(recipient=user, read_at__isnull=True)[:100].count()
