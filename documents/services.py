"""The public face of documents."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from core import files
from core.models import StoredFile
from documents import desk, rendering
from documents.actions import (
    Authorisation,
    agency_key,
    authorise,
    cancel,
    create_draft,
    give_draft,
    personal_key,
    retry_signing,
    seal,
    send_back,
    sign,
    submit,
    update_draft,
)
from documents.choices import DocumentStatus
from documents.models import Document

__all__ = [
    "Authorisation",
    "DocumentStatus",
    "agency_key",
    "authorise",
    "cancel",
    "create_draft",
    "give_draft",
    "personal_key",
    "preview",
    "retry_signing",
    "seal",
    "send_back",
    "sign",
    "submit",
    "update_draft",
    "waiting",
    "waiting_count",
    "waiting_for_seal",
]


def preview(document: Document) -> StoredFile:
    """The draft as PDF, without number and date. The same revision gives the same bytes, hence the same file."""
    paper = rendering.render_document(document)
    return files.store_bytes(paper.data, "application/pdf", pages=paper.pages)


def waiting_for_seal(user: Any) -> QuerySet[Document]:
    return Document.objects.waiting_for_seal(user)


def waiting(user: Any, *, now: datetime | None = None) -> list[desk.Row]:
    """Rows for the desk of all apps: official documents that ask for an act of this hat."""
    return desk.waiting(user, now=now)


def waiting_count(user: Any) -> int:
    return desk.waiting_count(user)
