"""All that a result template may use: two tags and a few filters. Nothing loads, includes or calls code."""

from typing import Any

from django.template import Library, defaultfilters, defaulttags

from core import wording

DOTS = "…………"

register = Library()
register.tag("if", defaulttags.do_if)
register.tag("for", defaulttags.do_for)
register.filter("join", defaultfilters.join)
register.filter("length", defaultfilters.length)


@register.filter
def dots(value: Any) -> str:
    """The value, or a dotted gap for the officer to fill in."""
    return str(value).strip() if value not in (None, "") else DOTS


@register.filter
def upper(value: Any) -> str:
    return str(value or "").upper()


@register.filter
def as_name(value: Any) -> str:
    """«NGUYỄN THỊ LAN» → «Nguyễn Thị Lan»: capitals belong on the paper, not in lists."""
    text = str(value or "")
    return " ".join(word.capitalize() for word in text.split()) if text.isupper() else text


@register.filter
def day(value: Any) -> str:
    """23/11/2026."""
    return wording.day_short(value)


@register.filter
def spoken(value: Any) -> str:
    """«Ngày hai mươi ba tháng mười một năm hai nghìn không trăm hai mươi sáu»."""
    return wording.day_spoken(value)


@register.filter
def digits_spoken(value: Any) -> str:
    """A whole number in words; nothing for anything else."""
    text = str(value or "").replace(".", "")
    return wording.number_in_words(int(text)) if text.isdigit() and len(text) <= 12 else ""


@register.filter
def two(value: Any) -> str:
    """01, 02 … 10."""
    text = str(value or "")
    return wording.two(int(text)) if text.isdigit() else text
