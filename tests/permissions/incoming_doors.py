"""Doors of arrivals, tasks, dispatches and the mailbox, and the records behind them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core import files
from core.models import IssuedNumber, NumberSeries
from documents.models import (
    Directive,
    Dispatch,
    DispatchRecipient,
    Document,
    DocumentType,
    IncomingDocument,
    IncomingFile,
    Mailbox,
    MailItem,
    Task,
    TaskExtension,
)
from tests.permissions.doors import AGENCY, CASE_HEADS, OFFICERS, SIGNERS, STAFF_LIST, Door, Post, people
from tests.samples import pdf_bytes

CLERK = people("clerk")
GIVEN = AGENCY | CASE_HEADS
SENT = AGENCY | OFFICERS | CASE_HEADS
SEEN_BY = {"incoming_new": AGENCY, "incoming_given": GIVEN, "doc_task": GIVEN, "dispatch": SENT}
BOTH = {"incoming_new": AGENCY, "incoming_given": GIVEN}

DOORS: dict[str, Door] = {
    "documents:home": STAFF_LIST,
    "documents:incoming_list": Door("staff", "search"),
    "documents:incoming_new": Door("staff", only=people("clerk", "clerk_there")),
    "documents:incoming": Door("staff", "page", BOTH),
    "documents:incoming_file": Door("staff", "file", {"incoming_given": GIVEN}),
    "documents:incoming_check": Door("staff", "act", posts=(Post("incoming_new", AGENCY),)),
    "documents:incoming_receive": Door(
        "staff", "act", posts=(Post("incoming_new", CLERK, {"lam": "vao-so"}),)
    ),
    "documents:incoming_onward": Door("staff", "act", posts=(Post("incoming_new", people()),)),
    "documents:incoming_direct": Door("staff", "act", posts=(Post("incoming_given", SIGNERS),)),
    "documents:incoming_sheet": Door("staff", "file", {"incoming_given": GIVEN}, costly=True),
    "documents:incoming_noted": Door(
        "staff",
        "act",
        posts=(
            Post("incoming_new", CLERK, {"note": "x"}, "tra-lai"),
            Post("incoming_given", SIGNERS, {"note": "x"}, "ket-thuc"),
        ),
    ),
    "documents:recall_answer": Door("staff", "act", posts=(Post("incoming_new", people()),)),
    "documents:task_list": STAFF_LIST,
    "documents:task": Door("staff", "page", {"doc_task": GIVEN}),
    "documents:task_assign": Door("staff", "act", posts=(Post("doc_task", CASE_HEADS),)),
    "documents:task_move": Door(
        "staff",
        "act",
        posts=(
            Post("doc_task", CASE_HEADS, {"result": "x"}, "hoan-thanh"),
            Post("doc_task", CASE_HEADS, {"text": "x"}, "bao-cao"),
            Post("doc_task", SIGNERS, {"note": "x"}, "rut"),
        ),
    ),
    "documents:task_extension": Door("staff", "act", posts=(Post("doc_task", SIGNERS, {"lam": "dong-y"}),)),
    "documents:dispatch": Door("staff", "page", {"dispatch": SENT}),
    "documents:dispatch_remind": Door(
        "staff", "act", posts=(Post("dispatch", AGENCY | people("case_officer", "cover_of_officer")),)
    ),
    "documents:dispatch_resend": Door("staff", "act", posts=(Post("dispatch", people()),)),
    "documents:dispatch_recall": Door("staff", "act", posts=(Post("dispatch", AGENCY),)),
    "documents:dispatch_paper": Door("staff", "act", posts=(Post("dispatch", people()),)),
    "documents:mail_items": STAFF_LIST,
    "documents:mail_settle": Door("staff", "act", posts=(Post("mail_item", CLERK),)),
}


def hide(city: Any, mark: Any) -> None:
    """An arrival nobody has taken yet, one that is worked on, a dispatch and a mail."""
    here, now = city.here, timezone.now()
    stored = files.store_bytes(pdf_bytes(2), "application/pdf", pages=2)
    for name in ("incoming_new", "incoming_given"):
        title, note = mark(f"{name} title"), mark(f"{name} note")
        facts = {
            "agency": here.ubnd,
            "source": "mail",
            "issuer_printed": mark(f"{name} issuer"),
            "title": title,
        }
        if name == "incoming_given":
            series, _made = NumberSeries.objects.get_or_create(key=f"arrival:{here.ubnd.pk}:{now.year}")
            taken = IssuedNumber.objects.create(
                series=series, value=900, subject_type="documents.incomingdocument", subject_id=1
            )
            facts |= {
                "state": "assigned",
                "number": taken,
                "register": here.ubnd,
                "arrival_number": 900,
                "arrival_year": now.year,
                "registered_at": now,
            }
        one = IncomingDocument.objects.create(
            **facts, note=note, arrived_at=now, checked_at=now, verdict="none"
        )
        file = IncomingFile.objects.create(incoming=one, stored=stored, name="a.pdf", is_main=True)
        city._keep(name, {"incoming_id": one.pk, "file_id": file.pk}, title, note, mark(f"{name} issuer"))
    text = mark("directive text")
    directive = Directive.objects.create(
        incoming=one, by=here.leader, name_printed=here.leader.full_name, text=text
    )
    task = Task.objects.create(
        directive=directive,
        incoming=one,
        unit=here.office,
        role="lead",
        text=text,
        due_at=now + timedelta(days=9),
    )
    asked = TaskExtension.objects.create(
        task=task,
        asked_by=here.unit_head,
        asked_printed="x",
        reason=mark("extension reason"),
        until=now + timedelta(days=20),
    )
    city._keep("doc_task", {"task_id": task.pk, "extension_id": asked.pk}, text, mark("extension reason"))
    subject = mark("sent title")
    series, _made = NumberSeries.objects.get_or_create(key="thu/BC/2026")
    number = IssuedNumber.objects.create(
        series=series, value=1, subject_type="documents.document", subject_id=1
    )
    document = Document.objects.create(
        kind="official",
        type=DocumentType.objects.get(code="QĐ"),
        agency=here.ubnd,
        unit=here.office,
        drafter=here.case_officer,
        title=subject,
        status="issued",
        number=number,
        number_printed="1/BC-UBND",
        current_file=stored,
        check_code="GUI0000001",
        issued_at=now,
    )
    dispatch = Dispatch.objects.create(document=document, agency=here.ubnd, sent_at=now, total=1, done_at=now)
    row = DispatchRecipient.objects.create(
        dispatch=dispatch, unit=here.counter, name_printed=here.counter.name, state="arrived", arrived_at=now
    )
    IncomingDocument.objects.create(
        agency=here.ubnd,
        source="system",
        recipient=row,
        issuer_printed="x",
        title="Thư gửi đi",
        arrived_at=now,
    )
    city._keep("dispatch", {"dispatch_id": dispatch.pk, "recipient_id": row.pk}, subject)
    box = Mailbox.objects.create(agency=here.ubnd, host="x.example", user_name="vanthu")
    item = MailItem.objects.create(
        mailbox=box,
        uid_validity=1,
        uid=1,
        subject=mark("mail subject"),
        state="too_big",
        reason=mark("mail reason"),
    )
    city._keep("mail_item", {"item_id": item.pk}, mark("mail subject"), mark("mail reason"))
