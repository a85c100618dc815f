"""The list of cases: filters in the address, keyset pages, the same few queries whatever the number of rows.

Long lists are drawn by the second template engine, a tenth of the time that the first one takes, and a row is a
pure function of its values and of the minute, so that a row drawn once is not drawn again.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.templatetags.static import static
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.calendar import WorkingCalendar
from core.office_calendar import Calendars
from core.templatetags.ui import chip_icon
from onecase import clock, lists, procedure_page, reading
from onecase.choices import STATUS_SHAPE, BusinessStatus, Channel
from onecase.models import Case
from onecase.views.doors import page, staff_only
from org import places
from org.powers import archive_units


class Row(NamedTuple):
    """All that one row shows. The columns of the query, in this order, with its own total behind them."""

    id: int
    code: str
    owner_name: str
    agency_id: int
    business_status: str
    channel: str
    submitted_at: datetime | None
    received_at: datetime | None
    due_at: datetime | None
    finished_at: datetime | None
    paused_since: datetime | None
    procedure_id: int
    handler__full_name: str | None


SHAPES: Final = {str(status): STATUS_SHAPE.get(status, "half") for status in BusinessStatus}
ROWS_KEPT: Final = 2000  # of all clerks whom this process serves


@staff_only
def cases(request: HttpRequest) -> HttpResponse:
    now, wanted = timezone.now().replace(second=0, microsecond=0), lists.Filter.read(request.GET)
    served = Case.objects.archived if wanted.archive else Case.objects.at_work
    found = lists.narrowed(served(request.user), wanted, user=request.user, now=now)
    rows = (
        found.with_pause_start()
        .annotate(total=lists.CappedCount(found))
        .values_list(*Row._fields, "total", named=True)
    )
    shown = lists.page_of(rows, older_than=_id(request, "truoc"), newer_than=_id(request, "sau"))
    total = shown.rows[0].total if shown.rows else 0
    count_words = _count_words(total)
    if wanted.text:
        reading.note_search(request.user, wanted.text, total)
    context = {
        "sentence": _drawn(
            "onecase/staff/_case_filters.jinja",
            _sentence(wanted, has_archive=bool(archive_units(request.user))) | {"count_words": count_words},
        ),
        "rows": _rows(shown.rows, now),
        "wanted": wanted,
        "places": places.named_in_question(wanted.text) if wanted.text else [],
        "agencies": places.former_agencies_in_question(wanted.text),
        "count_words": count_words,
        "older_url": wanted.address(truoc=shown.older) if shown.older else "",
        "newer_url": wanted.address(sau=shown.newer) if shown.newer else "",
    }
    return page(request, "onecase/staff/cases.html", context)


# --- rows ---------------------------------------------------------------------------------------------------


def _rows(rows: list[Any], now: datetime) -> SafeString:
    calendars = Calendars()
    return mark_safe("".join(_row(row[:-1], calendars.of(row.agency_id), now) for row in rows))  # noqa: S308 - drawn


@lru_cache(maxsize=ROWS_KEPT)
def _row(values: tuple[Any, ...], working: WorkingCalendar, now: datetime) -> str:
    """One line of the table. `values` as in Row; the engine escapes every one of them."""
    row = Row(*values)
    chip = clock.chip_of(
        cast(Case, row), now=now, working=working, paused_since=row.paused_since or row.received_at
    )
    submitted = timezone.localtime(row.submitted_at) if row.submitted_at else None
    context = {
        "row": row,
        "procedure": procedure_page.brief_name(lists.procedure_name(row.procedure_id)),
        "day": f"{submitted:%d/%m/%Y}" if submitted else "",
        "hour": f"{submitted:%H:%M}" if submitted else "",
        "way": Channel(row.channel).label,
        "status": BusinessStatus(row.business_status).label,
        "shape": SHAPES[row.business_status],
        "chip": chip,
        "chip_icon": chip_icon(chip),
        "nobody": _("chưa giao"),
        "heads": {
            "procedure": _("Thủ tục"),
            "day": _("Nộp lúc"),
            "status": _("Trạng thái"),
            "handler": _("Thụ lý"),
            "due": _("Hạn"),
        },
    }
    return _drawn("onecase/staff/_case_row.jinja", context)


def _drawn(template: str, context: dict[str, Any]) -> SafeString:
    drawn = engines["rows"].get_template(template).render({**context, "sprite": static("img/icons.svg")})
    return mark_safe(drawn)  # noqa: S308 - the engine escapes every value


# --- the filter sentence ------------------------------------------------------------------------------------


def _sentence(wanted: lists.Filter, *, has_archive: bool) -> dict[str, Any]:
    """«Hồ sơ [mọi trạng thái] [mọi thời hạn] …»: what each bracket says now, and where its other words lead.

    The last bracket is a small form: procedure, days, text. `kept` carries the others along.
    """
    since, until = (f"{day:%d/%m/%Y}" if day else "" for day in (wanted.since, wanted.until))
    procedures = lists.procedures().values()
    parts = [next((one.name for one in procedures if one.code == wanted.procedure), "")]
    if since or until:
        parts.append(
            _("nộp từ %(since)s đến %(until)s") % {"since": since or "…", "until": until or _("nay")}
        )
    if wanted.text:
        parts.append(f"«{wanted.text}»")
    kept = [
        ("nhom", wanted.group),
        ("han", wanted.due),
        ("kenh", wanted.channel),
        ("nguoi", wanted.handler),
        ("kho", wanted.archive),
    ]
    return {
        "brackets": _brackets(wanted, has_archive=has_archive),
        "more_words": ", ".join(part for part in parts if part) or _("mọi thủ tục, mọi ngày nộp"),
        "kept": [(name, value) for name, value in kept if value],
        "procedures": procedures,
        "chosen": wanted.procedure,
        "fields": [
            ("loc-tu", "tu", _("Nộp từ ngày"), since, 12, "01/11/2026"),
            ("loc-den", "den", _("đến ngày"), until, 12, "30/11/2026"),
            (
                "loc-q",
                "q",
                _("Mã hồ sơ (cả mã hay đoạn cuối), đầu họ tên, thủ tục, số điện thoại"),
                wanted.text,
                24,
                "",
            ),
        ],
        "all_url": "" if wanted.is_empty else "?",
        "words": {
            "cases": _("Hồ sơ"),
            "procedure": _("Thủ tục"),
            "any_procedure": _("mọi thủ tục"),
            "filter": _("Lọc"),
            "clear": _("Bỏ lọc"),
        },
    }


def _brackets(wanted: lists.Filter, *, has_archive: bool) -> list[dict[str, Any]]:
    groups = {key: words for key, (words, _statuses) in lists.GROUPS.items()}
    parts = [
        ("group", "nhom", groups, _("mọi trạng thái")),
        ("due", "han", lists.DUE, _("mọi thời hạn")),
        ("channel", "kenh", lists.CHANNELS, _("mọi cách nộp")),
        ("handler", "nguoi", lists.HANDLERS, _("mọi người thụ lý")),
    ]
    if has_archive or wanted.archive:
        parts.append(("archive", "kho", lists.ARCHIVES, _("của cơ quan hiện nay")))
    found = []
    for field, name, options, blank in parts:
        current, rest = getattr(wanted, field), wanted.without(field).address()
        lead = f"{rest}&" if len(rest) > 1 else rest
        found.append(
            {
                "words": options[current] if current else blank,
                "blank": blank,
                "clear": rest,
                "current": current,
                "options": [(words, f"{lead}{name}={key}", key == current) for key, words in options.items()],
            }
        )
    return found


def _count_words(count: int) -> str:
    if count > lists.COUNT_UP_TO:
        return _("hơn 1.000 hồ sơ")
    return _("%(count)s hồ sơ") % {"count": f"{count:,}".replace(",", ".")}


def _id(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else None
