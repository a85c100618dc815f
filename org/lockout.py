"""How long a door stays shut after too many tries, in words; and the trail of it."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from org.models import User

APP = "allauth.account"
FAILED = "login_failed"
A_MINUTE = timedelta(seconds=60)


def shut_until(request: HttpRequest, *, key: str, action: str = FAILED) -> datetime | None:
    """When the next try is let through; None when it is now. Counts live in the shared cache, newest first."""
    opens = []
    for rate in ratelimit.get_rates(app=APP, action=action):
        found = cache.get(
            ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key), default=[]
        )
        if len(found) >= rate.amount:
            opens.append(found[rate.amount - 1] + rate.duration)
    moment = datetime.fromtimestamp(max(opens), UTC) if opens else None
    return moment if moment and moment > timezone.now() else None


def refusal(request: HttpRequest, *, key: str) -> ValidationError:
    """The sentence, the same whether the account exists or not."""
    until = shut_until(request, key=key)
    again = f"{timezone.localtime(until):%H:%M}" if until else _("ít phút nữa")
    return ValidationError(
        _("Đã nhập sai nhiều lần nên tạm khóa. Thử lại sau %(again)s, hoặc đặt lại mật khẩu."),
        code="too_many_login_attempts",
        params={"again": again},
    )


def no_code_now(request: HttpRequest, *, mail: str = "", phone: str = "") -> ValidationError:
    """Why no code goes to that contact now: one went a moment ago, or too many did. The same for any contact."""
    action, key = ("verify_phone", phone) if phone else ("confirm_email", mail.lower())
    until = shut_until(request, key=key, action=action)
    if until and until - timezone.now() > A_MINUTE:
        return ValidationError(
            _("Đã gửi quá nhiều mã. Thử lại sau %(again)s."),
            code="too_many_codes",
            params={"again": f"{timezone.localtime(until):%H:%M %d/%m/%Y}"},
        )
    text = (
        _("Mã vừa được gửi tới số này, chờ một phút rồi thử lại.")
        if phone
        else _("Mã vừa được gửi tới địa chỉ này, chờ một phút rồi thử lại.")
    )
    return ValidationError(text, code="code_sent_just_now")


def note(*, key: str, user: User | None) -> None:
    """One event per lock-out, however often one knocks meanwhile. Of an unknown name only that it happened."""
    mark = f"lock-out-{hashlib.sha256(key.encode()).hexdigest()}"
    if cache.add(mark, 1, 900):
        audit.record("user.lock_out", actor=None, subject=user or User(pk=0))


def failed(user: User | None, **detail: Any) -> None:
    """A wrong password. What was typed is not kept: it may be a password in the wrong field."""
    audit.record("user.sign_in_failed", actor=None, subject=user or User(pk=0), detail=detail)
