"""Certified copies: sao y, sao lục, trích sao, with a number of their own and the agency's signature (art. 25–27, 32)."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files, numbering
from core.errors import NotAllowed, RuleError
from core.gate import PDF
from core.models import StoredFile
from documents import layout, numbering_scheme, pdf_text, rules, secrecy, stamping
from documents.actions.papers import Authorisation
from documents.choices import CopyKind
from documents.models import CertifiedCopy, Document, IncomingDocument
from documents.people import printed
from org.models import Organization
from signing import services as signing

FORMS = {CopyKind.SY: "SAO Y", CopyKind.SL: "SAO LỤC", CopyKind.TRS: "TRÍCH SAO"}


def take_scan(upload: UploadedFile) -> StoredFile:
    """A scan of the paper, through the gate. SecretRefused, UploadRefused: nothing is kept."""
    secrecy.refuse_secret((upload.name or "").rsplit(".", 1)[0])
    secrecy.refuse_secret_upload(upload)
    return files.receive_upload(upload, types=frozenset({PDF}))


@transaction.atomic
def make(
    *,
    actor: Any,
    agency: Organization,
    kind: str,
    source: StoredFile,
    authorisation: Authorisation,
    incoming: IncomingDocument | None = None,
    document: Document | None = None,
) -> CertifiedCopy:
    """Take the number of the copies' series and owe the agency's signature at the top right, without a picture.

    RuleError: an electronic original is forwarded as it is, it needs no «sao y» (art. 25).
    """
    copy = CertifiedCopy(
        agency=agency, kind=kind, incoming=incoming, document=document, source_file=source, made_by=actor
    )
    if not rules.keeps_copies(actor, copy):
        raise NotAllowed
    actor.act_by(rules.keeps_copies, copy)
    if kind not in CopyKind.values:
        raise RuleError(_("Chọn hình thức sao."))
    if source.media_type != PDF:
        raise RuleError(_("Bản sao điện tử lập từ tệp PDF. Quét văn bản thành PDF rồi tải lên."))
    if kind != CopyKind.TRS and pdf_text.is_signed(source):
        raise RuleError(
            _(
                "Tệp này là văn bản điện tử đã ký số: chuyển tiếp chính bản gốc, không sao y điện tử sang điện tử. "
                "Sao một phần thì chọn trích sao."
            )
        )
    number, day = _number(agency)
    copy.number = number
    symbol = agency.symbol or layout.initials(agency.name)
    copy.number_printed = layout.notation(kind, symbol, "").format(n=f"{number.value:02d}")
    copy.dated_on = day
    copy.unsigned_file = source
    copy.made_printed = printed(actor)
    copy.save()
    number.subject_type, number.subject_id = copy._meta.label_lower, copy.pk
    number.save(update_fields=["subject_type", "subject_id"])
    at = timezone.localtime().isoformat(timespec="seconds")
    words = [f"{FORMS[CopyKind(kind)]} số {copy.number_printed}", f"{agency.name}; {at}"]
    copy.signature_request = signing.request_signature(
        source=source,
        key=authorisation.key,
        field_name=f"BanSao{number.value}",
        box=stamping.top_right(files.read(source)),
        appearance={"image": False, "lines": words, "size": 10, "ink": "black"},
        requested_by=actor,
        subject=copy,
        purpose="issue",
        unlock=authorisation.unlock,
        signer_label={"name": agency.name, "post": "", "unit": agency.name},
    )
    copy.save(update_fields=["signature_request"])
    audit.record("copy.make", actor=actor, subject=copy, after=kind, note=copy.number_printed)
    return copy


@transaction.atomic
def copy_signed(copy: CertifiedCopy) -> None:
    copy.file = copy.signature_request.result
    copy.save(update_fields=["file"])
    audit.record("copy.issue", actor=None, subject=copy, note=copy.number_printed)


@transaction.atomic
def copy_failed(copy: CertifiedCopy, reason: str) -> None:
    """The number is kept as cancelled, with its reason."""
    numbering.cancel(copy.number, reason=reason)
    copy.cancelled_at = timezone.now()
    copy.save(update_fields=["cancelled_at"])
    audit.record("copy.fail", actor=None, subject=copy, note=reason)


def _number(agency: Organization) -> tuple[Any, Any]:
    """One series for all kinds of copies of the agency and year (Phụ lục I, Phần II.II.1c)."""
    while True:
        day = timezone.localdate()
        with transaction.atomic():
            key = numbering_scheme.key(agency, numbering_scheme.COPIES, day.year)
            number = numbering.take(key, subject=agency, owner=agency)
            if timezone.localdate().year == day.year:
                return number, day
            transaction.set_rollback(True)
