"""Official mailboxes: who holds a post writes, and recovers his account, by an address of the administration."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import RuleError

if TYPE_CHECKING:
    from org.models import User


def is_official(address: str | None) -> bool:
    """Of one of STAFF_MAIL_DOMAINS, or of a name below it."""
    domain = (address or "").lower().rpartition("@")[2]
    return any(domain == one or domain.endswith(f".{one}") for one in settings.STAFF_MAIL_DOMAINS)


def domains() -> str:
    """As read on screens: «@haiphong.gov.vn hoặc @…»."""
    return _(" hoặc ").join(f"@{domain}" for domain in settings.STAFF_MAIL_DOMAINS)


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
