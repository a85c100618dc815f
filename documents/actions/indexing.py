"""Owe the reading of a record's files and its place in search, in the transaction that changed it."""

from django.utils import timezone

from core import jobs
from core.models import StoredFile
from documents import searching
from documents.models import Document, FileText, IncomingDocument


def touch(record: Document | IncomingDocument) -> None:
    """Title, number, recipients or files of `record` have changed: search knows at once; words of new files follow.

    Call inside `atomic`, after the change is written.
    """
    type(record).objects.filter(pk=record.pk).update(text_read_at=None)
    searching.index(record)
    owe_text(*StoredFile.objects.filter(pk__in=searching.stored_of(record)))
    jobs.wake_on_commit("documents.index", record._meta.label_lower, record.pk)


def access_changed(record: Document | IncomingDocument) -> None:
    """A task, a grant, an opinion or another unit: who may read `record` has changed. Call inside `atomic`."""
    searching.access_changed(record)


def owe_text(*files: StoredFile) -> None:
    """Read the words of these files once, whatever number of records link to them."""
    rows = FileText.objects.bulk_create(
        [FileText(stored=stored, next_try_at=timezone.now()) for stored in files], ignore_conflicts=True
    )
    if rows:
        jobs.wake_on_commit("documents.read_texts")
