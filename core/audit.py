"""Write the audit trail. `record` belongs inside the transaction of the act it tells about."""

import hashlib
import json
import secrets
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone

from core.models import AuditEvent

# The address of the present request, set by core.middleware; empty in jobs and commands.
request_ip: ContextVar[str | None] = ContextVar("request_ip", default=None)

# event name -> the sentence shown in timelines. Each app registers its own in apps.ready().
SENTENCES: dict[str, str] = {}


def register_sentences(sentences: dict[str, Any]) -> None:
    """Tell timelines how to say an event. An event recorded without a sentence is a bug that a test finds."""
    SENTENCES.update(sentences)


def subject_type(subject: models.Model) -> str:
    return str(subject._meta.label_lower)


def record(
    event: str,
    *,
    actor: Any,
    subject: models.Model,
    before: str = "",
    after: str = "",
    note: str = "",
    detail: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> AuditEvent:
    """One act by `actor` (None: the system itself). Name, post and unit are frozen as they are now."""
    hat = getattr(actor, "hat", None)
    row = AuditEvent(
        event=event,
        at=at or timezone.now(),
        actor=actor,
        actor_name=actor.full_name if actor else "",
        post_name=hat.position.title if hat else "",
        unit_name=hat.organization.name if hat else "",
        subject_type=subject_type(subject),
        subject_id=subject.pk,
        before=before,
        after=after,
        note=note,
        detail=detail or {},
        ip=request_ip.get(),
        salt=secrets.token_bytes(16),
    )
    row.leaf = leaf_of(row)
    row.save(force_insert=True)
    return row


def leaf_of(row: AuditEvent) -> bytes:
    """SHA-256 over the act's facts and a salted hash of its texts (erasable without breaking the leaf)."""
    texts = json.dumps([row.note, row.detail, row.actor_name], ensure_ascii=False, sort_keys=True).encode()
    facts = [
        row.event,
        row.at.isoformat(timespec="microseconds"),
        row.actor_id,
        row.post_name,
        row.unit_name,
        row.subject_type,
        row.subject_id,
        row.before,
        row.after,
        hashlib.sha256(bytes(row.salt) + texts).hexdigest(),
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).digest()


def trail(subject: models.Model) -> Iterable[AuditEvent]:
    """All events of one record, oldest first."""
    return AuditEvent.objects.filter(subject_type=subject_type(subject), subject_id=subject.pk).order_by("id")
