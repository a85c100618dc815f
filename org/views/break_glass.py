"""Emergency reading: open one record, see what is open, judge what was opened."""

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import RuleError
from org import actions, rules
from org.break_glass import DOORS
from org.choices import Role
from org.models import BreakGlass, User
from org.rights_forms import BreakGlassForm, ReviewForm
from org.step_up import step_up_required
from org.views.form_page import form_page

PAGE = (gettext_lazy("Truy cập khẩn"), "/lam-viec/truy-cap-khan/")
SHOWN = 60


@login_required
def emergencies(request: HttpRequest) -> HttpResponse:
    """What one opened, and what waits for one's judgement (the late ones first)."""
    user = cast(User, request.user)
    may = rules.may_break_glass(user)
    to_review = _to_review(user)
    if not may and to_review is None:
        raise Http404
    reviewed = list(to_review.order_by("opened_at")[:SHOWN]) if to_review is not None else []
    context = {
        "may": may,
        "own": [
            _with_link(one)
            for one in BreakGlass.objects.filter(user=user)
            .select_related("unit", "reviewed_by")
            .order_by("-id")[:SHOWN]
        ],
        "waiting": [one for one in reviewed if one.reviewed_at is None],
        "judged": [one for one in reversed(reviewed) if one.reviewed_at is not None],
        "reviews": to_review is not None,
    }
    return render(request, "org/break_glass.html", context)


@login_required
@step_up_required
def open_record(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    if not rules.may_break_glass(user):
        raise Http404
    form = BreakGlassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        try:
            opened = actions.break_glass(
                answers["subject_type"], answers["code"], actor=user, reason=answers["reason"]
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            return redirect(_with_link(opened).url or PAGE[1])
    return form_page(
        request,
        form,
        lambda answers: "",
        title=_("Mở khẩn một bản ghi"),
        lead=_(
            "Chỉ để đọc, một bản ghi, trong 60 phút. Người đứng đầu đơn vị giữ bản ghi được báo ngay; mỗi lần mở trang đều ghi nhật ký cùng lý do."
        ),
        submit=_("Mở để đọc"),
        back_url=PAGE[1],
        crumbs=[PAGE],
    )


@login_required
@step_up_required
def review(request: HttpRequest, opened_id: int) -> HttpResponse:
    user = cast(User, request.user)
    opened = get_object_or_404(BreakGlass.objects.select_related("unit", "user"), pk=opened_id)
    if not rules.reviews_breaking(user, opened):
        raise Http404

    def act(answers: dict[str, Any]) -> str:
        actions.review(
            opened.pk, actor=user, is_justified=answers["is_justified"] == "yes", note=answers["note"]
        )
        return _("Đã ghi kết luận.")

    facts = [
        (_("Bản ghi"), opened.subject_label),
        (_("Người mở"), opened.user.full_name),
        (_("Lý do"), opened.reason),
    ]
    return form_page(
        request,
        ReviewForm(request.POST or None),
        act,
        title=_("Xem xét truy cập khẩn"),
        facts=facts,
        submit=_("Ghi kết luận"),
        back_url=PAGE[1],
        crumbs=[PAGE],
    )


def _to_review(user: User) -> Any:
    """Openings of records of one's units; None for who judges nothing."""
    headed, audited = user.own_units_as(*rules.HEADS), user.own_units_as(Role.AUDITOR)
    if not headed and not audited:
        return None
    over = Q(unit__in=headed | audited) | Q(unit__agency__in=headed)
    return BreakGlass.objects.filter(over).exclude(user=user).select_related("unit", "user", "reviewed_by")


def _with_link(opened: BreakGlass) -> Any:
    """The address of the record while it is open."""
    door = DOORS.get(opened.subject_type)
    record = door.find(opened.subject_label.split(" · ")[0]) if door is not None and opened.is_open else None
    opened.url = door.url(record) if door is not None and record is not None else ""  # type: ignore[attr-defined]
    return opened
