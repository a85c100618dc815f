"""Sign-in, sign-up and second factors in the portal's words."""

from collections.abc import Collection
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import AddEmailForm as BaseAddEmailForm
from allauth.account.forms import (
    ConfirmEmailVerificationCodeForm,
    ConfirmPasswordResetCodeForm,
    VerifyPhoneForm,
)
from allauth.account.forms import LoginForm as BaseLoginForm
from allauth.account.forms import ResetPasswordForm as BaseResetPasswordForm
from allauth.account.forms import SignupForm as BaseSignupForm
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context as present
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base.forms import AuthenticateForm as BaseAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as BaseReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm as BaseActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, SpeakingForm
from org import lockout, mailboxes, names, passwords, phones, second_factors
from org.models import User

CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "size": "12", "maxlength": "12"}


class Contact:
    """One field for an address of mail or a mobile number, as a telephone likes to fill it in."""

    LABEL = _("Số điện thoại hoặc thư điện tử")
    WIDGET = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "maxlength": "254"}

    @classmethod
    def field(cls, **more: Any) -> forms.CharField:
        return forms.CharField(
            label=cls.LABEL, max_length=254, widget=forms.TextInput(attrs=dict(cls.WIDGET)), **more
        )

    @staticmethod
    def read(text: str) -> tuple[str, str]:
        """(mail, phone): one of the two, in its one spelling. ValidationError says what is wrong."""
        text = text.strip()
        if phones.looks_like_phone(text):
            return "", phones.normalised(text)
        try:
            validate_email(text)
        except ValidationError:
            raise ValidationError(
                gettext(
                    "«%(text)s» không phải thư điện tử hay số điện thoại. Ví dụ: ten@example.com hoặc 0912 345 678."
                ),
                params={"text": text},
            ) from None
        return text.lower(), ""


class LoginForm(BaseLoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = Contact.field()
        self.order_fields(["login", "password"])


class SignupForm(BaseSignupForm):
    """A name, one contact, one password. What is not free is not told here: a message to its owner tells."""

    full_name = forms.CharField(
        label=_("Họ và tên"),
        max_length=names.LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["full_name", "contact", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["email"], self.fields["phone"]
        self.fields["contact"] = Contact.field(help_text=_("Chúng tôi gửi một mã tới đó để chắc là của bạn."))
        self.fields["password1"].help_text = password_hint()
        self.order_fields(self.field_order)

    def clean_full_name(self) -> str:
        return names.cleaned(self.cleaned_data["full_name"])

    def clean_contact(self) -> str:
        text = self.cleaned_data["contact"]
        mail, phone = Contact.read(text)
        if mailboxes.is_official(mail):
            raise ValidationError(
                gettext(
                    "«%(mail)s» là hộp thư công vụ. Tài khoản của người làm trong cơ quan do người quản trị cấp; việc riêng thì dùng thư hoặc số điện thoại riêng."
                ),
                params={"mail": mail},
            )
        if mail:
            mail = self.validate_unique_email(get_adapter().clean_email(mail))
        self.cleaned_data |= {"email": mail or None, "phone": phone}
        return str(text)

    def clean(self) -> dict[str, Any]:
        """Hashing takes most of the time, so that it is done for a known address too: the answer comes as late."""
        cleaned: dict[str, Any] = super().clean()
        about = {name: cleaned.get(name) or "" for name in ("full_name", "email", "phone")}
        if cleaned.get("password1") and not self.has_error("password1"):
            try:
                passwords.check(cleaned["password1"], **about)
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def save(self, request: HttpRequest) -> User:
        user: User = super().save(request)
        user.full_name = self.cleaned_data["full_name"]
        user.save(update_fields=["full_name"])
        return user


class ResetPasswordForm(BaseResetPasswordForm):
    """allauth calls the field `email`; a mobile number may stand there too."""

    email = Contact.field()

    def clean_email(self) -> str:
        mail, phone = Contact.read(self.cleaned_data["email"])
        if mail:
            found = filter_users_by_email(mail, is_active=True, prefer_verified=True, for_login=True)
        else:
            user = get_adapter().get_user_by_phone(phone)
            found = [user] if user is not None and user.is_active else []
        self.users = found
        return mail or phone


class AddEmailForm(BaseAddEmailForm):
    def clean_email(self) -> str:
        mail = str(super().clean_email())
        if mailboxes.is_official(mail):
            raise ValidationError(mailboxes.not_by_oneself(mail))
        return mail


def password_hint() -> str:
    return gettext(
        "Ít nhất 10 ký tự; một câu ngắn dễ nhớ là đủ. Không dùng tên mình hay những từ ai cũng đoán ra."
    )


class SixDigits:
    """The field of a code as a phone likes it: digits first, filled in from the app where the phone can."""

    label = _("Mã 6 chữ số trong ứng dụng, hoặc một mã dự phòng")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]  # type: ignore[attr-defined]
        field.label = self.label
        field.widget.attrs = dict(CODE)
        field.error_messages["required"] = _("Nhập mã.")


class ServesOnce(SixDigits):
    """allauth remembers a used code for one period, in the cache; a code is good for the periods around its own. Here
    the account itself remembers the period of the last code, and takes only later ones."""

    def clean_code(self) -> str:
        user: User = self.user  # type: ignore[attr-defined]
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError as error:
            if getattr(error, "code", "") == "too_many_login_attempts":
                key = f"mfa-auth-user-{user.pk}"
                lockout.note(key=key, user=user)
                raise lockout.refusal(present.request, key=key) from None
            raise
        authenticator: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if authenticator.type == Authenticator.Type.TOTP and not second_factors.use_up(authenticator, code):
            raise get_mfa_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(ServesOnce, BaseAuthenticateForm):
    pass


class ReauthenticateForm(ServesOnce, BaseReauthenticateForm):
    pass


class ActivateTOTPForm(SixDigits, BaseActivateTOTPForm):
    label = _("Mã 6 chữ số mà ứng dụng đang hiện")


class AddPasskeyForm(AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Tên khóa")
        self.fields["name"].help_text = _("Để nhận ra về sau, ví dụ «Máy bàn ở cơ quan».")
        self.fields["name"].max_length = 60
        passwordless = self.fields["passwordless"]
        passwordless.initial = True
        passwordless.label = _("Đăng nhập chỉ bằng khóa này, không cần mật khẩu")
        passwordless.help_text = _("Máy sẽ hỏi vân tay, khuôn mặt hoặc mã PIN của chính nó.")


class RenamePasskeyForm(EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Tên khóa")
        self.fields["name"].max_length = 60


class DataRequestForm(SpeakingForm):
    """What a citizen wants corrected or erased, in his own words."""

    text = forms.CharField(
        label=_("Nội dung yêu cầu"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=4000,
        help_text=_("Điều gì sai hoặc cần xóa, đúng ra là thế nào, giấy tờ nào chứng minh."),
    )


class AnswerForm(SpeakingForm):
    """The officer's answer; the citizen reads it as written."""

    note = forms.CharField(
        label=_("Trả lời người dân"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000
    )


class ErasureForm(AnswerForm):
    """There is no way back from an erasure, so it is confirmed beside the answer."""

    understood = forms.BooleanField(
        label=_("Tôi hiểu việc này không quay lại được"),
        error_messages={"required": _("Đánh dấu xác nhận trước khi xóa: việc này không quay lại được.")},
    )


class CorrectionForm(AnswerForm):
    """The right values; what stays empty stays as it is. `settled`: fields that are not corrected here."""

    full_name = forms.CharField(label=_("Họ và tên"), max_length=names.LONGEST, required=False)
    birth_on = DateField(label=_("Ngày sinh"), required=False)
    number = forms.CharField(label=_("Số định danh"), max_length=12, required=False)
    address = forms.CharField(label=_("Nơi cư trú"), max_length=300, required=False)
    phone = forms.RegexField(
        label=_("Số điện thoại"),
        regex=r"^0\d{8,10}$",
        required=False,
        error_messages={"invalid": _("Số điện thoại gồm 9 đến 11 chữ số, bắt đầu bằng 0.")},
    )
    field_order = ["full_name", "birth_on", "number", "address", "phone", "note"]

    def __init__(self, *args: Any, settled: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in settled:
            del self.fields[name]

    def clean_full_name(self) -> str:
        return names.cleaned(self.cleaned_data["full_name"])


class SentCode(SixDigits):
    label = _("Mã vừa nhận")


class ConfirmEmailForm(SentCode, ConfirmEmailVerificationCodeForm):
    pass


class ConfirmPhoneForm(SentCode, VerifyPhoneForm):
    pass


class ConfirmResetForm(SentCode, ConfirmPasswordResetCodeForm):
    pass
