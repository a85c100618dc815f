"""Signing announces, closed registers listen."""

from typing import Any

from django.dispatch import receiver

from documents.actions import registers
from documents.models import RegisterBook
from signing.signals import signature_made


@receiver(signature_made)
def on_register_sealed(request_id: int, **kwargs: Any) -> None:
    for book in RegisterBook.objects.filter(signature_request_id=request_id).select_related(
        "signature_request"
    ):
        registers.book_sealed(book)
