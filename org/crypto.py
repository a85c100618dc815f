"""Encrypted columns with rotation of keys, and a blind index for look-up (personal id numbers)."""

import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


@cache
def _boxes(keys: tuple[str, ...]) -> tuple[Fernet, MultiFernet]:
    """The newest key alone, and all of them."""
    return Fernet(keys[0]), MultiFernet([Fernet(key) for key in keys])


def _box() -> MultiFernet:
    return _boxes(tuple(settings.FIELD_KEYS))[1]


def seal(text: str) -> str:
    """Ciphertext under the newest key. Empty stays empty."""
    return _box().encrypt(text.encode()).decode() if text else ""


def unseal(token: str) -> str:
    return _box().decrypt(token.encode()).decode() if token else ""


def is_under_newest_key(token: str) -> bool:
    try:
        _boxes(tuple(settings.FIELD_KEYS))[0].decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def resealed(token: str) -> str | None:
    """The same text under the newest key; None when none of our keys opens it."""
    try:
        return _box().rotate(token.encode()).decode()
    except InvalidToken:
        return None


def blind_index(text: str) -> str:
    """A keyed hash: equal numbers give equal values, and the number cannot be read back from it."""
    if not text:
        return ""
    return hmac.new(settings.BLIND_INDEX_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def masked(number: str) -> str:
    """031205001234 → 031•••••1234."""
    return f"{number[:3]}•••••{number[-4:]}" if len(number) >= 9 else "•" * len(number)
