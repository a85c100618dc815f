"""Who may do what here, what may I do and why; roles asked for, granted, ended."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.errors import RuleError
from org import actions, rights, rules
from org.choices import Role
from org.models import Assignment, GrantRequest, Organization, RoleGrant, User
from org.rights_forms import GrantForm, ReasonForm, after, day_of
from org.step_up import step_up_required
from org.views.doors import staff_only
from org.views.form_page import form_page

MINE = (gettext_lazy("Quyền của tôi"), "/lam-viec/quyen/")
BESIDE = ("assignment__person__user", "assignment__position", "assignment__organization", "organization")


@staff_only
def mine(request: HttpRequest) -> HttpResponse:
    """«Tôi có quyền gì, vì sao», also on a day that is past."""
    user = cast(User, request.user)
    form, day = day_of(request.GET)
    context = {
        "day_form": form,
        "day": day,
        "is_today": day == timezone.localdate(),
        "posts": rights.of_person(user, day),
        "waiting": _open_requests(user).count(),
        "may_ask": bool(user.holds(Role.UNIT_ADMIN, Role.HR_OFFICER, *rules.HEADS)),
    }
    return render(request, "org/my_rights.html", context)


@staff_only
def unit(request: HttpRequest, slug: str) -> HttpResponse:
    """«Ai có quyền gì ở đây», on any day: answered from the grants, posts and delegations of that day alone."""
    user = cast(User, request.user)
    found = get_object_or_404(Organization, slug=slug)
    form, day = day_of(request.GET)
    groups = rights.of_unit(found.pk, day)
    context = {
        "unit": found,
        "groups": groups,
        "count": len({line.hat.person_id for group in groups for line in group.lines}),
        "day_form": form,
        "day": day,
        "is_today": day == timezone.localdate(),
        "may_end": day == timezone.localdate() and rules.administers(user, found.pk),
        "may_people": rules.manages_people(user, found.pk),
    }
    return render(request, "org/unit_rights.html", context)


@staff_only
@step_up_required
def grant(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """One form: at once where one person may, else a request that waits for the second."""
    user = cast(User, request.user)
    hat = get_object_or_404(
        Assignment.objects.valid_on().select_related("person__user", "position", "organization"),
        pk=assignment_id,
    )
    reach = user.own_units_as(Role.UNIT_ADMIN, *rules.HEADS) | user.units_as(Role.HR_OFFICER)
    if hat.organization_id not in reach:
        raise Http404

    def act(answers: dict[str, Any]) -> str:
        unit_id, role = answers["organization"].pk, answers["role"]
        wanted = {
            "role": role,
            "organization_id": unit_id,
            "include_descendants": answers["include_descendants"],
            "valid_from": answers["valid_from"],
            "valid_to": after(answers["last_day"]),
            "reason": answers["reason"],
        }
        if rules.grants(user, hat, role, unit_id):
            actions.grant_role(hat.pk, actor=user, **wanted)
            return _("Đã cấp quyền cho %(name)s.") % {"name": hat.person.full_name}
        actions.ask_role(hat.pk, actor=user, **wanted)
        return _("Đã gửi đề nghị. Người thứ hai duyệt thì quyền có hiệu lực.")

    form = GrantForm(request.POST or None, units=reach, initial={"organization": hat.organization_id})
    return form_page(
        request,
        form,
        act,
        title=_("Cấp quyền"),
        sub=f"{hat.person.full_name} · {hat}",
        lead=_(
            "Quyền mạnh (ký, đóng dấu, quản trị, kiểm tra, sắp xếp) cần hai người: người đề nghị và người duyệt."
        ),
        submit=_("Cấp quyền hoặc gửi đề nghị"),
        back_url=reverse("org:unit_rights", args=[hat.organization.slug]),
        crumbs=[
            MINE,
            (
                hat.organization.short_name or hat.organization.name,
                reverse("org:unit_rights", args=[hat.organization.slug]),
            ),
        ],
    )


@staff_only
@step_up_required
def end_grant(request: HttpRequest, grant_id: int) -> HttpResponse:
    user = cast(User, request.user)
    found = get_object_or_404(RoleGrant.objects.valid_on().select_related(*BESIDE), pk=grant_id)
    if not rules.administers(user, found.organization_id):
        raise Http404

    def act(answers: dict[str, Any]) -> str:
        actions.end_grant(found.pk, actor=user, reason=answers["reason"])
        return _("Đã thu hồi quyền của %(name)s từ hôm nay.") % {"name": found.assignment.person.full_name}

    return form_page(
        request,
        ReasonForm(request.POST or None),
        act,
        title=_("Thu hồi quyền"),
        sub=f"{found.assignment.person.full_name} · {rights.MEANS[Role(found.role)]} · {found.organization.name}",
        lead=_(
            "Quyền hết từ hôm nay; việc đã làm vẫn giữ nguyên. Ủy quyền dựa trên quyền này cũng hết theo."
        ),
        submit=_("Thu hồi quyền"),
        back_url=reverse("org:unit_rights", args=[found.organization.slug]),
        crumbs=[MINE, (found.organization.name, reverse("org:unit_rights", args=[found.organization.slug]))],
    )


# --- requests ---------------------------------------------------------------------------------------------


@staff_only
def requests(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, and what became of what one asked for."""
    user = cast(User, request.user)
    context = {
        "waiting": list(_open_requests(user)),
        "own": list(
            GrantRequest.objects.filter(asked_by=user)
            .select_related(*BESIDE, "decided_by", "asked_by")
            .order_by("-id")[:30]
        ),
        "note_form": forms.Form(),
    }
    return render(request, "org/role_requests.html", context)


@staff_only
@require_POST
@step_up_required
def decide(request: HttpRequest, request_id: int) -> HttpResponse:
    user = cast(User, request.user)
    asked = get_object_or_404(_open_requests(user), pk=request_id)
    note = request.POST.get("note", "")[:300]
    try:
        if request.POST.get("quyet") == "duyet":
            actions.confirm_grant(asked.pk, actor=user, note=note)
            messages.success(request, _("Đã duyệt; quyền có hiệu lực."))
        else:
            actions.refuse_grant(asked.pk, actor=user, note=note)
            messages.success(request, _("Đã trả lời không duyệt, kèm lý do."))
    except RuleError as error:
        messages.error(request, str(error))
    return redirect("org:role_requests")


def _open_requests(user: User) -> Any:
    """Those that this hat may decide: over the unit as administrator or leader, never his own."""
    admins, leads = user.own_units_as(Role.UNIT_ADMIN), user.own_units_as(Role.LEADER)
    over = Q(organization__in=admins | leads) | Q(organization__agency__in=leads)
    found = GrantRequest.objects.filter(over, decided_at__isnull=True).exclude(asked_by=user)
    return found.exclude(assignment__person__user=user).select_related(*BESIDE, "asked_by").order_by("id")
