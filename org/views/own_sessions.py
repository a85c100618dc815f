"""Where one is signed in, and «đăng xuất nơi khác»."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from org import actions


@login_required
@require_http_methods(["GET", "POST"])
def own_sessions(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _end(request)
    found = sorted(
        UserSession.objects.purge_and_list(request.user), key=lambda one: one.last_seen_at, reverse=True
    )
    found.sort(key=lambda one: not one.is_current())
    context = {"sessions": found, "session_count": len(found)}
    return render(request, "usersessions/usersession_list.html", context)


def _end(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("end", "")
    here = request.session.session_key or ""
    if wanted == "others":
        count = actions.end_other_sessions(actor=request.user, keep=here)
    else:
        count = actions.end_session(int(wanted) if wanted.isdecimal() else 0, actor=request.user, keep=here)
    if count:
        messages.success(request, _("Đã đăng xuất ở %(count)d nơi.") % {"count": count})
    else:
        messages.info(request, _("Nơi đó đã đăng xuất rồi."))
    return redirect("usersessions_list")
