"""Official mailboxes: who holds a post writes, and recovers his account, by an address of the administration."""

from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import RuleError

if TYPE_CHECKING:
    from allauth.account.models import EmailAddress

    from org.models import User


def is_official(address: str | None) -> bool:
    """Of one of STAFF_MAIL_DOMAINS, or of a name below it."""
    domain = (address or "").lower().rpartition("@")[2]
    return any(domain == one or domain.endswith(f".{one}") for one in settings.STAFF_MAIL_DOMAINS)


def come_from_the_office(user: "User") -> bool:
    """Whoever serves, or has served, does not choose his addresses: they follow the post and the administrator gives
    them. Else a private or a lost mailbox would recover an account that signs."""
    person = apps.get_model("org", "Person").objects.filter(user=user)
    return user.must_use_second_factor or bool(person.exists())


def domains() -> str:
    """As read on screens: «@haiphong.gov.vn hoặc @…»."""
    return _(" hoặc ").join(f"@{domain}" for domain in settings.STAFF_MAIL_DOMAINS)


def why_kept(address: "EmailAddress") -> str | None:
    """Why this address may not leave its account; None when it may. A proved telephone opens the account too."""
    user: User = address.user
    others = type(address).objects.filter(user=user).exclude(pk=address.pk)
    by_phone = bool(user.phone and user.phone_verified_at)
    if (address.primary or address.email == user.email) and others.exists():
        text = _("%(mail)s là địa chỉ chính. Đặt một địa chỉ khác làm địa chỉ chính rồi mới bỏ địa chỉ này.")
    elif not by_phone and not others.exists():
        text = _(
            "%(mail)s là địa chỉ duy nhất của tài khoản nên không bỏ được: không còn gì để đăng nhập và nhận tin. Thêm một địa chỉ khác hoặc xác nhận số điện thoại trước."
        )
    elif not by_phone and address.verified and not others.filter(verified=True).exists():
        text = _(
            "%(mail)s là địa chỉ duy nhất đã xác nhận nên không bỏ được. Xác nhận một địa chỉ khác hoặc số điện thoại trước."
        )
    else:
        return None
    return text % {"mail": address.email}


def not_by_oneself(address: str) -> str:
    return _(
        "«%(mail)s» là hộp thư công vụ. Hộp thư công vụ do người quản trị cấp; việc riêng thì dùng thư riêng."
    ) % {"mail": address}


def require(user: "User") -> None:
    """Before a hat is put on. RuleError: the account has no official address."""
    if not is_official(user.email):
        raise RuleError(
            _(
                "Tài khoản của %(name)s dùng «%(address)s». Người giữ chức vụ phải có hộp thư công vụ (%(domains)s)."
            )
            % {
                "name": user.full_name or _("người này"),
                "address": user.email or _("không có thư điện tử"),
                "domains": domains(),
            }
        )
