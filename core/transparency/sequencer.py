"""The one that numbers: takes waiting events, chains them, signs a Merkle root. All of a batch in one transaction.

Killed anywhere, it leaves nothing or a whole batch. A second sequencer finds the lock held and leaves. Numbers follow
the order in which acts were committed, and within one batch the order of their ids.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from core.models import AuditBatch
from core.transparency import keys, leaves, merkle
from core.transparency.headers import NO_HASH, Header

log = structlog.get_logger()

BATCH_SIZE = 1000
LOCK = 0x48505F4C4F47  # «HP_LOG»: advisory lock of the only sequencer

TAKE = """
DELETE FROM core_auditwaiting WHERE event_id IN (SELECT event_id FROM core_auditwaiting ORDER BY event_id LIMIT %s)
RETURNING event_id, at, leaf
"""
KEEP = """
INSERT INTO core_auditentry (seq, event_id, at, leaf)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::bytea[])
"""


def run(*, batches: int = 50) -> int:
    """Close batches until nothing waits, at most `batches`. How many were closed."""
    return sum(1 for _batch in _closed(batches))


def _closed(most: int) -> Iterator[AuditBatch]:
    for _number in range(most):
        batch = close_batch()
        if batch is None:
            return
        yield batch
        if batch.header.size < BATCH_SIZE:
            return  # what has come in the meantime belongs to the next second


@transaction.atomic
def close_batch() -> AuditBatch | None:
    """Number what waits, at most 1,000 events, under one signed root. None: nothing waits, or another one works."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(TAKE, [BATCH_SIZE])
        rows = sorted(cursor.fetchall())
        if not rows:
            return None
        last = AuditBatch.objects.order_by("-number").first()
        first_seq = last.last_seq + 1 if last else 1
        seqs = range(first_seq, first_seq + len(rows))
        cursor.execute(KEEP, [list(seqs), *(list(column) for column in zip(*rows, strict=True))])
    hashes = [
        merkle.leaf_hash(merkle.entry_input(seq, event_id, bytes(leaf)))
        for seq, (event_id, _at, leaf) in zip(seqs, rows, strict=True)
    ]
    return _signed(last, seqs, merkle.root(hashes))


def _signed(last: AuditBatch | None, seqs: range, root: bytes) -> AuditBatch:
    closed_at, clock_back_ms = _moment(last.closed_at if last else None)
    header: dict[str, Any] = {
        "number": last.number + 1 if last else 1,
        "first_seq": seqs[0],
        "last_seq": seqs[-1],
        "root": root,
        "previous": bytes(last.hash) if last else NO_HASH,
        "closed_at": closed_at,
        "clock_back_ms": clock_back_ms,
        "key": keys.current_id(),
    }
    told = Header(**header)
    return AuditBatch.objects.create(**header, hash=told.hash, signature=keys.sign(told.message))


def _moment(before: datetime | None) -> tuple[datetime, int]:
    """Now; but never earlier than the batch before. A clock that jumped back is named in the header."""
    now = timezone.now()
    if before is None or now > before:
        return now, 0
    back_ms = max(1, int((before - now).total_seconds() * 1000))
    log.warning("audit_clock_back", milliseconds=back_ms)
    return before + leaves.MICROSECOND, back_ms
