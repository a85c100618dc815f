"""How papers write dates, hours and figures (NĐ 30/2020/NĐ-CP, Phụ lục I: 0 before days under 10 and months 1, 2)."""

import re
from datetime import date, datetime

from django.utils import timezone

NBSP = "\N{NO-BREAK SPACE}"
UNKNOWN = "…"
_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ("", "nghìn", "triệu", "tỷ")
_PARTS = re.compile(r"\d+")


def two(number: int) -> str:
    """«05», «12»: figures under 10 get a leading 0."""
    return f"{number:02d}"


def _month(number: int) -> str:
    return two(number) if number < 3 else str(number)


def day_in_words(day: date) -> str:
    """«ngày 05 tháng 01 năm 2026», «ngày 23 tháng 11 năm 2026»."""
    return f"ngày {two(day.day)} tháng {_month(day.month)} năm {day.year}"


def undated(year: int) -> str:
    """For a draft: «ngày … tháng … năm 2026»."""
    return f"ngày {UNKNOWN} tháng {UNKNOWN} năm {year}"


def moment_in_words(at: datetime) -> str:
    """«09 giờ 26 phút, ngày 23/11/2026», in local time."""
    local = timezone.localtime(at)
    return f"{two(local.hour)}{NBSP}giờ {two(local.minute)}{NBSP}phút, ngày{NBSP}{local:%d/%m/%Y}"


def parsed_day(value: object) -> date | None:
    """A day as forms keep it (dd/mm/yyyy or ISO), or None: partial dates and plain text stay as they are."""
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    if isinstance(value, date):
        return value
    parts = [int(part) for part in _PARTS.findall(str(value or ""))[:4]]
    if len(parts) != 3:
        return None
    year, month, day = parts if parts[0] > 31 else reversed(parts)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def day_short(value: object) -> str:
    """«23/11/2026» for a day in any form, the text itself for anything else («1958», «3/1958»)."""
    day = parsed_day(value)
    return f"{day:%d/%m/%Y}" if day else str(value or "")


def money(amount: int) -> str:
    """«8.000 đồng»."""
    return f"{amount:,}".replace(",", ".") + f"{NBSP}đồng"


def number_in_words(number: int) -> str:
    """«hai nghìn không trăm hai mươi sáu». ValueError below 0 and from a thousand billions on."""
    if not 0 <= number < 10**12:
        raise ValueError(f"not written in words: {number}")
    if number == 0:
        return _DIGITS[0]
    groups: list[int] = []
    while number:
        number, rest = divmod(number, 1000)
        groups.append(rest)
    words = [
        f"{_group(value, full=place < len(groups) - 1)} {_SCALES[place]}".strip()
        for place, value in reversed(list(enumerate(groups)))
        if value
    ]
    return " ".join(words)


def _group(value: int, *, full: bool) -> str:
    """Up to 999. `full`: higher groups stand before it, so «không trăm» is said."""
    hundreds, rest = divmod(value, 100)
    tens, units = divmod(rest, 10)
    words = [f"{_DIGITS[hundreds]} trăm"] if hundreds or full else []
    if tens == 0 and units and words:
        words.append("linh")
    if tens:
        words.append("mười" if tens == 1 else f"{_DIGITS[tens]} mươi")
    if units:
        words.append(_unit(tens, units))
    return " ".join(words)


def _unit(tens: int, units: int) -> str:
    """«mốt» after 20 and on, «lăm» after any ten; «tư» is left out, since both readings are right."""
    if units == 1 and tens > 1:
        return "mốt"
    if units == 5 and tens:
        return "lăm"
    return _DIGITS[units]


def day_spoken(value: object) -> str:
    """«Ngày mười hai tháng ba năm hai nghìn không trăm hai mươi sáu»; empty when the day is not whole."""
    day = parsed_day(value)
    if day is None:
        return ""
    month = "tư" if day.month == 4 else number_in_words(day.month)
    spoken = ("mồng " if day.day <= 10 else "") + number_in_words(day.day)
    return f"Ngày {spoken} tháng {month} năm {number_in_words(day.year)}"


def masked_phone(phone: str) -> str:
    """0912345678 → 09•• ••• 678."""
    digits = "".join(_PARTS.findall(phone))
    return f"{digits[:2]}•• ••• {digits[-3:]}" if len(digits) >= 9 else "•" * len(digits)


def masked_email(email: str) -> str:
    """pham.ha@example.vn → ph•••@example.vn."""
    name, at, domain = email.partition("@")
    return f"{name[:2]}•••{at}{domain}" if at else ""
