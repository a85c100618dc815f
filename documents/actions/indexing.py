"""Owe the reading of a record's files and its place in search, in the transaction that changed it."""

from django.utils import timezone

from core import jobs
from core.models import StoredFile
from documents.models import Document, FileText, IncomingDocument


def touch(record: Document | IncomingDocument) -> None:
    """Title, number, recipients or files of `record` have changed: search must learn of it. Call inside `atomic`."""
    type(record).objects.filter(pk=record.pk).update(text_read_at=None)
    jobs.wake_on_commit("documents.index", record._meta.label_lower, record.pk)


def owe_text(*files: StoredFile) -> None:
    """Read the words of these files once, whatever number of records link to them."""
    rows = FileText.objects.bulk_create(
        [FileText(stored=stored, next_try_at=timezone.now()) for stored in files], ignore_conflicts=True
    )
    if rows:
        jobs.wake_on_commit("documents.read_texts")
