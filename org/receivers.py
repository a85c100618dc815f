"""What allauth tells about sign-in, second factors and sessions becomes the audit trail. No secret goes into it."""

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import audit, wording
from org import actions
from org.middleware import LISTED_SESSION_KEY
from org.models import User

SENTENCES = {
    "user.sign_in": _("Đăng nhập"),
    "user.sign_out": _("Đăng xuất"),
    "user.sign_in_failed": _("Đăng nhập không thành công"),
    "user.lock_out": _("Tạm khóa đăng nhập vì nhập sai nhiều lần"),
    "user.end_sessions": _("Đăng xuất ở nơi khác"),
    "user.sign_up": _("Tạo tài khoản"),
    "user.verify_email": _("Xác nhận thư điện tử"),
    "user.verify_phone": _("Xác nhận số điện thoại"),
    "user.change_email": _("Đổi thư điện tử"),
    "user.reset_second_factors": _("Gỡ các lớp bảo vệ thứ hai theo yêu cầu của chủ tài khoản"),
    "user.change_password": _("Đổi mật khẩu"),
    "user.reset_password": _("Đặt lại mật khẩu"),
    "user.step_up": _("Xác nhận lại trước việc quan trọng"),
    "user.second_factor_failed": _("Mã xác thực không đúng"),
    "user.add_second_factor": _("Thêm lớp bảo vệ thứ hai"),
    "user.remove_second_factor": _("Bỏ lớp bảo vệ thứ hai"),
    "user.renew_recovery_codes": _("Tạo mã dự phòng mới"),
}


@receiver(account.user_logged_in)
def signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    records = get_authentication_records(request, user)
    ways = [str(record.get("type") or record["method"]) for record in records]
    request.session[LISTED_SESSION_KEY] = True
    audit.record("user.sign_in", actor=user, subject=user, detail={"ways": ways})


@receiver(account.user_logged_out)
def signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None and user.pk:
        audit.record("user.sign_out", actor=user, subject=user)


@receiver(account.user_signed_up)
def signed_up(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    audit.record("user.sign_up", actor=user, subject=user, detail={"by": "email" if user.email else "phone"})


@receiver(account.email_confirmed)
def email_confirmed(sender: Any, request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    user = email_address.user
    audit.record(
        "user.verify_email", actor=user, subject=user, after=wording.masked_email(email_address.email)
    )


@receiver(account.email_changed)
def email_changed(sender: Any, user: User, to_email_address: EmailAddress, **kwargs: Any) -> None:
    audit.record(
        "user.change_email", actor=user, subject=user, after=wording.masked_email(to_email_address.email)
    )


@receiver(account.password_changed)
@receiver(account.password_set)
def password_changed(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whoever knew the old one is put out everywhere else."""
    audit.record("user.change_password", actor=user, subject=user)
    actions.end_other_sessions(actor=user, keep=request.session.session_key or "", why="password")


@receiver(account.password_reset)
def password_reset(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    audit.record("user.reset_password", actor=user, subject=user)
    actions.end_other_sessions(actor=user, keep="", why="password")


@receiver(account.authentication_step_completed)
def stepped_up(sender: Any, request: HttpRequest, user: User, method: str, **kwargs: Any) -> None:
    if kwargs.get("reauthenticated"):
        audit.record("user.step_up", actor=user, subject=user, detail={"way": kwargs.get("type") or method})


@receiver(mfa.authentication_failed)
def second_factor_failed(sender: Any, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    audit.record(
        "user.second_factor_failed", actor=None, subject=user, detail={"way": str(authenticator.type)}
    )


@receiver(mfa.authenticator_added)
def second_factor_added(
    sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Whoever has just set one up has it in his hand: the session counts as signed in with it."""
    audit.record("user.add_second_factor", actor=user, subject=user, after=str(authenticator.type))
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
        user.__dict__.pop("has_second_factor", None)


@receiver(mfa.authenticator_removed)
def second_factor_removed(sender: Any, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    audit.record("user.remove_second_factor", actor=user, subject=user, before=str(authenticator.type))


@receiver(mfa.authenticator_reset)
def recovery_codes_renewed(sender: Any, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    audit.record("user.renew_recovery_codes", actor=user, subject=user)
