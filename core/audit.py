"""Write the audit trail. `record` belongs inside the transaction of the act it tells about."""

import ipaddress
import json
import secrets
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.copying import copy_in
from core.errors import RuleError
from core.models import AuditEvent, EventKind
from core.transparency import leaves

# The address of the present request, set by core.middleware; empty in jobs and commands.
request_ip: ContextVar[str | None] = ContextVar("request_ip", default=None)

# event name -> the sentence shown in timelines. Each app registers its own in apps.ready().
SENTENCES: dict[str, str] = {}

ERASE = "audit.erase"
EMERGENCY_PREFIX = "break_glass."
CHUNK = 1000


def register_sentences(sentences: dict[str, Any]) -> None:
    """Tell timelines how to say an event. An event recorded without a sentence is a bug that a test finds."""
    SENTENCES.update(sentences)


def subject_type(subject: models.Model) -> str:
    return str(subject._meta.label_lower)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    on_behalf_of: str = "",
) -> AuditEvent:
    """One act by `actor` (None: the system itself). Name, post and unit are frozen as they are now.

    `on_behalf_of`: whose power is used, «Trần B · Chủ tịch UBND …»; by default the actor's `acting_for`. The unit that
    keeps the record is the subject's `audit_unit_id`, where it has one.
    """
    row = sealed(
        event,
        actor=actor,
        subject=subject,
        before=before,
        after=after,
        note=note,
        detail=detail,
        at=at,
        on_behalf_of=on_behalf_of,
    )
    row.save(force_insert=True)
    return row


def record_read(
    actor: Any, subject: models.Model, what: str, reason: str = "", *, emergency: bool = False
) -> AuditEvent:
    """One reading of personal data; `what` is the event name (`case.read_number`). `emergency`: by break-glass."""
    kind = EventKind.EMERGENCY if emergency else EventKind.READ
    row = sealed(what, actor=actor, subject=subject, note=reason, kind=kind)
    row.save(force_insert=True)
    return row


def record_many(rows: Iterable[Mapping[str, Any]]) -> int:
    """Acts on whole sets: each row holds `event` and the arguments of `record`. In order, each with its own leaf."""
    return copy_in(sealed(**row) for row in rows)


def sealed(
    event: str,
    *,
    actor: Any,
    subject: models.Model,
    before: str = "",
    after: str = "",
    note: str = "",
    detail: dict[str, Any] | None = None,
    at: datetime | None = None,
    on_behalf_of: str = "",
    kind: str = "",
    hat: Any = None,
    ip: str | None = None,
) -> AuditEvent:
    """The event with its leaf, not saved. `hat`: another post than the actor's present one (seeds, history)."""
    hat = hat or getattr(actor, "hat", None)
    behalf = on_behalf_of or getattr(actor, "acting_for", "") or ""
    row = AuditEvent(
        event=event,
        at=(at or timezone.now()).astimezone(UTC),
        kind=kind or (EventKind.EMERGENCY if event.startswith(EMERGENCY_PREFIX) else EventKind.ACT),
        actor=actor,
        actor_name=actor.full_name if actor else "",
        post_name=hat.position.title if hat else "",
        unit_name=hat.organization.name if hat else "",
        unit_id=hat.organization_id if hat else None,
        on_behalf_of=behalf,
        is_delegated=bool(behalf),
        subject_type=subject_type(subject),
        subject_id=subject.pk,
        subject_unit_id=getattr(subject, "audit_unit_id", None),
        before=before,
        after=after,
        note=str(note),
        detail=json.loads(json.dumps(detail)) if detail else {},  # as the database will give it back
        ip=_plain_address(ip or request_ip.get()),
        salt=secrets.token_bytes(16),
    )
    return seal(row)


def seal(row: AuditEvent) -> AuditEvent:
    """Compute the hash of the texts and the leaf of an event that is not saved yet."""
    row.texts_hash = texts_hash_of(row)
    row.leaf = leaf_of(row)
    return row


def texts_hash_of(row: AuditEvent) -> bytes:
    """The salted hash of what may be erased, from the texts as they stand."""
    return leaves.hash_texts(bytes(row.salt), list(texts_of(row).values()))


def texts_of(row: AuditEvent) -> dict[str, Any]:
    """All that may be erased, in the order in which it is hashed."""
    return {name: getattr(row, name) or _EMPTY[name] for name in leaves.TEXTS}


def leaf_of(row: AuditEvent) -> bytes:
    """The leaf from the facts and the stored hash of the texts (which may be erased without breaking it)."""
    return leaves.hash_facts(list(facts_of(row).values()))


def facts_of(row: AuditEvent) -> dict[str, Any]:
    """All that the leaf covers, in its order."""
    return {
        "event": row.event,
        "at": leaves.microseconds(row.at),
        "kind": str(row.kind),
        "actor": row.actor_id,
        "delegated": row.is_delegated,
        "post_name": row.post_name,
        "unit_name": row.unit_name,
        "unit": row.unit_id,
        "subject_type": row.subject_type,
        "subject_id": row.subject_id,
        "subject_unit": row.subject_unit_id,
        "before": str(row.before),
        "after": str(row.after),
        "texts_hash": bytes(row.texts_hash).hex(),
    }


_EMPTY: dict[str, Any] = {"note": "", "detail": {}, "actor_name": "", "on_behalf_of": "", "ip": ""}


@lru_cache(maxsize=1024)
def _plain_address(address: str | None) -> str | None:
    """As PostgreSQL writes it: compressed, an IPv4 inside IPv6 as IPv4. Not an address (a socket's name): none."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)


# ── erasing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def erase(event: AuditEvent, basis: str, *, actor: Any = None) -> AuditEvent:
    """Blank the texts of an event for ever, on `basis` (decision, article). The facts and the proof remain.

    The erasure is itself an event, which verification demands and which cannot be erased. RuleError: nothing changed.
    """
    row = AuditEvent.objects.select_for_update().get(pk=event.pk)
    if not basis.strip():
        raise RuleError(_("Ghi căn cứ xóa nội dung nhật ký."))
    if row.erased_at:
        raise RuleError(_("Nội dung của dòng nhật ký này đã xóa rồi."))
    if row.event == ERASE:
        raise RuleError(_("Không xóa được nội dung của chính việc xóa."))
    done = record(ERASE, actor=actor, subject=row, note=basis)
    AuditEvent.objects.filter(pk=row.pk, at=row.at).update(
        note="", detail={}, actor_name="", on_behalf_of="", ip=None, salt=b"", erased_at=done.at
    )
    return done


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def trail(subject: models.Model) -> models.QuerySet[AuditEvent]:
    """All events of one record, oldest first."""
    return AuditEvent.objects.filter(subject_type=subject_type(subject), subject_id=subject.pk).order_by("id")
