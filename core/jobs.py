"""Ring the bell for background work. A dead broker loses nothing: the row is the queue, a sweep will find it."""

import time

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger()
SILENCE_SECONDS = 5.0
_silent_until = 0.0


def ring(task: str, *args: object) -> None:
    """Send a task now. With the broker away, say so in the log and keep quiet for a while: pages must not wait."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        current_app.send_task(task, args=args, retry=False)
    except (OperationalError, OSError) as error:
        _silent_until = time.monotonic() + SILENCE_SECONDS
        log.warning("broker_away", task=task, error=type(error).__name__)


def wake_on_commit(task: str, *args: object) -> None:
    """Ring for `task` when the present transaction commits; nothing rings if it rolls back."""

    def wake() -> None:
        ring(task, *args)

    transaction.on_commit(wake, robust=True)
