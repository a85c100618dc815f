"""Intake over the counter: papers and people keyed in, then straight to the case."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import RuleError
from onecase import actions, search
from onecase.models import Procedure
from onecase.staff_forms import IntakeForm
from onecase.views.doors import page, staff_only
from org.choices import OrganizationKind, Role
from org.models import Organization

OF_COMMUNES, OUTSIDE = "ubnd_xa", "ngoai_he_thong"


def counters(user: Any) -> QuerySet[Organization]:
    """The one-stop units at whose counter the present hat serves."""
    return (
        Organization.objects.valid_on()
        .filter(pk__in=user.units_as(Role.COUNTER_OFFICER))
        .select_related("agency")
    )


def agencies_for(procedure: Procedure, counter: Organization) -> QuerySet[Organization]:
    """Who may decide what is handed in here: a commune's counter has one answer, the city's counter may choose."""
    found = Organization.objects.valid_on()
    if procedure.decided_by != OF_COMMUNES:
        return found.filter(slug=procedure.decided_by)
    communes = found.filter(kind=OrganizationKind.COMMITTEE, territory__level=3)
    own = counter.agency
    if (
        own is not None
        and own.kind == OrganizationKind.COMMITTEE
        and own.territory_id
        and own.territory.level == 3
    ):
        return communes.filter(pk=own.pk)
    return communes.order_by("name")


def taken_here(counter: Organization) -> Q:
    """Procedures that this counter can take in."""
    own = counter.agency
    if (
        own is not None
        and own.kind == OrganizationKind.COMMITTEE
        and own.territory_id
        and own.territory.level == 3
    ):
        return Q(decided_by=OF_COMMUNES)
    return ~Q(decided_by=OUTSIDE)


@staff_only
def intake(request: HttpRequest) -> HttpResponse:
    """First the procedure: typed words, or the list."""
    counter = counters(request.user).first()
    if counter is None:
        return not_at_counter(request)
    asked = request.GET.get("q", "").strip()
    here = Procedure.objects.published().filter(taken_here(counter))
    if asked:
        allowed = set(here.values_list("pk", flat=True))
        found = [procedure for procedure in search.find(asked).procedures if procedure.pk in allowed]
    else:
        found = list(here.order_by("field", "name"))
    context = {"q": asked, "procedures": found, "counter": counter}
    return page(request, "onecase/staff/intake.html", context)


@staff_only
def intake_form(request: HttpRequest, slug: str) -> HttpResponse:
    """One form; the same key makes one case, however often the button is pressed."""
    counter = counters(request.user).first()
    if counter is None:
        return not_at_counter(request)
    procedure = get_object_or_404(Procedure.objects.published().filter(taken_here(counter)), slug=slug)
    agencies = agencies_for(procedure, counter)
    posted = request.POST if request.method == "POST" else None
    form = IntakeForm(
        posted, request.FILES if posted is not None else None, procedure=procedure, agencies=agencies
    )
    if posted is not None and form.is_valid():
        try:
            case = _taken_in(form, procedure, request.user)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            _with_scans(request, form, case)
            messages.success(
                request, _("Đã nhập hồ sơ %(code)s. Kiểm tra giấy tờ rồi tiếp nhận.") % {"code": case.code}
            )
            return redirect("onecase:case", code=case.code)
    context = {
        "form": form,
        "procedure": procedure,
        "counter": counter,
        "agency": form.single_agency,
        "crumbs": [(_("Tiếp nhận tại quầy"), reverse("onecase:intake"))],
    }
    return page(request, "onecase/staff/intake_form.html", context)


def _taken_in(form: IntakeForm, procedure: Procedure, actor: Any) -> Any:
    answers = form.cleaned_data
    variant = answers.get("variant")
    return actions.intake(
        actor=actor,
        key=answers["key"],
        procedure=procedure,
        agency_id=answers["agency"].pk,
        channel=answers["channel"],
        owner=form.owner(),
        submitter=form.submitter(),
        authority_note=answers["authority_note"],
        return_way=answers["return_way"],
        procedure_case_id=variant.pk if variant else None,
    )


def _with_scans(request: HttpRequest, form: IntakeForm, case: Any) -> None:
    """Scans and counts once; a scan that the gate refuses is told, the case stands."""
    if case.checks.exists() or case.files.exists():
        return
    for upload, component_id in form.uploads():
        try:
            actions.attach(case.pk, actor=request.user, upload=upload, component_id=component_id)
        except RuleError as error:
            messages.error(request, str(error))
    if checks := form.checks():
        actions.check_components(case.pk, actor=request.user, checks=checks)


def not_at_counter(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("Tiếp nhận hồ sơ là việc của bộ phận Một cửa. Muốn làm, đổi chức vụ."))
    return redirect("onecase:desk")
