"""Does the log keep up? For doctor, /readyz and the auditors' page."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from core.models import AuditBatch, AuditHolder, AuditTimestamp, AuditWaiting
from core.transparency import holders, keys, stamping

BEHIND_SECONDS = 30
STAMP_MINUTES = 15
EXPORT_MINUTES = 10


@dataclass(frozen=True)
class State:
    """What the log looks like now."""

    last: AuditBatch | None
    oldest_waiting: datetime | None
    stamp: AuditTimestamp | None
    holders: list[AuditHolder]


def state() -> State:
    oldest = AuditWaiting.objects.order_by("event_id").values_list("at", flat=True).first()
    names = [holder.name for holder in holders.configured()]
    return State(
        last=AuditBatch.objects.order_by("-number").first(),
        oldest_waiting=oldest,
        stamp=AuditTimestamp.objects.order_by("-batch").first(),
        holders=list(AuditHolder.objects.filter(name__in=names).order_by("name")),
    )


def sequencer_trouble(now: datetime | None = None) -> str:
    """Why the sequencer is not well, in words; empty: it keeps up."""
    if not keys.published():
        return _("Chưa đặt khóa ký nhật ký (AUDIT_KEY)")
    now, found = now or timezone.now(), state()
    if found.oldest_waiting is None:
        return ""
    # An event may carry an earlier time than its writing (seeds, backdated acts): the batch before bounds the wait.
    since = max(found.oldest_waiting, found.last.closed_at) if found.last else found.oldest_waiting
    waited = (now - since).total_seconds()
    if waited > BEHIND_SECONDS:
        return _("Việc đánh số nhật ký chậm %(seconds)d giây") % {"seconds": waited}
    return ""


def outside_troubles(now: datetime | None = None) -> list[str]:
    """What is the matter with timestamps and holders, in words."""
    now, found = now or timezone.now(), state()
    if found.last is None:
        return []
    troubles = []
    if len(holders.configured()) < 2 and not settings.DEBUG:
        troubles.append(_("Gốc nhật ký cần hai nơi giữ (AUDIT_HOLDER_DIR, AUDIT_HOLDER_URL)"))
    rows = {row.name: row for row in found.holders}
    for holder in holders.configured():
        row = rows.get(holder.name)
        held_to, error = (row.held_to, row.last_error) if row else (0, "")
        if (row and row.is_disputed) or _minutes_after(held_to, now) >= EXPORT_MINUTES:
            troubles.append(
                _("Nơi giữ «%(name)s» thiếu %(count)d lô nhật ký. %(error)s")
                % {"name": holder.label, "count": found.last.number - held_to, "error": error}
            )
    unstamped = _minutes_after(found.stamp.batch_id if found.stamp else 0, now)
    if stamping.authority() and unstamped >= STAMP_MINUTES:
        troubles.append(_("Nhật ký chưa có dấu thời gian đã %(minutes)d phút") % {"minutes": unstamped})
    return troubles


def _minutes_after(number: int, now: datetime) -> int:
    """How long the first batch after `number` has existed; 0: there is none."""
    following = AuditBatch.objects.filter(number__gt=number).order_by("number").first()
    return int((now - following.closed_at).total_seconds() // 60) if following else 0
