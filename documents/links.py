"""Where a record has its page. Written down once, for lists of every part lead there."""

from typing import Any

INCOMING = "/lam-viec/van-ban/den/"
OUTGOING = "/lam-viec/van-ban/di/"


def incoming(pk: int) -> str:
    return f"{INCOMING}{pk}/"


def outgoing(pk: int) -> str:
    return f"{OUTGOING}{pk}/"


def of(record: Any) -> str:
    """The page of a document or of an incoming document."""
    return incoming(record.pk) if record._meta.model_name == "incomingdocument" else outgoing(record.pk)
