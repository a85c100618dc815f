"""The key that signs batches, and the public keys that verification believes. None of them lives in the database.

AUDIT_KEY is the secret (32 bytes, URL-safe base64); AUDIT_KEYS_PUBLISHED names the public keys of former signers. To
rotate: `manage.py audit_key`, put the new secret in place, add the old public key to AUDIT_KEYS_PUBLISHED, restart.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class PublicKey:
    id: str
    raw: bytes
    is_current: bool

    @property
    def text(self) -> str:
        return base64.b64encode(self.raw).decode()


def key_id(raw: bytes) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the raw public key."""
    return hashlib.sha256(raw).hexdigest()[:16]


def sign(message: bytes) -> bytes:
    """An Ed25519 signature. ImproperlyConfigured: this process has no key (it only reads the log)."""
    return _current()[0].sign(message)


def current_id() -> str:
    return key_id(_current()[1])


def _current() -> tuple[Ed25519PrivateKey, bytes]:
    if not settings.AUDIT_KEY:
        raise ImproperlyConfigured("AUDIT_KEY is not set: this process cannot sign batches")
    return _pair(settings.AUDIT_KEY)


def published() -> dict[str, PublicKey]:
    """All keys that may have signed batches, by id; the present one first."""
    found: dict[str, PublicKey] = {}
    if settings.AUDIT_KEY:
        raw = _pair(settings.AUDIT_KEY)[1]
        found[key_id(raw)] = PublicKey(key_id(raw), raw, is_current=True)
    for text in settings.AUDIT_KEYS_PUBLISHED:
        raw = _decoded(text, "AUDIT_KEYS_PUBLISHED")
        found.setdefault(key_id(raw), PublicKey(key_id(raw), raw, is_current=False))
    return found


def is_signed(message: bytes, key: str, signature: bytes) -> bool:
    """By one of the published keys, and by the one that is named?"""
    known = published().get(key)
    return known is not None and matches(known.raw, message, signature)


def matches(raw: bytes, message: bytes, signature: bytes) -> bool:
    try:
        _public(raw).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def new_secret() -> tuple[str, PublicKey]:
    """A fresh secret and its public key."""
    private = Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes_raw()
    secret = base64.urlsafe_b64encode(private.private_bytes_raw()).decode()
    return secret, PublicKey(key_id(raw), raw, True)


@lru_cache(maxsize=8)
def _pair(secret: str) -> tuple[Ed25519PrivateKey, bytes]:
    private = Ed25519PrivateKey.from_private_bytes(_decoded(secret, "AUDIT_KEY"))
    return private, private.public_key().public_bytes_raw()


@lru_cache(maxsize=64)
def _public(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


def _decoded(text: str, name: str) -> bytes:
    try:
        raw = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured(f"{name} must be base64") from error
    if len(raw) != 32:
        raise ImproperlyConfigured(f"{name} must hold 32 bytes, not {len(raw)}")
    return raw
