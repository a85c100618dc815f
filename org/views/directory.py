"""The staff directory: list, telephone list on paper, one person, and the files for the mail server."""

from datetime import date, timedelta
from typing import Any, Final, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST, require_safe

from core.search import alphabetical
from org import directory, directory_export, succession, tree
from org.choices import OrganizationKind, UnitKind
from org.models import AdminUnit, Assignment, DirectoryLine, Organization, OrgVersion, Person, User
from org.views.doors import staff_only

KINDS = {
    "ldif": ("text/ldif; charset=utf-8", "danh-ba.ldif"),
    "csv": ("text/csv; charset=utf-8", "danh-ba.csv"),
}
# Heads of the groups in which units are offered.
PLACES: Final = {
    "": _lazy("Thành phố, sở, ngành"),
    UnitKind.WARD: _lazy("Phường"),
    UnitKind.COMMUNE: _lazy("Xã"),
    UnitKind.SPECIAL_ZONE: _lazy("Đặc khu"),
}


@staff_only
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """All who hold a post today, narrowed by words and by a unit with everything below it."""
    wanted, units = directory.Wanted.read(request.GET), tree.today()
    node = _node(units, wanted.unit)
    found = directory.lines(wanted.text, units=units.descendants(node.id) if node else None)
    count = directory.count(found)
    context = {
        "wanted": wanted,
        "count": count,
        "count_words": _count_words(count),
        "card": _card(units, node) if node else None,
        "groups": _unit_options(units, node),
        "may_export": bool(directory.may_export(request.user)),
        "everywhere_url": directory.Wanted(text=wanted.text).address() if node else "?",
    }
    if request.GET.get("in"):
        return render(request, "org/directory_print.html", context | _for_print(found, units, request))
    shown = directory.page_of(found, after=_id(request, "sau"), before=_id(request, "truoc"))
    context |= {
        "entries": shown.entries,
        "next_url": wanted.address(sau=shown.after) if shown.after else "",
        "previous_url": wanted.address(truoc=shown.before) if shown.before else "",
        "print_url": wanted.address(**{"in": 1}) if 0 < count <= directory.PRINTED_AT_MOST else "",
    }
    return render(request, "org/directory.html", context)


@staff_only
@require_safe
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Posts of today, how to reach them, and the posts before, under the names of then."""
    found = get_object_or_404(Person.objects.select_related("user"), pk=person_id)
    today = timezone.localdate()
    posts = list(
        Assignment.objects.filter(person=found)
        .select_related("organization", "position")
        .order_by("-valid_from", "rank", "-id")
    )
    begun = [post for post in posts if post.valid_from <= today]
    if not begun:
        raise Http404
    now = sorted((post for post in begun if _lasts(post, today)), key=lambda post: (post.rank, post.pk))
    entry = directory.Entry(found, now)
    return render(
        request,
        "org/directory_person.html",
        {
            "person": found,
            "entry": entry,
            "posts": [
                (post, directory.post_mailbox(post), tree.today().path(post.organization_id)) for post in now
            ],
            "history": _history(begun, today),
            "crumbs": [(_("Danh bạ"), "/lam-viec/danh-ba/")],
        },
    )


@staff_only
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """LDIF or CSV of the units whose people the present hat administers; a foreign hat finds no such page."""
    user = cast(User, request.user)
    units, kind = directory.may_export(user), request.POST.get("kieu", "")
    if not units or kind not in KINDS:
        raise Http404
    text = directory_export.for_units(kind=kind, units=units, actor=user, unit=user.hat.organization)
    media_type, name = KINDS[kind]
    return HttpResponse(
        text.encode(),
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


# --- the list -------------------------------------------------------------------------------------------------


def _id(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else None


def _node(units: tree.Tree, slug: str) -> tree.Node | None:
    return next((node for node in units if node.slug == slug), None) if slug else None


def _count_words(count: int) -> str:
    if count > directory.COUNT_UP_TO:
        return _("hơn 1.000 người")
    return _("%(count)s người") % {"count": f"{count:,}".replace(",", ".")}


def _unit_options(units: tree.Tree, chosen: tree.Node | None) -> list[tuple[Any, list[tree.Node]]]:
    """Agencies to choose from, by kind of place and in Vietnamese order; their parts are chosen on the unit's card."""
    places = dict(AdminUnit.objects.valid_on().filter(level=3).values_list("pk", "kind"))
    groups: dict[str, list[tree.Node]] = {place: [] for place in PLACES}
    for node in units:
        place = places.get(node.territory_id or 0, "")
        if node.agency_id == node.id and not (place and node.kind != OrganizationKind.COMMITTEE):
            groups[place].append(node)
    offered: list[tuple[Any, list[tree.Node]]] = [
        (PLACES[place], sorted(own, key=lambda node: alphabetical(node.name)))
        for place, own in groups.items()
        if own
    ]
    if chosen is not None and not any(chosen in own for _words, own in offered):
        offered.insert(0, (_("Đang chọn"), [chosen]))
    return offered


def _card(units: tree.Tree, node: tree.Node) -> dict[str, Any]:
    """The unit that the list is narrowed to: where it stands, how to reach it, who heads it, what belongs to it."""
    unit = Organization.objects.get(pk=node.id)
    return {
        "unit": unit,
        "mailbox": directory.unit_mailbox(unit)
        if DirectoryLine.objects.valid_on().filter(organization=unit).exists()
        else "",
        "heads": directory.heads_of(unit),
        "path": units.ancestors(node.id)[::-1],
        "parts": sorted(units.children(node.id), key=lambda part: alphabetical(part.name)),
        "page_url": reverse("org:staff_unit", args=[unit.slug]),
    }


def _for_print(found: Any, units: tree.Tree, request: HttpRequest) -> dict[str, Any]:
    """Everybody of the filter, unit by unit in the order of the tree, heads first."""
    ids = list(found.values_list("person_id", flat=True).distinct()[: directory.PRINTED_AT_MOST])
    by_unit: dict[int, list[tuple[Assignment, directory.Entry]]] = {}
    wanted = set(found.values_list("assignment_id", flat=True)[: 3 * directory.PRINTED_AT_MOST])
    for entry in directory.entries(ids):
        for post in entry.posts:
            if post.pk in wanted:
                by_unit.setdefault(post.organization_id, []).append((post, entry))
    for rows in by_unit.values():
        rows.sort(key=lambda row: (not row[0].position.is_head, row[1].person.sort_key))
    names = {unit_id: " · ".join(node.name for node in units.path(unit_id)[::-1]) for unit_id in by_unit}
    sheets = sorted(by_unit.items(), key=lambda pair: [alphabetical(n.name) for n in units.path(pair[0])])
    return {
        "sheets": [(names[unit_id] or rows[0][0].organization.name, rows) for unit_id, rows in sheets],
        "printed_at": timezone.now(),
        "printed_by": request.user,
    }


# --- one person -----------------------------------------------------------------------------------------------


def _lasts(post: Assignment, today: date) -> bool:
    return post.valid_to is None or post.valid_to > today


def _history(posts: list[Assignment], today: date) -> list[dict[str, Any]]:
    """Every post, newest first, with the name that its unit had at the end of it."""
    versions: dict[int, list[OrgVersion]] = {}
    ids = {post.organization_id for post in posts}
    for version in OrgVersion.objects.filter(organization__in=ids).order_by("valid_from"):
        versions.setdefault(version.organization_id, []).append(version)
    return [
        {
            "post": post,
            "until": post.valid_to - timedelta(days=1) if post.valid_to and post.valid_to <= today else None,
            "unit_name": _name_then(post, versions.get(post.organization_id, []), today),
            "now": _today_of(post.organization, today),
        }
        for post in posts
    ]


def _name_then(post: Assignment, versions: list[OrgVersion], today: date) -> str:
    last = min(post.valid_to - timedelta(days=1), today) if post.valid_to else today
    fitting = [
        one for one in versions if one.valid_from <= last and (one.valid_to is None or one.valid_to > last)
    ]
    return (fitting[0] if fitting else post.organization).name


def _today_of(unit: Organization, today: date) -> str:
    """«nay là …» for a unit that is no more; empty for one that is."""
    if unit.valid_to is None or unit.valid_to > today:
        return ""
    names = Organization.objects.filter(pk__in=[heir.id for heir in succession.heirs(unit.pk)]).values_list(
        "name", flat=True
    )
    return ", ".join(names)
