"""The due chips of arrivals and tasks."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.calendar import WorkingCalendar
from core.duechip import Chip, ChipState, chip, span
from documents.choices import IncomingState, TaskState
from documents.models import IncomingDocument, Task

MINUTE = 60


def of_incoming(incoming: IncomingDocument, calendar: WorkingCalendar, now: datetime) -> Chip:
    state = incoming.state
    if state == IncomingState.ARRIVED:
        waited = calendar.working_seconds_between(incoming.arrived_at, now) // MINUTE * MINUTE
        words = _("chờ tiếp nhận")
        return Chip(ChipState.NONE, lead=words, strong=span(waited), label=words)
    if state in {IncomingState.RETURNED, IncomingState.RECALLED}:
        words = str(incoming.get_state_display()).lower()
        return Chip(ChipState.NONE, lead=words, label=words)
    if incoming.finished_at is not None:
        return chip(
            due_at=incoming.due_at,
            now=now,
            started_at=incoming.registered_at,
            calendar=calendar,
            finished_at=incoming.finished_at,
        )
    if incoming.due_at is None:
        words = (
            _("chưa giao")
            if state in {IncomingState.REGISTERED, IncomingState.SUBMITTED}
            else _("không đặt hạn")
        )
        return Chip(ChipState.NONE, lead=words, label=words)
    return chip(due_at=incoming.due_at, now=now, started_at=incoming.registered_at, calendar=calendar)


def of_task(task: Task, calendar: WorkingCalendar, now: datetime) -> Chip:
    if task.state in {TaskState.RETURNED, TaskState.WITHDRAWN}:
        words = str(task.get_state_display()).lower()
        return Chip(ChipState.NONE, lead=words, label=words)
    return chip(
        due_at=task.due_at,
        now=now,
        started_at=task.created_at,
        calendar=calendar,
        finished_at=task.done_at,
    )
