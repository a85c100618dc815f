"""The registers: read on the screen, printed whole, closed with a cover, signed by the agency."""

import csv
import io
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core import audit, pages
from core.errors import RuleError
from core.forms import DateField, PinField, SpeakingForm
from core.models import Job
from documents import actions as papers
from documents import registers, rules
from documents.actions import registers as acts
from documents.choices import BookKind
from documents.models import RegisterBook
from documents.registers import Span
from documents.views.doors import staff_only
from org.choices import Role
from org.models import Organization
from org.powers import archive_units
from org.step_up import step_up_required
from signing import services as signing
from signing.choices import OPEN_STATES, RequestState

KINDS = {"den": BookKind.INCOMING, "di": BookKind.OUTGOING, "theo-doi": BookKind.FOLLOW_UP}
WORDS = {str(kind): key for key, kind in KINDS.items()}
FIRST_YEAR = 2020


class PinForm(SpeakingForm):
    pin = PinField()


class CloseForm(SpeakingForm):
    volume = forms.IntegerField(label=gettext_lazy("Quyển số"), min_value=1, max_value=999)
    final = forms.BooleanField(label=gettext_lazy("Khóa hẳn sổ của năm"), required=False)
    sure = forms.BooleanField(
        label=gettext_lazy("Tôi đã đối chiếu sổ và khóa quyển này; sau khi khóa không sửa được nữa")
    )


# --- which register --------------------------------------------------------------------------------------------


def agency_of(request: HttpRequest) -> Organization:
    """The agency whose registers are read: that of the present hat, or another one that it serves (`co-quan`)."""
    user = request.user
    asked = (request.POST if request.method == "POST" else request.GET).get("co-quan", "")
    wanted = request.GET.get("co-quan", "") or asked
    if wanted.isdecimal() and len(wanted) < 19:
        if not rules.sees_books(user, int(wanted)):
            raise Http404
        return get_object_or_404(Organization.objects.select_related("territory", "parent"), pk=int(wanted))
    home = user.hat.organization.agency_id or user.hat.organization_id
    if not rules.sees_books(user, home):
        served = sorted(user.units_as(Role.CLERK, Role.LEADER))
        if not served:
            raise Http404
        home = served[0]
    return get_object_or_404(Organization.objects.select_related("territory", "parent"), pk=home)


def span_of(request: HttpRequest, agency: Organization) -> Span:
    """From the address: so, nam, day-so, quy, tu, den. What makes no sense counts as not said."""
    query = request.GET if request.method == "GET" else request.POST
    year = _number(query.get("nam")) or timezone.localdate().year
    year = year if FIRST_YEAR <= year <= timezone.localdate().year else timezone.localdate().year
    span = Span(
        agency.pk,
        KINDS.get(query.get("so", ""), BookKind.INCOMING),
        year,
        (query.get("day-so") or "")[:40].replace("\x00", ""),
    )
    quarter = _number(query.get("quy"))
    if quarter in {1, 2, 3, 4}:
        last_month = quarter * 3
        after = date(year + last_month // 12, last_month % 12 + 1, 1)
        return span.with_days(date(year, last_month - 2, 1), date.fromordinal(after.toordinal() - 1))
    return span.with_days(_day(query.get("tu")), _day(query.get("den")))


def _address(span: Span, agency: Organization, home: int | None = None, **extra: Any) -> str:
    parts: dict[str, Any] = {
        "so": WORDS[str(span.kind)],
        "nam": span.year,
        "day-so": span.series,
        "tu": registers.plain_day(span.since),
        "den": registers.plain_day(span.until),
        "co-quan": "" if agency.pk == home else agency.pk,
    } | extra
    return "?" + urlencode({name: value for name, value in parts.items() if value not in ("", None)})


def _home(request: HttpRequest) -> int:
    return request.user.hat.organization.agency_id or request.user.hat.organization_id


@staff_only
def register(request: HttpRequest) -> HttpResponse:
    agency = agency_of(request)
    span, home = span_of(request, agency), _home(request)
    found, older, newer = _page(request, span)
    rows = registers.rows_of(span, found)
    columns = [str(words) for words, _width in registers.COLUMNS[span.kind]]
    series = sorted(
        {registers.series_name(one.key) for one in registers.series_of(agency.pk, span.kind, span.year)}
    )
    last = RegisterBook.objects.filter(agency=agency, kind=span.kind, year=span.year).order_by("-id").first()
    context = {
        "agency": agency,
        "span": span,
        "kind_words": BookKind(span.kind).label,
        "tabs": [
            {
                "words": registers.SHORT[kind],
                "href": _address(Span(agency.pk, kind, span.year), agency, home),
                "current": kind == span.kind,
            }
            for kind in KINDS.values()
        ],
        "columns": columns,
        "rows": [
            {
                "cells": list(zip(columns, row.cells, strict=True)),
                "href": row.href,
                "cancelled": row.is_cancelled,
            }
            for row in rows
        ],
        "link_column": {BookKind.INCOMING: 6, BookKind.OUTGOING: 3, BookKind.FOLLOW_UP: 2}[
            BookKind(span.kind)
        ],
        "count": registers.numbers(span).count(),
        "years": list(range(timezone.localdate().year, FIRST_YEAR - 1, -1)),
        "series": series if span.kind == BookKind.OUTGOING and len(series) > 1 else [],
        "since": registers.plain_day(span.since),
        "until": registers.plain_day(span.until),
        "hidden": [("so", WORDS[str(span.kind)])] + ([("co-quan", agency.pk)] if agency.pk != home else []),
        "posted": _posted(span, agency),
        "older_url": _address(span, agency, home, truoc=older) if older else "",
        "newer_url": _address(span, agency, home, sau=newer) if newer else "",
        "csv_url": reverse("documents:register_file") + _address(span, agency, home),
        "close_url": reverse("documents:close_register")
        + _address(Span(agency.pk, span.kind, span.year, span.series), agency, home),
        "may_close": rules.closes_books(request.user, agency.pk) and not (last and last.is_final),
        "last": last,
        "agencies": _agencies(request, agency),
    }
    return render(request, "documents/registers/register.html", context)


def _page(request: HttpRequest, span: Span) -> tuple[list[Any], int | None, int | None]:
    """One keyset page of numbers, newest first; the ids to go on from."""
    found = registers.numbers(span).select_related("series")
    before, after = _number(request.GET.get("truoc")), _number(request.GET.get("sau"))
    if after:
        rows = list(found.filter(pk__gt=after).order_by("pk")[: registers.PAGE + 1])
        more, rows = len(rows) > registers.PAGE, rows[: registers.PAGE][::-1]
        return rows, rows[-1].pk if rows else None, rows[0].pk if more else None
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: registers.PAGE + 1])
    more, rows = len(rows) > registers.PAGE, rows[: registers.PAGE]
    return rows, rows[-1].pk if more else None, rows[0].pk if rows and before else None


def _agencies(request: HttpRequest, agency: Organization) -> list[Organization]:
    """Other agencies whose registers this hat may read; none when there is only one."""
    ids = request.user.units_as(Role.CLERK, Role.LEADER) | archive_units(request.user)
    found = Organization.objects.filter(pk__in=ids, agency=F("pk")).order_by("name")
    agencies = list(found[:300])
    return agencies if len(agencies) > 1 else []


def _posted(span: Span, agency: Organization) -> list[tuple[str, Any]]:
    """The same span as hidden inputs of a form."""
    return [
        ("co-quan", agency.pk),
        ("so", WORDS[str(span.kind)]),
        ("nam", span.year),
        ("day-so", span.series),
        ("tu", registers.plain_day(span.since)),
        ("den", registers.plain_day(span.until)),
    ]


# --- print and file --------------------------------------------------------------------------------------------


@staff_only
@require_POST
def print_register(request: HttpRequest) -> HttpResponse:
    agency = agency_of(request)
    span = span_of(request, agency)
    try:
        job = acts.request_print(span, actor=request.user)
    except RuleError as error:
        messages.error(request, str(error))
        return redirect(reverse("documents:registers") + _address(span, agency))
    return redirect("documents:register_print", job.pk)


def _job(request: HttpRequest, job_id: int) -> Job:
    return get_object_or_404(
        Job.objects.select_related("artefact"), pk=job_id, kind=acts.PRINT, owner=request.user
    )


@staff_only
def register_print(request: HttpRequest, job_id: int) -> HttpResponse:
    job = _job(request, job_id)
    return render(request, "documents/registers/print.html", {"job": job})


@staff_only
def register_print_file(request: HttpRequest, job_id: int) -> HttpResponseBase:
    job = _job(request, job_id)
    if job.artefact is None or not rules.sees_books(request.user, job.params["agency"]):
        raise Http404
    return pages.deliver(
        request, job.artefact, name=f"so-{WORDS[job.params['kind']]}-{job.params['year']}.pdf"
    )


class _Echo(io.TextIOBase):
    def write(self, value: str) -> str:  # type: ignore[override]
        return value


@staff_only
def register_file(request: HttpRequest) -> HttpResponseBase:
    """The whole register as CSV, with the mark by which spreadsheets know UTF-8."""
    agency = agency_of(request)
    span = span_of(request, agency)
    audit.record("register.export", actor=request.user, subject=agency, detail=acts.words_of(span))
    writer = csv.writer(_Echo(), delimiter=";")

    def lines() -> Any:
        heads = [str(words) for words, _width in registers.COLUMNS[span.kind]]
        yield "\ufeff" + writer.writerow(heads)
        for batch in registers.batches(span):
            for row in batch:
                yield writer.writerow([_plain(cell) for cell in row.cells])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="so-{WORDS[str(span.kind)]}-{span.year}.csv"'
    return answer


def _plain(cell: str) -> str:
    """A spreadsheet must not run what somebody wrote into a title."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t"} else cell


# --- close -----------------------------------------------------------------------------------------------------


@staff_only
def close_register(request: HttpRequest) -> HttpResponse:
    agency = agency_of(request)
    if not rules.closes_books(request.user, agency.pk):
        raise Http404
    span = span_of(request, agency)
    span = Span(agency.pk, span.kind, span.year, span.series)
    books = RegisterBook.objects.filter(agency=agency, kind=span.kind, year=span.year, series=span.series)
    last = books.order_by("-volume").first()
    form = CloseForm(
        request.POST if request.method == "POST" else None, initial={"volume": last.volume + 1 if last else 1}
    )
    year_over = timezone.localdate() >= date(span.year, 12, 31)
    if year_over:
        form.fields["final"].help_text = _("Không cấp thêm số nào của năm %(year)s nữa.") % {
            "year": span.year
        }
    else:
        del form.fields["final"]
    if request.method == "POST" and form.is_valid():
        try:
            book = acts.close_book(
                agency,
                kind=span.kind,
                year=span.year,
                series=span.series,
                volume=form.cleaned_data["volume"],
                final=form.cleaned_data.get("final", False),
                actor=request.user,
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("Đã khóa %(book)s, quyển số %(n)s.") % {"book": book, "n": book.volume}
            )
            return redirect("documents:register_book", book.pk)
    home = _home(request)
    facts = [
        (_("Cơ quan"), agency.name),
        (_("Sổ"), f"{BookKind(span.kind).label}{f' – {span.series}' if span.series else ''}"),
        (_("Năm"), span.year),
        (
            _("Khóa từ"),
            _("sau quyển số %(n)s, đến hết số đã cấp hôm nay") % {"n": last.volume}
            if last
            else _("số đầu năm đến số đã cấp hôm nay"),
        ),
    ]
    context = {
        "form": form,
        "facts": facts,
        "posted": _posted(span, agency),
        "back_url": reverse("documents:registers") + _address(span, agency, home),
        "kind_words": BookKind(span.kind).label,
    }
    return render(request, "documents/registers/close.html", context)


@staff_only
def register_books(request: HttpRequest) -> HttpResponse:
    found = RegisterBook.objects.filter(rules.books_visible(request.user)).select_related("agency", "printed")
    before = _number(request.GET.get("truoc"))
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: registers.PAGE + 1])
    more, rows = len(rows) > registers.PAGE, rows[: registers.PAGE]
    context = {"books": rows, "older_url": f"?truoc={rows[-1].pk}" if more else ""}
    return render(request, "documents/registers/books.html", context)


def _book(request: HttpRequest, book_id: int) -> RegisterBook:
    found = RegisterBook.objects.filter(rules.books_visible(request.user))
    return get_object_or_404(
        found.select_related("agency", "printed", "frozen", "signature_request"), pk=book_id
    )


@staff_only
def register_book(request: HttpRequest, book_id: int) -> HttpResponse:
    book = _book(request, book_id)
    file_url = reverse("documents:register_book_file", args=[book.pk])
    state = book.signature_request.state if book.signature_request else ""
    is_signing = state in OPEN_STATES
    context = {
        "book": book,
        "file_url": file_url,
        "pages": pages.addresses(book.printed, file_url)[:6],
        "numbers": [
            (registers.series_name(key) or _("Số đến"), first, last)
            for key, (first, last) in sorted(book.spans.items())
        ],
        "may_seal": book.printed is not None
        and book.sealed_at is None
        and not is_signing
        and rules.closes_books(request.user, book.agency_id),
        "is_signing": is_signing and book.sealed_at is None,
        "has_failed": state == RequestState.FAILED,
        "waits": book.printed is None or (is_signing and book.sealed_at is None),
    }
    return render(request, "documents/registers/book.html", context)


@staff_only
def register_book_file(request: HttpRequest, book_id: int) -> HttpResponseBase:
    book = _book(request, book_id)
    if book.printed is None:
        raise Http404
    return pages.deliver(
        request, book.printed, name=f"so-{WORDS[book.kind]}-{book.year}-quyen-{book.volume}.pdf"
    )


@staff_only
@step_up_required
def seal_register(request: HttpRequest, book_id: int) -> HttpResponse:
    book = _book(request, book_id)
    if not rules.closes_books(request.user, book.agency_id):
        raise Http404
    form = PinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            pin = form.cleaned_data["pin"]
            authorisation = papers.authorise(papers.agency_key(book.agency), pin, actor=request.user)
            acts.seal_book(book.pk, actor=request.user, authorisation=authorisation)
        except (signing.WrongPin, signing.KeyLocked, signing.CertificateProblem, RuleError) as error:
            form.add_error("pin", ValidationError(str(error)))
        else:
            messages.success(request, _("Đang ký số sổ. Trang này cho biết khi xong."))
            return redirect("documents:register_book", book.pk)
    context = {"form": form, "book": book}
    return render(request, "documents/registers/seal.html", context)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0


def _day(text: str | None) -> date | None:
    try:
        return DateField(required=False).clean((text or "").replace("\x00", ""))
    except ValidationError:
        return None
