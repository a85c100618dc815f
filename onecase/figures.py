"""The four figures of the home page: counted from the database, at most a minute old, never rounded up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from onecase.choices import LimitUnit, RatingLevel
from onecase.models import Case, Rating

KEEP_SECONDS = 60
MONTH_DAYS = 30
# The median of a share of the clock: only cases whose time is «trong ngày», because theirs is felt in hours.
WAITING = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.finished_at - c.received_at))
FROM onecase_case c JOIN onecase_procedureversion v ON v.id = c.version_id
WHERE c.finished_at >= %s AND c.received_at IS NOT NULL AND v.limit_unit = %s
"""


@dataclass(frozen=True)
class Figure:
    value: str
    words: str


def of_home(now: datetime) -> list[Figure]:
    """On time in the last 30 days, overdue now, median wait of same-day procedures, content applicants."""
    counted = cache.get("onecase:home-figures")
    if counted is None:
        counted = {"at": now, **_count(now)}
        cache.set("onecase:home-figures", counted, KEEP_SECONDS)
    at = timezone.localtime(counted["at"])
    return [
        Figure(
            _percent(counted["in_time"], counted["finished"]),
            _("hồ sơ có kết quả đúng hạn trong 30 ngày qua (%(count)s hồ sơ)")
            % {"count": _count_words(counted["finished"])},
        ),
        Figure(
            _count_words(counted["overdue"]),
            _("hồ sơ đang quá hạn lúc %(time)s hôm nay") % {"time": f"{at:%H:%M}"},
        ),
        Figure(_span(counted["waiting"]), _("thời gian chờ ở giữa của thủ tục trong ngày, 30 ngày qua")),
        Figure(
            _percent(counted["content"], counted["rated"]),
            _("người đánh giá hài lòng trở lên (%(count)s lượt)") % {"count": _count_words(counted["rated"])},
        ),
    ]


def _count(now: datetime) -> dict[str, Any]:
    since = now - timedelta(days=MONTH_DAYS)
    finished = Case.objects.filter(
        finished_at__gte=since, received_at__isnull=False, due_at__isnull=False
    ).aggregate(finished=Count("pk"), in_time=Count("pk", filter=Q(finished_at__lte=F("due_at"))))
    rated = Rating.objects.filter(rated_at__gte=since).aggregate(
        rated=Count("pk"), content=Count("pk", filter=Q(level__gte=RatingLevel.GOOD))
    )
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [since, LimitUnit.WITHIN_DAY])
        (waiting,) = cursor.fetchone()
    return {**finished, **rated, "overdue": Case.objects.overdue(now).count(), "waiting": waiting}


def _percent(part: int, whole: int) -> str:
    """One decimal, cut and not rounded: 99,96 % is not 100 %."""
    if not whole:
        return _("chưa có")
    tenths = 1000 * part // whole
    figure = f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths // 10},{tenths % 10}"
    return f"{figure}\N{NO-BREAK SPACE}%"


def _count_words(count: int) -> str:
    return f"{count:,}".replace(",", ".")


def _span(seconds: float | None) -> str:
    if seconds is None:
        return _("chưa có")
    minutes = int(seconds) // 60
    if minutes < 60:
        return _("%(minutes)d phút") % {"minutes": minutes}
    hours, tens = minutes // 60, minutes % 60 // 10 * 10
    return (
        _("%(hours)d giờ %(tens)d") % {"hours": hours, "tens": tens}
        if tens
        else _("%(hours)d giờ") % {"hours": hours}
    )
