"""What all doors of documents share: how a record is found and how a move is answered."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from core import pages
from core.models import StoredFile
from core.workflow import Table
from documents import watermark
from documents.models import Document, IncomingDocument, Task
from org.views.doors import staff_only

__all__ = ["deliver", "document_of", "incoming_of", "open_verbs", "staff_only", "task_of"]

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


def deliver(request: HttpRequest, stored: StoredFile, *, name: str, back: str) -> HttpResponseBase:
    """A paper as `core.pages` gives it out; with `?in` a copy to print that says who printed it.

    The caller has checked rights and noted the reading. `back`: the page that says why there is no such copy.
    """
    if "in" not in request.GET:
        return pages.deliver(request, stored, name=name)
    try:
        return watermark.response(stored, request.user, name=name)
    except watermark.NotPrintable:
        words = _("«%(name)s» không phải PDF hoặc không mở được để đóng dấu chìm; tải tệp về để in.")
        messages.error(request, words % {"name": name})
        return redirect(back)
