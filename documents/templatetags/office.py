"""Parts of document pages that registers, work files and rights bring along."""

from typing import Any

from django import template

from documents import rules
from documents.models import SavedView, Star, WorkFile
from org.choices import Role

register = template.Library()
MOST = 100


@register.simple_tag(takes_context=True)
def open_work_files(context: template.Context) -> list[WorkFile]:
    """Files that this hat keeps and that take papers: what «Đưa vào hồ sơ» offers. One query."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated or user.hat is None:
        return []
    mine = WorkFile.objects.open().filter(keeper=user)
    headed = WorkFile.objects.open().filter(unit__in=user.units_as(Role.UNIT_HEAD))
    return list((mine | headed).distinct().order_by("-pk")[:MOST])


@register.filter
def record_key(record: Any) -> str:
    """«den:12», «di:7»."""
    return f"{'den' if record._meta.model_name == 'incomingdocument' else 'di'}:{record.pk}"


@register.filter
def star_key(record: Any) -> str:
    """«den-12», «di-7»."""
    return record_key(record).replace(":", "-")


@register.simple_tag(takes_context=True)
def is_starred(context: template.Context, record: Any) -> bool:
    """Has this person put his star on the record? One query."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated:
        return False
    column = "incoming" if record._meta.model_name == "incomingdocument" else "document"
    return Star.objects.filter(user=user, **{column: record.pk}).exists()


@register.simple_tag(takes_context=True)
def rights_of(context: template.Context, record: Any) -> dict[str, Any] | None:
    """What the part «Quyền xem» shows: people given the right by name, and the doors open to this hat."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated or user.hat is None:
        return None
    return {
        "kind": "den" if record._meta.model_name == "incomingdocument" else "di",
        "people": list(record.grants.filter(ended_at__isnull=True).select_related("user", "given_by")[:20]),
        "may_give": rules.grants_reading(user, record),
        "may_log": rules.reads_log(user, record),
        "may_report": True,
    }


@register.simple_tag(takes_context=True)
def saved_views(context: template.Context, list_name: str) -> list[SavedView]:
    """Filters of a list that this person keeps. One query."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated:
        return []
    return list(SavedView.objects.filter(user=user, list_name=list_name))
