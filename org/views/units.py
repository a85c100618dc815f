"""Pages of units: the public list, an organization or a territory through time; the staff's tree of any day."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core import audit
from core.opening import opening
from core.search import alphabetical, fold
from core.templatetags.ui import first_existing
from org import places, services, tree, unit_page
from org.choices import OrganizationKind, UnitKind
from org.models import AdminUnit, AdminUnitSuccession, Organization
from org.views.doors import staff_only

LISTS: Final = {
    "": gettext_lazy("Theo loại"),
    "dia-ban-cu": gettext_lazy("Quận, huyện cũ"),
    "co-quan": gettext_lazy("Cơ quan"),
}
KINDS: Final = {
    UnitKind.WARD: gettext_lazy("Phường"),
    UnitKind.COMMUNE: gettext_lazy("Xã"),
    UnitKind.SPECIAL_ZONE: gettext_lazy("Đặc khu"),
}
FOUND_AT_MOST: Final = 100
TREES_DRAWN: Final = 8  # today's, and days that somebody leafs through


# --- public -----------------------------------------------------------------------------------------------


@require_safe
def units(request: HttpRequest) -> HttpResponse:
    """Communes by kind or by the district of before, the agencies of the city; any name, old or new, leads on."""
    asked = (request.GET.get("q") or request.GET.get("xa") or "").strip()[:100]
    shown = request.GET.get("xem", "")
    shown = shown if shown in LISTS else ""
    answer = places.ask(asked) if asked else None
    agencies = places.agencies_called(asked) if asked else []
    if answer and not agencies and len(answer.findings) == 1 and answer.findings[0].is_current:
        return redirect(answer.findings[0].url)
    context: dict[str, Any] = {
        "asked": asked,
        "answer": answer,
        "agencies": agencies,
        "lists": [(key, words) for key, words in LISTS.items()],
        "shown": shown,
    }
    if shown == "dia-ban-cu":
        context["provinces"] = _by_former_district()
    elif shown == "co-quan":
        context["agency_groups"] = _city_agencies()
    else:
        communes = places.current()
        address = places.urls(communes)
        context["kinds"] = [
            (words, [(unit, address[unit.pk]) for unit in communes if unit.kind == kind])
            for kind, words in KINDS.items()
        ]
        context["count"] = len(communes)
    return render(request, "org/units.html", context)


def _by_former_district() -> list[tuple[str, list[tuple[AdminUnit, str, list[tuple[AdminUnit, str, bool]]]]]]:
    """Former province → former district → communes of today on its ground; a commune may stand under several."""
    links = AdminUnitSuccession.objects.filter(
        new__in=AdminUnit.objects.valid_on().filter(level=3)
    ).select_related("new", "old__parent")
    inside: dict[AdminUnit, dict[AdminUnit, bool]] = {}
    for link in links:
        district = link.old if link.old.level == 2 else link.old.parent
        if district is not None and district.level == 2:
            inside.setdefault(district, {}).setdefault(link.new, True)
    address = places.urls({unit for communes in inside.values() for unit in communes} | set(inside))
    spread = {commune: 0 for communes in inside.values() for commune in communes}
    for communes in inside.values():
        for commune in communes:
            spread[commune] += 1
    provinces: dict[str, list[Any]] = {}
    for district in sorted(inside, key=lambda unit: alphabetical(unit.name)):
        rows = [
            (commune, address[commune.pk], spread[commune] > 1)
            for commune in sorted(inside[district], key=lambda unit: alphabetical(unit.name))
        ]
        provinces.setdefault(district.former_province, []).append((district, address[district.pk], rows))
    return sorted(provinces.items())


def _city_agencies() -> list[tuple[str, list[tree.Node]]]:
    """Agencies of the city that are there today, by kind."""
    city = set(AdminUnit.objects.valid_on().filter(level=1).values_list("pk", flat=True))
    own = [node for node in tree.today() if node.territory_id in city and node.agency_id == node.id]
    groups: dict[str, list[tree.Node]] = {}
    for node in unit_page.in_order(own):
        groups.setdefault(str(OrganizationKind(node.kind).label), []).append(node)
    return list(groups.items())


@require_safe
def unit(request: HttpRequest, slug: str) -> HttpResponse:
    """`ubnd-quan-le-chan` is the authority, `quan-le-chan` its territory; a bare statistics code leads to its unit."""
    if slug.isdecimal():
        return redirect(_url_of_code(slug), permanent=False)
    found = Organization.objects.filter(slug__in=[slug, f"ubnd-{slug}"]).select_related("territory", "agency")
    by_slug = {row.slug: row for row in found}
    if slug in by_slug:
        return _organization(request, by_slug[slug])
    committee = by_slug.get(f"ubnd-{slug}")
    states = unit_page.states_of(committee) if committee else []
    if not states:  # several bore the name: their addresses carry code and year
        name = slug.replace("-", " ")
        if not AdminUnit.objects.filter(folded=name, level__gt=1).exists():
            raise Http404
        return redirect(f"{reverse('org:units')}?{urlencode({'q': name})}")
    return _place(request, unit_page.of_place(states, committee))


@require_safe
def territory(request: HttpRequest, code: str, since: str) -> HttpResponse:
    """One state of a territory, by its code and first day. Where it has a page of its own name, that one."""
    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise Http404 from None
    found = get_object_or_404(AdminUnit.objects.select_related("parent__parent"), code=code, valid_from=day)
    address = places.urls([found])[found.pk]
    if address != request.path:
        return redirect(address)
    return _place(request, unit_page.of_place([found]))


def _url_of_code(code: str) -> str:
    """Addresses of before were codes: the unit that bears it today, else the last one that did."""
    lives = AdminUnit.objects.filter(code=code).order_by("-valid_from")
    life = lives.first()
    if life is None:
        raise Http404
    return places.urls([life])[life.pk]


def _place(request: HttpRequest, page: unit_page.PlacePage) -> HttpResponse:
    now = timezone.now()
    counter = services.counter_of(page.committee) if page.is_current and page.committee else None
    return render(
        request,
        "org/place.html",
        {
            "page": page,
            "counter": counter,
            "opening": opening(counter.pk, now) if counter else None,
            "procedures_url": first_existing("/thu-tuc/"),
            "crumbs": [(_("Trang đầu"), "/"), (_("Đơn vị"), reverse("org:units"))],
        },
    )


def _organization(request: HttpRequest, found: Organization) -> HttpResponse:
    page, now = unit_page.of_organization(found), timezone.now()
    counter = services.counter_of(found) if page.is_current and found.agency_id == found.pk else None
    crumbs = [(_("Trang đầu"), "/"), (_("Đơn vị"), reverse("org:units"))]
    crumbs += [(node.name, reverse("org:unit", args=[node.slug])) for node in page.path]
    return render(
        request,
        "org/unit.html",
        {
            "page": page,
            "unit": found,
            "counter": counter,
            "opening": opening(counter.pk, now) if counter else None,
            "procedures_url": first_existing("/thu-tuc/"),
            "crumbs": crumbs,
        },
    )


# --- staff ------------------------------------------------------------------------------------------------


@staff_only
@require_safe
def staff_units(request: HttpRequest) -> HttpResponse:
    """The tree of any day; with words the units of that day which bear them, with their path."""
    typed = request.GET.get("ngay", "").strip()
    day, error = _day(typed)
    asked = request.GET.get("q", "").strip()[:100]
    found = tree.as_of(day)
    context: dict[str, Any] = {
        "typed": typed or f"{day:%d/%m/%Y}",
        "day": day,
        "error": error,
        "is_today": day == timezone.localdate(),
        "asked": asked,
        "count": len(found),
    }
    if asked:
        hits = _called(found, asked)
        context |= {
            "hits": [(node, found.path(node.id)[:-1]) for node in hits[:FOUND_AT_MOST]],
            "hit_count": len(hits),
            "findings": [f for f in places.ask(asked).findings if not f.is_current],
            "agencies": [f for f in places.agencies_called(asked) if f.until],
        }
    else:
        context["drawn"] = _drawn(found) if len(found) else ""
    return render(request, "org/staff_units.html", context)


@lru_cache(maxsize=TREES_DRAWN)
def _drawn(found: tree.Tree) -> SafeString:
    """Eight hundred lines take a quarter of a second; a tree does not change, another one takes its place."""
    return render_to_string("org/_unit_tree.html", {"groups": unit_page.groups_of(found)})


def _called(found: tree.Tree, asked: str) -> list[tree.Node]:
    words = fold(asked).split()
    hits = []
    for node in found:
        spoken = fold(f"{node.name} {node.short_name} {node.symbol}")
        if all(word in spoken for word in words):
            hits.append(node)
    return sorted(hits, key=lambda node: (fold(asked) not in fold(node.name), alphabetical(node.name)))


def _day(typed: str) -> tuple[date, str]:
    """The day asked for, or today with what is wrong about the words."""
    today = timezone.localdate()
    if not typed:
        return today, ""
    for shape in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(typed, shape).date(), ""  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return today, _("Không đọc được ngày «%(typed)s». Nhập như 30/06/2025.") % {"typed": typed[:20]}


@staff_only
@require_safe
def staff_unit(request: HttpRequest, slug: str) -> HttpResponse:
    """Facts, identifiers in every notation, versions, successions, people of today, the trail."""
    found = get_object_or_404(Organization.objects.select_related("territory", "agency", "parent"), slug=slug)
    page = unit_page.of_organization(found)
    people = unit_page.people_at(found) if page.is_current else []
    return render(
        request,
        "org/staff_unit.html",
        {
            "page": page,
            "unit": found,
            "people": people,
            "takings": unit_page.takings_from(found),
            "events": [
                {
                    "title": audit.SENTENCES.get(event.event, event.event),
                    "at": event.at,
                    "who": event.actor_name,
                    "post": event.post_name,
                    "detail": event.after,
                }
                for event in audit.trail(found).reverse()[:20]
            ],
            "rights_url": reverse("org:unit_rights", args=[found.slug]),
            "directory_url": f"{reverse('org:directory')}?don-vi={found.slug}",
            "crumbs": [(_("Cây đơn vị"), reverse("org:staff_units"))]
            + [(node.name, reverse("org:staff_unit", args=[node.slug])) for node in page.path],
        },
    )
