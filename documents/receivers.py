"""Signing announces, documents listen."""

from typing import Any

from django.dispatch import receiver

from documents import actions
from documents.actions import tasks
from documents.models import Attachment, CertifiedCopy, Document
from documents.signals import document_issued
from signing.signals import signature_failed, signature_made


@receiver(signature_made)
def on_signature_made(request_id: int, **kwargs: Any) -> None:
    for document in Document.objects.filter(signature_request_id=request_id):
        actions.signature_made(document)
    for attachment in Attachment.objects.filter(signature_request_id=request_id, signed__isnull=True):
        actions.appendix_sealed(attachment)
    for copy in CertifiedCopy.objects.filter(signature_request_id=request_id, file__isnull=True):
        actions.copy_signed(copy)


@receiver(signature_failed)
def on_signature_failed(request_id: int, **kwargs: Any) -> None:
    for document in Document.objects.filter(signature_request_id=request_id).select_related(
        "signature_request"
    ):
        actions.signature_failed(document, document.signature_request.last_error)
    attachments = Attachment.objects.filter(signature_request_id=request_id, signed__isnull=True)
    for attachment in attachments.select_related("document", "signature_request"):
        actions.appendix_failed(attachment, attachment.signature_request.last_error)
    copies = CertifiedCopy.objects.filter(signature_request_id=request_id, file__isnull=True)
    for copy in copies.select_related("number", "signature_request"):
        actions.copy_failed(copy, copy.signature_request.last_error)


@receiver(document_issued)
def on_document_issued(document_id: int, **kwargs: Any) -> None:
    tasks.reply_issued(document_id)
