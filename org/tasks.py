"""Jobs of org: what begins today, restructurings and departures whose day has come, copies of own data, extracts of the trail. The row is the queue."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.utils import timezone

from core.models import Job
from org import trail_export
from org.actions import own_data, people, restructuring, units
from org.choices import RestructuringStatus
from org.models import DataCopy, Restructuring

log = structlog.get_logger()
COPY_LEASE, COPY_WAIT, COPY_ATTEMPTS = timedelta(minutes=10), timedelta(minutes=5), 5


@shared_task(name="org.begin_versions", acks_late=True)
def begin_versions() -> None:
    """At 00:00 Asia/Ho_Chi_Minh, and again for whoever missed it: versions that have begun become what is shown."""
    if count := units.begin_versions():
        log.info("versions_begun", count=count)


MISSED = timedelta(minutes=5)


@shared_task(name=restructuring.APPLY, acks_late=True)
def apply_restructuring(batch_id: int) -> None:
    """All or nothing: killed in the middle, nothing has moved, and the lease lets the next worker begin anew."""
    restructuring.apply_due(batch_id)


@shared_task(name="org.sweep_restructurings")
def sweep_restructurings() -> None:
    """Every minute: batches whose day has begun, or whose worker died."""
    due = Restructuring.objects.due(timezone.now()).filter(status=RestructuringStatus.APPROVED)
    for pk in due.order_by("next_try_at").values_list("pk", flat=True)[:20]:
        apply_restructuring.delay(pk)


@shared_task(name="org.settle_departures")
def settle_departures() -> int:
    return people.settle_due()


@shared_task(name=own_data.MAKE, acks_late=True)
def make_data_copy(copy_id: int) -> None:
    """A person's copy of his data. On failure it becomes due again; after five times it is given up."""
    if not DataCopy.objects.lease(copy_id, lease=COPY_LEASE):
        return
    try:
        own_data.make_copy(copy_id)
    except Exception as error:
        copy = DataCopy.objects.get(pk=copy_id)
        copy.last_error, copy.next_try_at = type(error).__name__, timezone.now() + COPY_WAIT
        if copy.attempts >= COPY_ATTEMPTS:
            copy.given_up_at = timezone.now()
        copy.save(update_fields=["last_error", "next_try_at", "given_up_at"])
        raise


@shared_task(name="org.sweep_data_copies")
def sweep_data_copies() -> None:
    """Every minute: copies that the bell missed, and those that have expired."""
    for pk in DataCopy.objects.due(timezone.now()).values_list("pk", flat=True)[:100]:
        make_data_copy.delay(pk)
    own_data.expire_copies(now=timezone.now())


@shared_task(name=trail_export.TASK, acks_late=True)
def export_trail(job_id: int) -> None:
    """One extract. Twice is harmless: the second run finds it finished, or writes the same rows anew."""
    trail_export.make(job_id)


@shared_task(name="org.sweep_trail_exports")
def sweep_trail_exports() -> None:
    """Extracts that the bell missed (broker down, worker killed)."""
    missed = timezone.now() - MISSED
    rows = Job.objects.filter(kind=trail_export.TASK, finished_at__isnull=True, created_at__lt=missed)
    for pk in rows.values_list("pk", flat=True)[:20]:
        export_trail.delay(pk)
