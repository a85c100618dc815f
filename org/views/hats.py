"""Which hat one wears, and where one lands after signing in."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import RuleError
from org import actions
from org.middleware import HAT_SESSION_KEY, STAND_IN_SESSION_KEY
from org.models import User

DESK = "/lam-viec/"
OWN_CASES = "/ho-so/"


@login_required
@require_POST
def switch_hat(request: HttpRequest) -> HttpResponse:
    """Act in another post; the page one stood on may be foreign to it, so the desk is shown unless
    `next` names one that the new post may see."""
    chosen = request.POST.get("hat", "")
    try:
        hat = actions.switch_hat(int(chosen) if chosen.isdecimal() else 0, actor=cast(User, request.user))
    except RuleError as error:
        messages.error(request, str(error))
        return redirect(DESK)
    request.session[HAT_SESSION_KEY] = hat.pk
    request.session.pop(STAND_IN_SESSION_KEY, None)
    messages.success(request, _("Đang làm việc với chức vụ: %(hat)s.") % {"hat": hat})
    wanted = request.POST.get("next", "")
    safe = wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return redirect(wanted if safe else DESK)


@login_required
@require_POST
def stand_in(request: HttpRequest) -> HttpResponse:
    """Act only under one delegation, until one goes back to a hat of one's own."""
    chosen = request.POST.get("uy-quyen", "")
    try:
        made = actions.stand_in(int(chosen) if chosen.isdecimal() else 0, actor=cast(User, request.user))
    except RuleError as error:
        messages.error(request, str(error))
        return redirect(DESK)
    request.session[HAT_SESSION_KEY] = made.taker_id
    request.session[STAND_IN_SESSION_KEY] = made.pk
    messages.success(
        request,
        _("Đang làm việc thay %(name)s, đến hết %(day)s.")
        % {"name": made.giver.person.full_name, "day": f"{made.last_day:%d/%m/%Y}"},
    )
    return redirect(DESK)


@login_required
def after_sign_in(request: HttpRequest) -> HttpResponse:
    """Staff land on the desk, citizens on their own cases, administrators without a post in the admin."""
    wanted = request.GET.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return redirect(wanted)
    if request.user.hats:
        return redirect(DESK)
    return redirect("admin:index" if request.user.is_staff else OWN_CASES)
