"""The audit trail for auditors: which part of it a post may read, what it is narrowed to, one page of it.

An auditor of a unit sees the acts of its people and the acts on its records, also those of the units that it took over
from. City-wide (granted on the city's committee with its subtree) he sees everything. Facts are shown to every auditor;
texts, and names of citizens, only where he may see the record itself.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Self
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from core import audit, audit_subjects
from core.audit_subjects import Seen
from core.models import AuditEntry, AuditEvent, EventKind
from org import directory, tree
from org.choices import Role
from org.models import Organization, OrgSuccession, User

PAGE: Final = 50
DAYS: Final = 30  # looked back, when no day is asked for: one month or two of the table are read, not all
MOST_PEOPLE: Final = 50
MOST_HOPS: Final = 6
MOST_BRANCHES: Final = 12
CITY: Final = "ubnd-tp"
KINDS: Final = {
    "xem": _lazy("chỉ lượt xem dữ liệu"),
    "uy-quyen": _lazy("chỉ việc theo ủy quyền"),
    "khan": _lazy("chỉ truy cập khẩn"),
}


# ── whose part ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Scope:
    """The part of the trail that a post may read."""

    everything: bool
    units: frozenset[int]

    def __bool__(self) -> bool:
        return self.everything or bool(self.units)

    @property
    def rule(self) -> Q:
        if self.everything:
            return Q()
        return Q(unit_id__in=self.units) | Q(subject_unit_id__in=self.units)


def scope_of(user: User) -> Scope:
    units = user.units_as(Role.AUDITOR)
    return Scope(_is_city(units), frozenset() if _is_city(units) else _with_forebears(units))


def _is_city(units: Collection[int]) -> bool:
    """The city's committee with everything below it, not that office alone."""
    city = next((node for node in tree.today().roots() if node.slug == CITY), None)
    if city is None or city.id not in units:
        return False
    below = tree.today().descendants(city.id)
    return len(below) > 1 and below <= set(units)


def _with_forebears(units: Collection[int]) -> frozenset[int]:
    """Also the units from which these took over: their trail has no other reader left."""
    found, fresh = set(units), set(units)
    for _hop in range(MOST_HOPS):
        if not fresh:
            break
        fresh = set(OrgSuccession.objects.filter(new__in=fresh).values_list("old_id", flat=True)) - found
        found |= fresh
    return frozenset(found)


# ── what is asked for ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Wanted:
    """The filters. What cannot be read counts as not asked for; `problems` says so."""

    first: date | None = None
    last: date | None = None
    person: str = ""
    unit: str = ""  # slug
    verb: str = ""  # event name
    record: str = ""  # code, or «onecase.case:12»
    kind: str = ""  # of KINDS
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: Any) -> Self:
        def text(name: str, most: int = 100) -> str:
            return (query.get(name) or "").replace("\x00", "").strip()[:most]

        problems: list[str] = []
        first, last = (_day(text(name), problems) for name in ("tu", "den"))
        kind = text("loai")
        return cls(
            first=first or (None if text("den") and last else timezone.localdate() - timedelta(days=DAYS)),
            last=last,
            person=text("nguoi"),
            unit=text("don-vi", 80),
            verb=text("viec", 80),
            record=text("ban-ghi"),
            kind=kind if kind in KINDS else "",
            problems=tuple(problems),
        )

    def as_query(self) -> dict[str, str]:
        named = {
            "tu": f"{self.first:%d/%m/%Y}" if self.first else "",
            "den": f"{self.last:%d/%m/%Y}" if self.last else "",
            "nguoi": self.person,
            "don-vi": self.unit,
            "viec": self.verb,
            "ban-ghi": self.record,
            "loai": self.kind,
        }
        return {name: value for name, value in named.items() if value}

    def address(self, **extra: Any) -> str:
        kept = {**self.as_query(), **extra}
        return f"?{urlencode({name: value for name, value in kept.items() if value})}"

    def words(self) -> str:
        """The filters as people say them, for the trail itself and for the first line of an extract."""
        unit = (
            next((one.name for one in tree.today() if one.slug == self.unit), self.unit) if self.unit else ""
        )
        named = [
            (_("từ %(value)s"), f"{self.first:%d/%m/%Y}" if self.first else ""),
            (_("đến %(value)s"), f"{self.last:%d/%m/%Y}" if self.last else ""),
            (_("người: %(value)s"), self.person),
            (_("đơn vị: %(value)s"), unit),
            (_("việc: %(value)s"), verb_words(self.verb) if self.verb else ""),
            (_("bản ghi: %(value)s"), _record_words(self.record)),
            (_("loại: %(value)s"), str(KINDS.get(self.kind, ""))),
        ]
        return "; ".join(words % {"value": value} for words, value in named if value)


def verb_words(verb: str) -> str:
    """«post.end» → «Thôi giữ chức vụ»."""
    words = str(audit.SENTENCES.get(verb, verb))
    return words[:1].upper() + words[1:]


def _record_words(text: str) -> str:
    """«onecase.case:12» → «hồ sơ số 12»; a code as it is."""
    subject_type, colon, number = text.partition(":")
    if not colon or audit_subjects.kind_words(subject_type) == subject_type:
        return text
    return _("%(kind)s số %(id)s") % {"kind": audit_subjects.kind_words(subject_type), "id": number}


def _day(text: str, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007  (a day of the city)
    except ValueError:
        problems.append(_("Ngày viết dạng 23/11/2026; bạn đã nhập «%(text)s».") % {"text": text})
        return None


def found(wanted: Wanted) -> QuerySet[AuditEvent]:
    """Of the whole trail, newest first. Bounds of time come first: they choose the months that are read at all."""
    rows = AuditEvent.objects.all()
    if wanted.first:
        rows = rows.filter(at__gte=_midnight(wanted.first))
    if wanted.last:
        rows = rows.filter(at__lt=_midnight(wanted.last + timedelta(days=1)))
    if wanted.person:
        rows = rows.filter(actor__in=_people(wanted.person))
    if wanted.unit:
        node = next((one for one in tree.today() if one.slug == wanted.unit), None)
        units = _with_forebears(tree.today().descendants(node.id)) if node else frozenset()
        rows = rows.filter(Scope(False, units).rule)
    if wanted.verb:
        rows = rows.filter(event=wanted.verb)
    if wanted.record:
        record = audit_subjects.find(wanted.record)
        rows = (
            rows.filter(subject_type=record[0], subject_id=record[1]) if record is not None else rows.none()
        )
    return _of_kind(rows, wanted.kind).order_by("-id")


def _of_kind(rows: QuerySet[AuditEvent], kind: str) -> QuerySet[AuditEvent]:
    match kind:
        case "xem":
            return rows.filter(kind=EventKind.READ)
        case "uy-quyen":
            return rows.filter(is_delegated=True)
        case "khan":
            return rows.filter(kind=EventKind.EMERGENCY)
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _people(text: str) -> list[int]:
    """Accounts of staff by any words of the directory; anybody's by the whole e-mail address."""
    if "@" in text:
        return list(User.objects.filter(email__iexact=text).values_list("pk", flat=True))
    lines = directory.lines(text).filter(person__user__isnull=False)
    return list(lines.values_list("person__user_id", flat=True).distinct()[:MOST_PEOPLE])


# ── one page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Line:
    """One event as this reader may see it."""

    event: AuditEvent
    seq: int | None
    seen: Seen | None
    plain: str = ""  # what every auditor may call the record

    @property
    def title(self) -> str:
        return verb_words(self.event.event)

    @property
    def is_open(self) -> bool:
        """May the texts be read?"""
        return bool(self.seen and self.seen.whole)

    @property
    def who(self) -> str:
        """Staff by name, for they act for an authority; a citizen only where his record may be seen."""
        event = self.event
        if event.erased_at:
            return _("tên đã xóa (tài khoản số %(id)s)") % {"id": event.actor_id} if event.actor_id else ""
        if event.actor_id is None:
            return _("Hệ thống")
        if event.post_name or self.is_open:
            return event.actor_name
        return _("người dân (tài khoản số %(id)s)") % {"id": event.actor_id}

    @property
    def record(self) -> str:
        return audit_subjects.name_of(self.event, self.seen, self.plain)

    @property
    def record_key(self) -> str:
        return f"{self.event.subject_type}:{self.event.subject_id}"

    @property
    def move(self) -> str:
        return audit_subjects.move_of(self.event)

    @property
    def note(self) -> str:
        return self.event.note if self.is_open else ""

    @property
    def hides_something(self) -> bool:
        return not self.is_open and not self.event.erased_at and bool(self.event.note or self.event.detail)


@dataclass(frozen=True)
class Page:
    lines: list[Line] = field(default_factory=list)
    older: int | None = None
    newer: int | None = None


def page_of(
    user: User, scope: Scope, wanted: Wanted, *, before: int | None = None, after: int | None = None
) -> Page:
    """A keyset page: `before` and `after` are numbers of events."""
    rows = found(wanted)
    if after:
        events = _first(scope, rows.filter(id__gt=after), "id")
        more, events = len(events) > PAGE, events[:PAGE][::-1]
        older = events[-1].pk if events else None
        return Page(lines_of(user, events), older=older, newer=events[0].pk if more else None)
    events = _first(scope, rows.filter(id__lt=before) if before else rows, "-id")
    more, events = len(events) > PAGE, events[:PAGE]
    return Page(
        lines_of(user, events),
        older=events[-1].pk if more else None,
        newer=events[0].pk if before and events else None,
    )


def _first(scope: Scope, rows: QuerySet[AuditEvent], order: str) -> list[AuditEvent]:
    """One row more than a page. A few units: each read along its own index, so that old events are never touched."""
    if scope.everything or len(scope.units) > MOST_BRANCHES:
        return list(rows.filter(scope.rule).order_by(order)[: PAGE + 1])
    branches = [
        rows.filter(**{column: unit}).order_by(order).values_list("pk", "at")[: PAGE + 1]
        for unit in sorted(scope.units)
        for column in ("unit_id", "subject_unit_id")
    ]
    keys = sorted(branches[0].union(*branches[1:]), reverse=order == "-id")[: PAGE + 1]
    if not keys:
        return []
    moments = [at for _pk, at in keys]
    chosen = AuditEvent.objects.filter(
        pk__in=[pk for pk, _at in keys], at__gte=min(moments), at__lte=max(moments)
    )
    return list(chosen.order_by(order))


def lines_of(user: User, events: Collection[AuditEvent]) -> list[Line]:
    """Numbers in the log, visible records, plain names of the others: a query for the numbers, two for each type."""
    ids = [event.pk for event in events]
    seqs = dict(AuditEntry.objects.filter(event_id__in=ids).values_list("event_id", "seq"))
    seen = audit_subjects.seen(user, events)
    keys = {event.pk: (event.subject_type, event.subject_id) for event in events}
    plain = audit_subjects.plain_names(event for event in events if keys[event.pk] not in seen)
    return [
        Line(event, seqs.get(event.pk), seen.get(keys[event.pk]), plain.get(keys[event.pk], ""))
        for event in events
    ]


# ── units in the trail ───────────────────────────────────────────────────────────────────────────────────────────────


def seen_units(user: Any, ids: Collection[int]) -> dict[int, Seen]:
    """Units are public; what was done to them is open to everybody who serves one."""
    rows = Organization.objects.filter(pk__in=ids).only("pk", "name", "slug")
    return {unit.pk: Seen(unit.name, whole=user.hat is not None) for unit in rows}


UNITS = audit_subjects.Subject(seen=seen_units)
