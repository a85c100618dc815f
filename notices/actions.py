"""Tell people things. A notice is a row of the transaction in which the thing happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from core import jobs
from core.copying import copy_in
from notices.models import Channel, Message, Notice
from org import crypto


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
    """Put a notice into the inbox and owe an e-mail, or an SMS to whoever has given a telephone alone. Inside `atomic`."""
    address = email or ((recipient.email or "") if recipient else "")
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
    elif recipient and recipient.phone and recipient.phone_verified_at:
        # The headline alone: it names the case, never what it is about.
        text = f"{title}. {settings.SITE_URL}{url}" if url else title
        send_out(channel=Channel.SMS, address=recipient.phone, kind=kind, text=text)
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


@dataclass(frozen=True, slots=True)
class Letter:
    """One of many notices of one act. Without `email` it is an inbox line only."""

    recipient_id: int | None
    kind: str
    title: str
    text: str
    url: str
    subject_type: str
    subject_id: int
    email: str = ""


def tell_many(letters: Iterable[Letter]) -> int:
    """Notices of one act on many records, in sheets; e-mails are owed, the sweep sends them in turn."""
    now = timezone.now()
    notices = (
        Notice(
            recipient_id=letter.recipient_id,
            email=letter.email,
            kind=letter.kind,
            title=letter.title,
            text=letter.text,
            url=letter.url,
            subject_type=letter.subject_type,
            subject_id=letter.subject_id,
            done_at=None if letter.email else now,
        )
        for letter in letters
    )
    return copy_in(notices)


def blank(subject_type: str, subject_ids: Iterable[int], words: str) -> int:
    """Take the words out of every notice about these records: what they told must be known to nobody any more."""
    about = Notice.objects.filter(subject_type=subject_type, subject_id__in=list(subject_ids))
    return about.update(title=words, text=words, done_at=timezone.now())


def send_out(
    *, channel: str, address: str, kind: str, text: str, title: str = "", expires_at: datetime | None = None
) -> Message:
    """Owe a mail or an SMS outside every inbox; after `expires_at` it is not sent any more (a code grown old)."""
    message = Message.objects.create(
        channel=channel,
        address=address,
        kind=kind,
        title=title[:200],
        text_sealed=crypto.seal(text),
        expires_at=expires_at,
    )
    jobs.wake_on_commit("notices.send_message", message.pk)
    return message


def mark_read(user: Any, *, notice_id: int | None = None) -> int:
    """One notice of `user`, or everything in the inbox, counts as read. Returns how many were not."""
    unread = Notice.objects.filter(recipient=user, read_at__isnull=True)
    if notice_id is not None:
        unread = unread.filter(pk=notice_id)
    return unread.update(read_at=timezone.now())
