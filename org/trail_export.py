"""An extract from the audit trail as CSV: made in the background, with a line that says who took it and why it is so."""

import csv
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, audit_subjects, files, jobs
from core.errors import RuleError
from core.models import AuditEvent, Job
from org import trail
from org.directory_export import guarded
from org.models import Assignment, User

TASK = "org.export_trail"
MOST_ROWS = 100_000
CHUNK = 500
CSV_TYPE = "text/csv"


@transaction.atomic
def ask(wanted: trail.Wanted, *, actor: User) -> Job:
    """Owe an extract of what the filters find in the actor's part of the trail; the asking is an event of its own."""
    if not trail.scope_of(actor):
        raise RuleError(_("Chức vụ này không kiểm tra nhật ký."))
    params = {"wanted": wanted.as_query(), "hat": actor.hat.pk if actor.hat else None}
    job = Job.objects.create(kind=TASK, owner=actor, params=params)
    unit = actor.hat.organization if actor.hat else actor
    audit.record("audit.export", actor=actor, subject=unit, note=wanted.words(), detail={"job": job.pk})
    jobs.wake_on_commit(TASK, job.pk)
    return job


def make(job_id: int) -> None:
    """Write the file. The part that may be read is that of the post in which it was asked for, as it is now."""
    job = Job.objects.select_related("owner").get(pk=job_id)
    if job.finished_at:
        return
    reader = job.owner
    assert reader is not None
    reader.hat = Assignment.objects.valid_on().filter(pk=job.params["hat"], person__user=reader).first()
    wanted = trail.Wanted.read(job.params["wanted"])
    rows = (
        trail.found(wanted).filter(trail.scope_of(reader).rule) if reader.hat else AuditEvent.objects.none()
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nhat-ky.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            count = _write(csv.writer(file), job, reader, wanted, rows)
        stored = files.store_path(path, CSV_TYPE)
    cut = _(" (chỉ lấy %(most)d dòng mới nhất)") % {"most": MOST_ROWS} if count >= MOST_ROWS else ""
    Job.objects.filter(pk=job.pk).update(
        artefact=stored,
        total=count,
        done=count,
        message=_("%(count)d dòng") % {"count": count} + cut,
        finished_at=timezone.now(),
    )


HEAD = [
    "Sự kiện", "Số thứ tự", "Lúc", "Việc", "Mã việc", "Người", "Chức vụ khi đó", "Đơn vị khi đó", "Thay cho",
    "Loại bản ghi", "Bản ghi", "Trạng thái", "Nội dung", "Mã băm",
]  # fmt: skip


def _write(writer: Any, job: Job, reader: User, wanted: trail.Wanted, rows: Any) -> int:
    writer.writerow([watermark(job, reader, wanted)])
    writer.writerow(HEAD)
    events, count = rows[:MOST_ROWS].iterator(chunk_size=CHUNK), 0
    while chunk := list(islice(events, CHUNK)):
        writer.writerows([guarded(cell) for cell in row] for row in _cells(reader, chunk))
        count += len(chunk)
        Job.objects.filter(pk=job.pk).update(done=count, total=count)
    return count


def watermark(job: Job, reader: User, wanted: trail.Wanted) -> str:
    """Who holds this paper, so that a leak leads back to him."""
    post = f", {reader.hat}" if reader.hat else ""
    at = timezone.localtime(job.created_at)
    return _("Trích nhật ký số %(job)d · %(name)s%(post)s · %(at)s · bộ lọc: %(words)s · chỉ dùng để kiểm tra") % {
        "job": job.pk, "name": reader.full_name, "post": post, "at": f"{at:%H:%M:%S %d/%m/%Y}",
        "words": wanted.words() or _("không"),
    }  # fmt: skip


def _cells(reader: User, events: list[AuditEvent]) -> Iterator[list[str]]:
    for line in trail.lines_of(reader, events):
        event = line.event
        yield [
            str(event.pk), str(line.seq or ""), f"{timezone.localtime(event.at):%d/%m/%Y %H:%M:%S}", line.title,
            event.event, line.who, event.post_name, event.unit_name, event.on_behalf_of,
            audit_subjects.kind_words(event.subject_type), line.record, line.move, line.note,
            bytes(event.leaf).hex(),
        ]  # fmt: skip
