"""Tell people things. A notice is a row of the transaction in which the thing happened."""

from typing import Any

from django.db import models
from django.utils import timezone

from core import jobs
from notices.models import Notice


def tell(
    *,
    recipient: Any,
    kind: str,
    title: str,
    text: str,
    url: str = "",
    email: str = "",
    subject: models.Model | None = None,
) -> Notice:
    """Put a notice into the inbox and owe an e-mail when there is an address. Call inside `atomic`."""
    address = email or (recipient.email if recipient else "")
    notice = Notice.objects.create(
        recipient=recipient,
        email=address,
        kind=kind,
        title=title,
        text=text,
        url=url,
        subject_type=subject._meta.label_lower if subject else "",
        subject_id=subject.pk if subject else None,
        done_at=None if address else timezone.now(),
    )
    if address:
        jobs.wake_on_commit("notices.send", notice.pk)
    return notice


def tell_inbox(
    *, recipient: Any, kind: str, title: str, text: str, url: str, subject: models.Model
) -> Notice:
    """An inbox line only: nothing is owed outside."""
    return Notice.objects.create(
        recipient=recipient,
        kind=kind,
        title=title,
        text=text,
        url=url,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        done_at=timezone.now(),
    )


def mark_read(user: Any, *, notice_id: int | None = None) -> int:
    """One notice of `user`, or everything in the inbox, counts as read. Returns how many were not."""
    unread = Notice.objects.filter(recipient=user, read_at__isnull=True)
    if notice_id is not None:
        unread = unread.filter(pk=notice_id)
    return unread.update(read_at=timezone.now())
