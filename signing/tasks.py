"""Doors for the worker."""

from celery import shared_task
from django.utils import timezone

from core import jobs
from signing import steps
from signing.models import SignatureRequest

BATCH = 200


@shared_task(name="signing.sign", acks_late=True)
def sign(request_id: int) -> None:
    steps.run(request_id)


@shared_task(name="signing.sweep")
def sweep() -> None:
    """Find what the bell missed: lost messages, workers that died, authorities that are back."""
    for pk in (
        SignatureRequest.objects.due(timezone.now())
        .order_by("next_try_at")
        .values_list("pk", flat=True)[:BATCH]
    ):
        jobs.ring("signing.sign", pk)
