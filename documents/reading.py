"""Who opened what, and when (NĐ 30/2020/NĐ-CP, Phụ lục VI: view history, view counters)."""

from datetime import timedelta

from django.core.cache import cache
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from core import audit
from core.models import AuditEvent
from documents.models import Document, IncomingDocument

SAME_READING = timedelta(minutes=10)


def _event(record: Document | IncomingDocument) -> str:
    return "incoming.read" if isinstance(record, IncomingDocument) else "document.read"


def note(request: HttpRequest, record: Document | IncomingDocument) -> None:
    """One reading: page, file and page pictures of one record count as one for ten minutes.

    The record's own writer and handlers are noted like everybody else.
    """
    event = _event(record)
    key = f"{event}:{record.pk}:{request.user.pk}"
    if cache.add(key, 1, timeout=int(SAME_READING.total_seconds())):
        audit.record_read(request.user, record, event)


def log(record: Document | IncomingDocument) -> QuerySet[AuditEvent]:
    """Every reading of the record, the newest first."""
    return audit.trail(record).filter(event=_event(record)).order_by("-id")


def counts(record: Document | IncomingDocument) -> dict[str, int]:
    """How often it was opened, and by how many people. One query."""
    found: dict[str, int] = (
        log(record).order_by().aggregate(times=Count("id"), people=Count("actor", distinct=True))
    )
    return found
