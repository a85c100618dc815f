"""Dates and figures as people write them: 05/09/2026, 1.234,5. Text in, values out."""

import re
from datetime import date


def read_date(text: str, *, partial: bool = False) -> date | None:
    """dd/mm/yyyy with any of / . -, eight digits, or ISO. With `partial` also mm/yyyy and yyyy (their first day)."""
    text = text.strip()
    if partial:
        if re.fullmatch(r"\d{4}", text):
            text = f"01/01/{text}"
        elif re.fullmatch(r"\d{1,2}/\d{4}", text):
            text = f"01/{text}"
    match = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text) or re.fullmatch(
        r"(\d\d)(\d\d)(\d{4})", text
    )
    if match:
        day, month, year = (int(part) for part in match.groups())
    elif match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
        year, month, day = (int(part) for part in match.groups())
    else:
        return None
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if 1800 <= found.year <= 2200 else None


def show_date(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def read_number(text: str) -> int | float | None:
    """Vietnamese figures: 1.234,5. A point followed by exactly three digits separates thousands."""
    text = re.sub(r"[\s\u00a0]", "", text).removesuffix("đ")
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d+)?", text) or re.fullmatch(r"\d+,\d+", text):
        text = text.replace(".", "").replace(",", ".")
    if not re.fullmatch(r"\d{1,15}(\.\d{1,6})?", text):
        return None
    value = float(text)
    return int(value) if value == int(value) else value


def show_number(value: int | float) -> str:
    """18406 → 18.406; 12.5 → 12,5."""
    text = f"{value:,.6f}".rstrip("0").rstrip(".") if value != int(value) else f"{int(value):,}"
    return text.replace(",", "_").replace(".", ",").replace("_", ".")
