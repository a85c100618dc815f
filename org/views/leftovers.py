"""What a restructuring could not decide: lists for those who own the items, and the page on which one is settled."""

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import RuleError
from core.templatetags.ui import first_existing
from org.actions import restructuring as actions
from org.choices import LeftoverKind, Role
from org.models import Leftover, Organization, Restructuring
from org.restructuring import forms, rules
from org.views.restructuring import crumbs_of, planning_page

LEFTOVERS_A_PAGE: Final = 50


@login_required
def leftovers(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Planners see the whole list, other owners the lines of their unit."""
    record = get_object_or_404(Restructuring.objects.select_related("legal_basis"), pk=batch_id)
    mine = record.leftovers.select_related("owner_unit", "owner", "settled_by")
    if not rules.works_on(request.user, record):
        mine = mine.filter(_own_lines(request.user))
        if not mine.exists():
            raise Http404
    wanted = request.GET.get("loai", "")
    rows = mine.filter(kind=wanted) if wanted else mine
    paged = Paginator(rows.order_by("settled_at", "id"), LEFTOVERS_A_PAGE).get_page(request.GET.get("trang"))
    kinds = [
        (kind, Leftover(kind=kind).get_kind_display(), count)
        for kind, count in mine.filter(settled_at__isnull=True)
        .values_list("kind")
        .annotate(n=Count("id"))
        .order_by("kind")
    ]
    base = f"?loai={wanted}&" if wanted else "?"
    context = {
        "batch": record,
        "crumbs": crumbs_of(record) if rules.works_on(request.user, record) else [],
        "paged": paged,
        "rows": [(row, rules.owns_leftover(request.user, row) and not row.settled_at) for row in paged],
        "kinds": kinds,
        "wanted": wanted,
        "older_url": f"{base}trang={paged.next_page_number()}" if paged.has_next() else "",
        "newer_url": f"{base}trang={paged.previous_page_number()}" if paged.has_previous() else "",
    }
    return planning_page(request, "leftovers", context)


def _own_lines(user: Any) -> Q:
    return Q(owner=user) | Q(owner_unit__in=user.units_as(Role.LEADER, Role.UNIT_HEAD, Role.UNIT_ADMIN))


@login_required
def settle(request: HttpRequest, batch_id: int, leftover_id: int) -> HttpResponse:
    leftover = get_object_or_404(
        Leftover.objects.select_related("batch", "owner_unit"), pk=leftover_id, batch=batch_id
    )
    if not rules.owns_leftover(request.user, leftover):
        raise Http404
    form = forms.SettleForm(request.POST or None, leftover=leftover)
    if request.method == "POST" and form.is_valid():
        unit = form.cleaned_data.get("unit") or ""
        try:
            actions.settle(
                leftover.pk,
                actor=request.user,
                note=form.cleaned_data["note"],
                unit_id=int(unit) if unit else None,
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã xử lý: %(what)s.") % {"what": leftover.label})
            return redirect("org:restructuring_leftovers", batch_id)
    context = {"form": form, "leftover": leftover, "batch": leftover.batch, "place": _place_of(leftover)}
    context["crumbs"] = [(_("Việc còn lại"), reverse("org:restructuring_leftovers", args=[batch_id]))]
    return planning_page(request, "settle", context)


def _place_of(leftover: Leftover) -> tuple[str, str]:
    """Where the work itself is done (address, words); empty for what is done outside."""
    if leftover.kind == LeftoverKind.HANDLER and (cases := first_existing("/lam-viec/ho-so/")):
        return f"{cases}?nguoi=chua", _("Mở danh sách hồ sơ chưa phân công")
    if leftover.kind == LeftoverKind.ROLE:
        unit = Organization.objects.filter(pk=leftover.subject_id).first()
        if unit is not None:
            return reverse("org:unit_rights", args=[unit.slug]), _("Mở trang quyền của đơn vị")
    return "", ""
