"""Small words of the templates: icons, money, working time, links that exist in this installation."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import Resolver404, resolve
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.duechip import span

register = template.Library()

NBSP = "\N{NO-BREAK SPACE}"

STATUS_SHAPES = {"ring", "half", "diamond", "done", "refused", "overdue"}
DUE_ICONS = {"overdue": "due-flag", "paused": "due-pause", "done": "due-tick", "none": "due-none"}

# (words, address, icon). Only addresses that this build answers are shown.
CITIZEN_LINKS = [
    (gettext_lazy("Thủ tục"), "/thu-tuc/", "journal-text"),
    (gettext_lazy("Tra cứu hồ sơ"), "/tra-cuu/", "search"),
    (gettext_lazy("Phản ánh"), "/phan-anh/", "chat-left-text"),
    (gettext_lazy("Văn bản"), "/van-ban/", "file-earmark-text"),
    (gettext_lazy("Kiểm tra văn bản"), "/kiem-tra/", "shield-check"),
]
STAFF_APPS = [
    (gettext_lazy("Bàn làm việc"), "/lam-viec/", "inbox"),
    (gettext_lazy("Hồ sơ"), "/lam-viec/ho-so/", "journal-text"),
    (gettext_lazy("Văn bản"), "/lam-viec/van-ban/", "file-earmark-text"),
    (gettext_lazy("Cán bộ"), "/lam-viec/can-bo/", "person-badge"),
    (gettext_lazy("Phản ánh"), "/lam-viec/phan-anh/", "chat-left-text"),
    (gettext_lazy("Tổ chức"), "/lam-viec/don-vi/", "diagram-3"),
]
# Places in the bar for those who work there only: (entry, may he). The app that owns a place adds it when it is ready.
STAFF_PLACES: list[tuple[tuple[Any, str, str], Callable[[Any], bool]]] = []
# Pages of «Tổ chức» that do not lie below its address: without this the desk, which all staff addresses begin with, would
# be marked there.
STAFF_BELONGS = {
    page: "/lam-viec/don-vi/"
    for page in (
        "/lam-viec/danh-ba/",
        "/lam-viec/nhan-su/",
        "/lam-viec/quyen/",
        "/lam-viec/uy-quyen/",
        "/lam-viec/sap-xep/",
        "/lam-viec/truy-cap-khan/",
        "/lam-viec/nhat-ky/",
    )
}
ACCOUNT_PAGES = [
    (gettext_lazy("Thư điện tử"), "/tai-khoan/email/", ""),
    (gettext_lazy("Số điện thoại"), "/tai-khoan/phone/change/", ""),
    (gettext_lazy("Mật khẩu"), "/tai-khoan/password/change/", ""),
    (gettext_lazy("Số định danh"), "/tai-khoan/dinh-danh/", ""),
    (gettext_lazy("Dữ liệu của tôi"), "/tai-khoan/du-lieu/", ""),
    (gettext_lazy("Bảo vệ hai lớp"), "/tai-khoan/2fa/", ""),
    (gettext_lazy("Nơi đang đăng nhập"), "/tai-khoan/sessions/", ""),
]
SHORT = {"/lam-viec/": gettext_lazy("Bàn việc")}  # fits under an icon on a phone
SIGN_IN = "/tai-khoan/login/"
OWN_ACCOUNT = (gettext_lazy("Tài khoản của tôi"), "/tai-khoan/email/", "")
FOOT_LINKS = {
    "services": [
        (gettext_lazy("Thủ tục hành chính"), "/thu-tuc/", ""),
        (gettext_lazy("Tra cứu hồ sơ"), "/tra-cuu/", ""),
        (gettext_lazy("Gửi phản ánh, kiến nghị"), "/phan-anh/", ""),
    ],
    "open": [
        (gettext_lazy("Bảng công khai giải quyết hồ sơ"), "/cong-khai/", ""),
        (gettext_lazy("Dữ liệu mở"), "/du-lieu/", ""),
        (gettext_lazy("Nhật ký minh bạch"), "/du-lieu/nhat-ky/", ""),
        (gettext_lazy("Kiểm tra văn bản, chữ ký"), "/kiem-tra/", ""),
    ],
    "help": [
        (gettext_lazy("Tuyên bố về khả năng tiếp cận"), "/tro-giup/tiep-can/", ""),
        (gettext_lazy("Bảo vệ dữ liệu cá nhân"), "/tro-giup/du-lieu-ca-nhan/", ""),
        (gettext_lazy("114 xã, phường, đặc khu"), "/don-vi/", ""),
        (gettext_lazy("Đăng nhập, tạo tài khoản"), SIGN_IN, ""),
    ],
}


@cache
def answers(path: str) -> bool:
    """Does this build serve that address?"""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def links(entries: Iterable[tuple[Any, str, str]], here: str) -> list[dict[str, Any]]:
    shown = [(words, path, icon_name) for words, path, icon_name in entries if answers(path)]
    matches = [path for _words, path, _icon in shown if here.startswith(path)]
    current = max(matches, key=len, default="")
    return [
        {
            "words": words,
            "path": path,
            "icon": icon_name,
            "current": path == current,
            "short": SHORT.get(path, words),
        }
        for words, path, icon_name in shown
    ]


def _path(context: template.Context) -> str:
    """`nav_path` in the context marks another tab than the address would."""
    request: HttpRequest | None = context.get("request")
    return context.get("nav_path") or (request.path if request else "")


@register.simple_tag(takes_context=True)
def citizen_links(context: template.Context) -> list[dict[str, Any]]:
    return links(CITIZEN_LINKS, _path(context))


@register.simple_tag(takes_context=True)
def staff_apps(context: template.Context) -> list[dict[str, Any]]:
    here = _path(context)
    user = getattr(context.get("request"), "user", None)
    inside = user is not None and user.is_authenticated
    own = [entry for entry, may in STAFF_PLACES if inside and may(user)]
    home = next((entry for page, entry in STAFF_BELONGS.items() if here.startswith(page)), here)
    return links([*STAFF_APPS, *own], home)


@register.simple_tag(takes_context=True)
def account_links(context: template.Context) -> list[dict[str, Any]]:
    return links(ACCOUNT_PAGES, _path(context))


@register.simple_tag(takes_context=True)
def foot_links(context: template.Context, group: str) -> list[dict[str, Any]]:
    """Who is signed in reads of his account instead of signing in."""
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)
    inside = bool(user and user.is_authenticated)
    return links(
        [OWN_ACCOUNT if inside and entry[1] == SIGN_IN else entry for entry in FOOT_LINKS[group]], ""
    )


@register.simple_tag
def first_existing(*paths: str) -> str:
    """The first of these addresses that this build serves, or nothing."""
    return next((path for path in paths if answers(path)), "")


@register.simple_tag(takes_context=True)
def text_size(context: template.Context) -> str:
    """100, 118 or 137, from the cookie of «Cỡ chữ»."""
    request: HttpRequest | None = context.get("request")
    size = request.COOKIES.get("co_chu", "") if request else ""
    return size if size in {"118", "137"} else "100"


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, words: str = "", extra: str = "") -> SafeString:
    """A symbol of the sprite. Without `words` it is decoration, hidden from readers."""
    address = f"{static('img/icons.svg')}#{name}"
    css = f"ic {extra}".strip()
    if words:
        return format_html(
            '<svg class="{}" width="16" height="16" role="img" aria-label="{}"><use href="{}"/></svg>',
            css,
            words,
            address,
        )
    return format_html(
        '<svg class="{}" width="16" height="16" aria-hidden="true" focusable="false"><use href="{}"/></svg>',
        css,
        address,
    )


@register.filter
def without_placeholders(form: Any) -> Any:
    """The same form; allauth repeats each label as a placeholder, which reads like a value."""
    for field in form.fields.values() if form else ():
        field.widget.attrs.pop("placeholder", None)
    return form


def _named(label: str, error: str) -> str:
    """The message with the field's name in front, unless it already says which field it means."""
    speaks = label.endswith(("?", ".")) or label.lower().rstrip(".") in error.lower()
    return error if speaks else f"{label}: {error}"


@register.simple_tag
def problems(form: Any = None, more: Iterable[tuple[str, str]] | None = None) -> list[tuple[str, str]]:
    """(address, words) of all that is to mend: of the form as a whole, of its fields, and what the page adds."""
    found: list[tuple[str, str]] = []
    if form and form.errors:
        found += [("", str(error)) for error in form.non_field_errors()]
        found += [
            (f"#{field.auto_id}", _named(str(field.label), str(error)))
            for field in form
            for error in field.errors
        ]
    return found + list(more or [])


@register.filter
def chip_icon(chip: Any) -> str:
    """The shape of a due chip: a pie of the time left, or the mark of its state."""
    state, pie = (chip["state"], chip.get("pie")) if isinstance(chip, dict) else (chip.state, chip.pie)
    if state in DUE_ICONS:
        return DUE_ICONS[state]
    return f"pie-{min(8, max(0, int(pie or 0)))}"


@register.filter
def status_shape(kind: str) -> str:
    return f"st-{kind if kind in STATUS_SHAPES else 'ring'}"


@register.filter
def lower_first(text: object) -> str:
    """«Phường Gia Viên» → «phường Gia Viên», for a name inside a sentence."""
    words = str(text)
    return words[:1].lower() + words[1:]


@register.filter
def upper_first(text: object) -> str:
    words = str(text)
    return words[:1].upper() + words[1:]


@register.filter
def day_before(day: date | None) -> date | None:
    """Ranges are half-open: the last day of [from, to) is the one before `to`."""
    return day - timedelta(days=1) if day else None


@register.filter
def vnd(amount: int | None) -> str:
    """10094700 → «10.094.700 đ»."""
    return "" if amount is None else f"{int(amount):,}".replace(",", ".") + f"{NBSP}đ"


@register.filter
def number(value: int | None) -> str:
    """18406 → «18.406»."""
    return "" if value is None else f"{int(value):,}".replace(",", ".")


@register.filter
def due_words(minutes: int | None) -> str:
    """Working minutes → «3 ngày 5 giờ», «2 giờ 10»."""
    return "" if minutes is None else span(minutes * 60)


@register.filter
def file_size(size: int | None) -> str:
    """1843200 → «1,8 MB»."""
    if size is None:
        return ""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))}{NBSP}KB"
    return f"{size / 1024 / 1024:.1f}".replace(".", ",") + f"{NBSP}MB"


@register.filter
def initials(name: str) -> str:
    """«Nguyễn Thị Lan» → «NL»: the family name and the given name."""
    words = str(name).split()
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper()


@register.filter
def weekday(day: Any) -> str:
    """«thứ Hai» … «Chủ nhật» of a date or moment."""
    names = [_("thứ Hai"), _("thứ Ba"), _("thứ Tư"), _("thứ Năm"), _("thứ Sáu"), _("thứ Bảy"), _("Chủ nhật")]
    return names[day.weekday()]


@register.filter
def steps(total: int, current: int) -> list[str]:
    """The bars of a stepper: «full», «now» or nothing for each of `total` steps."""
    return ["full" if n < current else "now" if n == current else "" for n in range(1, int(total) + 1)]


@register.filter
def percent_of(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0
