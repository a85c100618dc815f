"""Documents that are on their way: issued without the walk that led there, or signed for real when asked."""

import itertools
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from core import files, numbering
from documents.actions import dispatch as sending
from documents.actions import papers
from documents.choices import ApprovalKind, DocumentKind, DocumentStatus
from documents.models import Approval, Dispatch, Document, DocumentType, IncomingDocument, Recipient
from org.models import Organization
from signing import services as signing
from tests.documents.conftest import PIN
from tests.factories import again
from tests.samples import pdf_bytes

_count = itertools.count(1)


def drafted(place: Any, *, agency: Organization, unit: Organization, **fields: Any) -> Document:
    number = next(_count)
    return Document.objects.create(
        **{
            "kind": DocumentKind.OFFICIAL,
            "type": DocumentType.objects.get(code="BC"),
            "agency": agency,
            "unit": unit,
            "drafter": place.case_officer if hasattr(place, "case_officer") else place.officer,
            "title": f"Báo cáo thử nghiệm {number}",
            "body_sealed": "",
            "check_code": signing.new_code(),
            "notation": "{n}/BC-UBND",
            **fields,
        }
    )


def issued(place: Any, *, to: list[Organization], pages: int = 1, **fields: Any) -> Document:
    """Issued with a plain PDF: no signatures, so the check says «không có chữ ký»."""
    document = drafted(place, agency=place.ubnd, unit=place.office, **fields)
    day = timezone.localdate()
    document.number = numbering.take(f"test:{document.agency_id}:{day.year}", subject=document)
    document.number_printed = fields.get("number_printed") or f"{document.number.value:02d}/BC-UBND"
    document.dated_on, document.issuer_printed = fields.get("dated_on") or day, place.ubnd.name
    document.signer_printed, document.signer_title_printed = "Đặng Thu Phương", "Phó Chủ tịch"
    document.current_file = files.store_bytes(pdf_bytes(pages), "application/pdf", pages=pages)
    document.status, document.issued_at = DocumentStatus.ISSUED, timezone.now()
    document.save()
    name(document, to)
    return document


def name(document: Document, to: list[Organization]) -> None:
    Recipient.objects.bulk_create(Recipient(document=document, unit=unit) for unit in to)


def sent(place: Any, to: list[Organization], work: Callable[..., Any], **fields: Any) -> Dispatch:
    """Issued, sent and delivered."""
    document = issued(place, to=to, **fields)
    dispatch = work(sending.send_issued, document, actor=again(place.clerk))
    assert dispatch is not None
    return dispatch


def signed(place: Any, to: list[Organization], work: Callable[..., Any]) -> Document:
    """Signed by the leader, sealed by the clerk, issued and delivered, with real keys."""
    document = drafted(place, agency=place.ubnd, unit=place.office, paper="papers/letter.html")
    name(document, to)
    Document.objects.filter(pk=document.pk).update(status=DocumentStatus.SUBMITTED)
    leader, clerk = again(place.leader), again(place.clerk)
    Approval.objects.bulk_create(
        Approval(document=document, kind=kind, revision=1, by=by, name_printed=by.full_name)
        for kind, by in ((ApprovalKind.HEAD, again(place.unit_head)), (ApprovalKind.FORM, clerk))
    )
    key = papers.authorise(papers.personal_key(leader), PIN, actor=leader)
    work(papers.sign, document.pk, actor=leader, authorisation=key, revision=1)
    seal = papers.authorise(papers.agency_key(place.ubnd), PIN, actor=clerk)
    work(papers.seal, document.pk, actor=clerk, authorisation=seal)
    return Document.objects.get(pk=document.pk)


def arrival_at(agency: Organization) -> IncomingDocument:
    return IncomingDocument.objects.filter(agency=agency).latest("pk")
