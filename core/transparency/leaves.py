"""Fingerprints of events: pure functions, shared by writing, sequencing, verification and the bench.

The facts of an act (what, when, who by number, in which post of which unit, about which record) go into the leaf as
they are. Texts that may hold personal data (note, detail, names, address of the device) go in as one salted hash: with
texts and salt erased the leaf can still be computed, and the hash no longer tells anything.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]
from typing import Any

# Begins no other thing that is hashed in this log: Merkle nodes begin with 0x00 or 0x01 (RFC 6962, section 2.1).
EVENT_DOMAIN = b"haiphong.audit.event.1\n"
FACTS = (
    "event",
    "at",  # microseconds since 1970 UTC
    "kind",
    "actor",
    "delegated",
    "post_name",
    "unit_name",
    "unit",
    "subject_type",
    "subject_id",
    "subject_unit",
    "before",
    "after",
    "texts_hash",
)
TEXTS = ("note", "detail", "actor_name", "on_behalf_of", "ip")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def _encoder() -> Callable[[Any], str]:
    """The C encoder made once: JSONEncoder.encode makes it anew for every text, which costs half of a leaf's time."""
    plain = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
    if c_make_encoder is None:
        return plain.encode
    made = c_make_encoder(None, plain.default, encode_basestring, None, ":", ",", True, False, False)
    return lambda value: "".join(made(value, 0))


_encode = _encoder()


def microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def canonical(value: Any) -> str:
    """One JSON text for one value: keys sorted, no spaces, UTF-8 as it is."""
    return _encode(value)


def hash_texts(salt: bytes, texts: Sequence[Any]) -> bytes:
    """SHA-256 over the salt and `texts` in the order of TEXTS."""
    return hash_texts_text(salt, _encode(texts))


def hash_texts_text(salt: bytes, text: str) -> bytes:
    return hashlib.sha256(salt + text.encode()).digest()


def hash_facts(facts: Sequence[Any]) -> bytes:
    """The leaf: SHA-256 over `facts` in the order of FACTS."""
    return hash_facts_text(_encode(facts))


def hash_facts_text(text: str) -> bytes:
    return hashlib.sha256(EVENT_DOMAIN + text.encode()).digest()
