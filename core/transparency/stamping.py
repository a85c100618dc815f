"""Timestamps over the log. The ground layer knows no authority: signing registers its gateway when it is ready."""

from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from core.models import AuditBatch, AuditTimestamp


class StampRefused(Exception):
    """No token, or one that proves nothing. The text is Vietnamese."""


class StampBroken(StampRefused):
    """The token is about something else, or was altered: it speaks against the log."""


class Authority(Protocol):
    """What the registered module offers. Both functions raise StampRefused."""

    def stamp(self, digest: bytes) -> bytes:
        """A token (DER) over a SHA-256 digest."""

    def read(self, token: bytes, digest: bytes) -> datetime:
        """The moment that a token proves for the digest."""


_registered: list[str] = []


def register(module: str) -> None:
    """The module is imported when a timestamp is first needed: what reads them is heavy."""
    _registered[:] = [module]


def authority() -> Authority | None:
    return cast(Authority, import_module(_registered[0])) if _registered else None


def stamp_latest() -> AuditTimestamp | None:
    """A timestamp over the latest batch, if it has none. StampRefused: the authority is away; the next minute tries."""
    asked = authority()
    batch = AuditBatch.objects.order_by("-number").first()
    if asked is None or batch is None or AuditTimestamp.objects.filter(batch=batch).exists():
        return None
    token = asked.stamp(bytes(batch.hash))
    made, _created = AuditTimestamp.objects.get_or_create(
        batch=batch, defaults={"token": token, "stamped_at": asked.read(token, bytes(batch.hash))}
    )
    return made
