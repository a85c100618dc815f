"""Doors of registers, dashboards, work files, rights by name and secrets, and the records behind them."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from core import files
from core.models import Job
from documents.actions import filing as filing_acts
from documents.actions import registers as register_acts
from documents.models import (
    DestructionList,
    RegisterBook,
    RetentionPeriod,
    SecretIncident,
    TransferList,
    WorkFile,
    WorkFileItem,
)
from tests.permissions.doors import AGENCY, CASE_HEADS, HEADS, NOBODY, STAFF_LIST, Door, Post, people
from tests.permissions.incoming_doors import GIVEN
from tests.samples import pdf_bytes

CLERK = people("clerk")
BOOKS = AGENCY
KEEPER = people("case_officer")
FILE = AGENCY | CASE_HEADS | KEEPER
WATCHERS = people(
    "leader", "leader_there", "clerk", "clerk_there", "delegate", "unit_head", "unit_head_there", "city_leader",
    "head_of_subtree", "cover_of_head", "other_hat", "emergency", "emergency_over",
)  # fmt: skip
SEEN_BY = {
    "incoming_rights": GIVEN, "work_file": FILE, "book": BOOKS, "transfer": BOOKS | KEEPER, "destruction": BOOKS, "incident": AGENCY,
}  # fmt: skip

DOORS: dict[str, Door] = {
    "documents:guide": STAFF_LIST,
    "documents:registers": Door("staff", "act"),
    "documents:print_register": Door("staff", "act"),
    "documents:register_print": Door("staff", "page", {"register_print": CLERK}),
    "documents:register_print_file": Door("staff", "file", {"register_print": CLERK}),
    "documents:register_file": Door("staff", "act"),
    "documents:close_register": Door("staff", "act"),
    "documents:register_books": Door("staff", "act"),
    "documents:register_book": Door("staff", "page", {"book": BOOKS}),
    "documents:register_book_file": Door("staff", "file", {"book": BOOKS}),
    "documents:seal_register": Door("staff", "act", posts=(Post("book", NOBODY, {"pin": "000000"}),)),
    "documents:dashboard": Door("staff", "act"),
    "documents:dashboard_tasks": Door("staff", "act"),
    "documents:dashboard_waiting": Door("staff", "act"),
    "documents:dashboard_unopened": Door("staff", "act"),
    "documents:work_files": STAFF_LIST,
    "documents:new_work_file": Door("staff", "act"),
    "documents:file_into": Door("staff", "act"),
    "documents:file_catalogue": Door("staff", "act"),
    "documents:file_catalogue_pdf": Door("staff", "act"),
    "documents:file_transfers": Door("staff", "act"),
    "documents:file_transfer": Door(
        "staff", "page", {"transfer": BOOKS | KEEPER}, posts=(Post("transfer", CLERK, {"act": "nhan"}),)
    ),
    "documents:file_destructions": Door("staff", "act"),
    "documents:file_destruction": Door(
        "staff",
        "page",
        {"destruction": BOOKS},
        posts=(Post("destruction", people("leader", "delegate"), {"act": "duyet", "note": "x"}),),
    ),
    "documents:work_file_export": Door("staff", "page", {"file_export": KEEPER}),
    "documents:work_file_export_file": Door("staff", "file", {"file_export": KEEPER}),
    "documents:work_file": Door("staff", "page", {"work_file": FILE}),
    "documents:export_work_file": Door("staff", "act", posts=(Post("work_file", FILE),)),
    "documents:work_file_contents": Door("staff", "file", {"work_file": FILE}, costly=True),
    "documents:work_file_paper": Door("staff", "file", {"work_file": FILE}),
    "documents:work_file_act": Door(
        "staff", "act", posts=(Post("work_file", KEEPER | HEADS | CASE_HEADS, {"sure": "1"}, "ket-thuc"),)
    ),
    "documents:grants": Door("staff", "page", {"incoming_rights": GIVEN}),
    "documents:give_grant": Door("staff", "act", posts=(Post("incoming_rights", NOBODY),)),  # nobody is named
    "documents:end_grant": Door("staff", "act", posts=(Post("incoming_rights", NOBODY),)),
    "documents:read_log": Door("staff", "page", {"incoming_rights": AGENCY}),
    "documents:secrets": Door("staff", "act"),
    "documents:report_secret": Door("staff", "act", posts=(Post("incoming_rights", GIVEN),)),
    "documents:secret_incident": Door("staff", "page", {"incident": AGENCY}),
    "documents:secret_act": Door("staff", "act", posts=(Post("incident", NOBODY, {}, "khong-co"),)),
}


def hide(city: Any, mark: Any) -> None:
    """A closed book, a print and an export under way, a work file with a paper, two lists, an incident."""
    here, now = city.here, timezone.now()
    stored = files.store_bytes(pdf_bytes(3), "application/pdf", pages=3)
    book = RegisterBook.objects.create(
        agency=here.ubnd, kind="incoming", year=2025, from_on=date(2025, 7, 1), to_on=date(2025, 12, 31), closed_at=now,
        closed_by=here.clerk, closed_printed=mark("book closer"), printed=stored, done_at=now,
    )  # fmt: skip
    city._keep("book", {"book_id": book.pk}, mark("book closer"))
    job = Job.objects.create(
        kind=register_acts.PRINT, owner=here.clerk, artefact=stored, total=1, done=1, finished_at=now,
        message=mark("print message"), params={"agency": here.ubnd.pk, "kind": "incoming", "year": 2025},
    )  # fmt: skip
    city._keep("register_print", {"job_id": job.pk}, mark("print message"))
    retention, _made = RetentionPeriod.objects.get_or_create(
        code="thu", defaults={"name": "10 năm", "years": 10}
    )
    title = mark("work file title")
    file = WorkFile.objects.create(
        agency=here.ubnd, unit=here.office, keeper=here.case_officer, year=2026, notation="01.VP", title=title, retention=retention,
        opened_on=date(2026, 1, 5), closed_on=date(2026, 3, 5),
    )  # fmt: skip
    item = WorkFileItem.objects.create(
        file=file, stored=stored, title=mark("work file item"), ordinal=1, added_by=here.case_officer
    )
    city._keep("work_file", {"file_id": file.pk, "item_id": item.pk}, title, mark("work file item"))
    job = Job.objects.create(
        kind=filing_acts.EXPORT, owner=here.case_officer, artefact=stored, total=1, done=1, finished_at=now, params={"file": file.pk},
    )  # fmt: skip
    city._keep("file_export", {"job_id": job.pk}, title)
    proposer = {
        "proposed_by": here.case_officer,
        "proposed_at": now,
        "agency": here.ubnd,
        "state": "proposed",
    }
    transfer = TransferList.objects.create(title=mark("transfer title"), **proposer)
    transfer.files.add(file)
    city._keep("transfer", {"list_id": transfer.pk}, mark("transfer title"))
    ending = DestructionList.objects.create(title=mark("destruction title"), **proposer)
    city._keep("destruction", {"list_id": ending.pk}, mark("destruction title"))
    at = {"kind": "den", "pk": city.secrets["incoming_given"].at["incoming_id"]}
    city._keep("incoming_rights", at, *city.secrets["incoming_given"].marks)
    incident = SecretIncident.objects.create(
        agency=here.ubnd, where=mark("incident place"), found_by=here.clerk, found_printed="x", purged_at=now - timedelta(hours=1),
    )  # fmt: skip
    city._keep("incident", {"incident_id": incident.pk}, mark("incident place"))
