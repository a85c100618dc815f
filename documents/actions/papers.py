"""Results and official documents: draft, submit, sign, seal, issue. Number and date are reserved and printed in the act of signing (design §4)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import nh3
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files, numbering
from core.errors import NotAllowed, RuleError
from documents import numbering_scheme, rendering, rules, signals, stamping
from documents.actions import dispatch, indexing, told
from documents.choices import ApprovalKind, AttachmentRole, DocumentKind, DocumentStatus, Source
from documents.models import Attachment, Document, DocumentType
from documents.workflow import MOVES
from org import crypto
from org.models import Organization
from signing import services as signing

ALLOWED_TAGS = {
    "p",
    "br",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ul",
    "ol",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "h2",
    "h3",
    "span",
    "div",
    "sub",
    "sup",
}
ALLOWED_ATTRIBUTES = {
    "*": {"class"},
    "td": {"colspan", "rowspan", "class"},
    "th": {"colspan", "rowspan", "class"},
}


def clean_html(html: str) -> str:
    """Only what a paper needs: no scripts, no styles, no links out."""
    return nh3.clean(html, tags=ALLOWED_TAGS, attributes=ALLOWED_ATTRIBUTES)


def take(document_id: int, verb: str, *, actor: Any, note: str = "", **changes: Any) -> Document:
    """Lock the document, check the move, set status and `changes`, write the audit event. Call inside `atomic`."""
    document = Document.objects.select_for_update().get(pk=document_id)
    move = MOVES.require(verb, document, actor, note)
    if actor is not None:
        actor.act_by(move.who, document)
    before, document.status = document.status, move.target
    for name, value in changes.items():
        setattr(document, name, value)
    document.save(update_fields=["status", *changes])
    audit.record(
        f"document.{verb}", actor=actor, subject=document, before=before, after=move.target, note=note
    )
    return document


@transaction.atomic
def create_draft(
    *,
    actor: Any,
    agency: Organization,
    unit: Organization,
    type_code: str,
    title: str,
    body_html: str,
    paper: str,
    series: str,
    notation: str,
    procedure_code: str = "",
    field: str = "",
) -> Document:
    """A new draft. `notation` is a pattern with {n} and {year}, e.g. «{n}/QĐ-UBND»."""
    document = Document.objects.create(
        type=DocumentType.objects.get(code=type_code),
        agency=agency,
        unit=unit,
        drafter=actor.principal,
        procedure_code=procedure_code,
        field=field,
        title=title,
        body_sealed=crypto.seal(clean_html(body_html)),
        paper=paper,
        series=series,
        notation=notation,
        check_code=signing.new_code(),
    )
    audit.record("document.create", actor=actor, subject=document, after=document.status)
    return document


@transaction.atomic
def update_draft(document_id: int, *, actor: Any, title: str, body_html: str) -> Document:
    """A new revision of the draft; a signer who read an older one will be refused."""
    document = take(
        document_id, "edit", actor=actor, title=title, body_sealed=crypto.seal(clean_html(body_html))
    )
    document.revision += 1
    document.save(update_fields=["revision"])
    return document


@transaction.atomic
def submit(document_id: int, *, actor: Any, note: str = "") -> Document:
    document = take(document_id, "submit", actor=actor, note=note)
    preview = rendering.render_document(document)
    document.unsigned_file = files.store_bytes(preview.data, "application/pdf", pages=preview.pages)
    document.save(update_fields=["unsigned_file"])
    return document


@transaction.atomic
def send_back(document_id: int, *, actor: Any, note: str) -> Document:
    return take(document_id, "send_back", actor=actor, note=note)


@transaction.atomic
def cancel(document_id: int, *, actor: Any, note: str) -> Document:
    return take(document_id, "cancel", actor=actor, note=note)


@transaction.atomic
def give_draft(document_id: int, *, actor: Any, drafter: Any) -> Document:
    """The unit's head gives the work to another officer: what is drafted goes with it."""
    document = Document.objects.select_for_update().get(pk=document_id)
    if document.status not in {DocumentStatus.DRAFT, DocumentStatus.SUBMITTED} or document.drafter == drafter:
        return document
    if not (rules.reviews(actor, document) or rules.drafts(actor, document)):
        raise NotAllowed
    note = f"{document.drafter.full_name} → {drafter.full_name}"
    document.drafter = drafter
    document.save(update_fields=["drafter"])
    audit.record("document.pass_on", actor=actor, subject=document, note=note)
    return document


@dataclass(frozen=True, slots=True)
class Authorisation:
    """A key opened once by its PIN, for one signature."""

    key: Any
    unlock: bytes


def authorise(key: Any, pin: str, *, actor: Any) -> Authorisation:
    """Check the certificate, then the PIN. Call outside the act's transaction: a wrong PIN must stay counted."""
    signing.precheck(key, actor=actor)
    return Authorisation(key, signing.unlock(key, pin, actor=actor))


def personal_key(actor: Any) -> Any:
    """The signing key of this person. RuleError when there is none, or why it may not sign any more."""
    for key in signing.keys_of(actor):
        return key
    if (former := signing.newest_of(actor)) is not None:
        signing.precheck(former, actor=actor)
    raise RuleError(_("Chưa có chứng thư số cá nhân. Đề nghị văn thư cơ quan đăng ký cấp chứng thư số."))


def agency_key(agency: Organization) -> Any:
    """The key of the agency's seal. RuleError when there is none."""
    key = signing.seal_of(agency)
    if key is None:
        raise RuleError(
            _("«%(agency)s» không có chứng thư số cơ quan còn hiệu lực.") % {"agency": agency.name}
        )
    return key


def number_text(document: Document, value: int, day: date) -> str:
    """Numbers under 10 get a leading 0 (NĐ 30/2020/NĐ-CP, Phụ lục I)."""
    return (document.notation or "{n}").format(n=f"{value:02d}", year=day.year)


@transaction.atomic
def sign(document_id: int, *, actor: Any, authorisation: Authorisation, revision: int) -> Document:
    """Reserve number and date, print them, and owe the personal signature; Celery makes it.

    `revision` is what the signer read: RuleError when the draft changed meanwhile.
    """
    document = take(document_id, "sign", actor=actor)
    if document.revision != revision:
        raise RuleError(_("Dự thảo đã thay đổi sau khi ông/bà mở. Đọc lại bản mới rồi ký."))
    if document.kind == DocumentKind.OFFICIAL:
        _require_checked(document)
        document.series, document.notation = numbering_scheme.scheme_of(document)
    document.number, day = _number(document)
    document.number_printed = number_text(document, document.number.value, day)
    document.dated_on = day
    document.issuer_printed = document.agency.name
    document.signer, document.signer_printed = actor, actor.full_name
    document.signer_title_printed = actor.hat.position.title
    block = rendering.signature_block(actor.hat, actor.acting_under)
    document.signer_lines_printed, document.signed_for_printed = block.lines, actor.acting_for
    if document.source == Source.UPLOADED:
        paper: Any = stamping.stamped(
            files.read(main_file(document).stored),
            number=document.number_printed,
            day=day,
            signer=actor.full_name,
        )
        signature_box, seal_box = paper.signature_box, paper.seal_box
    else:
        paper = rendering.render_document(
            document, number_text=document.number_printed, dated_on=day, signer_block=block
        )
        signature_box, seal_box = rendering.signature_box(paper), rendering.seal_box(paper)
    document.unsigned_file = files.store_bytes(paper.data, "application/pdf", pages=paper.pages)
    document.seal_box, document.pages = list(seal_box), paper.pages
    document.signature_request = signing.request_signature(
        source=document.unsigned_file,
        key=authorisation.key,
        field_name="ChuKyCaNhan",
        box=signature_box,
        appearance={"kind": "personal"},
        requested_by=actor,
        subject=document,
        purpose="approve",
        unlock=authorisation.unlock,
        signer_label={
            "name": actor.full_name,
            "post": block.post_words(actor.hat.position.title)
            if actor.acting_under
            else actor.hat.position.title,
            "unit": document.agency.name,
        },
    )
    document.save(
        update_fields=[
            "number",
            "number_printed",
            "series",
            "notation",
            "pages",
            "dated_on",
            "issuer_printed",
            "signer",
            "signer_printed",
            "signer_title_printed",
            "signer_lines_printed",
            "signed_for_printed",
            "unsigned_file",
            "seal_box",
            "signature_request",
        ]
    )
    return document


def _number(document: Document) -> tuple[Any, date]:
    """The next number and the day it belongs to, in Viet Nam.

    Whoever waited for the series over midnight of 31 December gives it back and takes the new year's first ones.
    """
    while True:
        year = timezone.localdate().year
        series = numbering_scheme.series_of(document)
        with transaction.atomic():
            key = numbering_scheme.key(document.agency, series, year)
            number = numbering.take(key, subject=document, owner=document.agency)
            day = timezone.localdate()
            if day.year == year:
                return number, day
            transaction.set_rollback(True)


def _require_checked(document: Document) -> None:
    """Whoever answers for content and form has initialled this very version (art. 12)."""
    given = set(document.approvals.filter(revision=document.revision).values_list("kind", flat=True))
    if not {ApprovalKind.HEAD, ApprovalKind.FORM} <= given:
        raise RuleError(
            _("Bản thứ %(n)s chưa có đủ ký nháy của người đứng đầu đơn vị và người kiểm tra thể thức.")
            % {"n": document.revision}
        )


def main_file(document: Document) -> Attachment:
    """The uploaded PDF that is the text. RuleError: it was taken away."""
    found = document.attachments.filter(role=AttachmentRole.MAIN).select_related("stored").first()
    if found is None:
        raise RuleError(_("Chưa có tệp PDF của văn bản chính."))
    return found


def appendices_to_seal(document: Document) -> list[Attachment]:
    """Appendices in files of their own that the agency still has to sign, each (Phụ lục I.II.8b)."""
    if document.kind != DocumentKind.OFFICIAL:
        return []
    found = document.attachments.filter(role=AttachmentRole.APPENDIX, signed__isnull=True)
    return list(found.select_related("stored").order_by("ordinal", "id"))


def _seal_appendix(attachment: Attachment, document: Document, *, actor: Any, given: Authorisation) -> None:
    """Top right of the first page, no picture: number and notation; time of signing (ISO 8601, Viet Nam)."""
    at = timezone.localtime().isoformat(timespec="seconds")
    attachment.signature_request = signing.request_signature(
        source=attachment.stored,
        key=given.key,
        field_name="DauPhuLuc",
        box=stamping.top_right(files.read(attachment.stored)),
        appearance={
            "image": False,
            "lines": [f"{document.number_printed}; {at}"],
            "size": 10,
            "ink": "black",
        },
        requested_by=actor,
        subject=attachment.document,
        purpose="issue",
        unlock=given.unlock,
        signer_label={"name": document.agency.name, "post": "", "unit": document.agency.name},
    )
    attachment.save(update_fields=["signature_request"])


@transaction.atomic
def seal(
    document_id: int, *, actor: Any, authorisation: Authorisation, beside: list[Authorisation] | None = None
) -> Document:
    """Owe the agency's signature, the second and incremental one; issuing follows from it.

    `beside`: one opened key for each of `appendices_to_seal`.
    """
    document = take(document_id, "seal", actor=actor)
    appendices = appendices_to_seal(document)
    if len(beside or []) < len(appendices):
        raise RuleError(_("Phụ lục vừa thay đổi. Tải lại trang rồi đóng dấu."))
    for attachment, given in zip(appendices, beside or [], strict=False):
        _seal_appendix(attachment, document, actor=actor, given=given)
    assert document.current_file is not None  # signed documents have one
    document.signature_request = signing.request_signature(
        source=document.current_file,
        key=authorisation.key,
        field_name="DauCoQuan",
        box=tuple(document.seal_box),
        appearance={"kind": "seal"},
        requested_by=actor,
        subject=document,
        purpose="issue",
        unlock=authorisation.unlock,
        signer_label={"name": document.agency.name, "post": "", "unit": document.agency.name},
    )
    document.save(update_fields=["signature_request"])
    return document


def retry_signing(document_id: int, *, actor: Any) -> None:
    """Try the pending signature again now instead of at its next turn."""
    document = Document.objects.visible_to(actor).filter(pk=document_id).first()
    if document is None:
        raise NotAllowed
    if document.signature_request_id is None:
        raise RuleError(_("Văn bản này không có chữ ký nào đang chờ."))
    signing.retry(document.signature_request_id, actor=actor)


@transaction.atomic
def signature_made(document: Document) -> None:
    """The signature that was pending stands: the leader's makes it «đã ký», the agency's issues the document."""
    result = document.signature_request.result
    if document.status == DocumentStatus.SIGNING:
        take(document.pk, "record_signature", actor=None, current_file=result, signed_at=timezone.now())
        told.signed(document)
    elif document.status == DocumentStatus.SEALING:
        locked = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        waits = locked.attachments.filter(signature_request__isnull=False, signed__isnull=True).exists()
        if waits or locked.status != DocumentStatus.SEALING or locked.signature_request.result is None:
            return  # the last of the signatures issues the document
        result = locked.signature_request.result
        issued = take(document.pk, "issue", actor=None, current_file=result, issued_at=timezone.now())
        assert issued.current_file is not None
        signing.publish_paper(
            code=issued.check_code,
            stored_file=issued.current_file,
            title=issued.title,
            number=issued.number_printed,
            unit_name=issued.issuer_printed,
            issued_at=issued.issued_at,
            subject=issued,
        )
        if issued.kind == DocumentKind.OFFICIAL:
            dispatch.send_issued(issued, actor=document.signature_request.requested_by)
            indexing.touch(issued)
            told.issued(issued)
        signals.document_issued.send(sender=Document, document_id=issued.pk)


@transaction.atomic
def appendix_sealed(attachment: Attachment) -> None:
    """The agency has signed an appendix; with the last of them the document is issued."""
    attachment.signed = attachment.signature_request.result
    attachment.save(update_fields=["signed"])
    document = Document.objects.select_related("signature_request").get(pk=attachment.document_id)
    if document.status == DocumentStatus.SEALING and document.signature_request.result_id:
        signature_made(document)


@transaction.atomic
def appendix_failed(attachment: Attachment, reason: str) -> None:
    """The document waits for its seal again; what is signed stays signed."""
    attachment.signature_request = None
    attachment.save(update_fields=["signature_request"])
    if attachment.document.status == DocumentStatus.SEALING:
        take(attachment.document_id, "sealing_failed", actor=None, note=f"{attachment.name}: {reason}"[:500])


@transaction.atomic
def signature_failed(document: Document, reason: str) -> None:
    """Given up: the reserved number is kept as cancelled, and the document waits for its signer again."""
    if document.status == DocumentStatus.SIGNING:
        if document.number is not None:
            numbering.cancel(document.number, reason=reason)
        take(
            document.pk,
            "signing_failed",
            actor=None,
            note=reason,
            number=None,
            number_printed="",
            dated_on=None,
        )
        signals.document_not_signed.send(sender=Document, document_id=document.pk, reason=reason)
        told.not_signed(document, reason)
    elif document.status == DocumentStatus.SEALING:
        take(document.pk, "sealing_failed", actor=None, note=reason)


@transaction.atomic
def recall(document_id: int, *, reason: str) -> Document:
    """Signed but not issued when its agency ended: the number stays as cancelled, the successor's leader signs anew."""
    signed = Document.objects.select_related("number").get(pk=document_id)
    if signed.number is not None:
        numbering.cancel(signed.number, reason=reason)
    document = take(
        document_id,
        "recall",
        actor=None,
        note=reason,
        number=None,
        number_printed="",
        dated_on=None,
        signer=None,
        signature_request=None,
    )
    signals.document_not_signed.send(sender=Document, document_id=document.pk, reason=reason)
    return document
