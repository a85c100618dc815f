"""An issued document arrives: one row per recipient, in sheets; and what each recipient reports back (§6, §8, §13).

A unit that is no agency is reached through its agency. A unit that is no more is reached through whoever took it over
whole; where nobody did, its row fails with the reason, and the others arrive all the same.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, jobs
from core.errors import NotAllowed, RuleError
from core.search import fold
from documents import rules
from documents.actions import indexing
from documents.choices import (
    STATUS_CODES,
    AttachmentRole,
    Channel,
    Circulation,
    DeliveryState,
    IncomingSource,
    Urgency,
)
from documents.models import (
    Dispatch,
    DispatchRecipient,
    Document,
    IncomingDocument,
    IncomingFile,
    RecipientEvent,
)
from documents.people import printed
from notices import services as notices
from notices.services import Letter
from org import succession, tree
from org.choices import DelegationKind, Role, SuccessionShare
from org.models import Assignment, Delegation, Organization, RoleGrant

LEASE: Final = timedelta(minutes=5)
RETRY: Final = timedelta(minutes=2)
SHEET: Final = 200  # recipients of one transaction
INCOMING: Final = "/lam-viec/van-ban/den/"
DISPATCH: Final = "/lam-viec/van-ban/gui/"
RANK: Final = {
    state: rank
    for rank, state in enumerate(
        (
            DeliveryState.QUEUED,
            DeliveryState.FAILED,
            DeliveryState.ARRIVED,
            DeliveryState.REFUSED,
            DeliveryState.REGISTERED,
            DeliveryState.ASSIGNED,
            DeliveryState.IN_PROGRESS,
            DeliveryState.DONE,
            DeliveryState.RECALLED,
        )
    )
}


@dataclass(frozen=True)
class Address:
    """Where one row goes: an agency that is there today, or why it goes nowhere."""

    agency_id: int | None
    note: str = ""
    is_heir: bool = False


def deliver(dispatch_id: int, *, then: Callable[[int], None] | None = None) -> int:
    """Deliver what is still queued, sheet by sheet. Twice changes nothing. Returns how many rows were settled.

    `then` follows before the dispatch counts as done: killed in between, the next run does it.
    """
    settled = 0
    while done := _deliver_sheet(dispatch_id):
        settled += done
    if then is not None:
        then(dispatch_id)
    now = timezone.now()
    Dispatch.objects.filter(pk=dispatch_id, done_at__isnull=True).update(done_at=now, last_error="")
    jobs.ring("documents.check_arrivals", dispatch_id)
    return settled


@transaction.atomic
def _deliver_sheet(dispatch_id: int) -> int:
    queued = DispatchRecipient.objects.filter(
        dispatch=dispatch_id,
        channel=Channel.SYSTEM,
        state=DeliveryState.QUEUED,
        unit__isnull=False,
        incoming__isnull=True,
    )
    mine = list(queued.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:SHEET])
    if not mine:
        return 0
    dispatch = Dispatch.objects.select_related("document__type", "agency").get(pk=dispatch_id)
    now = timezone.now()
    where = addresses({row.unit_id for row in mine if row.unit_id}, timezone.localdate(now))
    arriving = []
    for row in mine:
        found = where[row.unit_id or 0]
        row.state_at = now
        if found.agency_id is None:
            row.state, row.reason = DeliveryState.FAILED, found.note
            continue
        row.state, row.arrived_at, row.reason = DeliveryState.ARRIVED, now, found.note
        if found.is_heir:
            row.delivered_to_id = found.agency_id
        arriving.append((row, found.agency_id))
    DispatchRecipient.objects.bulk_update(
        mine, ["state", "state_at", "arrived_at", "reason", "delivered_to"], batch_size=SHEET
    )
    came = IncomingDocument.objects.bulk_create(
        _arrival(dispatch, row, agency_id, now) for row, agency_id in arriving
    )
    _copy_files(dispatch.document, came)
    RecipientEvent.objects.bulk_create(
        RecipientEvent(
            recipient=row,
            code=STATUS_CODES.get(DeliveryState(row.state), "00"),
            at=now,
            by_printed="",
            note=row.reason,
        )
        for row in mine
        if row.state == DeliveryState.ARRIVED
    )
    audit.record_many(
        {
            "event": "incoming.arrive",
            "actor": None,
            "subject": one,
            "after": one.state,
            "note": one.issuer_printed,
        }
        for one in came
    )
    # What stays inside the agency goes on to its unit by itself; only what nobody takes over waits for the clerk.
    _tell_clerks(dispatch, [one for one in came if not _stays_inside(dispatch, one)])
    return len(mine)


def _stays_inside(dispatch: Dispatch, one: IncomingDocument) -> bool:
    return one.agency_id == dispatch.agency_id and one.circulation == Circulation.INTERNAL and not one.note


def _arrival(dispatch: Dispatch, row: DispatchRecipient, agency_id: int, now: datetime) -> IncomingDocument:
    document = dispatch.document
    issuer = document.issuer_printed or document.agency.name
    return IncomingDocument(
        agency_id=agency_id,
        source=IncomingSource.SYSTEM,
        recipient=row,
        document_code=document.check_code,
        issuer_id=document.agency_id,
        issuer_printed=issuer,
        issuer_folded=fold(issuer)[:320],
        number_printed=document.number_printed,
        number_folded=fold(document.number_printed)[:120],
        dated_on=document.dated_on,
        type=document.type,
        type_printed=document.type.name,
        title=document.title,
        signer_printed=" – ".join(
            part for part in (document.signer_title_printed, document.signer_printed) if part
        )[:200],
        urgency=dispatch.urgency,
        circulation=document.circulation,
        pages=document.pages or (document.current_file.pages if document.current_file else None),
        reply_by=dispatch.due_on,
        arrived_at=now,
        note=row.reason,
    )


def files_of(document: Document) -> list[tuple[Any, str, bool]]:
    """(file, name, is the main one) of what goes out: the signed paper, then its appendices as signed."""
    found: list[tuple[Any, str, bool]] = []
    if document.current_file is not None:
        name = document.number_printed.replace("/", "-") or str(document.type)
        found.append((document.current_file, f"{name}.pdf"[:120], True))
    for one in document.attachments.select_related("stored", "signed").filter(role=AttachmentRole.APPENDIX):
        found.append((one.current, one.name, False))
    return found


def _copy_files(document: Document, came: list[IncomingDocument]) -> None:
    """The same stored bytes under each arrival; nothing is copied on disk."""
    out = files_of(document)
    IncomingFile.objects.bulk_create(
        (
            IncomingFile(incoming=one, stored=stored, name=name, is_main=is_main, ordinal=place)
            for one in came
            for place, (stored, name, is_main) in enumerate(out, start=1)
        ),
        batch_size=1000,
    )
    if came:
        indexing.owe_text(*(stored for stored, _name, _is_main in out))


# --- addresses ------------------------------------------------------------------------------------------------


def addresses(unit_ids: Iterable[int], on: date) -> dict[int, Address]:
    """Where each unit is reached on that day. Two queries for all that are there; a walk only for those that are no more."""
    units = Organization.objects.in_bulk(list(unit_ids))
    there = {
        pk: unit
        for pk, unit in units.items()
        if unit.valid_from <= on and (unit.valid_to is None or unit.valid_to > on)
    }
    found = {pk: Address(unit.agency_id or pk) for pk, unit in there.items()}
    for pk in units.keys() - there.keys():
        found[pk] = _heir_of(units[pk], on)
    return found


def _heir_of(unit: Organization, on: date) -> Address:
    heirs = [heir for heir in succession.heirs(unit.pk, on) if heir.share == SuccessionShare.WHOLE]
    ended = f"{unit.valid_to:%d/%m/%Y}" if unit.valid_to else f"{on:%d/%m/%Y}"
    heir = (
        Organization.objects.get(pk=heirs[0].id)
        if len(heirs) == 1
        else succession.responsible_org(unit.pk, on=on)
    )
    if heir is None:
        return Address(
            None,
            _(
                "«%(unit)s» kết thúc hoạt động từ %(day)s, không có một đơn vị nào tiếp nhận toàn bộ. "
                "Chọn lại nơi nhận và gửi bổ sung."
            )
            % {"unit": unit.name, "day": ended},
        )
    words = _("Gửi «%(unit)s», đơn vị này kết thúc từ %(day)s; chuyển tới «%(heir)s» là đơn vị kế thừa.")
    note = words % {"unit": unit.name, "day": ended, "heir": heir.name}
    return Address(heir.agency_id or heir.pk, note[:500], is_heir=True)


# --- telling --------------------------------------------------------------------------------------------------


def clerks_of(agency_ids: Iterable[int]) -> dict[int, set[int]]:
    """Accounts of the clerks of these agencies today, with those who stand in for them. Three queries for any number."""
    wanted = set(agency_ids)
    units_today = tree.today()
    above = {pk: {node.id for node in units_today.ancestors(pk)} for pk in wanted}
    units = wanted.union(*above.values()) if above else wanted
    grants = RoleGrant.objects.valid_on().filter(
        role=Role.CLERK,
        organization__in=units,
        assignment__in=Assignment.objects.valid_on(),
        assignment__person__user__is_active=True,
    )
    found: dict[int, set[int]] = {pk: set() for pk in wanted}
    holders: dict[int, set[int]] = {}
    for unit_id, deep, user_id in grants.values_list(
        "organization_id", "include_descendants", "assignment__person__user_id"
    ):
        for pk in wanted:
            if unit_id == pk or (deep and unit_id in above[pk]):
                found[pk].add(user_id)
                holders.setdefault(user_id, set()).add(pk)
    covers = Delegation.objects.in_force().filter(
        Q(roles__contains=[Role.CLERK]),
        giver__person__user__in=list(holders),
        taker__person__user__is_active=True,
    )
    if Role.CLERK not in _handled():
        covers = covers.exclude(kind=DelegationKind.DUTY_COVER)
    for giver_id, taker_id in covers.values_list("giver__person__user_id", "taker__person__user_id"):
        for pk in holders[giver_id]:
            found[pk].add(taker_id)
    return found


def _handled() -> Any:
    from org.choices import HANDLING

    return HANDLING


def _tell_clerks(dispatch: Dispatch, came: list[IncomingDocument]) -> None:
    clerks = clerks_of({one.agency_id for one in came})
    urgent = dispatch.urgency > Urgency.NORMAL
    notices.tell_many(
        Letter(
            recipient_id=clerk_id,
            kind="incoming.arrived",
            title=(_("Văn bản đến (%(urgency)s): %(number)s") if urgent else _("Văn bản đến: %(number)s"))
            % {"number": one.number_printed, "urgency": one.get_urgency_display().lower()},
            text=f"{one.issuer_printed}: {one.title}",
            url=f"{INCOMING}{one.pk}/",
            subject_type=one._meta.label_lower,
            subject_id=one.pk,
        )
        for one in came
        for clerk_id in sorted(clerks[one.agency_id])
    )


# --- what a recipient reports ---------------------------------------------------------------------------------


def report(
    incoming: IncomingDocument,
    state: DeliveryState,
    *,
    actor: Any,
    note: str = "",
    backwards: bool = False,
) -> None:
    """Tell the sender how far its document is: one event with the code of the axis, and the state of the row.

    A lower state than the one reported changes nothing unless `backwards` (the matter was opened again). Inside `atomic`.
    """
    if incoming.recipient_id is None:
        return
    row = DispatchRecipient.objects.select_for_update().get(pk=incoming.recipient_id)
    if RANK[state] <= RANK[DeliveryState(row.state)] and not backwards:
        return
    now = timezone.now()
    row.state, row.state_at = state, now
    if note:
        row.reason = note[:500]
    if state == DeliveryState.REGISTERED:
        row.received_at = now
    row.save(update_fields=["state", "state_at", "reason", "received_at"])
    RecipientEvent.objects.create(
        recipient=row, code=STATUS_CODES.get(state, "00"), at=now, by_printed=printed(actor), note=note[:500]
    )


@transaction.atomic
def opened(incoming: IncomingDocument, *, actor: Any) -> bool:
    """Somebody of the receiver opens it for the first time: the sender sees who and when. True: it was the first."""
    row = incoming.recipient
    if row is None or row.opened_at is not None:
        return False
    now = timezone.now()
    first = DispatchRecipient.objects.filter(pk=row.pk, opened_at__isnull=True).update(
        opened_at=now, opened_by=actor, opened_printed=printed(actor)
    )
    if first:
        row.opened_at = now
        audit.record_read(actor, incoming, "incoming.open")
    return bool(first)


# --- what the sender does about it ----------------------------------------------------------------------------


def watches(user: Any, dispatch: Dispatch) -> bool:
    """Clerk and leader of the sending agency, the drafter, and who sent it."""
    document = dispatch.document
    return user is not None and (
        rules.signs(user, document) or rules.keeps_seal(user, document) or rules.drafts(user, document)
    )


def _watched(dispatch_id: int, actor: Any) -> Dispatch:
    dispatch = (
        Dispatch.objects.select_for_update(of=("self",))
        .select_related("document__agency", "document__unit", "agency")
        .get(pk=dispatch_id)
    )
    if not watches(actor, dispatch):
        raise NotAllowed
    actor.act_by(lambda user, record: watches(user, dispatch), dispatch.document)
    return dispatch


@transaction.atomic
def remind_unopened(dispatch_id: int, *, actor: Any) -> int:
    """Tell the clerks of every agency that has not opened it. Not twice within an hour. Returns how many units."""
    dispatch = _watched(dispatch_id, actor)
    now = timezone.now()
    arrived = dispatch.recipients.unopened().filter(incoming__isnull=False)
    waiting = arrived.exclude(reminded_at__gt=now - timedelta(hours=1))
    rows = list(waiting.select_related("incoming"))
    if not rows:
        raise RuleError(_("Không còn đơn vị nào chưa mở, hoặc vừa nhắc trong một giờ qua."))
    DispatchRecipient.objects.filter(pk__in=[row.pk for row in rows]).update(
        reminded_at=now, reminders=F("reminders") + 1
    )
    came = [row.incoming for row in rows]
    clerks = clerks_of({one.agency_id for one in came})
    notices.tell_many(
        Letter(
            recipient_id=clerk_id,
            kind="incoming.unopened",
            title=_("Chưa mở văn bản: %(number)s") % {"number": one.number_printed},
            text=_("%(sender)s nhắc: văn bản «%(title)s» đến từ %(at)s, chưa có người mở.")
            % {
                "sender": dispatch.agency.name,
                "title": one.title,
                "at": f"{timezone.localtime(one.arrived_at):%H:%M %d/%m/%Y}",
            },
            url=f"{INCOMING}{one.pk}/",
            subject_type=one._meta.label_lower,
            subject_id=one.pk,
        )
        for one in came
        for clerk_id in sorted(clerks[one.agency_id])
    )
    audit.record("document.remind", actor=actor, subject=dispatch.document, detail={"recipients": len(rows)})
    return len(rows)


@transaction.atomic
def resend_failed(dispatch_id: int, *, actor: Any) -> int:
    """Try again where delivery failed: a successor may be on file now."""
    dispatch = _watched(dispatch_id, actor)
    again = dispatch.recipients.filter(state=DeliveryState.FAILED).update(
        state=DeliveryState.QUEUED, reason="", state_at=timezone.now()
    )
    if not again:
        raise RuleError(_("Không có nơi nhận nào gửi lỗi."))
    Dispatch.objects.filter(pk=dispatch_id).update(done_at=None, given_up_at=None, next_try_at=timezone.now())
    audit.record("document.resend", actor=actor, subject=dispatch.document, detail={"recipients": again})
    jobs.wake_on_commit("documents.deliver", dispatch_id)
    return again


@transaction.atomic
def mark_paper(recipient_id: int, *, actor: Any, state: str, note: str = "") -> DispatchRecipient:
    """The clerk writes down what he learned of a paper copy: handed over, received, refused, settled."""
    row = DispatchRecipient.objects.select_for_update().get(pk=recipient_id)
    dispatch = _watched(row.dispatch_id, actor)
    if row.channel != Channel.PAPER:
        raise RuleError(_("Nơi nhận này nhận trên hệ thống; trạng thái do nơi nhận báo về."))
    wanted = DeliveryState(state)
    if wanted not in STATUS_CODES:
        raise RuleError(_("Chọn trạng thái của bản giấy."))
    if wanted == DeliveryState.REFUSED and not note.strip():
        raise RuleError(_("Nhập lý do nơi nhận từ chối."))
    now = timezone.now()
    row.state, row.state_at, row.reason = wanted, now, note[:500]
    row.arrived_at = row.arrived_at or now
    if wanted != DeliveryState.ARRIVED:
        row.received_at = row.received_at or now
    row.save(update_fields=["state", "state_at", "reason", "arrived_at", "received_at"])
    RecipientEvent.objects.create(
        recipient=row, code=STATUS_CODES[wanted], at=now, by_printed=printed(actor), note=note[:500]
    )
    audit.record(
        "document.mark_paper", actor=actor, subject=dispatch.document, after=wanted, note=row.name_printed
    )
    return row


def put_off(dispatch_id: int, error: str) -> None:
    """A run that failed becomes due again by itself."""
    Dispatch.objects.filter(pk=dispatch_id).update(
        last_error=error[:1000], next_try_at=timezone.now() + RETRY
    )
