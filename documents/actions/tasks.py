"""Work on a task: taken up, reported, finished, handed back, withdrawn; more time asked and decided (domain §7, step 5)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowed, RuleError
from documents import rules
from documents.actions import delivery, indexing
from documents.actions.directives import begin, handlers_words, lock_task, take_back, task_children
from documents.actions.incoming import TASKS, doers_of, take, tell
from documents.choices import (
    TASK_OPEN,
    DeliveryState,
    DocumentStatus,
    ExtensionState,
    IncomingState,
    TaskRole,
    TaskState,
)
from documents.models import Document, IncomingDocument, Task, TaskExtension, TaskNote
from documents.people import printed
from documents.secrecy import refuse_secret
from documents.workflow import TASK_MOVES
from org import services as org


def move_task(task: Task, verb: str, *, actor: Any, note: str = "", **changes: Any) -> Task:
    """Check the move on a locked task, set state and `changes`, write the audit event. Call inside `atomic`."""
    move = TASK_MOVES.require(verb, task, actor, note)
    actor.act_by(move.who, task)
    before, task.state = task.state, move.target
    for name, value in changes.items():
        setattr(task, name, value)
    task.save(update_fields=["state", *changes])
    audit.record(f"task.{verb}", actor=actor, subject=task, before=before, after=task.state, note=note[:500])
    return task


@transaction.atomic
def see(task_id: int, *, actor: Any) -> Task:
    """Opened by who does it. «Để biết» is done by being read."""
    task = lock_task(task_id)
    now = timezone.now()
    task = move_task(task, "see", actor=actor, seen_at=now)
    if task.role == TaskRole.INFORM:
        task.state, task.done_at, task.progress = TaskState.DONE, now, 100
        task.save(update_fields=["state", "done_at", "progress"])
    return task


@transaction.atomic
def start(task_id: int, *, actor: Any) -> Task:
    task = lock_task(task_id)
    task = move_task(task, "start", actor=actor, seen_at=task.seen_at or timezone.now())
    _begun(task, actor)
    return task


@transaction.atomic
def report_progress(task_id: int, *, actor: Any, text: str, progress: int | None = None) -> TaskNote:
    """One line of progress; the first one counts as taking the task up."""
    refuse_secret(text)
    if progress is not None and not 0 <= progress <= 100:
        raise RuleError(_("Tiến độ từ 0 đến 100."))
    task = lock_task(task_id)
    changes: dict[str, Any] = {"seen_at": task.seen_at or timezone.now()}
    if progress is not None:
        changes["progress"] = progress
    task = move_task(task, "report", actor=actor, note=text, **changes)
    note = TaskNote.objects.create(
        task=task, by=actor, by_printed=printed(actor), text=text.strip()[:1000], progress=progress
    )
    _begun(task, actor)
    return note


def _begun(task: Task, actor: Any) -> None:
    """A lead that works makes the matter «đang xử lý», whatever level he stands on."""
    if task.role != TaskRole.LEAD:
        return
    above = task.directive.under
    if above is None or above.role == TaskRole.LEAD:
        begin(task.incoming, actor=actor)


@transaction.atomic
def finish(task_id: int, *, actor: Any, result: str = "", reply: Document | None = None) -> Task:
    """Done, with a result in words or the reply that was issued. When the lead is done, the matter is: «06»."""
    refuse_secret(result)
    task = lock_task(task_id)
    if task.role == TaskRole.LEAD and not result.strip() and reply is None:
        raise RuleError(_("Nhập kết quả giải quyết hoặc chọn văn bản trả lời."))
    if reply is not None:
        _check_reply(reply, task)
    open_below = task_children(task).filter(role=TaskRole.LEAD, state__in=sorted(TASK_OPEN)).first()
    if open_below is not None and not rules.heads_task(actor, task):
        raise RuleError(_("Người được giao trong đơn vị chưa xong."))
    now = timezone.now()
    task = move_task(
        task,
        "finish",
        actor=actor,
        note=result,
        result=result.strip()[:1000],
        reply=reply,
        progress=100,
        done_at=now,
        seen_at=task.seen_at or now,
    )
    _close_below(task, actor)
    task.extensions.filter(state=ExtensionState.ASKED).update(
        state=ExtensionState.REFUSED, decided_at=now, note=_("việc đã xong")
    )
    if task.directive.under is not None:
        for head in _givers(task):
            tell(
                head,
                task.incoming,
                "task.done",
                _("Đã xong, chờ xác nhận: %(number)s"),
                url=f"{TASKS}{task.directive.under_id}/",
                text=f"{actor.full_name}: {result}",
            )
        return task
    if task.role == TaskRole.LEAD:
        _finish_matter(task, actor)
    else:
        _tell_lead(task, actor, result)
    return task


def _check_reply(reply: Document, task: Task) -> None:
    if reply.status != DocumentStatus.ISSUED:
        raise RuleError(_("Văn bản trả lời chưa phát hành."))
    if reply.agency_id != task.incoming.agency_id:
        raise RuleError(_("Văn bản trả lời không phải của cơ quan này."))


def _close_below(task: Task, actor: Any) -> None:
    """What the head finishes is finished for his people."""
    below = (
        task_children(task).filter(state__in=sorted(TASK_OPEN)).select_related("unit", "person", "incoming")
    )
    for child in below:
        before, child.state, child.done_at = child.state, TaskState.DONE, timezone.now()
        child.save(update_fields=["state", "done_at"])
        audit.record(
            "task.finish",
            actor=actor,
            subject=child,
            before=before,
            after=child.state,
            note=_("theo việc của đơn vị"),
        )


def _finish_matter(task: Task, actor: Any) -> None:
    incoming = IncomingDocument.objects.get(pk=task.incoming_id)
    if incoming.state not in {IncomingState.ASSIGNED, IncomingState.IN_PROGRESS}:
        return
    words = task.reply.number_printed if task.reply else task.result
    done = take(incoming.pk, "finish", actor=None, finished_at=timezone.now(), outcome=str(words)[:500])
    note = (
        _("Trả lời bằng văn bản %(number)s") % {"number": task.reply.number_printed}
        if task.reply
        else task.result
    )
    delivery.report(done, DeliveryState.DONE, actor=actor, note=note)
    for person in {
        directive.by for directive in done.directives.filter(under__isnull=True).select_related("by")
    }:
        if person.pk != actor.pk:
            tell(person, done, "incoming.done", _("Đã giải quyết xong: %(number)s"), text=note)


def _tell_lead(task: Task, actor: Any, result: str) -> None:
    lead = (
        task.incoming.tasks.filter(role=TaskRole.LEAD, directive__under__isnull=True)
        .exclude(state__in=[TaskState.WITHDRAWN, TaskState.RETURNED])
        .select_related("unit", "person")
        .first()
    )
    if lead is not None:
        for person in doers_of(lead):
            tell(
                person,
                task.incoming,
                "task.cooperated",
                _("Đơn vị phối hợp đã xong: %(number)s"),
                url=f"{TASKS}{lead.pk}/",
                text=f"{task.unit.name}: {result}",
            )


@transaction.atomic
def reply_issued(document_id: int) -> int:
    """The answer to an arrival was issued: whoever still has a task on it is told that he can finish. How many."""
    reply = Document.objects.defer("body_sealed").select_related("answers").get(pk=document_id)
    if reply.answers is None:
        return 0
    told: set[int] = set()
    waiting = reply.answers.tasks.open().work().select_related("unit", "person", "incoming")
    for task in waiting.order_by("-pk"):
        for person in doers_of(task):
            if person.pk in told:
                continue
            told.add(person.pk)
            tell(
                person,
                reply.answers,
                "task.reply_issued",
                _("Đã phát hành văn bản trả lời: %(number)s"),
                url=f"{TASKS}{task.pk}/#xong",
                text=_("Văn bản trả lời %(reply)s. Có thể hoàn thành việc.")
                % {"reply": reply.number_printed},
            )
    return len(told)


@transaction.atomic
def hand_back(task_id: int, *, actor: Any, note: str) -> Task:
    """Not ours, or not to be done: back to who gave it, with why. He directs anew."""
    task = lock_task(task_id)
    task = move_task(
        task, "hand_back", actor=actor, note=note, result=note.strip()[:1000], done_at=timezone.now()
    )
    _after_leaving(task)
    for giver in _givers(task):
        tell(
            giver,
            task.incoming,
            "task.handed_back",
            _("Việc bị trả lại: %(number)s"),
            text=f"{printed(actor)}: {note}",
            url=f"{TASKS}{task.pk}/",
        )
    return task


@transaction.atomic
def withdraw(task_id: int, *, actor: Any, note: str) -> Task:
    task = lock_task(task_id)
    task = move_task(task, "withdraw", actor=actor, note=note, done_at=timezone.now())
    below = (
        task_children(task).filter(state__in=sorted(TASK_OPEN)).select_related("unit", "person", "incoming")
    )
    for child in below:
        take_back(child, actor, note)
    _after_leaving(task)
    for person in doers_of(task):
        tell(
            person,
            task.incoming,
            "task.withdrawn",
            _("Đã rút việc: %(number)s"),
            url=f"{TASKS}{task.pk}/",
            text=note,
        )
    return task


def _after_leaving(task: Task) -> None:
    """The list says who handles it now."""
    incoming = task.incoming
    if task.directive.under_id is None:
        incoming.handled_by_printed = handlers_words(incoming)
        fields = ["handled_by_printed"]
        if task.role == TaskRole.LEAD:
            incoming.lead_unit, incoming.due_at = None, None
            fields += ["lead_unit", "due_at"]
        incoming.save(update_fields=fields)
    indexing.access_changed(incoming)


def _givers(task: Task) -> list[Any]:
    """Who gave it; when he serves there no longer, the leaders of the agency."""
    giver = task.directive.by
    if giver.is_active and giver.hat is not None:
        return [giver]
    return org.heads_of(task.incoming.agency_id)


@transaction.atomic
def ask_extension(task_id: int, *, actor: Any, reason: str, until: datetime) -> TaskExtension:
    """Xin gia hạn. One request at a time; the former due time stays until it is decided."""
    task = lock_task(task_id)
    if task.state not in TASK_OPEN or not rules.does(actor, task):
        raise NotAllowed
    if not reason.strip():
        raise RuleError(_("Nhập lý do xin gia hạn."))
    if task.due_at is None:
        raise RuleError(_("Việc này không đặt hạn."))
    if until <= max(task.due_at, timezone.now()):
        raise RuleError(_("Hạn mới phải sau hạn hiện nay."))
    if task.extensions.filter(state=ExtensionState.ASKED).exists():
        raise RuleError(_("Đã có đề nghị gia hạn đang chờ duyệt."))
    actor.act_by(rules.does, task)
    asked = TaskExtension.objects.create(
        task=task, asked_by=actor, asked_printed=printed(actor), reason=reason.strip()[:500], until=until
    )
    audit.record("task.ask_extension", actor=actor, subject=task, note=reason[:500])
    for giver in _givers(task):
        tell(
            giver,
            task.incoming,
            "task.extension",
            _("Xin gia hạn: %(number)s"),
            url=f"{TASKS}{task.pk}/",
            text=f"{printed(actor)}: {reason}",
        )
    return asked


@transaction.atomic
def decide_extension(extension_id: int, *, actor: Any, granted: bool, note: str = "") -> TaskExtension:
    """Who gave the task decides. Granted: the due time moves, and with the lead's that of the matter."""
    task = lock_task(TaskExtension.objects.values_list("task_id", flat=True).get(pk=extension_id))
    asked = TaskExtension.objects.select_for_update().get(pk=extension_id)
    if not decides_extension(actor, task):
        raise NotAllowed
    if asked.state != ExtensionState.ASKED:
        raise RuleError(_("Đề nghị này đã được quyết định."))
    if not granted and not note.strip():
        raise RuleError(_("Nhập lý do không đồng ý."))
    actor.act_by(decides_extension, task)
    asked.state = ExtensionState.GRANTED if granted else ExtensionState.REFUSED
    asked.decided_by, asked.decided_printed = actor, printed(actor)
    asked.decided_at, asked.note = timezone.now(), note.strip()[:500]
    asked.save(update_fields=["state", "decided_by", "decided_printed", "decided_at", "note"])
    before = _moment(task.due_at)
    if granted:
        task.due_at = asked.until
        task.save(update_fields=["due_at"])
        if task.role == TaskRole.LEAD and task.directive.under_id is None:
            task.incoming.due_at = asked.until
            task.incoming.save(update_fields=["due_at"])
    audit.record(
        "task.decide_extension",
        actor=actor,
        subject=task,
        before=before,
        after=_moment(task.due_at),
        note=f"{asked.get_state_display()}. {note}".strip()[:500],
    )
    tell(
        asked.asked_by,
        task.incoming,
        "task.extension_decided",
        _("Gia hạn được đồng ý: %(number)s") if granted else _("Gia hạn không được đồng ý: %(number)s"),
        url=f"{TASKS}{task.pk}/",
        text=note,
    )
    return asked


def decides_extension(user: Any, task: Task) -> bool:
    """Who gave it, or a leader of the agency; a head for what he passed on in his unit. Never for oneself."""
    if user is None or task.person_id == user.pk:
        return False
    if rules.gave(user, task):
        return True
    return task.directive.under_id is not None and rules.heads_task(user, task)


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%H:%M %d/%m/%Y}" if at else ""
