"""Org announces, notices tell."""

from typing import Any

from django.dispatch import receiver

from notices import actions
from org.signals import to_send, to_tell


@receiver(to_tell)
def on_to_tell(
    recipients: Any, kind: str, title: str, text: str, url: str, subject: Any, **_more: Any
) -> None:
    """A line in the inbox and a mail for each account, once."""
    for recipient in {account.pk: account for account in recipients}.values():
        actions.tell(recipient=recipient, kind=kind, title=title, text=text, url=url, subject=subject)


@receiver(to_send)
def on_to_send(
    channel: str, address: str, kind: str, title: str, text: str, expires_at: Any = None, **_more: Any
) -> None:
    actions.send_out(
        channel=channel, address=address, kind=kind, title=title, text=text, expires_at=expires_at
    )
