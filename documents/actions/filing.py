"""Open a work file, collect, close (NĐ 30/2020/NĐ-CP, art. 29). A document stands in a file by a link, never as a copy."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files, gate, jobs
from core.errors import NotAllowed, RuleError
from core.models import Job
from core.search import fold
from documents import filing, filing_export, rules, secrecy
from documents.choices import FileState, IncomingState
from documents.models import (
    CatalogueEntry,
    Document,
    IncomingDocument,
    RetentionPeriod,
    WorkFile,
    WorkFileItem,
)
from documents.workflow import INCOMING_MOVES
from org.models import Organization


def locked(file_id: int, *, actor: Any, states: set[str] | None = None) -> WorkFile:
    """The file, locked; NotAllowed for who does not keep it, RuleError in another state. Call inside `atomic`."""
    file = WorkFile.objects.select_for_update(of=("self",)).select_related("retention").get(pk=file_id)
    if not rules.keeps_file(actor, file):
        raise NotAllowed
    if file.state not in (states or {FileState.OPEN}):
        raise RuleError(
            _("Hồ sơ này %(state)s nên không sửa được.") % {"state": file.get_state_display().lower()}
        )
    return file


@transaction.atomic
def open_file(
    *,
    unit: Organization,
    title: str,
    retention: RetentionPeriod,
    entry: CatalogueEntry | None = None,
    notation: str = "",
    is_construction: bool = False,
    actor: Any,
) -> WorkFile:
    """A new file of `unit`, from a line of the catalogue or free. RuleError: the notation is taken."""
    if actor.hat is None or (
        actor.hat.organization_id != unit.pk and not rules.serves_anyhow(actor, unit.pk)
    ):
        raise NotAllowed
    secrecy.refuse_secret(title)
    agency = unit.agency or unit
    today = timezone.localdate()
    if entry is not None and (entry.catalogue.agency_id != agency.pk or entry.catalogue.issued_at is None):
        raise RuleError(_("Danh mục hồ sơ năm này chưa ban hành."))
    year = entry.catalogue.year if entry else today.year
    wanted = notation.strip() or _free_notation(agency, unit, year, entry)
    if WorkFile.objects.filter(agency=agency, year=year, notation=wanted).exists():
        raise RuleError(_("Số, ký hiệu hồ sơ «%(notation)s» đã dùng trong năm.") % {"notation": wanted})
    file = WorkFile.objects.create(
        agency=agency,
        unit=unit,
        keeper=actor.principal,
        entry=entry,
        year=year,
        notation=wanted,
        title=title,
        folded=fold(title)[:560],
        retention=retention,
        is_construction=is_construction,
        opened_on=today,
    )
    audit.record("work_file.open", actor=actor, subject=file, after=file.state, note=wanted)
    return file


def _free_notation(agency: Organization, unit: Organization, year: int, entry: CatalogueEntry | None) -> str:
    """The catalogue's own, with a number behind it from the second file on; else the next free one of the unit."""
    taken = set(WorkFile.objects.filter(agency=agency, year=year).values_list("notation", flat=True))
    if entry is not None:
        names = (entry.notation if n == 1 else f"{entry.notation}/{n}" for n in range(1, 10_000))
    else:
        names = (f"{n:02d}.{unit.symbol or agency.symbol or 'HS'}" for n in range(1, 10_000))
    return next(name[:40] for name in names if name not in taken)


@transaction.atomic
def rename_file(
    file_id: int, *, title: str, retention: RetentionPeriod, note: str = "", actor: Any
) -> WorkFile:
    """«Chỉnh sửa tiêu đề»: the title says what the file holds in the end."""
    secrecy.refuse_secret(title)
    file = locked(file_id, actor=actor, states={FileState.OPEN, FileState.CLOSED})
    before, file.title, file.folded = file.title, title, fold(title)[:560]
    file.retention, file.note = retention, note
    file.save(update_fields=["title", "folded", "retention", "note"])
    audit.record(
        "work_file.rename", actor=actor, subject=file, detail={"former": before, "retention": retention.code}
    )
    return file


@transaction.atomic
def add_record(file_id: int, record: Document | IncomingDocument, *, actor: Any) -> WorkFileItem:
    """Put a document into a file. An incoming document that is done counts as filed from now on."""
    file = locked(file_id, actor=actor)
    if isinstance(record, IncomingDocument):
        column, seen = "incoming", rules.may_see_incoming(actor, record)
    else:
        column, seen = "document", rules.may_see(actor, record)
    if not seen:
        raise NotAllowed
    if file.items.filter(**{column: record.pk}).exists():
        raise RuleError(_("Văn bản này đã có trong hồ sơ «%(file)s».") % {"file": file})
    number = record.number_printed
    item = WorkFileItem.objects.create(
        file=file,
        title=(f"{number} – {record.title}" if number else record.title)[:500],
        dated_on=record.dated_on,
        ordinal=_next(file),
        added_by=actor,
        **{column: record},
    )
    audit.record("work_file.add", actor=actor, subject=file, note=number, detail={column: record.pk})
    if isinstance(record, IncomingDocument):
        _filed(record.pk)
    return item


def _filed(incoming_id: int) -> None:
    """DONE and in a file: FILED, by the system."""
    incoming = IncomingDocument.objects.select_for_update(of=("self",)).get(pk=incoming_id)
    if incoming.state != IncomingState.DONE:
        return
    move = INCOMING_MOVES.require("file", incoming, None, "")
    before, incoming.state = incoming.state, move.target
    incoming.save(update_fields=["state"])
    audit.record("incoming.file", actor=None, subject=incoming, before=before, after=move.target)


@transaction.atomic
def add_upload(
    file_id: int, uploaded: UploadedFile, *, title: str, dated_on: date | None, actor: Any
) -> WorkFileItem:
    """A loose paper that is no document of ours, through the gate. UploadRefused, SecretRefused: nothing is stored."""
    file = locked(file_id, actor=actor)
    secrecy.refuse_secret(title, uploaded.name or "")
    secrecy.refuse_secret_upload(uploaded)
    stored = files.receive_upload(uploaded, types=gate.STAFF_TYPES)
    item = WorkFileItem.objects.create(
        file=file,
        stored=stored,
        title=title or files.cleaned_name(uploaded.name or "", media_type=stored.media_type),
        dated_on=dated_on,
        ordinal=_next(file),
        added_by=actor,
    )
    audit.record(
        "work_file.add", actor=actor, subject=file, note=item.title, detail={"sha256": stored.sha256}
    )
    return item


def _next(file: WorkFile) -> int:
    return (file.items.aggregate(last=Max("ordinal"))["last"] or 0) + 1


@transaction.atomic
def remove_item(file_id: int, item_id: int, *, actor: Any) -> None:
    """Take a paper out: a double, a draft. The document itself stays where it is."""
    file = locked(file_id, actor=actor)
    item = file.items.filter(pk=item_id).first()
    if item is None:
        return
    audit.record("work_file.remove", actor=actor, subject=file, detail={"item": item.pk})
    item.delete()
    _numbered(list(file.items.order_by("ordinal", "id")))


@transaction.atomic
def move_item(file_id: int, item_id: int, *, up: bool, actor: Any) -> None:
    file = locked(file_id, actor=actor)
    items = list(file.items.order_by("ordinal", "id"))
    at = next((n for n, item in enumerate(items) if item.pk == item_id), None)
    if at is None:
        return
    other = at - 1 if up else at + 1
    if 0 <= other < len(items):
        items[at], items[other] = items[other], items[at]
        _numbered(items)
        audit.record("work_file.order", actor=actor, subject=file)


@transaction.atomic
def sort_items(file_id: int, *, actor: Any) -> None:
    """By the day of each paper."""
    file = locked(file_id, actor=actor)
    _numbered(filing.in_time_order(list(file.items.all())))
    audit.record("work_file.order", actor=actor, subject=file)


def _numbered(items: list[WorkFileItem]) -> None:
    for ordinal, item in enumerate(items, start=1):
        item.ordinal = ordinal
    WorkFileItem.objects.bulk_update(items, ["ordinal"])


@transaction.atomic
def close_file(file_id: int, *, closed_on: date | None = None, sure: bool = False, actor: Any) -> WorkFile:
    """Kết thúc hồ sơ. RuleError: something in it is doubtful and nobody said that it is right so."""
    file = locked(file_id, actor=actor)
    doubts = filing.doubts_about(list(filing.items_of(file)))
    if doubts and not sure:
        raise RuleError(" ".join(doubts))
    day = closed_on or timezone.localdate()
    if day < file.opened_on or day > timezone.localdate():
        raise RuleError(_("Ngày kết thúc phải từ ngày mở hồ sơ đến hôm nay."))
    before, file.state, file.closed_on = file.state, FileState.CLOSED, day
    file.save(update_fields=["state", "closed_on"])
    audit.record(
        "work_file.close",
        actor=actor,
        subject=file,
        before=before,
        after=file.state,
        detail={"doubts": doubts},
    )
    return file


@transaction.atomic
def reopen_file(file_id: int, *, note: str, actor: Any) -> WorkFile:
    if not note.strip():
        raise RuleError(_("Ghi lý do mở lại hồ sơ."))
    file = locked(file_id, actor=actor, states={FileState.CLOSED})
    before, file.state, file.closed_on, file.warned_at = file.state, FileState.OPEN, None, None
    file.save(update_fields=["state", "closed_on", "warned_at"])
    audit.record("work_file.reopen", actor=actor, subject=file, before=before, after=file.state, note=note)
    return file


@transaction.atomic
def keep_back(file_id: int, *, until: date, basis: str, actor: Any) -> WorkFile:
    """Keep a closed file in the unit for longer: with written consent, at most two years (art. 30)."""
    file = locked(file_id, actor=actor, states={FileState.CLOSED})
    if not basis.strip():
        raise RuleError(_("Ghi văn bản đồng ý cho giữ lại hồ sơ."))
    latest = filing.latest_keep_back(file, filing.practice_of(file.agency_id))
    if latest is not None and until > latest:
        raise RuleError(_("Chỉ được giữ lại đến %(day)s.") % {"day": f"{latest:%d/%m/%Y}"})
    file.keep_until, file.keep_basis, file.warned_at = until, basis, None
    file.save(update_fields=["keep_until", "keep_basis", "warned_at"])
    audit.record(
        "work_file.keep_back", actor=actor, subject=file, note=basis, detail={"until": until.isoformat()}
    )
    return file


# --- export ----------------------------------------------------------------------------------------------------

EXPORT = "documents.export_file"


@transaction.atomic
def request_export(file: WorkFile, *, actor: Any) -> Job:
    """Owe a ZIP with the papers, one XML and the list of contents. Who may see the file may take it along; it is noted."""
    if not rules.may_see_file(actor, file):
        raise NotAllowed
    job = Job.objects.create(
        kind=EXPORT, params={"file": file.pk}, owner=actor, total=max(1, file.items.count())
    )
    audit.record("work_file.export", actor=actor, subject=file)
    jobs.wake_on_commit(EXPORT, job.pk)
    return job


def make_export(job_id: int) -> None:
    """Write the export of a job; a job that has its file is left alone."""
    job = Job.objects.filter(pk=job_id, kind=EXPORT, finished_at__isnull=True).first()
    if job is None:
        return
    file = WorkFile.objects.select_related("agency__territory", "agency__parent", "retention").get(
        pk=job.params["file"]
    )

    def tell(done: int) -> None:
        Job.objects.filter(pk=job_id).update(done=done)

    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        target = Path(folder) / "ho-so.zip"
        wide = filing_export.write(file, target, tell)
        stored = files.store_path(target, "application/zip")
    words = _("%(n)s trường dài hơn mức tối thiểu của Phụ lục VI, ghi trong tệp kiểm tra") % {"n": len(wide)}
    Job.objects.filter(pk=job.pk).update(
        artefact=stored, done=job.total, finished_at=timezone.now(), message=words if wide else ""
    )
