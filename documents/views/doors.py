"""What all doors of documents share: how a record is found and how a move is answered."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from core.workflow import Table
from documents.models import Document, IncomingDocument, Task
from org.views.doors import staff_only

__all__ = ["document_of", "incoming_of", "open_verbs", "staff_only", "task_of"]

BESIDE_DOCUMENT = ("type", "agency__territory", "unit", "drafter", "number", "current_file", "unsigned_file")
BESIDE_INCOMING = (
    "agency__territory",
    "issuer",
    "type",
    "lead_unit",
    "submitted_to",
    "recipient__dispatch__document",
)


def document_of(request: HttpRequest, document_id: int) -> Document:
    """An official document that the present hat sees. A foreign one does not exist: 404."""
    found = Document.objects.official().visible_to(request.user).select_related(*BESIDE_DOCUMENT)
    return get_object_or_404(found.distinct(), pk=document_id)


def incoming_of(request: HttpRequest, incoming_id: int) -> IncomingDocument:
    found = IncomingDocument.objects.visible_to(request.user).select_related(*BESIDE_INCOMING)
    return get_object_or_404(found, pk=incoming_id)


def task_of(request: HttpRequest, task_id: int) -> Task:
    found = Task.objects.visible_to(request.user).select_related(
        "incoming", "unit", "person", "directive__by"
    )
    return get_object_or_404(found, pk=task_id)


def open_verbs(table: Table, user: Any, record: Any) -> set[str]:
    return {move.verb for move in table.open_to(user, record)}
