"""The registers as NĐ 30/2020/NĐ-CP prescribes them (art. 16, 22, 24; Phụ lục IV): columns, and rows out of the records.

Every number that was taken is a row, also one that was cancelled, or whose document is signed but not issued yet. A row
is drawn from the record as it is now; a closed book keeps its rows as they were (documents.actions.registers).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, Final, NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import IssuedNumber, NumberSeries
from documents import links
from documents.choices import BookKind, DocumentStatus, TaskRole, Urgency
from documents.models import DispatchRecipient, Document, IncomingDocument, RegisterBook, Task

PAGE = 50
BATCH = 200  # rows of one sheet: drawn and counted together

# (heading, width of the printed column in mm); the order of Phụ lục IV.
COLUMNS: Final[dict[str, list[tuple[Any, int]]]] = {
    BookKind.INCOMING: [
        (gettext_lazy("Ngày đến"), 18),
        (gettext_lazy("Số đến"), 13),
        (gettext_lazy("Tác giả"), 33),
        (gettext_lazy("Số, ký hiệu"), 26),
        (gettext_lazy("Ngày tháng"), 18),
        (gettext_lazy("Tên loại và trích yếu nội dung"), 67),
        (gettext_lazy("Đơn vị hoặc người nhận"), 32),
        (gettext_lazy("Ngày chuyển"), 18),
        (gettext_lazy("Ký nhận"), 23),
        (gettext_lazy("Ghi chú"), 19),
    ],
    BookKind.OUTGOING: [
        (gettext_lazy("Số, ký hiệu văn bản"), 27),
        (gettext_lazy("Ngày tháng văn bản"), 18),
        (gettext_lazy("Tên loại và trích yếu nội dung văn bản"), 68),
        (gettext_lazy("Người ký"), 25),
        (gettext_lazy("Nơi nhận văn bản"), 38),
        (gettext_lazy("Đơn vị, người nhận bản lưu"), 23),
        (gettext_lazy("Số lượng bản"), 14),
        (gettext_lazy("Ngày chuyển"), 18),
        (gettext_lazy("Ký nhận"), 19),
        (gettext_lazy("Ghi chú"), 17),
    ],
    BookKind.FOLLOW_UP: [
        (gettext_lazy("Số đến"), 15),
        (gettext_lazy("Tên loại, số và ký hiệu, ngày tháng, cơ quan ban hành"), 88),
        (gettext_lazy("Đơn vị hoặc người nhận"), 44),
        (gettext_lazy("Thời hạn giải quyết"), 22),
        (gettext_lazy("Tiến độ giải quyết"), 38),
        (gettext_lazy("Số, ký hiệu văn bản trả lời"), 32),
        (gettext_lazy("Ghi chú"), 28),
    ],
}
SHORT: Final = {
    BookKind.INCOMING: gettext_lazy("Sổ đến"),
    BookKind.OUTGOING: gettext_lazy("Sổ đi"),
    BookKind.FOLLOW_UP: gettext_lazy("Theo dõi giải quyết"),
}


class Row(NamedTuple):
    """One line. `key` is the id of the number, by which pages go on; `cells` as the columns of the register."""

    key: int
    cells: list[str]
    href: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True)
class Span:
    """What part of which register: an agency's year, of all series or one, all days or some."""

    agency_id: int
    kind: str
    year: int
    series: str = ""
    since: date | None = None
    until: date | None = None
    # Of a volume: {key of the series: (first, last)}.
    spans: tuple[tuple[str, int, int], ...] = ()

    @classmethod
    def of_book(cls, book: RegisterBook) -> "Span":
        """The numbers of this volume, whatever was taken since."""
        spans = tuple((key, first, last) for key, (first, last) in sorted(book.spans.items()))
        return cls(book.agency_id, book.kind, book.year, book.series, spans=spans)

    def with_days(self, since: date | None, until: date | None) -> "Span":
        return replace(self, since=since, until=until)


def series_of(agency_id: int, kind: str, year: int, series: str = "") -> QuerySet[NumberSeries]:
    """The number series behind a register, in the order of their names."""
    found = NumberSeries.objects.order_by("key")
    if kind != BookKind.OUTGOING:
        return found.filter(key=f"arrival:{agency_id}:{year}")
    if series:
        return found.filter(key=f"doc:{agency_id}:{series}:{year}")
    return found.filter(key__startswith=f"doc:{agency_id}:", key__endswith=f":{year}")


def series_name(key: str) -> str:
    """«QĐ» of `doc:12:QĐ:2026`."""
    return key.split(":")[2] if key.startswith("doc:") else ""


def numbers(span: Span) -> QuerySet[IssuedNumber]:
    """Every number of the span, cancelled ones too."""
    if span.spans:
        keys = NumberSeries.objects.filter(key__in=[key for key, _first, _last in span.spans])
        ids = dict(keys.values_list("key", "pk"))
        rule = Q(pk__in=[])
        for key, first, last in span.spans:
            rule |= Q(series=ids.get(key), value__range=(first, last))
        found = IssuedNumber.objects.filter(rule)
    else:
        series = series_of(span.agency_id, span.kind, span.year, span.series).values_list("pk", flat=True)
        found = IssuedNumber.objects.filter(series__in=list(series))
    if span.since:
        found = found.filter(taken_at__gte=midnight(span.since))
    if span.until:
        found = found.filter(taken_at__lt=midnight(span.until + timedelta(days=1)))
    if span.kind == BookKind.FOLLOW_UP:
        followed = IncomingDocument.objects.filter(register=span.agency_id, arrival_year=span.year)
        asked = Task.objects.work().filter(
            incoming__register=span.agency_id, incoming__arrival_year=span.year
        )
        wanted = followed.filter(Q(due_at__isnull=False) | Q(pk__in=asked.values("incoming")))
        found = found.filter(subject_id__in=wanted.values("pk"))
    return found


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock_time.min))


def rows_of(span: Span, found: list[IssuedNumber]) -> list[Row]:
    """The rows of these numbers, in their order. The same few queries for one row and two hundred."""
    drawn = {
        BookKind.INCOMING: _incoming_rows,
        BookKind.OUTGOING: _outgoing_rows,
        BookKind.FOLLOW_UP: _follow_up_rows,
    }[BookKind(span.kind)]
    return drawn(span, found)


def batches(span: Span) -> Iterator[list[Row]]:
    """All rows from the first on, in sheets; memory does not grow with the register."""
    after = 0
    while found := list(numbers(span).filter(pk__gt=after).order_by("pk")[:BATCH]):
        yield rows_of(span, found)
        after = found[-1].pk


# --- sổ đăng ký văn bản đến ------------------------------------------------------------------------------------


def _incoming_of(found: list[IssuedNumber]) -> dict[int, IncomingDocument]:
    rows = IncomingDocument.objects.filter(number__in=[number.pk for number in found])
    return {row.number_id: row for row in rows.select_related("lead_unit").defer("report") if row.number_id}


def _handed(incoming: list[int]) -> dict[int, list[Task]]:
    """Of each incoming document who has to do something about it, who leads first."""
    tasks = Task.objects.work().filter(incoming__in=incoming).select_related("unit", "person", "reply")
    given: dict[int, list[Task]] = defaultdict(list)
    for task in tasks.order_by("id"):
        given[task.incoming_id].append(task)
    for rows in given.values():
        rows.sort(key=lambda task: task.role != TaskRole.LEAD)
    return given


def _incoming_rows(span: Span, found: list[IssuedNumber]) -> list[Row]:
    known = _incoming_of(found)
    given = _handed([one.pk for one in known.values()])
    rows = []
    for number in found:
        one = known.get(number.pk)
        if one is None:
            rows.append(_blank(number, span, f"{number.value:02d}", 1))
            continue
        tasks = given.get(one.pk, [])
        lead = tasks[0] if tasks else None
        passed = lead.created_at if lead else one.submitted_at
        rows.append(
            Row(
                number.pk,
                [
                    day_of(one.arrived_at),
                    f"{number.value:02d}",
                    one.issuer_printed,
                    one.number_printed,
                    plain_day(one.dated_on),
                    _named(one.type_printed, one.title),
                    _takers(one, tasks),
                    day_of(passed),
                    _taken(lead),
                    _note(number, one.get_urgency_display() if one.urgency else "", one.note),
                ],
                links.incoming(one.pk),
                number.cancelled_at is not None,
            )
        )
    return rows


def _takers(one: IncomingDocument, tasks: list[Task]) -> str:
    if tasks:
        named = (_unit_and_person(task) for task in tasks)
        return "; ".join(dict.fromkeys(named))
    whole = ", ".join(
        part for part in (one.lead_unit.name if one.lead_unit else "", one.handled_by_printed) if part
    )
    return whole


def _unit_and_person(task: Task) -> str:
    unit = task.unit.short_name or task.unit.name
    return f"{unit} ({task.person.full_name})" if task.person else unit


def _taken(task: Task | None) -> str:
    """In an electronic register the receipt is the moment at which the taker opened it."""
    if task is None or task.seen_at is None:
        return ""
    return _("đã nhận %(at)s") % {"at": f"{timezone.localtime(task.seen_at):%H:%M %d/%m/%Y}"}


# --- sổ đăng ký văn bản đi -------------------------------------------------------------------------------------


def _outgoing_rows(span: Span, found: list[IssuedNumber]) -> list[Row]:
    wanted = [number.subject_id for number in found if number.subject_type == "documents.document"]
    known = (
        Document.objects.select_related("type", "unit", "replaces", "corrects")
        .defer("body_sealed")
        .prefetch_related("recipients__unit", "recipients__group")
        .in_bulk(wanted)
    )
    received = _receipts(wanted)
    rows = []
    for number in found:
        one = known.get(number.subject_id) if number.subject_type == "documents.document" else None
        if one is None or number.cancelled_at is not None:
            rows.append(_cancelled_outgoing(number, span, one))
            continue
        told = [str(line) for line in one.recipients.all()]
        rows.append(
            Row(
                number.pk,
                [
                    one.number_printed,
                    plain_day(one.dated_on),
                    _named(one.type.name, one.title),
                    one.signer_printed,
                    "; ".join(told),
                    _kept_by(one),
                    str(one.paper_copies) if one.paper_copies else _("điện tử"),
                    day_of(one.issued_at),
                    received.get(one.pk, ""),
                    _note(number, *_outgoing_notes(one)),
                ],
                links.outgoing(one.pk),
            )
        )
    return rows


def _kept_by(one: Document) -> str:
    """Where the original stays: the clerk, and the unit that drafted it."""
    if one.unit_id == one.agency_id:
        return _("Văn thư")
    return _("Văn thư; %(unit)s") % {"unit": one.unit.short_name or one.unit.name}


def _receipts(wanted: list[int]) -> dict[int, str]:
    """«6/7 nơi đã nhận» of each document that was sent."""
    sent = (
        DispatchRecipient.objects.filter(dispatch__document__in=wanted)
        .values("dispatch__document")
        .annotate(whole=Count("pk"), taken=Count("pk", filter=Q(received_at__isnull=False)))
    )
    return {
        row["dispatch__document"]: _("%(taken)s/%(whole)s nơi đã nhận") % row for row in sent if row["whole"]
    }


def _outgoing_notes(one: Document) -> list[str]:
    notes = []
    if one.status != DocumentStatus.ISSUED:
        notes.append(_("đã ký, chưa phát hành"))
    if one.is_frozen:
        notes.append(_("đã thu hồi"))
    if one.replaces is not None:
        notes.append(_("thay thế %(number)s") % {"number": one.replaces.number_printed})
    if one.corrects is not None:
        notes.append(_("đính chính %(number)s") % {"number": one.corrects.number_printed})
    if one.urgency:
        notes.append(str(Urgency(one.urgency).label))
    return notes


def _cancelled_outgoing(number: IssuedNumber, span: Span, one: Document | None) -> Row:
    """The number stays in its row. What it stood for is the document that took it."""
    pattern = (one.notation if one else "") or "{n}"
    text = pattern.format(n=f"{number.value:02d}", year=span.year)
    row = _blank(number, span, text, 0)
    row.cells[1] = day_of(number.taken_at)
    if one is not None:
        row.cells[2] = _named(one.type.name, one.title)
    return row._replace(href=links.outgoing(one.pk) if one else "")


# --- sổ theo dõi giải quyết văn bản đến ------------------------------------------------------------------------


def _follow_up_rows(span: Span, found: list[IssuedNumber]) -> list[Row]:
    known = _incoming_of(found)
    given = _handed([one.pk for one in known.values()])
    answers: dict[int, list[str]] = defaultdict(list)
    replies = Document.objects.filter(answers__in=[one.pk for one in known.values()])
    for incoming, text in replies.exclude(number_printed="").values_list("answers", "number_printed"):
        answers[incoming].append(text)
    now = timezone.now()
    rows = []
    for number in found:
        one = known.get(number.pk)
        if one is None:
            rows.append(_blank(number, span, f"{number.value:02d}", 0))
            continue
        tasks = given.get(one.pk, [])
        for task in tasks:
            if task.reply is not None and task.reply.number_printed:
                answers[one.pk].append(task.reply.number_printed)
        what = _named(one.type_printed, one.title)
        about = [
            one.number_printed,
            _("ngày %(day)s") % {"day": plain_day(one.dated_on)} if one.dated_on else "",
            one.issuer_printed,
        ]
        rows.append(
            Row(
                number.pk,
                [
                    f"{number.value:02d}",
                    ", ".join(part for part in about if part) + (f". {what}" if what else ""),
                    _takers(one, tasks),
                    day_of(one.due_at),
                    _progress(one, tasks, now),
                    "; ".join(dict.fromkeys(answers.get(one.pk, []))),
                    _note(number, one.outcome),
                ],
                links.incoming(one.pk),
                number.cancelled_at is not None,
            )
        )
    return rows


def _progress(one: IncomingDocument, tasks: list[Task], now: datetime) -> str:
    words = [str(one.get_state_display())]
    if one.finished_at:
        words.append(day_of(one.finished_at))
    elif tasks and tasks[0].progress:
        words.append(f"{tasks[0].progress}\N{NO-BREAK SPACE}%")
    if one.due_at and (one.finished_at or now) > one.due_at:
        words.append(_("quá hạn"))
    return ", ".join(words)


# --- words -----------------------------------------------------------------------------------------------------


def _blank(number: IssuedNumber, span: Span, text: str, place: int) -> Row:
    """A number without its record: cancelled, with its reason in «Ghi chú»."""
    cells = [""] * len(COLUMNS[span.kind])
    cells[place] = text
    cells[-1] = _note(number)
    return Row(number.pk, cells, is_cancelled=number.cancelled_at is not None)


def _note(number: IssuedNumber, *parts: str) -> str:
    notes = [part for part in parts if part]
    if number.cancelled_at is not None:
        notes.insert(0, _("đã hủy: %(reason)s") % {"reason": number.cancel_reason or _("không ghi lý do")})
    return "; ".join(notes)


def _named(kind: str, title: str) -> str:
    """«Quyết định về việc …»: the decree's note in brackets is no part of a name."""
    kind = kind.split(" (")[0]
    if title.casefold().startswith(kind.casefold()):
        return title
    return f"{kind}: {title}" if kind and title else kind or title


def plain_day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def day_of(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y}" if moment else ""
