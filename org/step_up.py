"""Step-up: before an act that binds (signing, sealing, handing out rights) a second factor given lately.

allauth notes in the session how and when somebody showed who he is; here that note is read. What was typed and posted
waits, sealed, in the session under a one-time word and is posted again after the confirmation: once, never twice.
"""

import json
import secrets
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils.datastructures import MultiValueDict
from django_htmx.http import HttpResponseClientRedirect

from org import crypto
from org.models import User

View = Callable[..., HttpResponseBase]

SESSION_KEY = "step_up"
KEPT_SECONDS = 600  # how long a posted form waits for its confirmation
KEPT_AT_ONCE = 3
KEPT_CHARACTERS = 500_000
SECOND_FACTOR = "mfa"  # what allauth calls it in the session


def step_up_required(view: View) -> View:
    """A view decorator: the person gave a second factor in this session within STEP_UP_MINUTES, else he is asked
    for it and comes back. Text posted meanwhile is not lost; files have to be chosen again."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if confirmed_lately(request):
            return view(request, *args, **kwargs)
        return ask(request)

    return guarded


def gave_second_factor(request: HttpRequest) -> bool:
    """Was a second factor given at all in this session?"""
    return any(record["method"] == SECOND_FACTOR for record in _records(request))


def confirmed_lately(request: HttpRequest) -> bool:
    """Whoever has a second factor, or must have one, confirms by it; the others (citizens) by how they signed in."""
    return proved_lately(request) and (
        _is_any_fresh(request, SECOND_FACTOR) or not cast(User, request.user).must_use_second_factor
    )


def proved_lately(request: HttpRequest) -> bool:
    """By the strongest that this person has: enough to change one's own account, and to set up the first factor."""
    if _is_any_fresh(request, SECOND_FACTOR):
        return True
    return _is_any_fresh(request) and not cast(User, request.user).has_second_factor


def _is_any_fresh(request: HttpRequest, method: str = "") -> bool:
    since = time.time() - settings.STEP_UP_MINUTES * 60
    return any(
        record["at"] > since and (not method or record["method"] == method) for record in _records(request)
    )


def whole_sign_in(session: Any, user: User, *methods: str) -> None:
    """For measurements and tests, which sign in without the pages: as if both factors had been given just now."""
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": method, "at": time.time()} for method in methods or ("password", SECOND_FACTOR)
    ]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)


def ask(request: HttpRequest) -> HttpResponseBase:
    """Off to the confirmation, or to the set-up for who must have a second factor and has none."""
    user = cast(User, request.user)
    address = reverse("mfa_index")
    if user.has_second_factor or not user.must_use_second_factor:
        methods = get_adapter().get_reauthentication_methods(user)
        address = methods[0]["url"] if methods else reverse("account_logout")
    wanted = request.get_full_path() if request.method in {"GET", "HEAD"} else _kept_under(request)
    address = f"{address}?{urlencode({'next': wanted})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(address)
    return redirect(address)


def take(request: HttpRequest, word: str) -> dict[str, Any] | None:
    """What waits under `word`, once; None when it was taken, grew old, or belongs to another post."""
    waiting = request.session.get(SESSION_KEY, {})
    kept = waiting.pop(word, None)
    request.session[SESSION_KEY] = waiting
    if kept is None or not cache.add(f"step-up-{word}", 1, KEPT_SECONDS):
        return None
    same = kept["capacity"] == _capacity(cast(User, request.user))
    if time.time() - kept["at"] > KEPT_SECONDS or not same:
        return None
    return cast(dict[str, Any], json.loads(crypto.unseal(kept["sealed"])))


def post_again(request: HttpRequest, kept: dict[str, Any]) -> HttpResponseBase:
    """The view answers as if the form had been posted just now. The first post passed the CSRF check."""
    request.method = request.META["REQUEST_METHOD"] = "POST"
    request.path = request.path_info = kept["path"]
    request.META["PATH_INFO"], request.META["QUERY_STRING"] = kept["path"], kept["query"]
    request.GET = QueryDict(kept["query"])
    request.POST = QueryDict(kept["posted"])  # type: ignore[assignment]
    request._files = MultiValueDict()  # type: ignore[attr-defined]
    request.resolver_match = match = resolve(kept["path"])
    return cast(HttpResponseBase, match.func(request, *match.args, **match.kwargs))


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    return cast(list[dict[str, Any]], get_authentication_records(request, request.user))


def _capacity(user: User) -> list[int | None]:
    """The post, and the delegation if one stands in for somebody: the act is done as what it was meant."""
    return [user.hat.pk if user.hat else None, user.standing_in.pk if user.standing_in else None]


def _kept_under(request: HttpRequest) -> str:
    """Keep the posted text, and say at which address it can be posted again. Too much text is not kept."""
    posted = request.POST.urlencode()
    if len(posted) > KEPT_CHARACTERS:
        return request.get_full_path()
    kept = {"path": request.path, "query": request.META.get("QUERY_STRING", ""), "posted": posted}
    waiting = request.session.get(SESSION_KEY, {})
    newest = sorted(waiting, key=lambda word: waiting[word]["at"])[1 - KEPT_AT_ONCE :]
    waiting = {word: waiting[word] for word in newest}
    word = secrets.token_urlsafe(16)
    waiting[word] = {
        "at": time.time(),
        "capacity": _capacity(cast(User, request.user)),
        "sealed": crypto.seal(json.dumps(kept)),
    }
    request.session[SESSION_KEY] = waiting
    return reverse("org:post_again", args=[word])
