"""Records as the real acts leave them, made directly: incoming documents, issued documents, dispatches, tasks."""

import itertools
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pikepdf
from django.utils import timezone

from core import files, numbering
from core.models import StoredFile
from documents.choices import (
    Channel,
    DeliveryState,
    DocumentKind,
    DocumentStatus,
    IncomingSource,
    IncomingState,
    TaskRole,
)
from documents.models import (
    Directive,
    Dispatch,
    DispatchRecipient,
    Document,
    DocumentType,
    IncomingDocument,
    IncomingFile,
    RetentionPeriod,
    Task,
    WorkFile,
)
from signing import services as signing

_count = itertools.count(1)


def pdf_bytes(words: str = "") -> bytes:
    """One empty page; other words make another file."""
    made = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.docinfo["/Title"] = words or f"{next(_count)}"
        pdf.save(made, deterministic_id=True)
    return made.getvalue()


def stored_pdf(words: str = "") -> StoredFile:
    return files.store_bytes(pdf_bytes(words), "application/pdf", pages=1)


def incoming(place: Any, title: str = "Về việc báo cáo", **fields: Any) -> IncomingDocument:
    """Registered by the clerk of `place` (an organization), with a number of arrival."""
    number = next(_count)
    now = timezone.now()
    state = fields.pop("state", IncomingState.REGISTERED)
    made = IncomingDocument.objects.create(
        **{
            "agency": place,
            "source": IncomingSource.PAPER,
            "issuer_printed": "Sở Nội vụ thành phố Hải Phòng",
            "number_printed": f"{number}/SNV-VP",
            "dated_on": timezone.localdate(),
            "type_printed": "Công văn",
            "title": title,
            "arrived_at": now,
            "registered_at": now,
            **fields,
        }
    )
    year = timezone.localdate().year
    made.number = numbering.take(f"arrival:{place.pk}:{year}", subject=made, owner=place)
    made.arrival_number, made.arrival_year, made.register = made.number.value, year, made.agency
    made.state = state
    made.save(update_fields=["number", "arrival_number", "arrival_year", "register", "state"])
    return made


def with_file(made: IncomingDocument, words: str = "") -> StoredFile:
    stored = stored_pdf(words)
    IncomingFile.objects.create(incoming=made, stored=stored, name="cong-van.pdf", is_main=True)
    return stored


def draft(agency: Any, unit: Any, drafter: Any, title: str = "Về việc triển khai", **fields: Any) -> Document:
    return Document.objects.create(
        **{
            "kind": DocumentKind.OFFICIAL,
            "type": DocumentType.objects.get(code="QĐ"),
            "agency": agency,
            "unit": unit,
            "drafter": drafter,
            "title": title,
            "notation": "{n}/QĐ-UBND",
            "check_code": signing.new_code(),
            **fields,
        }
    )


def issued(
    agency: Any, unit: Any, drafter: Any, title: str = "Về việc triển khai", **fields: Any
) -> Document:
    """Numbered, signed, issued; no real signature is on it."""
    made = draft(agency, unit, drafter, title, **fields)
    day = timezone.localdate()
    series = f"doc:{agency.pk}:{made.series or made.type.code}:{day.year}"
    made.number = numbering.take(series, subject=made, owner=agency)
    made.number_printed = made.notation.format(n=f"{made.number.value:02d}", year=day.year)
    made.dated_on, made.issued_at = day, timezone.now()
    made.issuer_printed, made.signer_printed = agency.name, "Đặng Thu Phương"
    made.status, made.current_file = DocumentStatus.ISSUED, stored_pdf()
    made.save()
    return made


def sent(document: Document, *units: Any, opened: bool = False, arrived: datetime | None = None) -> Dispatch:
    now = timezone.now()
    dispatch = Dispatch.objects.create(
        document=document, agency=document.agency, sent_at=now, total=len(units), done_at=now
    )
    for unit in units:
        DispatchRecipient.objects.create(
            dispatch=dispatch,
            unit=unit,
            name_printed=unit.name,
            channel=Channel.SYSTEM,
            state=DeliveryState.ARRIVED,
            arrived_at=arrived or now,
            opened_at=now if opened else None,
        )
    return dispatch


def task(
    made: IncomingDocument, by: Any, unit: Any, person: Any = None, *, due_in: int | None = 3, **fields: Any
) -> Task:
    """`by` directs; `due_in` counts days from now, negative ones are past."""
    directive = made.directives.first() or Directive.objects.create(
        incoming=made, by=by, name_printed=by.full_name, text="Giao chủ trì, báo cáo."
    )
    due = timezone.now() + timedelta(days=due_in) if due_in is not None else None
    return Task.objects.create(
        **{
            "directive": directive,
            "incoming": made,
            "unit": unit,
            "person": person,
            "role": TaskRole.LEAD,
            "due_at": due,
            "first_due_at": due,
            **fields,
        }
    )


def period(code: str = "10", years: int | None = 10) -> RetentionPeriod:
    found, _made = RetentionPeriod.objects.get_or_create(
        code=code, defaults={"name": f"{years} năm" if years else "Vĩnh viễn", "years": years}
    )
    return found


def work_file(
    agency: Any, unit: Any, keeper: Any, title: str = "Hồ sơ thử nghiệm", **fields: Any
) -> WorkFile:
    return WorkFile.objects.create(
        **{
            "agency": agency,
            "unit": unit,
            "keeper": keeper,
            "year": timezone.localdate().year,
            "notation": f"T{next(_count)}",
            "title": title,
            "retention": fields.pop("retention", None) or period(),
            "opened_on": timezone.localdate(),
            **fields,
        }
    )
