"""What a due chip says. Pure: working minutes in, words out; who counts the minutes is core.calendar's matter."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

WORKING_DAY = 8 * 60  # minutes; 1 ngày = 8 giờ làm việc
SOON = 8 * 60

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


@dataclass(frozen=True)
class Chip:
    """One due chip: «{lead} **{strong}** {tail}». `label` is its accessible name with the full date."""

    state: str  # normal | soon | overdue | paused | done | none
    lead: str = ""
    strong: str = ""
    tail: str = ""
    label: str = ""
    pie: int = 0  # eighths of the working time left
    href: str = ""


def amount(minutes: int) -> str:
    """«6 ngày» from five days on, «3 ngày 5 giờ», under a day «2 giờ 10» with minutes in tens; never «0 ngày»."""
    days, rest = divmod(max(0, int(minutes)), WORKING_DAY)
    hours = rest // 60
    if days >= 5 or (days and not hours):
        return _("%(days)d ngày") % {"days": days}
    if days:
        return _("%(days)d ngày %(hours)d giờ") % {"days": days, "hours": hours}
    tens = rest % 60 // 10 * 10
    if hours and tens:
        return _("%(hours)d giờ %(minutes)d") % {"hours": hours, "minutes": tens}
    if hours:
        return _("%(hours)d giờ") % {"hours": hours}
    return _("%(minutes)d phút") % {"minutes": tens or max(1, rest % 60)}


def moment(at: datetime) -> str:
    """«16:50 thứ Sáu 27/11/2026»."""
    local = timezone.localtime(at)
    return f"{local:%H:%M} {WEEKDAYS[local.weekday()]} {local:%d/%m/%Y}"


def running(left: int, total: int, due_at: datetime, href: str = "") -> Chip:
    """A clock that runs: `left` and `total` in working minutes; `left` is negative past the due time."""
    label = _("hạn %(moment)s") % {"moment": moment(due_at)}
    if left < 0:
        return Chip(
            "overdue", strong=_("quá hạn %(amount)s") % {"amount": amount(-left)}, label=label, href=href
        )
    state = "soon" if left <= SOON else "normal"
    pie = min(8, max(1, -(-8 * left // total))) if total else 0
    tail = _("làm việc")
    return Chip(state, lead=_("còn"), strong=amount(left), tail=tail, label=label, pie=pie, href=href)


def running_in_days(left: int, total: int, due_at: datetime, href: str = "") -> Chip:
    """The same for public pages: whole days only, never a ticking clock."""
    chip = running(left, total, due_at, href)
    days = abs(left) // WORKING_DAY
    if chip.state == "overdue":
        words = _("quá hạn %(days)d ngày") % {"days": days} if days else _("quá hạn trong hôm nay")
        return Chip("overdue", strong=words, label=chip.label, href=href)
    if not days:
        return Chip(
            chip.state, lead=_("còn"), strong=_("dưới 1 ngày"), tail=chip.tail, label=chip.label, pie=chip.pie
        )
    strong = _("%(days)d ngày") % {"days": days}
    return Chip(
        chip.state, lead=chip.lead, strong=strong, tail=chip.tail, label=chip.label, pie=chip.pie, href=href
    )


def paused(since: datetime, href: str = "") -> Chip:
    words = _("tạm dừng từ %(moment)s") % {"moment": f"{timezone.localtime(since):%H:%M %d/%m}"}
    return Chip("paused", lead=words, label=words, href=href)


def done(spare: int | None = None) -> Chip:
    """Finished; `spare` working minutes before (or, negative, after) the due time."""
    if spare is None:
        words = _("xong")
    elif spare < 0:
        words = _("xong, trễ %(amount)s") % {"amount": amount(-spare)}
    elif spare >= 60:
        words = _("xong, sớm %(amount)s") % {"amount": amount(spare)}
    else:
        words = _("xong, đúng hạn")
    return Chip("done", lead=words, label=words)


def not_started(words: str = "") -> Chip:
    words = words or _("chưa tính hạn")
    return Chip("none", lead=words, label=words)
