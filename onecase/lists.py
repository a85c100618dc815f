"""The list of cases for staff: filters from the address, keyset pages, capped counts."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.db.models import IntegerField, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy

from core.search import fold
from onecase import case_search
from onecase.choices import CLOCK_RUNS, Channel
from onecase.choices import BusinessStatus as S
from onecase.models import Procedure
from onecase.querysets import CaseQuerySet

PAGE = 50
COUNT_UP_TO = 1000
PROCEDURES_KEPT_SECONDS: Final = 300

# key in the address -> (words of the sentence, statuses)
GROUPS: Final[dict[str, tuple[Any, frozenset[str]]]] = {
    "cho-tiep-nhan": (gettext_lazy("chờ tiếp nhận"), frozenset({S.SUBMITTED})),
    "dang-giai-quyet": (
        gettext_lazy("đang giải quyết"),
        frozenset({S.ACCEPTED, S.FORWARDED, S.APPRAISING, S.SUPPLEMENT_PROPOSED}),
    ),
    "cho-bo-sung": (
        gettext_lazy("chờ người dân bổ sung"),
        frozenset({S.INTAKE_RETURNED, S.SUPPLEMENT_REQUIRED}),
    ),
    "trinh-ky": (gettext_lazy("đang trình ký"), frozenset({S.AWAITING_APPROVAL, S.APPROVED})),
    "co-ket-qua": (gettext_lazy("có kết quả, chưa trả"), frozenset({S.COMPLETED, S.REFUSED})),
    "da-tra": (gettext_lazy("đã trả kết quả"), frozenset({S.RETURNED})),
    "ket-thuc-khac": (
        gettext_lazy("rút, dừng, không tiếp nhận"),
        frozenset({S.INTAKE_REJECTED, S.WITHDRAWAL_REQUESTED, S.WITHDRAWN, S.STOPPED}),
    ),
}
DUE: Final[dict[str, Any]] = {
    "qua-han": gettext_lazy("đã quá hạn"),
    "hom-nay": gettext_lazy("đến hạn hôm nay"),
    "tuan-nay": gettext_lazy("đến hạn trong 7 ngày"),
    "tam-dung": gettext_lazy("đang tạm dừng"),
}
HANDLERS: Final[dict[str, Any]] = {"toi": gettext_lazy("tôi thụ lý"), "chua": gettext_lazy("chưa phân công")}
CHANNELS: Final = dict(Channel.choices)
ARCHIVES: Final[dict[str, Any]] = {"truoc-day": gettext_lazy("của cơ quan trước đây")}


@dataclass(frozen=True)
class Filter:
    """What the sentence above the list says. Unknown values in the address count as «everything»."""

    group: str = ""
    procedure: str = ""
    due: str = ""
    channel: str = ""
    handler: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""
    archive: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filter":
        return cls(
            group=_one_of(query.get("nhom"), GROUPS),
            procedure=(query.get("thu-tuc") or "").strip()[:20],
            due=_one_of(query.get("han"), DUE),
            channel=_one_of(query.get("kenh"), CHANNELS),
            handler=_one_of(query.get("nguoi"), HANDLERS),
            since=_day(query.get("tu")),
            until=_day(query.get("den")),
            text=(query.get("q") or "").replace("\x00", "").strip()[:100],
            archive=_one_of(query.get("kho"), ARCHIVES),
        )

    def address(self, **extra: Any) -> str:
        """The filter as a query string, empty parts left out."""
        parts = {
            "nhom": self.group,
            "thu-tuc": self.procedure,
            "han": self.due,
            "kenh": self.channel,
            "nguoi": self.handler,
            "tu": f"{self.since:%d/%m/%Y}" if self.since else "",
            "den": f"{self.until:%d/%m/%Y}" if self.until else "",
            "q": self.text,
            "kho": self.archive,
        } | extra
        kept = {name: value for name, value in parts.items() if value not in ("", None)}
        return f"?{urlencode(kept)}" if kept else "?"

    def without(self, *names: str) -> "Filter":
        blank = Filter()
        return replace(self, **{name: getattr(blank, name) for name in names})

    @property
    def is_empty(self) -> bool:
        return self == Filter()


@dataclass
class Page:
    """Rows newest first, and the ids to go on from."""

    rows: list[Any] = field(default_factory=list)
    older: int | None = None
    newer: int | None = None


def narrowed(cases: CaseQuerySet, wanted: Filter, *, user: Any, now: datetime) -> CaseQuerySet:
    """`cases` that fit the filter. Every clause is answered by an index or bounds one."""
    if wanted.group:
        cases = cases.filter(business_status__in=sorted(GROUPS[wanted.group][1]))
    if wanted.procedure:
        cases = cases.filter(procedure__code=wanted.procedure)
    if wanted.channel:
        cases = cases.filter(channel=wanted.channel)
    if wanted.handler:
        cases = cases.filter(handler=user) if wanted.handler == "toi" else cases.filter(handler__isnull=True)
    if wanted.since:
        cases = cases.filter(submitted_at__gte=_midnight(wanted.since))
    if wanted.until:
        cases = cases.filter(submitted_at__lt=_midnight(wanted.until + timedelta(days=1)))
    if wanted.text:
        names = {procedure.id: procedure.folded for procedure in procedures().values()}
        cases = case_search.narrowed(cases, wanted.text, names)
    return _due(cases, wanted.due, now) if wanted.due else cases


def page_of(cases: QuerySet[Any], *, older_than: int | None = None, newer_than: int | None = None) -> Page:
    """One keyset page of `cases` by id, newest first: as fast on the last page as on the first."""
    if newer_than is not None:
        rows = list(cases.filter(pk__gt=newer_than).order_by("pk")[: PAGE + 1])
        more, rows = len(rows) > PAGE, rows[:PAGE][::-1]
        return Page(rows, older=rows[-1].id if rows else None, newer=rows[0].id if more else None)
    bounded = cases.filter(pk__lt=older_than) if older_than is not None else cases
    rows = list(bounded.order_by("-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    newer = rows[0].id if rows and older_than is not None else None
    return Page(rows, older=rows[-1].id if more else None, newer=newer)


class CappedCount(Subquery):
    """How many rows another query has, asked within this one; it never counts further than COUNT_UP_TO + 1."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()

    def __init__(self, cases: QuerySet[Any]) -> None:
        super().__init__(cases.order_by().values("pk")[: COUNT_UP_TO + 1])


class Named(NamedTuple):
    id: int
    code: str
    name: str
    folded: str


def procedures() -> dict[int, Named]:
    """All procedures by id, in order of their names: every page needs them, and they change some times a year."""
    return _procedures(int(time.monotonic() // PROCEDURES_KEPT_SECONDS))


@lru_cache(maxsize=1)
def _procedures(moment: int) -> dict[int, Named]:
    """Kept in this process while `moment` stays the same."""
    rows = Procedure.objects.order_by("name").values_list("id", "code", "name")
    return {row[0]: Named(*row, fold(row[2])) for row in rows}


def procedure_name(procedure_id: int) -> str:
    """Of one procedure; when it is newer than the list that is kept, the whole list is read anew."""
    if procedure_id not in procedures():
        _procedures.cache_clear()
    return procedures()[procedure_id].name


def _due(cases: CaseQuerySet, due: str, now: datetime) -> CaseQuerySet:
    if due == "tam-dung":
        return cases.filter(business_status=S.SUPPLEMENT_REQUIRED)
    running = cases.filter(business_status__in=sorted(CLOCK_RUNS), due_at__isnull=False)
    if due == "qua-han":
        return running.filter(due_at__lt=now)
    days = 1 if due == "hom-nay" else 7
    return running.filter(
        due_at__gte=now, due_at__lt=_midnight(timezone.localdate(now) + timedelta(days=days))
    )


def _one_of(value: str | None, known: Mapping[str, Any]) -> str:
    return value if value and value in known else ""


def _day(value: str | None) -> date | None:
    try:
        return datetime.strptime((value or "").strip(), "%d/%m/%Y").date()  # noqa: DTZ007  (a day, no moment)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock_time.min))
