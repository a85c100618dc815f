"""Parts of document pages that registers, work files and rights bring along."""

from typing import Any

from django import template

from documents.models import WorkFile

register = template.Library()
MOST = 100


@register.simple_tag(takes_context=True)
def open_work_files(context: template.Context) -> list[WorkFile]:
    """Files that this hat keeps and that take papers: what «Đưa vào hồ sơ» offers. One query."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated or user.hat is None:
        return []
    mine = WorkFile.objects.open().filter(keeper=user)
    headed = WorkFile.objects.open().filter(unit__in=user.units_as("unit_head"))
    return list((mine | headed).distinct().order_by("-pk")[:MOST])


@register.filter
def record_key(record: Any) -> str:
    """«den:12», «di:7»."""
    return f"{'den' if record._meta.model_name == 'incomingdocument' else 'di'}:{record.pk}"
