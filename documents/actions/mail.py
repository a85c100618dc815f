"""Mails to an official mailbox become arrivals; every mail leaves a row that says what became of it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from core import audit
from documents.models import MailItem


@transaction.atomic
def settle(item_id: int, *, actor: Any) -> MailItem:
    """The clerk has seen why a mail was not taken."""
    item = MailItem.objects.select_for_update().get(pk=item_id)
    if item.settled_at is None:
        item.settled_at = timezone.now()
        item.save(update_fields=["settled_at"])
        audit.record("mail.settle", actor=actor, subject=item, note=item.reason)
    return item
