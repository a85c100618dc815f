"""Public pages about what can be done and where: home, procedures, communes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core.opening import opening
from onecase import figures, procedure_page, search
from onecase.citizen_forms import LookUpForm
from onecase.models import Procedure
from org import places
from org import services as org
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
            "answer": places.ask(asked) if asked else None,
            "days_off": procedure_page.days_off(now),
            "opening": opening(None, now),
        },
    )


@require_GET
def procedures(request: HttpRequest) -> HttpResponse:
    field_of, event_of = request.GET.get("linh-vuc", "")[:80], request.GET.get("doi-song", "")[:40]
    found = search.find(request.GET.get("q", ""), field_of=field_of, event=event_of)
    event = search.life_event(event_of)
    asked = request.GET.get("q", "")
    return render(
        request,
        "onecase/citizen/procedures.html",
        {
            "found": found,
            "places": places.named_in_question(asked) if asked else [],
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
            "opening": opening(counter.pk if counter else None, timezone.now()),
            "portal": procedure_page.NATIONAL_PORTAL,
        },
    )
