"""Encrypted columns with rotation of keys, and a blind index for look-up (personal id numbers)."""

import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@cache
def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def seal(text: str) -> str:
    """Ciphertext under the newest key. Empty stays empty."""
    return _box().encrypt(text.encode()).decode() if text else ""


def unseal(token: str) -> str:
    return _box().decrypt(token.encode()).decode() if token else ""


def blind_index(text: str) -> str:
    """A keyed hash: equal numbers give equal values, and the number cannot be read back from it."""
    if not text:
        return ""
    return hmac.new(settings.BLIND_INDEX_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def masked(number: str) -> str:
    """031205001234 → 031•••••1234."""
    return f"{number[:3]}•••••{number[-4:]}" if len(number) >= 9 else "•" * len(number)
