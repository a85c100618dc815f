"""Ý kiến chỉ đạo: who leads, who co-operates, who is informed, and until when (domain/documents.md §7, step 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, office_calendar
from core.calendar import HOUR, WorkingCalendar
from core.errors import RuleError
from documents.actions import delivery, indexing
from documents.actions.incoming import TASKS, doers_of, take, tell
from documents.choices import (
    TASK_OPEN,
    Circulation,
    DeliveryState,
    IncomingState,
    RecipientPurpose,
    TaskRole,
    TaskState,
)
from documents.models import AgencyPractice, Directive, IncomingDocument, Task
from documents.people import post_of
from documents.secrecy import refuse_secret
from documents.workflow import TASK_MOVES
from org.models import Assignment, Organization

DAY_HOURS = 8
ROLE_WORDS = {
    TaskRole.LEAD: gettext_lazy("Việc mới (chủ trì): %(number)s"),
    TaskRole.COOPERATE: gettext_lazy("Việc mới (phối hợp): %(number)s"),
    TaskRole.INFORM: gettext_lazy("Để biết: %(number)s"),
}


@dataclass(frozen=True)
class Assignee:
    """One line of a directive. Without a person the unit as a whole, that is its head."""

    unit: Organization
    role: str
    person: Any = None
    due_at: datetime | None = None
    text: str = ""


def end_of(day: date, calendar: WorkingCalendar) -> datetime:
    """The hour at which the office closes on that day; 17:00 where it is closed all day."""
    spans = calendar.spans(day)
    seconds = spans[-1][1] if spans else 17 * HOUR
    return timezone.make_aware(datetime.combine(day, time(seconds // HOUR, seconds % HOUR // 60)))


def usual_due(incoming: IncomingDocument, *, now: datetime | None = None) -> datetime:
    """The deadline that is offered: the day the document asks for an answer, else the agency's usual working days."""
    now = now or timezone.now()
    calendar = office_calendar.load(incoming.agency_id)
    if incoming.reply_by is not None and incoming.reply_by >= timezone.localdate(now):
        return end_of(incoming.reply_by, calendar)
    practice = AgencyPractice.objects.filter(agency=incoming.agency_id).first() or AgencyPractice()
    due = calendar.add_working_time(now, practice.task_days * DAY_HOURS * HOUR)
    return end_of(timezone.localdate(due), calendar)


def people_of(agency_id: int) -> list[Assignment]:
    """Everybody who holds a post in the agency today and has an account, by unit and name."""
    return list(
        Assignment.objects.valid_on()
        .filter(organization__agency=agency_id, person__user__is_active=True)
        .select_related("organization", "person__user", "position")
        .order_by("organization__name", "person__sort_key", "pk")
    )


def units_of(agency_id: int) -> list[Organization]:
    """Parts of the agency that are there today, by name; the agency itself is its leaders."""
    return list(
        Organization.objects.valid_on().filter(agency=agency_id).exclude(pk=agency_id).order_by("name", "pk")
    )


@transaction.atomic
def direct(incoming_id: int, *, actor: Any, text: str, assignees: Sequence[Assignee]) -> Directive:
    """The leader writes his opinion and gives the work. A new lead takes the place of one that is open."""
    incoming = take(incoming_id, "direct", actor=actor, note=text.strip()[:500])
    refuse_secret(text)
    _check(assignees, incoming)
    lead = next((one for one in assignees if one.role == TaskRole.LEAD), None)
    if lead is not None:
        _replace_lead(incoming, lead, actor)
    directive = _write(incoming, actor, text, assignees)
    _tell_all(directive)
    if lead is not None:
        incoming.lead_unit, incoming.due_at = lead.unit, lead.due_at
    incoming.handled_by_printed = handlers_words(incoming)
    incoming.save(update_fields=["lead_unit", "due_at", "handled_by_printed"])
    delivery.report(incoming, DeliveryState.ASSIGNED, actor=actor, note=incoming.handled_by_printed)
    if not incoming.tasks.exclude(role=TaskRole.INFORM).exists():
        _only_to_know(incoming, actor)
    return directive


def hand_over(dispatch_id: int) -> None:
    """What an agency sends to its own units is work for them at once, without a number of arrival.

    It stands in the register of outgoing documents already. «Kính gửi» leads, «Nơi nhận» is informed. Twice is harmless.
    """
    inside = IncomingDocument.objects.filter(
        recipient__dispatch=dispatch_id,
        recipient__dispatch__agency=F("agency"),
        recipient__delivered_to__isnull=True,
        recipient__unit__agency=F("agency"),
        circulation=Circulation.INTERNAL,
        state=IncomingState.ARRIVED,
    ).exclude(recipient__unit=F("agency"))
    beside = ("recipient__unit", "recipient__dispatch__sent_by", "recipient__dispatch__document__drafter")
    for one in inside.select_related(*beside).order_by("pk"):
        _hand_over(one)


@transaction.atomic
def _hand_over(one: IncomingDocument) -> None:
    row = one.recipient
    assert row is not None and row.unit is not None
    sender = row.dispatch.sent_by or row.dispatch.document.drafter
    leads = row.purpose == RecipientPurpose.TO
    incoming = take(
        one.pk,
        "hand_over",
        actor=None,
        lead_unit=row.unit if leads else None,
        handled_by_printed=row.unit.name[:300],
        due_at=usual_due(one) if leads else None,
    )
    role = TaskRole.LEAD if leads else TaskRole.INFORM
    words = _("Văn bản nội bộ của cơ quan: thực hiện theo nội dung văn bản.")
    text = words if leads else _("Văn bản nội bộ của cơ quan: để biết.")
    assignee = Assignee(unit=row.unit, role=role, due_at=incoming.due_at)
    _tell_all(_write(incoming, sender, text, [assignee]))
    delivery.report(incoming, DeliveryState.ASSIGNED, actor=None, note=row.unit.name)
    if not leads:
        _only_to_know(incoming, None)


@transaction.atomic
def pass_on(task_id: int, *, actor: Any, text: str, assignees: Sequence[Assignee]) -> Directive:
    """The head gives what came to his unit to its people; his own task goes on until he says that it is done."""
    task = lock_task(task_id)
    move = TASK_MOVES.require("assign", task, actor)
    actor.act_by(move.who, task)
    refuse_secret(text)
    if task.person_id is not None and task.directive.under_id is not None:
        raise RuleError(_("Việc này đã giao đích danh; rút việc rồi giao người khác."))
    _check(assignees, task.incoming)
    for one in assignees:
        if one.unit.pk != task.unit_id:
            raise RuleError(_("Chỉ giao người trong đơn vị «%(unit)s».") % {"unit": task.unit.name})
        if task.due_at and one.due_at and one.due_at > task.due_at:
            raise RuleError(
                _("Hạn giao trong đơn vị không được sau hạn của đơn vị (%(due)s).")
                % {"due": f"{timezone.localtime(task.due_at):%H:%M %d/%m/%Y}"}
            )
    started = task.state in {TaskState.NEW, TaskState.SEEN}
    before, task.state = task.state, move.target
    task.seen_at = task.seen_at or timezone.now()
    task.save(update_fields=["state", "seen_at"])
    for former in task_children(task).filter(role=TaskRole.LEAD, state__in=sorted(TASK_OPEN)):
        if any(one.role == TaskRole.LEAD for one in assignees):
            take_back(former, actor, _("Giao lại trong đơn vị"))
    directive = _write(task.incoming, actor, text, assignees, under=task)
    audit.record("task.assign", actor=actor, subject=task, before=before, after=task.state, note=text[:500])
    _tell_all(directive)
    if started and task.role == TaskRole.LEAD and task.directive.under_id is None:
        begin(task.incoming, actor=actor)
    return directive


def lock_task(task_id: int) -> Task:
    """The arrival is the root: locked first, then the task."""
    incoming_id = Task.objects.values_list("incoming_id", flat=True).get(pk=task_id)
    IncomingDocument.objects.select_for_update().get(pk=incoming_id)
    task = (
        Task.objects.select_for_update(of=("self",))
        .select_related("incoming__agency", "unit", "person", "directive__by", "directive__under")
        .get(pk=task_id)
    )
    if task.incoming.is_frozen:
        raise RuleError(_("Văn bản đã thu hồi, chỉ còn để xem."))
    return task


def task_children(task: Task) -> Any:
    return Task.objects.filter(directive__under=task)


def begin(incoming: IncomingDocument, *, actor: Any) -> None:
    """The lead has taken it up: the sender learns «05». Once."""
    if incoming.state == IncomingState.ASSIGNED:
        take(incoming.pk, "start", actor=None)
        delivery.report(incoming, DeliveryState.IN_PROGRESS, actor=actor)


def handlers_words(incoming: IncomingDocument) -> str:
    """«Phòng Ngân sách chủ trì, 2 phối hợp»."""
    given = list(
        incoming.tasks.filter(directive__under__isnull=True)
        .exclude(state__in=[TaskState.WITHDRAWN, TaskState.RETURNED])
        .select_related("unit", "person")
    )
    lead = next((task for task in given if task.role == TaskRole.LEAD), None)
    others = sum(task.role == TaskRole.COOPERATE for task in given)
    informed = sum(task.role == TaskRole.INFORM for task in given)
    parts = []
    if lead is not None:
        name = lead.person.full_name if lead.person else (lead.unit.short_name or lead.unit.name)
        parts.append(_("%(name)s chủ trì") % {"name": name} if others or informed else name)
    if others:
        parts.append(_("%(n)s phối hợp") % {"n": others})
    if informed:
        parts.append(_("%(n)s để biết") % {"n": informed})
    return ", ".join(parts)[:300]


def _check(assignees: Sequence[Assignee], incoming: IncomingDocument) -> None:
    if not assignees:
        raise RuleError(_("Chọn ít nhất một đơn vị hoặc người thực hiện."))
    if sum(one.role == TaskRole.LEAD for one in assignees) > 1:
        raise RuleError(_("Chỉ một nơi chủ trì; các nơi khác phối hợp hoặc để biết."))
    roles = {one.role for one in assignees}
    if TaskRole.COOPERATE in roles and TaskRole.LEAD not in roles and not _has_lead(incoming):
        raise RuleError(_("Chọn nơi chủ trì: phối hợp thì phải có nơi chủ trì."))
    whom = [(one.unit.pk, one.person.pk if one.person else None) for one in assignees]
    if len(set(whom)) < len(whom):
        raise RuleError(_("Một nơi chỉ giữ một vai trò."))
    for one in assignees:
        if one.unit.agency_id != incoming.agency_id and one.unit.pk != incoming.agency_id:
            raise RuleError(_("«%(unit)s» không thuộc cơ quan này.") % {"unit": one.unit.name})
        if one.due_at is not None and one.due_at <= timezone.now():
            raise RuleError(_("Hạn phải sau lúc giao."))


def _has_lead(incoming: IncomingDocument) -> bool:
    return incoming.tasks.open().filter(role=TaskRole.LEAD).exists()


def _write(
    incoming: IncomingDocument,
    actor: Any,
    text: str,
    assignees: Sequence[Assignee],
    under: Task | None = None,
) -> Directive:
    if not text.strip():
        raise RuleError(_("Nhập ý kiến chỉ đạo."))
    directive = Directive.objects.create(
        incoming=incoming,
        under=under,
        by=actor,
        name_printed=actor.full_name,
        post_printed=post_of(actor),
        signed_for_printed=actor.acting_for[:400],
        text=text.strip(),
    )
    Task.objects.bulk_create(
        Task(
            directive=directive,
            incoming=incoming,
            unit=one.unit,
            person=one.person,
            role=one.role,
            text=(one.text or text).strip()[:1000],
            due_at=None if one.role == TaskRole.INFORM else one.due_at,
            first_due_at=None if one.role == TaskRole.INFORM else one.due_at,
        )
        for one in assignees
    )
    indexing.access_changed(incoming)
    return directive


def _tell_all(directive: Directive) -> None:
    for task in directive.tasks.select_related("unit", "person"):
        for person in doers_of(task):
            if person.pk != directive.by_id:
                tell(
                    person,
                    directive.incoming,
                    "task.new",
                    str(ROLE_WORDS[TaskRole(task.role)]),
                    url=f"{TASKS}{task.pk}/",
                    text=directive.text,
                )


def _replace_lead(incoming: IncomingDocument, lead: Assignee, actor: Any) -> None:
    open_leads = incoming.tasks.open().filter(role=TaskRole.LEAD, directive__under__isnull=True)
    for task in open_leads.select_related("unit", "person", "incoming"):
        note = _("Giao lại %(name)s chủ trì") % {"name": lead.person or lead.unit}
        for child in task_children(task).filter(state__in=sorted(TASK_OPEN)).select_related("unit", "person"):
            take_back(child, actor, note)
        take_back(task, actor, note)


def take_back(task: Task, actor: Any, note: str) -> None:
    before, task.state, task.done_at = task.state, TaskState.WITHDRAWN, timezone.now()
    task.save(update_fields=["state", "done_at"])
    audit.record("task.withdraw", actor=actor, subject=task, before=before, after=task.state, note=note)
    for person in doers_of(task):
        tell(
            person,
            task.incoming,
            "task.withdrawn",
            _("Đã rút việc: %(number)s"),
            url=f"{TASKS}{task.pk}/",
            text=note,
        )


def _only_to_know(incoming: IncomingDocument, actor: Any) -> None:
    """Nobody has to answer: the matter ends with the directive."""
    done = take(incoming.pk, "finish", actor=None, finished_at=timezone.now(), outcome=_("Chuyển để biết"))
    delivery.report(done, DeliveryState.DONE, actor=actor, note=done.outcome)
