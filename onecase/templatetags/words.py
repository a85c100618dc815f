"""Names of units and procedures inside a sentence."""

from django import template

from core.templatetags.ui import lower_first, upper_first
from onecase import procedure_page

register = template.Library()


register.filter(lower_first)
register.filter(upper_first)


@register.filter
def short_name(name: str) -> str:
    """«Thủ tục đăng ký khai sinh» → «Đăng ký khai sinh»."""
    return procedure_page.short_name(name)
