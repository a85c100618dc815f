"""A form that could not be accepted: what was typed waits, sealed, under a word in the address of the page.

So the page of errors is an ordinary page: «Back» and «Reload» ask nobody whether to send the form again. Files do not
wait; they are chosen again.
"""

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from org import crypto

SESSION_KEY = "kept_forms"
WORD = "nhap"  # ?nhap=…
KEPT_SECONDS = 1800
KEPT_AT_ONCE = 5
KEPT_CHARACTERS = 200_000


@dataclass(frozen=True)
class Kept:
    """What was typed, and what a rule of the domain said to it."""

    typed: QueryDict
    said: list[str]


def keep(request: HttpRequest, said: list[str]) -> str:
    """Put away what was just posted; the query that leads back to it."""
    typed = request.POST.urlencode()
    content = json.dumps([typed if len(typed) <= KEPT_CHARACTERS else "", said])
    kept: dict[str, Any] = request.session.get(SESSION_KEY, {})
    newest = sorted(kept, key=lambda word: kept[word]["at"])[1 - KEPT_AT_ONCE :]
    word = secrets.token_urlsafe(9)
    request.session[SESSION_KEY] = {one: kept[one] for one in newest} | {
        word: {"at": time.time(), "path": request.path, "sealed": crypto.seal(content)}
    }
    return f"?{urlencode({WORD: word})}"


def kept_for(request: HttpRequest) -> Kept | None:
    """What waits for this page, as often as it is looked at; None when nothing does, or no longer."""
    found = request.session.get(SESSION_KEY, {}).get(request.GET.get(WORD, ""))
    if found is None or found["path"] != request.path or time.time() - found["at"] > KEPT_SECONDS:
        return None
    typed, said = json.loads(crypto.unseal(found["sealed"]))
    return Kept(QueryDict(typed), said)
