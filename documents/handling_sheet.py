"""Phiếu giải quyết văn bản đến: opinions of the leader, of the unit's head, proposal of the handler (Phụ lục IV, NĐ 30/2020)."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from core import paper
from documents.choices import TaskState
from documents.models import IncomingDocument
from org.letterhead import letterhead


def render(incoming: IncomingDocument) -> bytes:
    """As PDF, from what was written in the system. The paper has no number and no signature of its own."""
    leaders: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    for directive in incoming.directives.select_related("under__unit").prefetch_related(
        "tasks__unit", "tasks__person"
    ):
        shown = {
            "who": directive.name_printed,
            "post": directive.post_printed,
            "for": directive.signed_for_printed,
            "unit": directive.under.unit.name if directive.under else "",
            "text": directive.text,
            "at": _moment(directive.at),
            "tasks": [_task(task) for task in directive.tasks.all()],
        }
        (heads if directive.under_id else leaders).append(shown)
    reports = [
        {
            "who": task.person.full_name if task.person else task.unit.name,
            "notes": [(note.text, _moment(note.at), note.by_printed) for note in task.notes.all()],
            "result": task.result,
            "reply": task.reply.number_printed if task.reply else "",
        }
        for task in incoming.tasks.select_related("unit", "person", "reply")
        .prefetch_related("notes")
        .order_by("pk")
        if task.result or task.reply_id or task.notes.all()
    ]
    context = {
        "head": letterhead(incoming.agency).as_dict(),
        "one": incoming,
        "day": f"{incoming.dated_on:%d/%m/%Y}" if incoming.dated_on else "",
        "arrived": _moment(incoming.registered_at or incoming.arrived_at),
        "leaders": leaders,
        "heads": heads,
        "reports": reports,
        "printed": _moment(timezone.now()),
    }
    return paper.render("papers/handling_sheet.html", context).data


def _task(task: Any) -> dict[str, str]:
    return {
        "role": task.get_role_display(),
        "who": f"{task.person.full_name}, {task.unit.name}" if task.person else task.unit.name,
        "due": _moment(task.due_at),
        "state": task.get_state_display() if task.state != TaskState.NEW else "",
    }


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%H:%M %d/%m/%Y}" if at else ""
