"""Where allauth asks for our rules."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.core import context as present
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from core import audit
from org import crypto, lockout, mailboxes, phones, step_up
from org.models import User
from org.signals import to_send

CODE_MINUTES = 15  # the timeouts of codes in settings.py
WAYS = {
    "reauthenticate": _lazy("Dùng mật khẩu"),
    "mfa_reauthenticate": _lazy("Dùng mã của ứng dụng hoặc mã dự phòng"),
    "mfa_reauthenticate:webauthn": _lazy("Dùng khóa truy cập"),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        # One sentence whatever was typed: it must not tell whether an account exists.
        f"{method}_password_mismatch": _lazy("Thư điện tử, số điện thoại hoặc mật khẩu chưa đúng.")
        for method in ("email", "phone", "username")
    }
    # Of codes that were sent; the second factor has its own sentences (MFAAdapter).
    error_messages |= {
        "incorrect_code": _lazy("Mã chưa đúng. Nhập mã trong tin nhắn hoặc thư mới nhất."),
        "too_many_login_attempts": _lazy("Mã sai nhiều lần. Xin mã mới."),
    }

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("org:after_sign_in")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """allauth's own pages (second factors, sessions) ask by the same rule as ours."""
        return not step_up.proved_lately(present.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """A password alone confirms nothing for somebody with a second factor."""
        methods = [
            method | {"description": WAYS[method["id"]]}
            for method in super().get_reauthentication_methods(user)
        ]
        if user.is_authenticated and user.has_second_factor:
            return [method for method in methods if method["id"] != "reauthenticate"]
        return methods

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.account.stages.EmailVerificationStage": "org.sign_in_stages.EmailVerificationStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def generate_password_reset_code(self) -> str:
        """Longer than the others: it opens the account all by itself."""
        return get_random_string(8, "0123456789")

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Something proved must stay by which the account is opened and reached."""
        return mailboxes.why_kept(email_address) is None

    # --- tries that fail ---

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By what was typed, so that a name nobody has is locked like one that somebody has."""
        typed = str(credentials.get("email") or credentials.get("phone") or credentials.get("username") or "")
        if phones.looks_like_phone(typed):
            typed = phones.digits_of(typed)  # one number, however it is written
        return f"sign-in {typed.strip().lower()}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            key = self._get_login_attempts_cache_key(request, **credentials)
            lockout.note(key=key, user=self._user_of(credentials))
            raise lockout.refusal(request, key=key) from None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        lockout.failed(self._user_of(credentials))

    def _user_of(self, credentials: dict[str, Any]) -> User | None:
        if phone := credentials.get("phone"):
            return self.get_user_by_phone(phone)
        found = filter_users_by_email(str(credentials.get("email") or ""), for_login=True)
        return found[0] if found else None

    # --- what goes out: owed like every message, the page does not wait for a mail server ---

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What allauth takes for an address may be a telephone number (password reset)."""
        kind = f"sign-in.{template_prefix.rpartition('/')[2]}"
        code = context.get("code", "")
        if phones.looks_like_phone(email):
            if code:
                self._send_sms(email, kind, _code_by_sms(code))
            return
        mail = self.render_mail(
            template_prefix, email, {"request": present.request, "email": email, **context}
        )
        to_send.send(
            sender=User,
            channel="email",
            address=email,
            kind=kind,
            title=mail.subject,
            text=mail.body,
            expires_at=_expiry() if code else None,
        )

    def _send_sms(self, phone: str, kind: str, text: str) -> None:
        to_send.send(
            sender=User, channel="sms", address=phone, kind=kind, title="", text=text, expires_at=_expiry()
        )

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """allauth warns when codes that are shown once were made; here the page warns, the message confirms."""
        template = kwargs.get("message_template") or (args[0] if args else None)
        if template == "mfa/messages/recovery_codes_generated.txt":
            level = messages.SUCCESS
        super().add_message(request, level, *args, **kwargs)

    # --- telephone ---

    def phone_form_field(self, **kwargs: Any) -> Any:
        kwargs.pop("label", None)
        return phones.PhoneField(**kwargs)

    def clean_phone(self, phone: str) -> str:
        return phones.normalised(phone)

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        """A number that was only written down (contact of an account opened by mail or by an outside identity) opens
        nothing and need not be proved."""
        if user.phone and user.phone_verified_at is not None:
            return user.phone, True
        if user.phone and not user.email and user.has_usable_password():
            return user.phone, False
        return None

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        user.phone = phones.normalised(phone)
        user.phone_verified_at = timezone.now() if verified else None
        user.save(update_fields=["phone", "phone_verified_at"])

    def set_phone_verified(self, user: Any, phone: str) -> None:
        before = user.phone if user.phone_verified_at else ""
        self.set_phone(user, phone, verified=True)
        audit.record(
            "user.verify_phone",
            actor=user,
            subject=user,
            before=phones.masked(before) if before else "",
            after=phones.masked(user.phone),
        )

    def get_user_by_phone(self, phone: str) -> Any:
        """Only a number that was proved: who merely typed it must not keep its true holder out."""
        try:
            number = phones.normalised(phone)
        except ValidationError:
            return None
        return User.objects.filter(phone=number, phone_verified_at__isnull=False).first()

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        self._send_sms(phone, "sign-in.code", _code_by_sms(code))

    def send_account_already_exists_sms(self, phone: str) -> None:
        text = _("Cổng Hải Phòng: số này đã có tài khoản. Quên mật khẩu thì chọn «Quên mật khẩu?».")
        self._send_sms(phone, "sign-in.exists", text)


def _code_by_sms(code: str) -> str:
    """No name, no link: whoever reads the screen of a lost telephone learns nothing more."""
    return _("Cổng Hải Phòng: mã xác thực %(code)s, dùng trong %(minutes)d phút. Không đưa mã cho ai.") % {
        "code": code,
        "minutes": CODE_MINUTES,
    }


def _expiry() -> datetime:
    return timezone.now() + timedelta(minutes=CODE_MINUTES)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _lazy(
            "Người làm trong cơ quan phải giữ ít nhất một lớp bảo vệ thứ hai. Thêm cách khác rồi mới bỏ cách này."
        )
    }

    def encrypt(self, text: str) -> str:
        """The secret of an authenticator app must not lie open in a copy of the database."""
        return crypto.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Staff keep at least one second factor; recovery codes are not one."""
        if not authenticator.user.must_use_second_factor:
            return True
        factors = Authenticator.objects.filter(user=authenticator.user)
        return bool(factors.exclude(pk=authenticator.pk).exclude(type="recovery_codes").exists())

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Khóa %(number)d") % {"number": count + 1}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": _("Cổng Hải Phòng")}
