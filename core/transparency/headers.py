"""What is signed of a batch: one canonical JSON text, the same in the database, at the holders and in a proof."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.transparency import leaves

LOG = "haiphong-egov"
BATCH_DOMAIN = b"haiphong.audit.batch.1\n"
NO_HASH = bytes(32)  # «previous» of the first batch


@dataclass(frozen=True, slots=True)
class Header:
    """Entries `first_seq` to `last_seq` lie under `root`; `previous` is the hash of the batch before."""

    number: int
    first_seq: int
    last_seq: int
    root: bytes
    previous: bytes
    closed_at: datetime
    clock_back_ms: int  # how far the clock stood behind the batch before; 0 when all was well
    key: str

    @property
    def size(self) -> int:
        return self.last_seq - self.first_seq + 1

    def as_json(self) -> dict[str, Any]:
        return {
            "log": LOG,
            "number": self.number,
            "first_seq": self.first_seq,
            "last_seq": self.last_seq,
            "root": self.root.hex(),
            "previous": self.previous.hex(),
            "closed_at": leaves.microseconds(self.closed_at),
            "clock_back_ms": self.clock_back_ms,
            "key": self.key,
        }

    @property
    def message(self) -> bytes:
        """The signed bytes; their SHA-256 is the batch's hash, which is chained and timestamped."""
        return BATCH_DOMAIN + leaves.canonical(self.as_json()).encode()

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(self.message).digest()


def header_of(told: dict[str, Any]) -> Header:
    """The header that a holder or a proof tells. KeyError, TypeError, ValueError: it is none."""
    if told["log"] != LOG:
        raise ValueError("another log")
    return Header(
        number=int(told["number"]),
        first_seq=int(told["first_seq"]),
        last_seq=int(told["last_seq"]),
        root=bytes.fromhex(told["root"]),
        previous=bytes.fromhex(told["previous"]),
        closed_at=leaves.EPOCH + int(told["closed_at"]) * leaves.MICROSECOND,
        clock_back_ms=int(told["clock_back_ms"]),
        key=str(told["key"]),
    )
