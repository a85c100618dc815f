"""Names of units and procedures inside a sentence."""

from django import template

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
