"""Public pages about what can be done and where: home, procedures, communes."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from onecase import communes, figures, procedure_page, search
from onecase.citizen_forms import LookUpForm
from onecase.models import Procedure
from org import services as org
from org.choices import OrganizationKind
from org.models import Organization

POPULAR = (gettext_lazy("khai sinh"), gettext_lazy("tạm trú"), gettext_lazy("cấp phép xây dựng"))


def _hints() -> list[tuple[str, str]]:
    return [(str(words), f"{reverse('onecase:procedures')}?q={words}") for words in POPULAR]


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    asked = request.GET.get("xa", "")
    return render(
        request,
        "onecase/home.html",
        {
            "hints": _hints(),
            "look_up": LookUpForm(),
            "events": search.ON_HOME,
            "count": Procedure.objects.published().count(),
            "figures": figures.of_home(now),
            "answer": communes.ask(asked) if asked else None,
            "days_off": procedure_page.days_off(now),
            "opening": procedure_page.opening(None, now),
        },
    )


@require_GET
def procedures(request: HttpRequest) -> HttpResponse:
    field_of, event_of = request.GET.get("linh-vuc", "")[:80], request.GET.get("doi-song", "")[:40]
    found = search.find(request.GET.get("q", ""), field_of=field_of, event=event_of)
    event = search.life_event(event_of)
    return render(
        request,
        "onecase/citizen/procedures.html",
        {
            "found": found,
            "field_of": field_of,
            "event": event,
            "hints": _hints(),
            "field_name": next((name for slug, name, _count in found.fields if slug == field_of), ""),
            "rows": [(row, procedure_page.short_name(row.name)) for row in found.procedures],
        },
    )


@require_GET
def procedure(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Procedure.objects.published(), slug=slug)
    for_staff = request.user.is_authenticated and bool(request.user.hats)
    page = procedure_page.of(found, for_staff=for_staff)
    counter = None
    if not page.is_of_commune and not page.is_outside:
        agency = Organization.objects.valid_on().filter(slug=found.decided_by).first()
        counter = org.counter_of(agency) if agency else None
    crumbs = [
        (_("Trang đầu"), "/"),
        (_("Thủ tục"), reverse("onecase:procedures")),
        (found.field, f"{reverse('onecase:procedures')}?linh-vuc={search.field_slug(found.field)}"),
    ]
    return render(
        request,
        "onecase/citizen/procedure.html",
        {
            "page": page,
            "procedure": found,
            "crumbs": crumbs,
            "counter": counter,
            "opening": procedure_page.opening(counter.pk if counter else None, timezone.now()),
            "portal": procedure_page.NATIONAL_PORTAL,
        },
    )


@require_GET
def commune_list(request: HttpRequest) -> HttpResponse:
    """The 114 units, and an answer to an old name."""
    asked = request.GET.get("xa", "")
    units = communes.current()
    answer = communes.ask(asked) if asked else None
    if answer and len(answer.findings) == 1 and answer.findings[0].is_current:
        return redirect("onecase:commune", code=answer.findings[0].unit.code)
    groups: dict[str, list[object]] = {}
    for unit in units:
        groups.setdefault(unit.get_kind_display(), []).append(unit)
    return render(
        request,
        "onecase/citizen/communes.html",
        {"groups": groups, "count": len(units), "answer": answer, "asked": asked},
    )


@require_GET
def commune(request: HttpRequest, code: str) -> HttpResponse:
    unit = next((known for known in communes.current() if known.code == code), None)
    if unit is None:
        raise Http404
    agency = next(iter(communes.committees([unit])), None)
    counter = (
        Organization.objects.valid_on().filter(agency=agency, kind=OrganizationKind.ADMIN_UNIT).first()
        if agency
        else None
    )
    return render(
        request,
        "onecase/citizen/commune.html",
        {
            "unit": unit,
            "agency": agency,
            "counter": counter,
            "past": communes.with_past(unit),
            "opening": procedure_page.opening(counter.pk if counter else None, timezone.now()),
            "crumbs": [(_("Trang đầu"), "/"), (_("Xã, phường, đặc khu"), reverse("onecase:communes"))],
        },
    )
