"""Work that is owed. The row is the queue: state, next try, lease. Celery rings; a sweep finds what it missed."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OwedQuerySet(models.QuerySet["Owed"]):
    """Queries that every kind of owed row shares."""

    def due(self, now: datetime) -> Self:
        """Not done, not given up, and nobody holds the lease."""
        return self.filter(done_at__isnull=True, given_up_at__isnull=True, next_try_at__lte=now)

    def lease(self, pk: int, *, lease: timedelta) -> bool:
        """Take the row for `lease`. False: done, or another worker has it."""
        now = timezone.now()
        mine = self.due(now).filter(pk=pk)
        return bool(mine.update(next_try_at=now + lease, attempts=F("attempts") + 1))


class Owed(models.Model):
    """Abstract: a piece of outside work. Two runs are harmless, a failed run becomes due again by itself."""

    next_try_at = models.DateTimeField(_("lần thử tới"), default=timezone.now)
    attempts = models.PositiveIntegerField(_("số lần thử"), default=0)
    last_error = models.TextField(_("lỗi gần nhất"), blank=True)
    done_at = models.DateTimeField(_("xong lúc"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("dừng thử lúc"), null=True, blank=True)
    created_at = models.DateTimeField(_("tạo lúc"), auto_now_add=True)

    objects = OwedQuerySet.as_manager()

    class Meta:
        abstract = True


class Job(models.Model):
    """Long work with progress, polled by the page that started it."""

    kind = models.CharField(_("việc"), max_length=60)
    params = models.JSONField(default=dict, blank=True)
    owner = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    artefact = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("việc nền")

    def __str__(self) -> str:
        return f"{self.kind} {self.done}/{self.total}"
