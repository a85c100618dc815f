"""Reminders of tasks, in working time: due soon, late, and to those above when it stays late.

The hours are the agency's own (AgencyPractice). A row of Reminder is what keeps anybody from being told twice.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.calendar import HOUR, WorkingCalendar
from core.duechip import span
from core.office_calendar import Calendars
from documents.actions.incoming import TASKS, doers_of
from documents.choices import ReminderKind, TaskRole
from documents.models import AgencyPractice, Reminder, Task
from notices import services as notices
from org import services as org

LOOK_AHEAD: Final = timedelta(days=20)  # longer than any holiday with the hours before it
SHEET: Final = 500


def remind(now: datetime) -> int:
    """Everybody who has to be reminded now. Outside office hours nobody is. Returns how many notices were written."""
    calendars = Calendars()
    practices = {row.agency_id: row for row in AgencyPractice.objects.all()}
    sent = 0
    tasks = (
        Task.objects.open()
        .work()
        .filter(due_at__isnull=False, due_at__lt=now + LOOK_AHEAD, incoming__is_frozen=False)
        .select_related("incoming", "unit", "person", "directive__by")
        .order_by("pk")
    )
    for task in tasks.iterator(chunk_size=SHEET):
        calendar = calendars.of(task.incoming.agency_id)
        if not _is_open(calendar, now):
            continue
        practice = practices.get(task.incoming.agency_id) or AgencyPractice()
        for kind in _kinds(task, calendar, practice, now):
            sent += _remind(task, kind, calendar, now)
    return sent


def _is_open(calendar: WorkingCalendar, now: datetime) -> bool:
    local = timezone.localtime(now)
    second = local.hour * HOUR + local.minute * 60
    return any(opens <= second <= closes for opens, closes in calendar.spans(local.date()))


def _kinds(
    task: Task, calendar: WorkingCalendar, practice: AgencyPractice, now: datetime
) -> list[ReminderKind]:
    assert task.due_at is not None
    left = calendar.working_seconds_between(now, task.due_at)
    if now <= task.due_at:
        return [ReminderKind.SOON] if left <= practice.remind_hours * HOUR else []
    if -left >= practice.escalate_hours * HOUR:
        return [ReminderKind.LATE, ReminderKind.ESCALATED]
    return [ReminderKind.LATE]


@transaction.atomic
def _remind(task: Task, kind: ReminderKind, calendar: WorkingCalendar, now: datetime) -> int:
    """«Sắp đến hạn» once for a due time, «quá hạn» once a day, «báo cấp trên» once a week."""
    day = timezone.localdate(now)
    assert task.due_at is not None
    if kind == ReminderKind.SOON:
        day = timezone.localdate(task.due_at)
    elif kind == ReminderKind.ESCALATED:
        day -= timedelta(days=day.weekday())
    _row, is_new = Reminder.objects.get_or_create(task=task, kind=kind, day=day)
    if not is_new:
        return 0
    people = _above(task) if kind == ReminderKind.ESCALATED else doers_of(task)
    due = timezone.localtime(task.due_at)
    time_words = span(abs(calendar.working_seconds_between(now, task.due_at)))
    if kind == ReminderKind.SOON:
        title = _("Sắp đến hạn: %(number)s")
        text = _("Còn %(time)s làm việc, hạn %(due)s.")
    else:
        title = _("Quá hạn: %(number)s") if kind == ReminderKind.LATE else _("Cấp dưới quá hạn: %(number)s")
        text = _("Quá hạn %(time)s làm việc, hạn %(due)s.")
    number = task.incoming.number_printed or task.incoming.title[:60]
    who = task.person.full_name if task.person else task.unit.name
    for person in people:
        notices.tell_inbox(
            recipient=person,
            kind=f"task.{kind}",
            title=(title % {"number": number})[:200],
            text=f"{task.incoming.title}\n{who}. "
            + text % {"time": time_words, "due": f"{due:%H:%M %d/%m/%Y}"},
            url=f"{TASKS}{task.pk}/",
            subject=task,
        )
    return len(people)


def _above(task: Task) -> list[object]:
    """Of an officer the head of his unit and who gave it; of a unit, who gave it and the agency's leaders."""
    found = {task.directive.by_id: task.directive.by}
    heads = org.heads_of(task.unit_id) if task.person is not None else org.heads_of(task.incoming.agency_id)
    for person in heads if task.role == TaskRole.LEAD or task.person is not None else []:
        found.setdefault(person.pk, person)
    doers = {person.pk for person in doers_of(task)}
    return [person for pk, person in found.items() if pk not in doers]
