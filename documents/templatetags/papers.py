"""The sub-navigation of «Văn bản»: what the present hat has a use for."""

from collections.abc import Callable
from typing import Any, Final

from django import template
from django.utils.translation import gettext_lazy as _

from core.templatetags import ui
from documents import rules
from org.choices import Role

register = template.Library()

# (words, address, who has a use for it). Only addresses that this build answers are shown.
PAGES: Final[list[tuple[Any, str, Callable[[Any], bool]]]] = [
    (_("Việc của tôi"), "/lam-viec/van-ban/", lambda user: True),
    (_("Văn bản đến"), "/lam-viec/van-ban/den/", lambda user: True),
    (_("Văn bản đi"), "/lam-viec/van-ban/di/", rules.may_draft),
    (_("Trình ký"), "/lam-viec/van-ban/trinh-ky/", lambda user: user.holds(Role.LEADER)),
    (_("Đóng dấu"), "/lam-viec/van-ban/dong-dau/", lambda user: user.holds(Role.CLERK)),
    (
        _("Theo dõi"),
        "/lam-viec/van-ban/theo-doi/",
        lambda user: user.holds(Role.LEADER, Role.CLERK, Role.UNIT_HEAD),
    ),
    (_("Sổ đăng ký"), "/lam-viec/van-ban/so/", lambda user: user.holds(Role.CLERK, Role.LEADER)),
    (_("Hồ sơ công việc"), "/lam-viec/van-ban/ho-so/", lambda user: True),
    (_("Tìm"), "/lam-viec/van-ban/tim/", lambda user: True),
    (_("Hướng dẫn"), "/lam-viec/van-ban/huong-dan/", lambda user: True),
]


@register.simple_tag(takes_context=True)
def document_links(context: template.Context) -> list[dict[str, Any]]:
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated or user.hat is None:
        return []
    return ui.links([(words, path, "") for words, path, may in PAGES if may(user)], request.path)
