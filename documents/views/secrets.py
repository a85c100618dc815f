"""State secrets: what to do, how many came by the separate book, and the procedure when one slipped in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.errors import RuleError
from core.forms import DateField, SpeakingForm
from documents import rules
from documents.actions import incidents as acts
from documents.models import SecretIncident, SecretReceipt
from documents.views.access import record_of
from documents.views.doors import staff_only
from org.choices import Role

SHOWN = 60


class CountForm(SpeakingForm):
    day = DateField(label=gettext_lazy("Ngày"))
    count = forms.IntegerField(
        label=gettext_lazy("Số văn bản mật đã nhận theo sổ riêng"), min_value=0, max_value=999
    )


@staff_only
def secrets(request: HttpRequest) -> HttpResponse:
    """Guidance for everybody; the counter for the clerk, without a word about the content."""
    home = request.user.hat.organization
    agency = home.agency or home
    is_clerk = request.user.serves_as(Role.CLERK, agency.pk)
    form = CountForm(
        request.POST if request.method == "POST" else None, initial={"day": timezone.localdate()}
    )
    if request.method == "POST":
        if not is_clerk:
            raise Http404
        if form.is_valid():
            try:
                acts.count_secret(agency, **form.cleaned_data, actor=request.user)
                messages.success(request, _("Đã ghi số lượng."))
                return redirect("documents:secrets")
            except RuleError as error:
                form.add_error(None, str(error))
    sees = is_clerk or request.user.serves_as(Role.LEADER, agency.pk)
    context = {
        "agency": agency,
        "form": form,
        "is_clerk": is_clerk,
        "counts": SecretReceipt.objects.filter(agency=agency).order_by("-day")[:SHOWN] if sees else [],
        "incidents": SecretIncident.objects.filter(rules.books_visible(request.user)).order_by("-pk")[:SHOWN]
        if sees
        else [],
    }
    return render(request, "documents/secrets/secrets.html", context)


@staff_only
def report(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    record = record_of(request, kind, pk)
    if request.method == "POST":
        incident = acts.report(record, actor=request.user)
        if rules.closes_books(request.user, incident.agency_id) or request.user.serves_as(
            Role.LEADER, incident.agency_id
        ):
            return redirect("documents:secret_incident", incident.pk)
        messages.success(
            request, _("Đã báo văn thư và lãnh đạo cơ quan. Không mở, không chuyển tiếp văn bản này.")
        )
        return redirect("documents:secrets")
    return render(request, "documents/secrets/report.html", {"record": record, "kind": kind})


def _incident(request: HttpRequest, incident_id: int) -> SecretIncident:
    found = SecretIncident.objects.filter(rules.books_visible(request.user))
    return get_object_or_404(found.select_related("agency"), pk=incident_id)


@staff_only
def incident(request: HttpRequest, incident_id: int) -> HttpResponse:
    found = _incident(request, incident_id)
    words = dict(acts.STEPS)
    steps: list[dict[str, Any]] = [one | {"words": words.get(one["key"], one["key"])} for one in found.steps]
    context = {
        "incident": found,
        "steps": steps,
        "is_open": found.state == "open",
        "is_purged": found.state == "purged",
        "is_ready": all(one["by"] for one in found.steps),
        "is_other": found.purged_by_id != request.user.pk,
    }
    return render(request, "documents/secrets/incident.html", context)


@staff_only
@require_POST
def incident_act(request: HttpRequest, incident_id: int, verb: str) -> HttpResponse:
    found = _incident(request, incident_id)
    try:
        if verb == "xoa":
            if not request.POST.get("sure"):
                raise RuleError(_("Đánh dấu vào ô xác nhận trước khi xóa."))
            acts.purge(found.pk, actor=request.user)
            messages.success(request, _("Đã xóa nội dung khỏi hệ thống."))
        elif verb == "buoc":
            acts.confirm_step(
                found.pk, request.POST.get("key", ""), note=request.POST.get("note", ""), actor=request.user
            )
        elif verb == "ket-thuc":
            acts.close_incident(found.pk, actor=request.user)
        else:
            raise Http404
    except RuleError as error:
        messages.error(request, str(error))
    return redirect("documents:secret_incident", found.pk)
