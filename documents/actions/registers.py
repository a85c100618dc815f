"""Print a register, close a volume for ever, put the agency's signature on it (NĐ 30/2020/NĐ-CP, art. 16.2b, 22.3b)."""

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files, jobs
from core.errors import NotAllowed, RuleError
from core.models import IssuedNumber, Job, NumberSeries
from documents import erasing, register_paper, registers, rules
from documents.choices import BookKind
from documents.models import RegisterBook
from documents.people import printed
from documents.registers import Span
from org.letterhead import letterhead
from org.models import Organization
from signing import services as signing
from signing.choices import OPEN_STATES, RequestState

PRINT = "documents.print_register"
DRAW_BOOK = "documents.draw_book"
GIVE_UP_AFTER = 5


def words_of(span: Span) -> dict[str, Any]:
    return {
        "agency": span.agency_id,
        "kind": span.kind,
        "year": span.year,
        "series": span.series,
        "since": registers.plain_day(span.since),
        "until": registers.plain_day(span.until),
    }


# --- a print at any time ---------------------------------------------------------------------------------------


@transaction.atomic
def request_print(span: Span, *, actor: Any) -> Job:
    """Owe a print of the register as it stands now. RuleError: the register has no row yet."""
    if not rules.sees_books(actor, span.agency_id):
        raise NotAllowed
    count = registers.numbers(span).count()
    if not count:
        raise RuleError(_("Sổ chưa có dòng nào trong khoảng thời gian này."))
    params = words_of(span) | {"days": [_iso(span.since), _iso(span.until)]}
    job = Job.objects.create(kind=PRINT, params=params, owner=actor, total=count)
    agency = Organization.objects.get(pk=span.agency_id)
    audit.record("register.print", actor=actor, subject=agency, detail=words_of(span) | {"rows": count})
    jobs.wake_on_commit(PRINT, job.pk)
    return job


def make_print(job_id: int) -> None:
    """Draw the print of a job. Twice is harmless: a job that has its file is left alone."""
    job = Job.objects.filter(pk=job_id, kind=PRINT, finished_at__isnull=True).first()
    if job is None:
        return
    since, until = (date.fromisoformat(day) if day else None for day in job.params["days"])
    span = Span(
        job.params["agency"], job.params["kind"], job.params["year"], job.params["series"], since, until
    )
    agency = Organization.objects.select_related("territory", "parent").get(pk=span.agency_id)
    today = timezone.localdate()
    cover = _cover(agency, span.kind, span.year, _volume_of(span)) | {
        "from_on": registers.plain_day(since or date(span.year, 1, 1)),
        "to_on": registers.plain_day(until or min(today, date(span.year, 12, 31))),
        "numbers": _number_lines(_spans_of(span)),
        "printed_at": f"{timezone.localtime():%H:%M %d/%m/%Y}",
    }
    sheets = ([row.cells for row in batch] for batch in registers.batches(span))
    stored = _drawn(cover, sheets, lambda done: Job.objects.filter(pk=job.pk).update(done=done) and None)
    Job.objects.filter(pk=job.pk).update(
        artefact=stored, done=job.total, finished_at=timezone.now(), message=cover["title"]
    )


# --- a volume, closed ------------------------------------------------------------------------------------------


@transaction.atomic
def close_book(
    agency: Organization,
    *,
    kind: str,
    year: int,
    series: str = "",
    volume: int | None = None,
    final: bool = False,
    actor: Any,
) -> RegisterBook:
    """Close the register of all numbers since the last volume: its rows are frozen now, its print is owed.

    `final` closes the number series of the year with it, so that no number can be taken any more.
    RuleError: nothing to close, or the year still runs.
    """
    if not rules.closes_books(actor, agency.pk):
        raise NotAllowed
    today = timezone.localdate()
    last_day = date(year, 12, 31)
    if year > today.year:
        raise RuleError(_("Năm %(year)s chưa đến.") % {"year": year})
    if final and today < last_day:
        raise RuleError(_("Chỉ khóa hẳn sổ năm %(year)s từ ngày 31/12/%(year)s.") % {"year": year})
    locked = list(registers.series_of(agency.pk, kind, year, series).select_for_update(of=("self",)))
    former = RegisterBook.objects.filter(agency=agency, kind=kind, year=year, series=series).order_by(
        "volume"
    )
    volumes = list(former)
    if any(book.is_final for book in volumes):
        raise RuleError(_("Sổ năm %(year)s đã khóa hẳn.") % {"year": year})
    if kind == BookKind.OUTGOING:
        _refuse_overlap(agency, year, series)
    spans = _next_spans(locked, volumes)
    span = Span(
        agency.pk, kind, year, series, spans=tuple((key, *pair) for key, pair in sorted(spans.items()))
    )
    rows = [row.cells for batch in registers.batches(span) for row in batch] if spans else []
    if not rows and not final:
        raise RuleError(_("Từ quyển trước đến nay chưa có số nào để khóa."))
    to_on = min(today, last_day)
    from_on = volumes[-1].to_on if volumes and volumes[-1].to_on else date(year, 1, 1)
    if volumes and spans:
        from_on = min(max(from_on, _first_day(spans)), to_on)
    number = volume or (volumes[-1].volume + 1 if volumes else 1)
    if volumes and number <= volumes[-1].volume:
        raise RuleError(
            _("Quyển số %(n)s đã khóa; quyển tiếp theo từ số %(next)s.")
            % {"n": number, "next": volumes[-1].volume + 1}
        )
    single = next(iter(spans.values())) if len(spans) == 1 else (None, None)
    book = RegisterBook(
        agency=agency,
        kind=kind,
        year=year,
        series=series,
        volume=number,
        from_on=from_on,
        to_on=to_on,
        from_number=single[0],
        to_number=single[1],
        rows=len(rows),
        spans={key: list(pair) for key, pair in spans.items()},
        is_final=final,
        closed_at=timezone.now(),
        closed_by=actor,
        closed_printed=printed(actor),
    )
    book.frozen = files.store_bytes(_frozen(book, rows), "application/json")
    book.save(force_insert=True)
    if final and kind != BookKind.FOLLOW_UP:
        NumberSeries.objects.filter(pk__in=[one.pk for one in locked]).update(closed_at=book.closed_at)
    audit.record(
        "register.close",
        actor=actor,
        subject=book,
        after=f"{kind} {year}/{number}",
        detail={"rows": len(rows), "spans": book.spans, "final": final, "sha256": book.frozen.sha256},
    )
    jobs.wake_on_commit(DRAW_BOOK, book.pk)
    return book


def _refuse_overlap(agency: Organization, year: int, series: str) -> None:
    """A number stands in one closed book only: either in the book of its own series, or in the common one."""
    others = RegisterBook.objects.filter(agency=agency, kind=BookKind.OUTGOING, year=year)
    clash = others.exclude(series="") if not series else others.filter(series="")
    if clash.exists():
        raise RuleError(
            _("Sổ đi năm này đã khóa theo từng dãy số; khóa tiếp theo từng dãy.")
            if not series
            else _("Sổ đi năm này đã khóa chung mọi dãy số; khóa tiếp sổ chung.")
        )


def _next_spans(locked: list[NumberSeries], volumes: list[RegisterBook]) -> dict[str, tuple[int, int]]:
    """Of each series what no volume holds yet."""
    until: dict[str, int] = {}
    for book in volumes:
        for key, (_first, last) in book.spans.items():
            until[key] = max(until.get(key, 0), last)
    return {
        one.key: (until.get(one.key, 0) + 1, one.last) for one in locked if one.last > until.get(one.key, 0)
    }


def _first_day(spans: dict[str, tuple[int, int]]) -> date:
    first = IssuedNumber.objects.filter(
        series__key__in=spans, value__in=[pair[0] for pair in spans.values()]
    ).order_by("taken_at")
    found = first.values_list("taken_at", flat=True).first()
    return timezone.localdate(found) if found else timezone.localdate()


def _frozen(book: RegisterBook, rows: list[list[str]]) -> bytes:
    """What is printed, now and ever: cover and rows. The same content gives the same bytes."""
    cover = _cover(book.agency, book.kind, book.year, book.volume) | {
        "from_on": registers.plain_day(book.from_on),
        "to_on": registers.plain_day(book.to_on),
        "numbers": _number_lines({key: (first, last) for key, (first, last) in book.spans.items()}),
        "closed_on": registers.day_of(book.closed_at),
        "closed_printed": book.closed_printed,
    }
    return json.dumps({"cover": cover, "rows": rows}, ensure_ascii=False, sort_keys=True).encode()


def frozen_rows(book: RegisterBook) -> tuple[dict[str, Any], list[list[str]]]:
    """Cover and rows of a closed book, as they were."""
    assert book.frozen is not None
    kept = json.loads(files.read(book.frozen))
    return kept["cover"], kept["rows"]


def draw_book(book_id: int) -> None:
    """Print a closed book from its frozen rows. Call after leasing the row; twice gives the same file."""
    book = RegisterBook.objects.select_related("frozen").get(pk=book_id)
    if book.printed_id is not None:
        return
    cover, rows = frozen_rows(book)
    stored = _drawn(
        cover,
        register_paper.in_sheets(rows),
        lambda done: RegisterBook.objects.filter(pk=book.pk).update(drawn=done) and None,
    )
    RegisterBook.objects.filter(pk=book.pk, printed__isnull=True).update(
        printed=stored, drawn=book.rows, done_at=timezone.now(), last_error=""
    )


@transaction.atomic
def strike_out(book: RegisterBook, marks: set[tuple[str, str]], word: str) -> bool:
    """The one change that a closed book ever sees: a state secret's title is struck out, and the book drawn anew.

    `marks`: (number as its row shows it, title); another row with the same title stays. An empty number means any row.
    True: something was struck out; its signature is gone with the former print.
    """
    cover, rows = frozen_rows(book)
    struck = []
    for row in rows:
        titles = {title for number, title in marks if not number or number in row}
        struck.append([_struck(cell, titles, word) for cell in row])
    if struck == rows:
        return False
    former = [stored for stored in (book.frozen, book.printed) if stored is not None]
    data = json.dumps({"cover": cover, "rows": struck}, ensure_ascii=False, sort_keys=True).encode()
    RegisterBook.objects.filter(pk=book.pk).update(
        frozen=files.store_bytes(data, "application/json"),
        printed=None,
        sealed_at=None,
        signature_request=None,
        done_at=None,
        given_up_at=None,
        drawn=0,
        next_try_at=timezone.now(),
    )
    erasing.forget_everywhere(former)
    audit.record("register.strike_out", actor=None, subject=book)
    jobs.wake_on_commit(DRAW_BOOK, book.pk)
    return True


def _struck(cell: str, titles: set[str], word: str) -> str:
    for title in titles:
        cell = cell.replace(title, word)
    return cell


@transaction.atomic
def seal_book(book_id: int, *, actor: Any, authorisation: Any) -> RegisterBook:
    """Owe the agency's signature on the print of a closed book; the signed file takes its place.

    After a signature that failed the same request goes on: a value that was made already is not made twice.
    """
    book = (
        RegisterBook.objects.select_for_update(of=("self",))
        .select_related("printed", "agency", "signature_request")
        .get(pk=book_id)
    )
    if not rules.closes_books(actor, book.agency_id):
        raise NotAllowed
    if book.printed is None:
        raise RuleError(_("Bản in của sổ chưa xong; chờ ít phút rồi ký."))
    if book.sealed_at is not None:
        raise RuleError(_("Sổ này đã có chữ ký số của cơ quan."))
    former = book.signature_request
    if former is not None and former.state in OPEN_STATES:
        raise RuleError(_("Đang ký số sổ này; hệ thống tự thử lại khi chưa được."))
    if former is not None and former.state == RequestState.FAILED and former.key_id == authorisation.key.pk:
        signing.retry(former.pk, actor, unlock=authorisation.unlock)
        audit.record("register.seal", actor=actor, subject=book)
        return book
    book.signature_request = signing.request_signature(
        source=book.printed,
        key=authorisation.key,
        field_name="DauCoQuan",
        box=(0, 620.0, 60.0, 720.0, 160.0),
        appearance={"kind": "seal"},
        requested_by=actor,
        subject=book,
        purpose="issue",
        unlock=authorisation.unlock,
        signer_label={"name": book.agency.name, "post": "", "unit": book.agency.name},
    )
    book.save(update_fields=["signature_request"])
    audit.record("register.seal", actor=actor, subject=book)
    return book


@transaction.atomic
def book_sealed(book: RegisterBook) -> None:
    """The agency's signature stands: the signed print is the book from now on."""
    assert book.signature_request is not None
    if book.sealed_at is None and book.signature_request.result is not None:
        book.printed, book.sealed_at = book.signature_request.result, timezone.now()
        book.save(update_fields=["printed", "sealed_at"])
        audit.record("register.sealed", actor=None, subject=book)


# --- shared ----------------------------------------------------------------------------------------------------


def _drawn(cover: dict[str, Any], sheets: Any, tell: Any) -> Any:
    with tempfile.TemporaryDirectory(prefix="register-") as folder:
        target = Path(folder) / "book.pdf"
        pages = register_paper.draw(cover, sheets, target, tell)
        return files.store_path(target, "application/pdf", pages=pages)


def _cover(agency: Organization, kind: str, year: int, volume: int) -> dict[str, Any]:
    title = str(BookKind(kind).label).upper()
    return {
        "head": letterhead(agency).as_dict(),
        "title": title,
        "kind": kind,
        "year": year,
        "volume": volume,
    }


def _volume_of(span: Span) -> int:
    """The volume that is still open."""
    books = RegisterBook.objects.filter(
        agency=span.agency_id, kind=span.kind, year=span.year, series=span.series
    )
    return (books.order_by("-volume").values_list("volume", flat=True).first() or 0) + 1


def _spans_of(span: Span) -> dict[str, tuple[int, int]]:
    """First and last number of each series in a span of days."""
    found: dict[str, tuple[int, int]] = {}
    values = registers.numbers(span).order_by("pk").values_list("series__key", "value")
    for key, value in values.iterator(chunk_size=2000):
        first, last = found.get(key, (value, value))
        found[key] = (min(first, value), max(last, value))
    return found


def _number_lines(spans: dict[str, tuple[int, int]]) -> list[dict[str, Any]]:
    """«QĐ: từ số 01 đến số 57», one line for each series; the name is left out when there is one."""
    return [
        {
            "name": registers.series_name(key) if len(spans) > 1 else "",
            "first": f"{first:02d}",
            "last": f"{last:02d}",
        }
        for key, (first, last) in sorted(spans.items())
    ]


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
