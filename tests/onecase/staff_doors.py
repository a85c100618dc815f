"""Knock at the doors of staff pages as somebody."""

import html
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client


def enter(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def told(response: Any) -> list[str]:
    """What the toasts and banners of the page that came after say."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def press(client: Client, case: Any, verb: str, **posted: Any) -> Any:
    """Press a move's button and follow to where it leads."""
    return client.post(f"/lam-viec/ho-so/{case.code}/{verb}/", posted, follow=True)
