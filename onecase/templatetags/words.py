"""Names of units and procedures inside a sentence."""

from django import template

from onecase import procedure_page

register = template.Library()


@register.filter
def lower_first(text: object) -> str:
    """«Phường Gia Viên» → «phường Gia Viên»."""
    words = str(text)
    return words[:1].lower() + words[1:]


@register.filter
def upper_first(text: object) -> str:
    words = str(text)
    return words[:1].upper() + words[1:]


@register.filter
def short_name(name: str) -> str:
    """«Thủ tục đăng ký khai sinh» → «Đăng ký khai sinh»."""
    return procedure_page.short_name(name)
