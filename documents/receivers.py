"""Signing announces, documents listen."""

from typing import Any

from django.dispatch import receiver

from documents import actions
from documents.models import Document
from signing.signals import signature_failed, signature_made


@receiver(signature_made)
def on_signature_made(request_id: int, **kwargs: Any) -> None:
    for document in Document.objects.filter(signature_request_id=request_id):
        actions.signature_made(document)


@receiver(signature_failed)
def on_signature_failed(request_id: int, **kwargs: Any) -> None:
    for document in Document.objects.filter(signature_request_id=request_id).select_related(
        "signature_request"
    ):
        actions.signature_failed(document, document.signature_request.last_error)
