"""Signs of life for /readyz: beat sends the heartbeat, a worker writes it."""

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

HEARTBEAT = "core.heartbeat"


@shared_task(name="core.heartbeat")
def heartbeat() -> None:
    cache.set(HEARTBEAT, timezone.now().timestamp(), timeout=300)
