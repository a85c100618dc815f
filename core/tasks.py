"""Signs of life for /readyz; the transparency log: numbering, timestamps, export, months."""

import structlog
from celery import shared_task
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from core import jobs
from core.transparency import holders, sequencer, stamping

HEARTBEAT = "core.heartbeat"
log = structlog.get_logger()


@shared_task(name="core.heartbeat")
def heartbeat() -> None:
    cache.set(HEARTBEAT, timezone.now().timestamp(), timeout=300)


@shared_task(name="core.sequence")  # beat: every second
def sequence() -> None:
    if sequencer.run():
        jobs.ring("core.export_audit")


@shared_task(name="core.stamp_audit")  # beat: every minute
def stamp_audit() -> None:
    try:
        stamping.stamp_latest()
    except stamping.StampRefused as error:  # the next minute tries again; health names a long silence
        log.warning("audit_not_stamped", error=str(error))


@shared_task(name="core.export_audit")
def export_audit() -> None:
    holders.export()


@shared_task(name="core.audit_months")  # beat: every day
def audit_months() -> None:
    """Partitions for this month and the next three."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT core_auditevent_month(month::date) FROM generate_series("
            "date_trunc('month', now() AT TIME ZONE 'Asia/Ho_Chi_Minh'), "
            "now() AT TIME ZONE 'Asia/Ho_Chi_Minh' + interval '3 months', interval '1 month') AS month"
        )
