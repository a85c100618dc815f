"""Documents owe nothing outside by themselves; their signatures do. This sweep finds announcements that were lost."""

from datetime import timedelta

from celery import shared_task
from django.apps import apps
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from core import jobs
from documents import (  # noqa: F401  (Celery looks for tasks here)
    actions,
    searching,
    tasks_incoming,
    tasks_office,
    texts,
)
from documents.choices import DocumentKind, DocumentStatus
from documents.models import Document, DocumentGrant, FileText, IncomingDocument, Opinion, Task

TEXTS_AT_ONCE = 20  # of one ring: between them others have their turn
NEWEST = 300  # rows of each kind that the sweep looks at again
INDEX_AFTER = timedelta(seconds=30)  # the bell comes first


@shared_task(name="documents.sweep")
def sweep() -> None:
    """A signature that stands while its document still waits (should not happen; harmless twice)."""
    waiting = Document.objects.filter(
        status__in=[DocumentStatus.SIGNING, DocumentStatus.SEALING], signature_request__done_at__isnull=False
    ).select_related("signature_request")
    for document in waiting[:200]:
        if document.signature_request.result_id:
            actions.signature_made(document)


# --- search -----------------------------------------------------------------------------------------------


@shared_task(name="documents.index", acks_late=True)
def index(label: str, pk: int) -> None:
    """Put a record and the words of its files into search. Twice changes nothing."""
    with transaction.atomic():
        model = apps.get_model(label)
        found = model.objects.select_for_update(of=("self",)).filter(pk=pk).first()
        if found is not None:
            searching.index_text(found)


@shared_task(name="documents.read_texts", acks_late=True)
def read_texts() -> None:
    """Read the words of files that are owed, the oldest first; each row is leased."""
    due = FileText.objects.due(timezone.now()).order_by("next_try_at").values_list("pk", flat=True)
    rows = list(due[: TEXTS_AT_ONCE + 1])
    for pk in rows[:TEXTS_AT_ONCE]:
        if FileText.objects.lease(pk, lease=texts.LEASE):
            texts.read(FileText.objects.select_related("stored").get(pk=pk))
    if len(rows) > TEXTS_AT_ONCE:
        jobs.ring("documents.read_texts")


@shared_task(name="documents.sweep_texts")
def sweep_texts() -> None:
    """What the bell missed: files that nobody read, records that search does not know."""
    if FileText.objects.due(timezone.now()).exists():
        jobs.ring("documents.read_texts")
    for record in {*_unindexed(), *_access_changed()}:
        index(record._meta.label_lower, record.pk)


def _unindexed() -> list[Document | IncomingDocument]:
    """Records that have changed and were not read since."""
    owed = Q(text_read_at__isnull=True, created_at__lt=timezone.now() - INDEX_AFTER)
    made = Document.objects.filter(owed, kind=DocumentKind.OFFICIAL)
    came = IncomingDocument.objects.filter(owed)
    return [*came.order_by("pk")[:200], *made.order_by("pk")[:200]]


def _access_changed() -> list[Document | IncomingDocument]:
    """Among the newest tasks, opinions and grants, those that search has not heard of."""
    unheard: list[Document | IncomingDocument] = []
    for model, way, at in (
        (Task, "incoming", "created_at"),
        (DocumentGrant, "incoming", "given_at"),
        (DocumentGrant, "document", "given_at"),
        (Opinion, "document", "asked_at"),
    ):
        newest = list(model.objects.order_by("-pk").values_list("pk", flat=True)[:NEWEST])
        behind = Q(**{f"{way}__search_entry__indexed_at__lt": F(at)})
        unheard += [
            getattr(row, way) for row in model.objects.filter(behind, pk__in=newest).select_related(way)
        ]
    return unheard
