"""An arriving document: checked, received and numbered, submitted or transferred, returned, concluded (domain §7, §13)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files, numbering
from core.errors import NotAllowed, RuleError
from core.models import NumberSeries
from core.search import fold
from documents import verdicts
from documents.actions import delivery, indexing
from documents.choices import (
    DeliveryState,
    IncomingSource,
    IncomingState,
    TaskRole,
    TaskState,
    Urgency,
)
from documents.models import (
    Directive,
    DocumentType,
    IncomingDocument,
    IncomingFile,
    Task,
)
from documents.people import post_of
from documents.secrecy import refuse_secret, refuse_secret_upload
from documents.workflow import INCOMING_MOVES
from notices import services as notices
from org import services as org
from org.choices import Role
from org.models import Organization

INCOMING = "/lam-viec/van-ban/den/"
TASKS = "/lam-viec/van-ban/viec/"


def take(incoming_id: int, verb: str, *, actor: Any, note: str = "", **changes: Any) -> IncomingDocument:
    """Lock the arrival, check the move, set state and `changes`, write the audit event. Call inside `atomic`."""
    incoming = (
        IncomingDocument.objects.select_for_update(of=("self",))
        .select_related("agency", "type")
        .get(pk=incoming_id)
    )
    move = INCOMING_MOVES.require(verb, incoming, actor, note)
    if incoming.is_frozen and verb != "give_back":
        raise RuleError(_("Văn bản đã thu hồi, chỉ còn để xem."))
    if actor is not None:
        actor.act_by(move.who, incoming)
    before, incoming.state = incoming.state, move.target
    for name, value in changes.items():
        setattr(incoming, name, value)
    incoming.save(update_fields=["state", *changes])
    audit.record(
        f"incoming.{verb}", actor=actor, subject=incoming, before=before, after=move.target, note=note
    )
    return incoming


# --- the check of the signatures ------------------------------------------------------------------------------


def check_signatures(incoming_id: int, *, actor: Any = None) -> IncomingDocument:
    """Check every signature of the files as they came, and keep what was found. Not under a lock: it takes a second."""
    incoming = IncomingDocument.objects.get(pk=incoming_id)
    came = [
        (one.stored, one.name, one.is_main)
        for one in incoming.files.filter(superseded_at__isnull=True).select_related("stored")
    ]
    report = verdicts.check(came, checked_by=actor)
    return store_check(incoming, report)


def store_check(incoming: IncomingDocument, report: dict[str, Any]) -> IncomingDocument:
    incoming.report, incoming.verdict = report, verdicts.kind_of(report)
    incoming.legal_value = verdicts.legal_value(report, incoming.source)
    incoming.checked_at = timezone.now()
    incoming.save(update_fields=["report", "verdict", "legal_value", "checked_at"])
    return incoming


def check_arrivals(dispatch_id: int) -> int:
    """The same bytes lie under every arrival of one dispatch: check them once, write it everywhere."""
    waiting = IncomingDocument.objects.filter(
        recipient__dispatch=dispatch_id, checked_at__isnull=True, state=IncomingState.ARRIVED
    )
    first = waiting.first()
    if first is None:
        return 0
    done = check_signatures(first.pk)
    return 1 + waiting.update(
        report=done.report,
        verdict=done.verdict,
        legal_value=done.legal_value,
        checked_at=done.checked_at,
    )


# --- duplicates -----------------------------------------------------------------------------------------------


def twins(incoming: IncomingDocument) -> QuerySet[IncomingDocument]:
    """Others of the same agency with the same identifier, or the same number and issuer (Phụ lục VI)."""
    return twins_of(
        agency_id=incoming.agency_id,
        document_code=incoming.document_code,
        number=incoming.number_printed,
        issuer=incoming.issuer_printed,
        issuer_id=incoming.issuer_id,
    ).exclude(pk=incoming.pk)


def twins_of(
    *, agency_id: int, number: str, issuer: str, document_code: str = "", issuer_id: int | None = None
) -> QuerySet[IncomingDocument]:
    same = Q(pk__in=[])
    if document_code:
        same |= Q(document_code=document_code)
    if folded := fold(number)[:120]:
        by = Q(issuer_folded=fold(issuer)[:320])
        if issuer_id is not None:
            by |= Q(issuer=issuer_id)
        same |= Q(number_folded=folded) & by
    return (
        IncomingDocument.objects.filter(same, agency=agency_id)
        .exclude(state=IncomingState.RETURNED)
        .order_by("-pk")
    )


# --- number of arrival ----------------------------------------------------------------------------------------


def series_of(agency_id: int, year: int) -> str:
    return f"arrival:{agency_id}:{year}"


def next_number(agency_id: int, day: date | None = None) -> int:
    """What the next arrival would get; a preview, promised to nobody."""
    year = (day or timezone.localdate()).year
    series = NumberSeries.objects.filter(key=series_of(agency_id, year)).first()
    return (series.last if series else 0) + 1


def _enter(incoming: IncomingDocument, *, actor: Any, now: datetime) -> None:
    """Số đến: one series a year for paper and electronic together (NĐ 30/2020/NĐ-CP, art. 22). Year of Vietnam's clock."""
    year = timezone.localdate(now).year
    number = numbering.take(series_of(incoming.agency_id, year), subject=incoming, owner=incoming.agency)
    incoming.number = number
    incoming.register = incoming.agency
    incoming.arrival_number, incoming.arrival_year = number.value, year
    incoming.registered_at, incoming.registered_by = now, actor


ENTERED = ("number", "register", "arrival_number", "arrival_year", "registered_at", "registered_by")


@dataclass(frozen=True)
class Facts:
    """What the clerk sees and may mend while he registers."""

    type: DocumentType | None = None
    title: str = ""
    number_printed: str = ""
    issuer_printed: str = ""
    issuer: Organization | None = None
    dated_on: date | None = None
    signer_printed: str = ""
    urgency: int = Urgency.NORMAL
    pages: int | None = None
    paper_copies: int = 0
    reply_by: date | None = None
    note: str = ""


FACTS = (
    "type",
    "title",
    "number_printed",
    "issuer_printed",
    "issuer",
    "dated_on",
    "signer_printed",
    "urgency",
    "pages",
    "paper_copies",
    "reply_by",
    "note",
)
# What another unit of the system wrote is frozen; the clerk adds his own columns only.
OWN_FACTS = ("pages", "paper_copies", "note")


def _write(incoming: IncomingDocument, facts: Facts, names: Sequence[str]) -> list[str]:
    for name in names:
        setattr(incoming, name, getattr(facts, name))
    changed = list(names)
    if "type" in names:
        incoming.type_printed = facts.type.name if facts.type else ""
        changed.append("type_printed")
    if "number_printed" in names:
        incoming.number_folded = fold(incoming.number_printed)[:120]
        incoming.issuer_folded = fold(incoming.issuer_printed)[:320]
        changed += ["number_folded", "issuer_folded"]
    return changed


def issuer_on(name: str, day: date | None) -> Organization | None:
    """The unit that bore this name on that day: a letter of 2024 is its district's, whatever came after."""
    folded = fold(name)
    if not folded:
        return None
    day = day or timezone.localdate()
    named = Organization.objects.filter(Q(folded=folded) | Q(versions__name=name.strip())).distinct()
    return named.valid_on(day).order_by("pk").first() or named.order_by("-valid_from", "pk").first()


# --- moves ----------------------------------------------------------------------------------------------------


@transaction.atomic
def receive(
    incoming_id: int, *, actor: Any, facts: Facts | None = None, seen_twins: Iterable[int] = ()
) -> IncomingDocument:
    """Tiếp nhận, vào sổ: only after the signatures were checked; twins must have been seen. The sender learns «03»."""
    incoming = (
        IncomingDocument.objects.select_for_update(of=("self",)).select_related("agency").get(pk=incoming_id)
    )
    INCOMING_MOVES.require("receive", incoming, actor)
    if incoming.checked_at is None:
        raise RuleError(_("Chưa kiểm tra xong chữ ký số. Đợi ít giây rồi tải lại trang."))
    changed: list[str] = []
    if facts is not None:
        names = OWN_FACTS if incoming.source == IncomingSource.SYSTEM else FACTS
        refuse_secret(facts.title, facts.note)
        changed = _write(incoming, facts, names)
    unseen = twins(incoming).exclude(pk__in=list(seen_twins)).first()
    if unseen is not None:
        raise RuleError(twin_words(unseen))
    now = timezone.now()
    _enter(incoming, actor=actor, now=now)
    values = {name: getattr(incoming, name) for name in (*changed, *ENTERED)}
    incoming = take(incoming_id, "receive", actor=actor, **values)
    delivery.report(incoming, DeliveryState.REGISTERED, actor=actor)
    indexing.touch(incoming)
    return incoming


def twin_words(twin: IncomingDocument) -> str:
    number = (
        _("số đến %(n)s/%(year)s") % {"n": twin.arrival_number, "year": twin.arrival_year}
        if twin.arrival_number
        else _("chưa vào sổ")
    )
    return _(
        "Trùng với văn bản %(number)s của %(issuer)s (%(arrival)s). Nếu vẫn đăng ký, đánh dấu «đã xem văn bản trùng»."
    ) % {"number": twin.number_printed, "issuer": twin.issuer_printed, "arrival": number}


@transaction.atomic
def turn_away(incoming_id: int, *, actor: Any, note: str) -> IncomingDocument:
    """Trả lại nơi gửi: the reason goes back with code 02; nothing is entered into the register."""
    incoming = take(incoming_id, "turn_away", actor=actor, note=note, return_reason=note.strip()[:500])
    delivery.report(incoming, DeliveryState.REFUSED, actor=actor, note=note)
    return incoming


def leaders_of(agency_id: int) -> QuerySet[Any]:
    return org.people_serving(Role.LEADER, agency_id)


@transaction.atomic
def submit_up(incoming_id: int, *, actor: Any, leader: Any, note: str = "") -> IncomingDocument:
    """Trình: to the person who directs."""
    incoming = IncomingDocument.objects.get(pk=incoming_id)
    if not leaders_of(incoming.agency_id).filter(pk=leader.pk).exists():
        raise RuleError(_("%(name)s không phải lãnh đạo của cơ quan này.") % {"name": leader.full_name})
    incoming = take(
        incoming_id,
        "submit_up",
        actor=actor,
        note=note,
        submitted_to=leader,
        submitted_at=timezone.now(),
        handled_by_printed=_("trình %(name)s") % {"name": leader.full_name},
    )
    tell(
        leader,
        incoming,
        "incoming.submitted",
        _("Văn bản chờ chỉ đạo: %(number)s"),
        url=f"{INCOMING}{incoming.pk}/chi-dao/",
    )
    return incoming


@transaction.atomic
def receive_and_submit(
    incoming_id: int,
    *,
    actor: Any,
    leader: Any,
    facts: Facts | None = None,
    seen_twins: Iterable[int] = (),
) -> IncomingDocument:
    """One press of the clerk: into the register, and onto the leader's table."""
    receive(incoming_id, actor=actor, facts=facts, seen_twins=seen_twins)
    return submit_up(incoming_id, actor=actor, leader=leader)


@transaction.atomic
def receive_and_transfer(
    incoming_id: int,
    *,
    actor: Any,
    unit: Organization,
    facts: Facts | None = None,
    seen_twins: Iterable[int] = (),
    due_at: datetime | None = None,
) -> IncomingDocument:
    """Into the register, and straight to the unit."""
    receive(incoming_id, actor=actor, facts=facts, seen_twins=seen_twins)
    return transfer(incoming_id, actor=actor, unit=unit, due_at=due_at)


@transaction.atomic
def transfer(
    incoming_id: int, *, actor: Any, unit: Organization, due_at: datetime | None = None, note: str = ""
) -> IncomingDocument:
    """Straight to the unit that handles it, where the agency's regulation says so. The unit's head goes on from there."""
    incoming = take(
        incoming_id,
        "transfer",
        actor=actor,
        note=note,
        lead_unit=unit,
        handled_by_printed=unit.name[:300],
        due_at=due_at,
    )
    if unit.pk != incoming.agency_id and unit.agency_id != incoming.agency_id:
        raise RuleError(_("«%(unit)s» không thuộc cơ quan này.") % {"unit": unit.name})
    directive = Directive.objects.create(
        incoming=incoming,
        by=actor,
        name_printed=actor.full_name,
        post_printed=post_of(actor),
        signed_for_printed=actor.acting_for,
        text=note.strip() or _("Chuyển %(unit)s xử lý theo quy chế.") % {"unit": unit.name},
    )
    task = Task.objects.create(
        directive=directive,
        incoming=incoming,
        unit=unit,
        role=TaskRole.LEAD,
        text=directive.text[:1000],
        due_at=due_at,
        first_due_at=due_at,
    )
    delivery.report(incoming, DeliveryState.ASSIGNED, actor=actor, note=unit.name)
    for head in org.heads_of(unit.pk):
        tell(head, incoming, "task.new", _("Việc mới (chủ trì): %(number)s"), url=f"{TASKS}{task.pk}/")
    return incoming


@transaction.atomic
def conclude(incoming_id: int, *, actor: Any, note: str) -> IncomingDocument:
    """The leader ends it: nothing more is to be done. Open tasks are withdrawn with his words; the sender learns «06»."""
    incoming = take(
        incoming_id,
        "conclude",
        actor=actor,
        note=note,
        finished_at=timezone.now(),
        outcome=note.strip()[:500],
    )
    withdraw_open(incoming, actor=actor, note=note)
    delivery.report(incoming, DeliveryState.DONE, actor=actor, note=note)
    return incoming


@transaction.atomic
def reopen(incoming_id: int, *, actor: Any, note: str) -> IncomingDocument:
    """More is to be done: the sender sees «05» again, with why."""
    incoming = take(incoming_id, "reopen", actor=actor, note=note, finished_at=None, outcome="")
    delivery.report(incoming, DeliveryState.IN_PROGRESS, actor=actor, note=note, backwards=True)
    for task in incoming.tasks.filter(
        role=TaskRole.LEAD, directive__under__isnull=True, state=TaskState.DONE
    ):
        task.state, task.done_at = TaskState.IN_PROGRESS, None
        task.save(update_fields=["state", "done_at"])
        audit.record("task.reopen", actor=actor, subject=task, after=task.state, note=note)
        for person in doers_of(task):
            tell(
                person, incoming, "task.new", _("Xử lý tiếp: %(number)s"), url=f"{TASKS}{task.pk}/", text=note
            )
    return incoming


def withdraw_open(incoming: IncomingDocument, *, actor: Any, note: str) -> int:
    """Take back every task that is still open. Inside `atomic`, the arrival is locked."""
    open_tasks = list(incoming.tasks.open().select_for_update())
    for task in open_tasks:
        before, task.state = task.state, TaskState.WITHDRAWN
        task.done_at = timezone.now()
        task.save(update_fields=["state", "done_at"])
        audit.record("task.withdraw", actor=actor, subject=task, before=before, after=task.state, note=note)
        for person in doers_of(task):
            tell(
                person,
                incoming,
                "task.withdrawn",
                _("Đã rút việc: %(number)s"),
                url=f"{TASKS}{task.pk}/",
                text=note,
            )
    return len(open_tasks)


def doers_of(task: Task) -> list[Any]:
    """Whom to tell about a task: the person named, else the heads of the unit."""
    return [task.person] if task.person is not None else org.heads_of(task.unit_id)


def tell(
    person: Any, incoming: IncomingDocument, kind: str, title: str, *, url: str = "", text: str = ""
) -> None:
    """A line in the inbox; for urgent documents a mail as well."""
    words = title % {"number": incoming.number_printed or incoming.title[:80]}
    body = f"{incoming.issuer_printed}: {incoming.title}" + (f"\n{text}" if text else "")
    say = notices.tell if incoming.urgency > Urgency.NORMAL else notices.tell_inbox
    say(
        recipient=person,
        kind=kind,
        title=words[:200],
        text=body,
        url=url or f"{INCOMING}{incoming.pk}/",
        subject=incoming,
    )


# --- paper ----------------------------------------------------------------------------------------------------


@transaction.atomic
def register_paper(
    *,
    actor: Any,
    agency: Organization,
    facts: Facts,
    uploads: Iterable[Any] = (),
    seen_twins: Iterable[int] = (),
    leader: Any = None,
) -> IncomingDocument:
    """A paper arrival: scanned, described, entered into the register at once, and submitted when `leader` is given."""
    if not actor.serves_as(Role.CLERK, agency.pk):
        raise NotAllowed
    refuse_secret(facts.title, facts.note)
    found = twins_of(
        agency_id=agency.pk,
        number=facts.number_printed,
        issuer=facts.issuer_printed,
        issuer_id=facts.issuer.pk if facts.issuer else None,
    )
    if (twin := found.exclude(pk__in=list(seen_twins)).first()) is not None:
        raise RuleError(twin_words(twin))
    now = timezone.now()
    incoming = IncomingDocument(
        agency=agency, source=IncomingSource.PAPER, arrived_at=now, checked_at=now, verdict="none"
    )
    _write(incoming, facts, FACTS)
    incoming.save()
    add_files(incoming, uploads)
    audit.record("incoming.arrive", actor=actor, subject=incoming, after=incoming.state)
    seen = [*seen_twins, *twins(incoming).values_list("pk", flat=True)]
    if leader is not None:
        return receive_and_submit(incoming.pk, actor=actor, leader=leader, seen_twins=seen)
    return receive(incoming.pk, actor=actor, seen_twins=seen)


def add_files(incoming: IncomingDocument, uploads: Iterable[Any]) -> list[IncomingFile]:
    """Through the gate, byte for byte; the first one is the document. UploadRefused: nothing is stored."""
    kept = []
    have = incoming.files.count()
    for place, upload in enumerate(uploads, start=have + 1):
        refuse_secret_upload(upload)
        stored = files.receive_upload(upload)
        kept.append(
            IncomingFile.objects.create(
                incoming=incoming,
                stored=stored,
                name=files.cleaned_name(upload.name or "", media_type=stored.media_type),
                is_main=place == 1,
                ordinal=place,
            )
        )
    if kept:
        indexing.owe_text(*(one.stored for one in kept))
        indexing.touch(incoming)
    return kept


def received_in_time(incoming: IncomingDocument) -> bool | None:
    """The sender is told of the receipt within the same day (NĐ 30/2020/NĐ-CP, art. 21). None: not received yet."""
    if incoming.registered_at is None:
        return None
    return timezone.localdate(incoming.registered_at) <= timezone.localdate(incoming.arrived_at)
