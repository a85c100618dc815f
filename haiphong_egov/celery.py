"""The Celery application. Rows are the queue; Celery rings the bell (docs/architecture.md).

Worker and beat each leave their own sign of life in the cache, so that /readyz can name the one that is missing.
"""

import os
import time
from pathlib import Path
from typing import Any

from celery import Celery, bootsteps
from celery.signals import after_task_publish, beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haiphong_egov.settings")

WORKER_ALIVE = "haiphong_egov.worker_alive"
BEAT_ALIVE = "haiphong_egov.beat_alive"
SIGN_OF_LIFE_SECONDS = 10
KEEP_SECONDS = 600  # long enough to tell «stopped» from «never started»

app = Celery("haiphong_egov")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def show_life(key: str) -> None:
    from django.core.cache import cache  # settings must not load when this module does

    cache.set(key, time.time(), timeout=KEEP_SECONDS)
    if life_file := os.environ.get("LIFE_FILE"):  # a container's own health check looks at its age
        Path(life_file).touch()


class SignOfLife(bootsteps.StartStopStep):
    """A timer in the worker's main process: it beats although all pool processes are busy."""

    requires = {"celery.worker.components:Timer"}

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        self.timer: Any = None

    def start(self, parent: Any) -> None:
        show_life(WORKER_ALIVE)
        self.timer = parent.timer.call_repeatedly(SIGN_OF_LIFE_SECONDS, show_life, (WORKER_ALIVE,))

    def stop(self, parent: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


app.steps["worker"].add(SignOfLife)


@after_task_publish.connect(sender="core.heartbeat")
def beat_has_sent(**kwargs: Any) -> None:
    """Only beat sends the heartbeat, so sending it proves beat (running it proves the worker's pool)."""
    show_life(BEAT_ALIVE)


@beat_init.connect
def beat_begins(**kwargs: Any) -> None:
    """The first heartbeat at once, so that a fresh start need not wait for the schedule."""
    app.send_task("core.heartbeat", retry=False)
