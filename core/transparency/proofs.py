"""The proof that one event lies in the log, as a file that can be checked offline (scripts/check_proof.py)."""

import base64
from typing import Any

from core import audit
from core.errors import RuleError
from core.models import AuditBatch, AuditEntry, AuditEvent, AuditTimestamp
from core.transparency import keys, merkle

FORMAT = "haiphong-egov/audit-proof/1"
CHAIN_MOST = 600  # headers up to the next timestamp: ten minutes of full seconds


class NotNumbered(RuleError):
    """The event waits for its number: a second or two."""


def proof(event: AuditEvent, *, with_texts: bool = False) -> dict[str, Any]:
    """Facts, number, path, signed header, and the headers up to the next timestamp. `with_texts`: what may be erased too."""
    entry = AuditEntry.objects.filter(event_id=event.pk).first()
    batch = (
        AuditBatch.objects.filter(first_seq__lte=entry.seq).order_by("-first_seq").first() if entry else None
    )
    if entry is None or batch is None:
        raise NotNumbered("not numbered yet")
    hashes = [
        merkle.leaf_hash(merkle.entry_input(seq, event_id, bytes(leaf)))
        for seq, event_id, leaf in AuditEntry.objects.filter(
            seq__gte=batch.first_seq, seq__lte=batch.last_seq
        )
        .order_by("seq")
        .values_list("seq", "event_id", "leaf")
    ]
    path = merkle.path(hashes, entry.seq - batch.first_seq)
    told: dict[str, Any] = {
        "format": FORMAT,
        "event": {"number": event.pk, "facts": audit.facts_of(event), "leaf": bytes(event.leaf).hex()},
        "entry": {"seq": entry.seq, "path": [sibling.hex() for sibling in path]},
        "batch": {"header": batch.header.as_json(), "signature": bytes(batch.signature).hex()},
        "key": published_key(batch.key),
    }
    if with_texts and not event.erased_at:
        told["event"] |= {"texts": audit.texts_of(event), "salt": bytes(event.salt).hex()}
    return told | _stamped(batch)


def published_key(key_id: str) -> dict[str, Any] | None:
    known = keys.published().get(key_id)
    return {"id": known.id, "public": known.text} if known else None


def _stamped(batch: AuditBatch) -> dict[str, Any]:
    """The next timestamp, with the headers that chain it to this batch; nothing when there is none (yet)."""
    stamp = AuditTimestamp.objects.filter(batch__gte=batch.number, batch__lt=batch.number + CHAIN_MOST)
    first = stamp.order_by("batch").first()
    if first is None:
        return {}
    chain = AuditBatch.objects.filter(number__gt=batch.number, number__lte=first.batch_id).order_by("number")
    return {
        "stamp": {
            "chain": [one.header.as_json() for one in chain],
            "token": base64.b64encode(bytes(first.token)).decode(),
            "at": first.stamped_at.isoformat(),
        }
    }
