"""What is late, where, since when: for an agency, for a unit, for the city. Every number opens its list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import duechip
from core.office_calendar import Calendars
from documents import figures, links
from documents.choices import DocumentStatus
from documents.models import DispatchRecipient, Document
from documents.views.doors import staff_only
from org import tree
from org.choices import Role

PAGE = 50
GROUPS: Final = {
    "qua-han": ("late", gettext_lazy("quá hạn")),
    "sap-han": ("soon", gettext_lazy("sắp đến hạn (trong một ngày làm việc)")),
    "trong-han": ("on_time", gettext_lazy("còn hạn hoặc không đặt hạn")),
    "da-xong": ("done", gettext_lazy("đã xong trong 30 ngày")),
}


@dataclass
class Scope:
    """Whose work is looked at."""

    agency: tree.Node
    units: dict[int, tree.Node]
    agencies: list[tree.Node]  # others to choose from
    is_own: bool  # this hat may read the records behind the numbers
    is_whole: bool  # the agency as a whole, not only some of its units


def _scope(request: HttpRequest) -> Scope:
    """`co-quan` in the address: an agency that this hat serves, or one under it (figures only)."""
    user, nodes = request.user, tree.today()
    served = figures.agencies_of(user)
    below = [one for agency in served[:1] for one in figures.agencies_below(agency.id)]
    asked = request.GET.get("co-quan", "")
    if asked.isdecimal() and len(asked) < 19:
        found = next((one for one in [*served, *below] if one.id == int(asked)), None)
        if found is None:
            raise Http404
        own = found.id in user.units_as(Role.CLERK, Role.LEADER)
        return Scope(found, figures.parts_of(found.id), served, own, True)
    if served:
        return Scope(served[0], figures.parts_of(served[0].id), served, True, True)
    headed = {pk: node for pk in user.units_as(Role.UNIT_HEAD) if (node := nodes.node(pk))}
    if not headed:
        raise Http404
    home = next(iter(headed.values()))
    agency = nodes.node(home.agency_id) or home
    return Scope(agency, headed, [], True, False)


@staff_only
def dashboard(request: HttpRequest) -> HttpResponse:
    scope, now = _scope(request), timezone.now()
    soon = figures.soon_until(now, scope.agency.id)
    lines = figures.lines(scope.units, now, soon)
    home = scope.agencies[0].id if scope.agencies else scope.agency.id
    below = figures.agencies_below(scope.agency.id) if scope.is_whole else []
    unopened = figures.unopened_by_unit(scope.agency.id) if scope.is_whole else []
    months = figures.months(scope.agency.id, timezone.localdate()) if scope.is_whole else []
    tallest = max([month.received for month in months] + [month.sent for month in months] + [1])
    context = {
        "scope": scope,
        "suffix": f"&co-quan={scope.agency.id}" if scope.agency.id != home else "",
        "lines": _bars(lines),
        "totals": {name: sum(getattr(line, name) for line in lines) for name in figures.GROUPS},
        "late": _late(request, scope, now, soon) if scope.is_own else [],
        "months": [
            {
                "month": month,
                "x": 20 + n * 44,
                "received_h": round(90 * month.received / tallest),
                "received_y": 100 - round(90 * month.received / tallest),
                "sent_h": round(90 * month.sent / tallest),
                "sent_y": 100 - round(90 * month.sent / tallest),
            }
            for n, month in enumerate(months)
        ],
        "steps": figures.steps(scope.agency.id) if scope.is_whole else [],
        "unopened": unopened[:10],
        "unopened_count": sum(one.count for one in unopened),
        "unopened_units": len(unopened),
        "below": _bars(figures.agency_lines(below, now, soon)) if below else [],
    }
    return render(request, "documents/dashboard/dashboard.html", context)


def _bars(lines: list[figures.Line]) -> list[dict[str, Any]]:
    """Widths of a bar of 240, each group beside the former; the longest bar is full."""
    longest = max([line.whole for line in lines] + [1])
    drawn = []
    for line in lines:
        x, parts = 0.0, {}
        for name in figures.GROUPS:
            width = round(240 * getattr(line, name) / longest, 1)
            parts[name] = {"x": x, "w": width}
            x += width
        drawn.append({"line": line, "parts": parts})
    return drawn


def _late(request: HttpRequest, scope: Scope, now: datetime, soon: datetime) -> list[dict[str, Any]]:
    tasks = figures.in_group(
        figures.tasks_for(request.user).work().filter(unit__in=list(scope.units)), "late", now, soon
    )
    return _shown(list(_beside(tasks).order_by("due_at", "pk")[:8]), now)


def _beside(tasks: Any) -> Any:
    return tasks.select_related("incoming", "unit", "person").defer("incoming__report")


def _shown(tasks: list[Any], now: datetime) -> list[dict[str, Any]]:
    calendars = Calendars()
    return [
        {
            "task": task,
            "href": links.incoming(task.incoming_id),
            "chip": duechip.chip(
                due_at=task.due_at,
                now=now,
                started_at=task.created_at,
                calendar=calendars.of(task.incoming.agency_id),
                finished_at=task.done_at,
            ),
        }
        for task in tasks
    ]


@staff_only
def tasks(request: HttpRequest) -> HttpResponse:
    """The tasks behind one number: group and unit in the address, pages by due time."""
    scope, now = _scope(request), timezone.now()
    if not scope.is_own:
        raise Http404
    key = request.GET.get("nhom", "qua-han")
    group, words = GROUPS.get(key, GROUPS["qua-han"])
    unit = request.GET.get("don-vi", "")
    units = [int(unit)] if unit.isdecimal() and int(unit) in scope.units else list(scope.units)
    soon = figures.soon_until(now, scope.agency.id)
    found = figures.in_group(figures.tasks_for(request.user).work().filter(unit__in=units), group, now, soon)
    after = request.GET.get("sau", "")
    if after.isdecimal() and len(after) < 19:
        found = found.filter(pk__lt=int(after))
    rows = list(_beside(found).order_by("-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    context = {
        "scope": scope,
        "rows": _shown(rows, now),
        "words": words,
        "key": key,
        "unit": scope.units[units[0]] if len(units) == 1 else None,
        "groups": [(name, label) for name, (_field, label) in GROUPS.items()],
        "older_url": f"?nhom={key}&don-vi={unit}&co-quan={scope.agency.id}&sau={rows[-1].pk}" if more else "",
    }
    return render(request, "documents/dashboard/tasks.html", context)


@staff_only
def waiting(request: HttpRequest) -> HttpResponse:
    """Papers on their way out: at which step each stands, and since when."""
    scope = _scope(request)
    if not scope.is_own:
        raise Http404
    status = request.GET.get("buoc", "")
    found = figures.waiting(scope.agency.id).filter(pk__in=Document.objects.visible_to(request.user))
    if status in figures.STEPS:
        found = found.filter(status=status)
    after = request.GET.get("sau", "")
    if after.isdecimal() and len(after) < 19:
        found = found.filter(pk__gt=int(after))
    rows = list(
        found.select_related("unit", "drafter", "type").defer("body_sealed").order_by("pk")[: PAGE + 1]
    )
    more, rows = len(rows) > PAGE, rows[:PAGE]
    since = figures.since_when(rows)
    context = {
        "scope": scope,
        "rows": [
            {"document": one, "href": links.outgoing(one.pk), "since": since.get(one.pk, one.created_at)}
            for one in rows
        ],
        "step": DocumentStatus(status).label if status in figures.STEPS else "",
        "older_url": f"?buoc={status}&co-quan={scope.agency.id}&sau={rows[-1].pk}" if more else "",
    }
    return render(request, "documents/dashboard/waiting.html", context)


@staff_only
def unopened(request: HttpRequest) -> HttpResponse:
    """«Ai chưa mở» over all dispatches of the agency: by unit, by dispatch, or the rows of one unit."""
    scope = _scope(request)
    if not (scope.is_own and scope.is_whole):
        raise Http404
    context: dict[str, Any] = {"scope": scope}
    unit, dispatch = request.GET.get("don-vi", ""), request.GET.get("lan-gui", "")
    if unit.isdecimal() or dispatch.isdecimal():
        found = figures.unopened(scope.agency.id).select_related("dispatch__document", "unit")
        wanted = Q(unit=int(unit)) if unit.isdecimal() else Q(dispatch=int(dispatch))
        after = request.GET.get("sau", "")
        if after.isdecimal() and len(after) < 19:
            wanted &= Q(pk__gt=int(after))
        rows = list(found.filter(wanted).order_by("pk")[: PAGE + 1])
        more, rows = len(rows) > PAGE, rows[:PAGE]
        context |= {
            "rows": rows,
            "of": _of(rows, by_unit=unit.isdecimal()),
            "outgoing": links.OUTGOING,
            "older_url": f"?don-vi={unit}&lan-gui={dispatch}&co-quan={scope.agency.id}&sau={rows[-1].pk}"
            if more
            else "",
        }
        return render(request, "documents/dashboard/unopened_rows.html", context)
    context |= {
        "units": figures.unopened_by_unit(scope.agency.id),
        "dispatches": figures.unopened_by_dispatch(scope.agency.id),
    }
    return render(request, "documents/dashboard/unopened.html", context)


def _of(rows: list[DispatchRecipient], *, by_unit: bool) -> str:
    if not rows:
        return _("không còn nơi nào chưa mở")
    return rows[0].name_printed if by_unit else rows[0].dispatch.document.title
