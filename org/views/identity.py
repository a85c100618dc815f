"""«Số định danh»: its level in words, showing it to its owner, and the pages around the outside provider."""

from typing import Any, cast

import requests
from allauth.account.utils import perform_login
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit
from org import crypto, pending_identity
from org.actions import identities
from org.choices import IdentityLevel
from org.models import User
from org.oidc import config
from org.step_up import step_up_required

# --- one's own ------------------------------------------------------------------------------------------------


@login_required
@require_GET
def identity(request: HttpRequest) -> HttpResponse:
    return _own_page(request, revealed=False)


@login_required
@require_POST
def reveal(request: HttpRequest) -> HttpResponse:
    """The owner sees his number in full on this one page; even that leaves an event."""
    mine = getattr(request.user, "identity", None)
    if mine is not None:
        audit.record_read(request.user, mine, "identity.read_number")
    return _own_page(request, revealed=True)


@require_POST
@step_up_required
def prove_identity(request: HttpRequest) -> HttpResponse:
    """Off to the provider, to tie this very account to it."""
    if config.provider() is None or identities.serves(cast(User, request.user)):
        raise Http404
    away = get_adapter(request).get_provider(request, config.PROVIDER_ID)
    return cast(HttpResponse, away.redirect(request, AuthProcess.CONNECT, next_url=reverse("org:identity")))


def _own_page(request: HttpRequest, *, revealed: bool) -> HttpResponse:
    user = cast(User, request.user)
    mine = getattr(user, "identity", None)
    level = IdentityLevel(mine.level) if mine else IdentityLevel.NONE
    provider = config.provider()
    context = {
        "identity": mine,
        "number": (mine.number if revealed else crypto.masked(mine.number)) if mine else "",
        "revealed": revealed,
        "level": level,
        "level_words": level.label,
        "is_proven": level >= IdentityLevel.PROVEN,
        "provider": provider,
        "linked": SocialAccount.objects.filter(user=user).exists(),
        "may_link": provider is not None and not identities.serves(user),
    }
    return render(request, "org/identity.html", context)


# --- which account is mine ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def choose_account(request: HttpRequest) -> HttpResponse:
    """Somebody proved a number that another account only declares: is it his? POST: no, open a new one."""
    waiting = pending_identity.waiting(request)
    provider = config.provider()
    if waiting is None or provider is None:
        return _too_late(request)
    claims, next_url = waiting
    if request.user.is_authenticated:
        return redirect("org:link_account")
    if request.method == "GET":
        link = reverse("org:link_account")
        context = {
            "number": crypto.masked(claims.number),
            "full_name": claims.full_name,
            "provider": provider,
            "login_url": f"{reverse('account_login')}?next={link}",
        }
        return render(request, "org/choose_account.html", context)
    try:
        user = identities.sign_in(claims, by=provider.name, anew=True)
    except identities.Refused as refusal:
        pending_identity.forget(request)
        return refused(request, refusal.title, str(refusal))
    pending_identity.forget(request)
    return cast(
        HttpResponse,
        perform_login(request, user, email_verification="none", redirect_url=_safe(request, next_url)),
    )


@step_up_required
@require_http_methods(["GET", "POST"])
def link_account(request: HttpRequest) -> HttpResponse:
    """The owner of the older account has signed in to it; now he ties the two."""
    waiting = pending_identity.waiting(request)
    provider = config.provider()
    if waiting is None or provider is None:
        return _too_late(request)
    claims, _next = waiting
    user = cast(User, request.user)
    if request.method == "GET":
        context = {
            "number": crypto.masked(claims.number),
            "full_name": claims.full_name,
            "provider": provider,
            "account": user.email or user.full_name,
        }
        return render(request, "org/link_account.html", context)
    try:
        identities.link(claims, actor=user, by=provider.name)
    except identities.Refused as refusal:
        return refused(request, refusal.title, str(refusal))
    finally:
        pending_identity.forget(request)
    return linked(request, provider.name)


def _too_late(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("Đã quá 15 phút nên việc đăng nhập dừng lại. Đăng nhập lần nữa."))
    return redirect("org:identity" if request.user.is_authenticated else "account_login")


def _safe(request: HttpRequest, address: str) -> str | None:
    ours = address and url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return address if ours else None


# --- what the way back ends in --------------------------------------------------------------------------------


def linked(request: HttpRequest, by: str) -> HttpResponse:
    messages.success(request, _("Đã liên kết tài khoản với %(by)s.") % {"by": by})
    return redirect("org:identity")


def refused(request: HttpRequest, title: str, text: str) -> HttpResponse:
    """A conflict: what it is and what to do."""
    return render(request, "org/identity_refused.html", {"title": title, "text": text}, status=409)


def failed(request: HttpRequest, by: str, error: Exception | None, said: str) -> HttpResponse:
    """The provider did not answer, or its answer does not hold."""
    away = isinstance(error, requests.RequestException)
    context: dict[str, Any] = {
        "title": _("%(by)s chưa trả lời") % {"by": by}
        if away
        else _("Chưa đăng nhập được bằng %(by)s") % {"by": by},
        "text": said
        or (
            _(
                "Hệ thống định danh đang bận hoặc mất kết nối. Thử lại sau ít phút, hoặc đăng nhập bằng mật khẩu."
            )
            if away
            else _(
                "Câu trả lời của hệ thống định danh không hợp lệ hoặc đã quá hạn, nên không dùng. Không có gì thay đổi trong "
                "tài khoản. Đăng nhập lại từ đầu."
            )
        ),
    }
    return render(request, "org/identity_refused.html", context, status=502 if away else 401)
