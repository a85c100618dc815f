"""Claims that wait while a person chooses which account is his: sealed in the session, for a quarter of an hour."""

import json
import time
from typing import Any

from django.http import HttpRequest

from org import crypto
from org.oidc.claims import Claims

SESSION_KEY = "pending_identity"
KEPT_SECONDS = 900


def keep(request: HttpRequest, claims: Claims, *, next_url: str | None) -> None:
    kept = {"claims": claims.as_json(), "at": time.time(), "next": next_url or ""}
    request.session[SESSION_KEY] = crypto.seal(json.dumps(kept))


def waiting(request: HttpRequest) -> tuple[Claims, str] | None:
    """The claims and where to go afterwards; None when there are none or they grew old."""
    token = request.session.get(SESSION_KEY)
    if not token:
        return None
    kept: dict[str, Any] = json.loads(crypto.unseal(token))
    if time.time() - kept["at"] > KEPT_SECONDS:
        forget(request)
        return None
    return Claims.from_json(kept["claims"]), kept["next"]


def forget(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)
