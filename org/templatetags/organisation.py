"""Sub-navigation of the staff pages about units, people and rights."""

from collections.abc import Callable
from typing import Any, Final

from django import template
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.templatetags.ui import links
from org import rules
from org.choices import Role

register = template.Library()


def anybody(user: Any) -> bool:
    return True


def holds(*roles: Role) -> Callable[[Any], bool]:
    """Does the present hat hold one of these roles on any unit?"""
    return lambda user: bool(user.units_as(*roles))


def meets_emergencies(user: Any) -> bool:
    """Who may open a record in an emergency, and who judges it."""
    return rules.may_break_glass(user) or bool(user.own_units_as(Role.AUDITOR))


# (words, address, icon, who may open it). Only addresses that this build answers are shown.
ORG_LINKS: Final = [
    (_("Cây đơn vị"), "/lam-viec/don-vi/", "diagram-3", anybody),
    (_("Danh bạ"), "/lam-viec/danh-ba/", "person", anybody),
    (_("Nhân sự"), "/lam-viec/nhan-su/", "people", holds(Role.UNIT_ADMIN, Role.HR_OFFICER)),
    (_("Quyền của tôi"), "/lam-viec/quyen/", "shield-check", anybody),
    (_("Ủy quyền"), "/lam-viec/uy-quyen/", "file-earmark-text", anybody),
    (_("Sắp xếp tổ chức"), "/lam-viec/sap-xep/", "arrow-clockwise", holds(Role.REORGANISER)),
    (_("Truy cập khẩn"), "/lam-viec/truy-cap-khan/", "shield-lock", meets_emergencies),
    (_("Dữ liệu cá nhân"), "/lam-viec/du-lieu-ca-nhan/", "person-badge", holds(Role.UNIT_ADMIN)),
    (_("Nhật ký"), "/lam-viec/nhat-ky/", "journal-text", holds(Role.AUDITOR)),
]


@register.simple_tag(takes_context=True)
def org_links(context: template.Context) -> list[dict[str, Any]]:
    """Pages of «Tổ chức» which exist and which this person may open; the one where one is, is marked."""
    request: HttpRequest | None = context.get("request")
    if request is None or not request.user.is_authenticated:
        return []
    return links(
        [(words, path, icon) for words, path, icon, may in ORG_LINKS if may(request.user)], request.path
    )


@register.filter
def dialled(phone: str) -> str:
    """«0225 3.842.116» → «02253842116»: what a telephone dials."""
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")
