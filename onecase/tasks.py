"""Owed papers: the row is the queue."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.utils import timezone

from core.errors import RuleError
from core.models import Job
from onecase import actions, sealing
from onecase.models import Case, LegalForm

log = structlog.get_logger()
LEASE = timedelta(minutes=3)
MISSED = timedelta(minutes=10)


@shared_task(name="onecase.make_form", acks_late=True)
def make_form(form_id: int) -> None:
    """Render one form and owe its seal. A missing seal key is told on the case's page and tried again."""
    if not LegalForm.objects.lease(form_id, lease=LEASE):
        return
    try:
        sealing.make(form_id)
    except RuleError as error:
        wait = timezone.now() + timedelta(minutes=10)
        LegalForm.objects.filter(pk=form_id).update(last_error=str(error), next_try_at=wait)
        log.warning("form_not_made", form=form_id)


@shared_task(name="onecase.recalculate_open", acks_late=True)
def recalculate_open(job_id: int) -> None:
    """Every open case under the changed calendar. Twice is harmless: the second time nothing moves."""
    job = Job.objects.get(pk=job_id)
    if job.finished_at:
        return
    job.total = job.done = moved = 0
    for case_id in (
        Case.objects.clock_running().order_by("pk").values_list("pk", flat=True).iterator(chunk_size=500)
    ):
        job.total += 1
        moved += actions.recalculate(case_id)
    job.done, job.finished_at, job.message = job.total, timezone.now(), f"{moved}/{job.total}"
    job.save(update_fields=["total", "done", "finished_at", "message"])


@shared_task(name="onecase.sweep")
def sweep() -> None:
    """Find forms and recalculations that the bell missed (broker down, worker killed)."""
    missed = timezone.now() - MISSED
    for pk in Job.objects.filter(
        kind="onecase.recalculate", finished_at__isnull=True, created_at__lt=missed
    ).values_list("pk", flat=True):
        recalculate_open.delay(pk)
    for pk in LegalForm.objects.due(timezone.now()).values_list("pk", flat=True)[:500]:
        make_form.delay(pk)


@shared_task(name="onecase.expire_drafts")
def expire_drafts() -> None:
    actions.expire_drafts(now=timezone.now())
