"""A state secret slipped in: its content is erased at once for everybody, and people do the rest (domain §6).

What is kept: that there was an incident, numbers and days of the record, SHA-256 of the erased files (an operator looks
for them in backups). What goes: titles, bodies, versions, file texts, search entries, page pictures, the files
themselves, what people wrote about them, texts of notices and of the trail. Nothing here writes content into the trail.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.errors import NotAllowed, RuleError
from core.models import AuditEvent, Job, StoredFile
from documents import erasing, rules, searching
from documents.actions import filing, registers
from documents.choices import BookKind, DocumentStatus, IncidentState
from documents.models import (
    Approval,
    Attachment,
    CertifiedCopy,
    Directive,
    DispatchRecipient,
    Document,
    DocumentGrant,
    DraftVersion,
    IncomingDocument,
    IncomingFile,
    MailItem,
    Opinion,
    RecallAnswerRow,
    RecallRequest,
    RecipientEvent,
    RegisterBook,
    SecretIncident,
    SecretReceipt,
    Task,
    TaskExtension,
    TaskNote,
    WorkFile,
    WorkFileItem,
)
from documents.people import printed
from notices import services as notices
from org import services as org
from org.choices import Role
from org.models import Organization
from signing import services as signing

Record = Document | IncomingDocument
PAGE = "/lam-viec/van-ban/mat/su-co/"
STEPS = (
    (
        "backups",
        gettext_lazy("Bản sao lưu cơ sở dữ liệu và kho tệp: loại hoặc làm lại bản sao lưu có nội dung"),
    ),
    ("mail", gettext_lazy("Máy chủ thư, hộp thư đã gửi và hộp thư nhận: xóa thư có nội dung")),
    ("logs", gettext_lazy("Nhật ký máy chủ, bộ đệm của proxy, bản sao tạm: kiểm tra theo mã SHA-256")),
    ("devices", gettext_lazy("Máy tính, điện thoại, bản in của những người đã mở: thu hồi, xóa")),
    (
        "people",
        gettext_lazy("Lập danh sách người đã mở; báo cơ quan có thẩm quyền về bảo vệ bí mật nhà nước"),
    ),
)


def erased() -> str:
    return _("(đã xóa)")


# --- counted without content -----------------------------------------------------------------------------------


@transaction.atomic
def count_secret(agency: Organization, *, day: date, count: int, actor: Any) -> SecretReceipt:
    """«Văn bản mật đã nhận theo sổ riêng»: how many on a day. The last word of the day counts."""
    if not actor.serves_as(Role.CLERK, agency.pk):
        raise NotAllowed
    if day > timezone.localdate():
        raise RuleError(_("Ngày không được sau hôm nay."))
    row, _made = SecretReceipt.objects.update_or_create(
        agency=agency, day=day, defaults={"count": count, "noted_by": actor}
    )
    audit.record("secret.count", actor=actor, subject=agency, after=f"{day:%d/%m/%Y}: {count}")
    return row


# --- the procedure ---------------------------------------------------------------------------------------------


@transaction.atomic
def report(record: Record, *, actor: Any) -> SecretIncident:
    """Whoever sees it may report it, without a word about the content. Clerks and leaders of the agency are told."""
    is_incoming = isinstance(record, IncomingDocument)
    seen = (
        rules.may_see_incoming(actor, record)
        if isinstance(record, IncomingDocument)
        else rules.may_see(actor, record)
    )
    if not seen:
        raise NotAllowed
    column = "incoming" if is_incoming else "document"
    type(record).objects.select_for_update(of=("self",)).get(pk=record.pk)
    if (
        known := SecretIncident.objects.filter(**{column: record.pk}, state=IncidentState.OPEN).first()
    ) is not None:
        return known
    where = _("văn bản đến, mã %(pk)s") if is_incoming else _("văn bản đi, mã %(pk)s")
    incident = SecretIncident.objects.create(
        agency=record.agency,
        where=where % {"pk": record.pk},
        found_by=actor,
        found_printed=printed(actor),
        steps=[{"key": key, "by": "", "at": "", "note": ""} for key, _words in STEPS],
        **{column: record},
    )
    audit.record("secret.report", actor=actor, subject=incident, after=incident.state)
    told = {
        person.pk: person
        for role in (Role.CLERK, Role.LEADER)
        for person in org.people_serving(role, record.agency_id)
        if person != actor
    }
    for person in told.values():
        notices.tell_inbox(
            recipient=person,
            kind="secret.report",
            title=_("Sự cố bí mật nhà nước"),
            text=_("Có báo cáo cần xử lý ngay. Không mở, không chuyển tiếp văn bản."),
            url=f"{PAGE}{incident.pk}/",
            subject=incident,
        )
    return incident


@transaction.atomic
def purge(incident_id: int, *, actor: Any) -> SecretIncident:
    """Erase the content of the record and of every copy in this system, at once. It cannot be undone."""
    incident = SecretIncident.objects.select_for_update(of=("self",)).get(pk=incident_id)
    if not _handles(actor, incident):
        raise NotAllowed
    if incident.state != IncidentState.OPEN:
        raise RuleError(_("Nội dung của sự cố này đã xóa."))
    documents, incoming, stored = _family(incident)
    incident.hashes = sorted(set(incident.hashes) | {one.sha256 for one in stored})
    _erase_outgoing(documents)
    _erase_incoming(incoming)
    _erase_prints(documents, incoming)
    _erase_notices(documents, incoming)
    _erase_trail(documents, incoming, incident, actor)
    erasing.forget_everywhere(stored)
    incident.state, incident.purged_at = IncidentState.PURGED, timezone.now()
    incident.purged_by, incident.purged_printed = actor, printed(actor)
    incident.save(update_fields=["state", "purged_at", "purged_by", "purged_printed", "hashes"])
    audit.record(
        "secret.purge",
        actor=actor,
        subject=incident,
        before=IncidentState.OPEN,
        after=incident.state,
        detail={"records": len(documents) + len(incoming), "files": len(stored)},
    )
    return incident


@transaction.atomic
def confirm_step(incident_id: int, key: str, *, note: str, actor: Any) -> SecretIncident:
    """«Đã làm»: who and when stands beside each step that only people can do."""
    incident = SecretIncident.objects.select_for_update(of=("self",)).get(pk=incident_id)
    if not _handles(actor, incident):
        raise NotAllowed
    if incident.state == IncidentState.CLOSED:
        raise RuleError(_("Sự cố đã kết thúc."))
    step = next((one for one in incident.steps if one["key"] == key), None)
    if step is None or step["by"]:
        return incident
    step |= {
        "by": printed(actor),
        "at": timezone.now().isoformat(timespec="seconds"),
        "note": note.strip()[:300],
    }
    incident.save(update_fields=["steps"])
    audit.record("secret.step", actor=actor, subject=incident, after=key)
    return incident


@transaction.atomic
def close_incident(incident_id: int, *, actor: Any) -> SecretIncident:
    """Two persons: who closes is not who erased. RuleError: something is still to be done."""
    incident = SecretIncident.objects.select_for_update(of=("self",)).get(pk=incident_id)
    if not _handles(actor, incident):
        raise NotAllowed
    if incident.state != IncidentState.PURGED:
        raise RuleError(_("Xóa nội dung trước khi kết thúc sự cố."))
    if incident.purged_by_id == actor.pk:
        raise RuleError(_("Người kết thúc sự cố phải là người khác với người đã xóa nội dung."))
    if any(not one["by"] for one in incident.steps):
        raise RuleError(_("Còn việc chưa xác nhận là đã làm."))
    incident.state, incident.closed_at = IncidentState.CLOSED, timezone.now()
    incident.closed_by, incident.closed_printed = actor, printed(actor)
    incident.save(update_fields=["state", "closed_at", "closed_by", "closed_printed"])
    audit.record(
        "secret.close", actor=actor, subject=incident, before=IncidentState.PURGED, after=incident.state
    )
    return incident


def _handles(actor: Any, incident: SecretIncident) -> bool:
    return actor is not None and any(
        actor.serves_as(role, incident.agency_id) for role in (Role.CLERK, Role.LEADER)
    )


# --- what belongs to it ----------------------------------------------------------------------------------------


def _family(incident: SecretIncident) -> tuple[list[Document], list[IncomingDocument], list[StoredFile]]:
    """The record, what was sent of it, what it was made of, and every record that holds the same bytes."""
    documents: set[int] = {incident.document_id} if incident.document_id else set()
    incoming: set[int] = {incident.incoming_id} if incident.incoming_id else set()
    while True:
        before = (len(documents), len(incoming))
        sent = IncomingDocument.objects.filter(recipient__dispatch__document__in=documents)
        incoming |= set(sent.values_list("pk", flat=True))
        made = Document.objects.filter(dispatches__recipients__incoming__in=incoming)
        documents |= set(made.values_list("pk", flat=True))
        stored = _stored_of(documents, incoming)
        documents |= set(Attachment.objects.filter(stored__in=stored).values_list("document", flat=True))
        documents |= set(Document.objects.filter(current_file__in=stored).values_list("pk", flat=True))
        incoming |= set(IncomingFile.objects.filter(stored__in=stored).values_list("incoming", flat=True))
        if before == (len(documents), len(incoming)):
            break
    return (
        list(Document.objects.select_for_update(of=("self",)).filter(pk__in=documents).order_by("pk")),
        list(IncomingDocument.objects.select_for_update(of=("self",)).filter(pk__in=incoming).order_by("pk")),
        list(StoredFile.objects.filter(pk__in=stored)),
    )


def _stored_of(documents: Iterable[Any], incoming: Iterable[Any]) -> set[int]:
    """Every file that one of the records has or had: papers, attachments, copies, steps of signing."""
    found: set[int | None] = set()
    for columns in (
        Document.objects.filter(pk__in=documents).values_list("unsigned_file", "current_file"),
        Attachment.objects.filter(document__in=documents).values_list("stored", "signed"),
        IncomingFile.objects.filter(incoming__in=incoming).values_list("stored", "stored"),
        CertifiedCopy.objects.filter(
            models.Q(document__in=documents) | models.Q(incoming__in=incoming)
        ).values_list("source_file", "unsigned_file", "file"),
    ):
        found |= {pk for row in columns for pk in row}
    shas = {
        entry.get("sha256", "")
        for version in DraftVersion.objects.filter(document__in=documents).values_list("files", flat=True)
        for entry in version
    }
    found |= set(StoredFile.objects.filter(sha256__in=shas).values_list("pk", flat=True))
    found |= signing.files_of("documents.document", documents)
    grave = erasing.tombstone().pk
    return {pk for pk in found if pk is not None and pk != grave}


# --- erasing ---------------------------------------------------------------------------------------------------


def _erase_outgoing(documents: list[Document]) -> None:
    word, grave = erased(), erasing.tombstone()
    for one in documents:
        _stop_signing(one)
        issued = one.current_file_id is not None
        Document.objects.filter(pk=one.pk).update(
            title=word,
            body_sealed="",
            text_read_at=timezone.now(),
            is_frozen=True,
            unsigned_file=None,
            current_file=grave if issued else None,
        )
    for one in documents:
        searching.forget(one)
    mine = {"document__in": documents}
    DraftVersion.objects.filter(**mine).update(title=word, body_sealed="", files=[], note="")
    Approval.objects.filter(**mine).update(note="", passed_over=[])
    Opinion.objects.filter(**mine).update(question="", text="", answer="")
    Attachment.objects.filter(**mine).delete()
    DocumentGrant.objects.filter(**mine).update(reason=word)
    WorkFileItem.objects.filter(**mine).update(title=word)
    signing.blank_papers("documents.document", [one.pk for one in documents], word)
    rows = DispatchRecipient.objects.filter(dispatch__document__in=documents)
    rows.exclude(reason="").update(reason=word)
    RecipientEvent.objects.filter(recipient__in=rows.values("pk")).exclude(note="").update(note=word)
    RecallRequest.objects.filter(dispatch__document__in=documents).update(reason=word)
    RecallAnswerRow.objects.filter(recipient__in=rows.values("pk")).exclude(note="").update(note=word)


def _stop_signing(one: Document) -> None:
    """A signature under way would bring the content back; a draft goes nowhere any more."""
    if one.status in {DocumentStatus.SIGNING, DocumentStatus.SEALING} and one.signature_request_id:
        signing.cancel(one.signature_request_id, erased())
    if one.number_id is None:
        Document.objects.filter(pk=one.pk).update(status=DocumentStatus.CANCELLED)


def _erase_incoming(incoming: list[IncomingDocument]) -> None:
    word = erased()
    IncomingDocument.objects.filter(pk__in=[one.pk for one in incoming]).update(
        title=word,
        note="",
        outcome="",
        return_reason="",
        report={},
        text_read_at=timezone.now(),
        is_frozen=True,
    )
    for one in incoming:
        searching.forget(one)
    mine = {"incoming__in": incoming}
    IncomingFile.objects.filter(**mine).delete()
    Directive.objects.filter(**mine).update(text=word)
    Task.objects.filter(**mine).update(text="", result="")
    TaskNote.objects.filter(task__incoming__in=incoming).update(text=word)
    TaskExtension.objects.filter(task__incoming__in=incoming).update(reason=word, note="")
    MailItem.objects.filter(**mine).update(subject=word, reason="")
    DocumentGrant.objects.filter(**mine).update(reason=word)
    WorkFileItem.objects.filter(**mine).update(title=word)


def _erase_prints(documents: list[Document], incoming: list[IncomingDocument]) -> None:
    """Prints and exports may show a title. A closed book keeps its rows, less the title; it is drawn and signed anew."""
    agencies = {one.agency_id for one in documents} | {one.agency_id for one in incoming}
    prints = Job.objects.filter(kind=registers.PRINT, params__agency__in=list(agencies))
    of_agencies = WorkFile.objects.filter(agency__in=agencies).values_list("pk", flat=True)
    exports = Job.objects.filter(kind=filing.EXPORT, params__file__in=list(of_agencies))
    for job in [*prints.filter(artefact__isnull=False), *exports.filter(artefact__isnull=False)]:
        _drop_artefact(job)
    for book in RegisterBook.objects.filter(agency__in=agencies, frozen__isnull=False).select_related(
        "frozen"
    ):
        registers.strike_out(book, _marks(book, documents, incoming), erased())


def _marks(
    book: RegisterBook, documents: list[Document], incoming: list[IncomingDocument]
) -> set[tuple[str, str]]:
    """How the rows of these records are known in a closed book: by number and title, as they were before the purge."""
    if book.kind == BookKind.OUTGOING:
        found = {(one.number_printed, one.title) for one in documents if one.agency_id == book.agency_id}
    else:
        found = {
            (f"{one.arrival_number or 0:02d}", one.title)
            for one in incoming
            if one.agency_id == book.agency_id
        }
    return {(number, title) for number, title in found if title and title != erased()}


def _drop_artefact(job: Job) -> None:
    stored = job.artefact
    Job.objects.filter(pk=job.pk).update(artefact=None, message=erased())
    if stored is not None:
        erasing.forget_everywhere([stored])


def _erase_notices(documents: list[Document], incoming: list[IncomingDocument]) -> None:
    tasks = list(Task.objects.filter(incoming__in=incoming).values_list("pk", flat=True))
    recipients = DispatchRecipient.objects.filter(dispatch__document__in=documents)
    for kind, ids in (
        ("documents.document", [one.pk for one in documents]),
        ("documents.incomingdocument", [one.pk for one in incoming]),
        ("documents.task", tasks),
        ("documents.dispatch", list(recipients.values_list("dispatch", flat=True))),
        ("documents.dispatchrecipient", list(recipients.values_list("pk", flat=True))),
    ):
        notices.blank(kind, ids, erased())


def _erase_trail(
    documents: list[Document], incoming: list[IncomingDocument], incident: SecretIncident, actor: Any
) -> None:
    """What people wrote in acts on the record stands in the trail; its texts go, its facts and proofs stay."""
    subjects = {
        "documents.document": [one.pk for one in documents],
        "documents.incomingdocument": [one.pk for one in incoming],
        "documents.task": list(Task.objects.filter(incoming__in=incoming).values_list("pk", flat=True)),
    }
    basis = _("sự cố bí mật nhà nước số %(pk)s") % {"pk": incident.pk}
    for kind, ids in subjects.items():
        events = AuditEvent.objects.filter(subject_type=kind, subject_id__in=ids, erased_at__isnull=True)
        for event in events.exclude(note="", detail={}).order_by("id"):
            audit.erase(event, basis, actor=actor)
