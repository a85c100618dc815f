"""The list of arrivals: filters from the address, keyset pages, the same few queries whatever the number of rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from core.search import fold
from documents import rules
from documents.choices import IncomingSource, Urgency
from documents.choices import IncomingState as I
from documents.models import IncomingDocument
from documents.querysets import IncomingQuerySet
from org.choices import Role
from org.models import Organization, OrgSuccession

PAGE: Final = 50
COUNT_UP_TO: Final = 1000
STEPS_BACK: Final = 6  # of succession, from a unit of today to what it took over

# key in the address -> (words of the sentence, states)
STATES: Final[dict[str, tuple[Any, tuple[str, ...]]]] = {
    "cho-tiep-nhan": (gettext_lazy("chờ tiếp nhận"), (I.ARRIVED,)),
    "chua-trinh": (gettext_lazy("đã tiếp nhận, chưa trình"), (I.REGISTERED,)),
    "cho-chi-dao": (gettext_lazy("chờ chỉ đạo"), (I.SUBMITTED,)),
    "dang-xu-ly": (gettext_lazy("đang xử lý"), (I.ASSIGNED, I.IN_PROGRESS)),
    "hoan-thanh": (gettext_lazy("đã hoàn thành"), (I.DONE, I.FILED)),
    "tra-lai": (gettext_lazy("đã trả lại"), (I.RETURNED,)),
    "thu-hoi": (gettext_lazy("đã thu hồi"), (I.RECALLED,)),
}
DUE: Final[dict[str, Any]] = {
    "qua-han": gettext_lazy("đã quá hạn"),
    "hom-nay": gettext_lazy("đến hạn hôm nay"),
}
URGENCY: Final[dict[str, tuple[Any, int]]] = {
    "khan": (gettext_lazy("khẩn"), Urgency.URGENT),
    "thuong-khan": (gettext_lazy("thượng khẩn"), Urgency.VERY_URGENT),
    "hoa-toc": (gettext_lazy("hỏa tốc"), Urgency.EXPRESS),
}
SOURCES: Final = {str(value): label for value, label in IncomingSource.choices}


@dataclass(frozen=True)
class Filter:
    """What the sentence above the list says. Unknown values in the address count as «everything»."""

    since: date | None = None
    until: date | None = None
    sender: str = ""
    state: str = ""
    unit: int | None = None
    urgency: str = ""
    due: str = ""
    source: str = ""
    text: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filter":
        unit = query.get("don-vi", "")
        return cls(
            since=_day(query.get("tu")),
            until=_day(query.get("den")),
            sender=_text(query.get("noi-gui")),
            state=_one_of(query.get("trang-thai"), STATES),
            unit=int(unit) if unit.isdecimal() and len(unit) < 18 else None,
            urgency=_one_of(query.get("khan"), URGENCY),
            due=_one_of(query.get("han"), DUE),
            source=_one_of(query.get("nguon"), SOURCES),
            text=_text(query.get("q")),
        )

    def address(self, **extra: Any) -> str:
        parts = {
            "tu": f"{self.since:%d/%m/%Y}" if self.since else "",
            "den": f"{self.until:%d/%m/%Y}" if self.until else "",
            "noi-gui": self.sender,
            "trang-thai": self.state,
            "don-vi": self.unit,
            "khan": self.urgency,
            "han": self.due,
            "nguon": self.source,
            "q": self.text,
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
    rows: list[IncomingDocument] = field(default_factory=list)
    older: int | None = None
    newer: int | None = None


def served(user: Any) -> IncomingQuerySet:
    """Clerk and leader read the agency's register along one index; others what their tasks show them."""
    if user.own_units_as(Role.CLERK, Role.LEADER):
        return IncomingDocument.objects.filter(rules.incoming_of_office(user))
    return IncomingDocument.objects.visible_to(user)


def narrowed(found: IncomingQuerySet, wanted: Filter, *, now: datetime) -> IncomingQuerySet:
    if wanted.since:
        found = found.filter(arrived_at__gte=_midnight(wanted.since))
    if wanted.until:
        found = found.filter(arrived_at__lte=timezone.make_aware(datetime.combine(wanted.until, time.max)))
    if wanted.sender:
        found = found.filter(from_sender(wanted.sender))
    if wanted.state:
        found = found.filter(state__in=STATES[wanted.state][1])
    if wanted.unit:
        found = found.filter(lead_unit=wanted.unit)
    if wanted.urgency:
        found = found.filter(urgency=URGENCY[wanted.urgency][1])
    if wanted.source:
        found = found.filter(source=wanted.source)
    if wanted.due == "qua-han":
        found = found.overdue(now)
    elif wanted.due == "hom-nay":
        end = timezone.make_aware(datetime.combine(timezone.localdate(now), time.max))
        found = found.open().filter(due_at__gte=now, due_at__lte=end)
    if wanted.text:
        words = wanted.text
        rule = Q(number_folded__contains=fold(words)) | Q(title__icontains=words)
        if words.isdecimal():
            rule |= Q(arrival_number=int(words[:9]))
        found = found.filter(rule)
    return found


def from_sender(words: str) -> Q:
    """By the name as it was printed; and under a unit of today also what came from those that it took over."""
    folded = fold(words)
    rule = Q(issuer_folded__contains=folded)
    named = set(
        Organization.objects.valid_on().filter(folded__contains=folded).values_list("pk", flat=True)[:50]
    )
    if before := forebears(named):
        rule |= Q(issuer__in=before)
    return rule


def forebears(unit_ids: set[int]) -> set[int]:
    """What these units took over, whole or in part, in any number of steps."""
    found: set[int] = set()
    ahead = unit_ids
    for _step in range(STEPS_BACK):
        ahead = set(OrgSuccession.objects.filter(new__in=ahead).values_list("old", flat=True)) - found
        if not ahead:
            break
        found |= ahead
    return found - unit_ids


def page_of(found: IncomingQuerySet, *, older_than: int | None = None, newer_than: int | None = None) -> Page:
    """One keyset page by id, newest first, with all that a row shows in one query."""
    shown = found.select_related("issuer", "type", "lead_unit").defer("report")
    if newer_than is not None:
        rows = list(shown.filter(pk__gt=newer_than).order_by("pk")[: PAGE + 1])
        more, rows = len(rows) > PAGE, rows[:PAGE][::-1]
        return Page(rows, older=rows[-1].pk if rows else None, newer=rows[0].pk if more else None)
    bounded = shown.filter(pk__lt=older_than) if older_than is not None else shown
    rows = list(bounded.order_by("-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    newer = rows[0].pk if rows and older_than is not None else None
    return Page(rows, older=rows[-1].pk if more else None, newer=newer)


def _text(value: str | None) -> str:
    return (value or "").replace("\x00", "").strip()[:100]


def _one_of(value: str | None, known: Mapping[str, Any]) -> str:
    return value if value and value in known else ""


def _day(value: str | None) -> date | None:
    try:
        return datetime.strptime((value or "").strip(), "%d/%m/%Y").date()  # noqa: DTZ007  (a day, no moment)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
