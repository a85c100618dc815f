"""Thu hồi, cập nhật, thay thế: asked by the issuer («13»), answered by each recipient («15», «16») (domain §8, §14).

Nothing is deleted: both copies and the metadata of the process stay; what was given back is frozen.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, jobs
from core.errors import NotAllowed, RuleError
from documents import rules
from documents.actions import delivery, indexing
from documents.actions import incoming as arrivals
from documents.choices import (
    AGREE_CODE,
    ASK_CODE,
    DECLINE_CODE,
    Channel,
    DeliveryState,
    DocumentStatus,
    IncomingState,
    RecallAnswer,
    RecallKind,
)
from documents.models import (
    Dispatch,
    DispatchRecipient,
    Document,
    IncomingDocument,
    IncomingFile,
    RecallAnswerRow,
    RecallRequest,
    RecipientEvent,
)
from documents.people import printed
from documents.secrecy import refuse_secret
from notices import services as notices
from notices.services import Letter
from signing import services as signing

VERBS = {
    RecallKind.RECALL: "ask_recall",
    RecallKind.UPDATE: "ask_update",
    RecallKind.REPLACE: "ask_replace",
}


def may_ask(user: Any, document: Document) -> bool:
    """A leader or the clerk of the issuing agency: the clerk carries out what the leader ordered."""
    return rules.signs(user, document) or rules.keeps_seal(user, document)


@transaction.atomic
def ask(
    dispatch_id: int, *, actor: Any, kind: int, reason: str, replacement: Document | None = None
) -> RecallRequest:
    """Put the wish to every recipient that got it. A recall freezes the sender's copy and its public paper at once."""
    dispatch = (
        Dispatch.objects.select_for_update(of=("self",))
        .select_related("document__agency", "agency")
        .get(pk=dispatch_id)
    )
    document = dispatch.document
    if not may_ask(actor, document):
        raise NotAllowed
    actor.act_by(may_ask, document)
    wish = RecallKind(kind)
    reason = reason.strip()
    if not reason:
        raise RuleError(_("Nhập lý do. Lý do được giữ cùng văn bản và gửi tới mọi nơi nhận."))
    refuse_secret(reason)
    if document.is_frozen:
        raise RuleError(_("Văn bản này đã được thu hồi hoặc thay thế."))
    _check_replacement(wish, document, replacement)
    request = RecallRequest.objects.create(
        dispatch=dispatch,
        kind=wish,
        reason=reason[:500],
        replacement=replacement,
        asked_by=actor,
        asked_printed=printed(actor),
    )
    rows = list(
        dispatch.recipients.exclude(
            state__in=[DeliveryState.FAILED, DeliveryState.REFUSED, DeliveryState.RECALLED]
        ).select_related("incoming")
    )
    now = timezone.now()
    RecallAnswerRow.objects.bulk_create(RecallAnswerRow(request=request, recipient=row) for row in rows)
    RecipientEvent.objects.bulk_create(
        RecipientEvent(
            recipient=row,
            code=ASK_CODE,
            at=now,
            by_printed=request.asked_printed,
            note=f"{request.get_kind_display()}: {reason}"[:500],
        )
        for row in rows
    )
    _not_yet_delivered(dispatch, rows, wish)
    if wish in {RecallKind.RECALL, RecallKind.REPLACE}:
        _freeze(document, actor=actor, note=reason, replacement=replacement)
    audit.record(
        f"document.{VERBS[wish]}",
        actor=actor,
        subject=document,
        note=reason,
        detail={"recipients": len(rows)},
    )
    _tell(request, [row for row in rows if hasattr(row, "incoming")])
    return request


def _check_replacement(wish: RecallKind, document: Document, replacement: Document | None) -> None:
    if wish == RecallKind.RECALL:
        return
    if replacement is None:
        raise RuleError(_("Chọn văn bản đã phát hành dùng để cập nhật hoặc thay thế."))
    if replacement.pk == document.pk or replacement.agency_id != document.agency_id:
        raise RuleError(_("Văn bản thay phải là một văn bản khác của chính cơ quan ban hành."))
    if replacement.status != DocumentStatus.ISSUED or replacement.is_frozen:
        raise RuleError(_("Văn bản thay chưa phát hành hoặc đã thu hồi."))


def _not_yet_delivered(dispatch: Dispatch, rows: list[DispatchRecipient], wish: RecallKind) -> None:
    """What has not left yet does not leave any more."""
    if wish == RecallKind.UPDATE:
        return
    queued = [row.pk for row in rows if row.state == DeliveryState.QUEUED and row.channel == Channel.SYSTEM]
    if queued:
        now = timezone.now()
        DispatchRecipient.objects.filter(pk__in=queued).update(state=DeliveryState.RECALLED, state_at=now)
        RecallAnswerRow.objects.filter(recipient__in=queued, request__dispatch=dispatch).update(
            answer=RecallAnswer.AGREED, answered_at=now, note=_("chưa gửi đi")
        )


def _freeze(document: Document, *, actor: Any, note: str, replacement: Document | None) -> None:
    document.is_frozen = True
    document.save(update_fields=["is_frozen"])
    paper = signing.find_paper(document.check_code)
    if paper is not None:
        other = signing.find_paper(replacement.check_code) if replacement else None
        signing.withdraw_paper(paper, actor=actor, note=note, replaced_by=other)
    indexing.touch(document)


def _tell(request: RecallRequest, rows: list[DispatchRecipient]) -> None:
    clerks = delivery.clerks_of({row.incoming.agency_id for row in rows})
    notices.tell_many(
        Letter(
            recipient_id=clerk_id,
            kind="incoming.recall_asked",
            title=_("%(kind)s văn bản: %(number)s")
            % {"kind": request.get_kind_display(), "number": row.incoming.number_printed},
            text=_("%(issuer)s đề nghị, lý do: %(reason)s")
            % {"issuer": row.incoming.issuer_printed, "reason": request.reason},
            url=f"{delivery.INCOMING}{row.incoming.pk}/",
            subject_type=row.incoming._meta.label_lower,
            subject_id=row.incoming.pk,
        )
        for row in rows
        for clerk_id in sorted(clerks[row.incoming.agency_id])
    )


def waiting_for(incoming: IncomingDocument) -> RecallAnswerRow | None:
    """The request that this arrival's clerk has to answer."""
    if incoming.recipient_id is None:
        return None
    return (
        RecallAnswerRow.objects.filter(recipient=incoming.recipient_id, answer=RecallAnswer.WAITING)
        .select_related("request__replacement", "request__dispatch__document")
        .order_by("pk")
        .first()
    )


@transaction.atomic
def answer(answer_id: int, *, actor: Any, agreed: bool, note: str = "") -> RecallAnswerRow:
    """The receiver's clerk answers. Agreed to a recall: the copy is frozen and its tasks are withdrawn."""
    found = RecallAnswerRow.objects.select_related("recipient__incoming", "request__replacement").get(
        pk=answer_id
    )
    incoming = (
        IncomingDocument.objects.select_for_update(of=("self",))
        .select_related("agency")
        .get(pk=found.recipient.incoming.pk)
    )
    if not rules.keeps_register(actor, incoming):
        raise NotAllowed
    row = RecallAnswerRow.objects.select_for_update().get(pk=answer_id)
    if row.answer != RecallAnswer.WAITING:
        raise RuleError(_("Yêu cầu này đã được trả lời."))
    if not agreed and not note.strip():
        raise RuleError(_("Nhập lý do không đồng ý."))
    now = timezone.now()
    row.answer = RecallAnswer.AGREED if agreed else RecallAnswer.REFUSED
    row.note, row.answered_by, row.answered_printed, row.answered_at = (
        note.strip()[:500],
        actor,
        printed(actor),
        now,
    )
    row.save(update_fields=["answer", "note", "answered_by", "answered_printed", "answered_at"])
    RecipientEvent.objects.create(
        recipient=found.recipient,
        code=AGREE_CODE if agreed else DECLINE_CODE,
        at=now,
        by_printed=row.answered_printed,
        note=row.note,
    )
    if not agreed:
        actor.act_by(rules.keeps_register, incoming)
        audit.record("incoming.keep", actor=actor, subject=incoming, note=note)
        return row
    kind = RecallKind(found.request.kind)
    if kind == RecallKind.UPDATE:
        _take_update(incoming, found.request, actor)
    elif incoming.state in {IncomingState.RETURNED, IncomingState.RECALLED}:
        raise RuleError(_("Văn bản này đã trả lại hoặc đã thu hồi."))
    else:
        _give_back(incoming, found.request, actor, kind)
    return row


def _give_back(incoming: IncomingDocument, request: RecallRequest, actor: Any, kind: RecallKind) -> None:
    arrivals.withdraw_open(
        incoming, actor=actor, note=_("Nơi gửi thu hồi: %(why)s") % {"why": request.reason}
    )
    successor = None
    if kind == RecallKind.REPLACE and request.replacement is not None:
        successor = (
            IncomingDocument.objects.filter(
                agency=incoming.agency_id, document_code=request.replacement.check_code
            )
            .order_by("-pk")
            .first()
        )
    done = arrivals.take(
        incoming.pk,
        "give_back",
        actor=actor,
        note=request.reason,
        is_frozen=True,
        replaced_by=successor,
    )
    delivery.report(done, DeliveryState.RECALLED, actor=actor, note=request.reason)
    indexing.touch(done)


def _take_update(incoming: IncomingDocument, request: RecallRequest, actor: Any) -> None:
    """The new files stand in front; the former ones stay with it, marked."""
    if incoming.is_frozen or request.replacement is None:
        raise RuleError(_("Văn bản đã thu hồi, chỉ còn để xem."))
    actor.act_by(rules.keeps_register, incoming)
    now = timezone.now()
    incoming.files.filter(superseded_at__isnull=True).update(superseded_at=now)
    came = delivery.files_of(request.replacement)
    IncomingFile.objects.bulk_create(
        IncomingFile(incoming=incoming, stored=stored, name=name, is_main=is_main, ordinal=place)
        for place, (stored, name, is_main) in enumerate(came, start=1)
    )
    indexing.owe_text(*(stored for stored, _name, _is_main in came))
    incoming.checked_at = None
    incoming.save(update_fields=["checked_at"])
    jobs.wake_on_commit("documents.check_arrival", incoming.pk)
    audit.record("incoming.update", actor=actor, subject=incoming, note=request.reason)
    indexing.touch(incoming)
