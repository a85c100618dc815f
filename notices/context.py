"""The count on the bell. Lazy: only pages that draw a bell ask, and each process asks once in some seconds."""

import time
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from notices.services import unread_count

KEPT_SECONDS = 10


def bell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_count": 0}
    return {"unread_count": SimpleLazyObject(lambda: _counted(user, int(time.monotonic() // KEPT_SECONDS)))}


@lru_cache(maxsize=2000)
def _counted(user: Any, moment: int) -> int:
    """Kept while `moment` stays the same; the inbox itself counts anew."""
    return unread_count(user)
