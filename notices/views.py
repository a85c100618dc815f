"""Thin doors of the inbox."""

from itertools import groupby

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from notices import services

PAGE = 30


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Newest first, grouped by day; keyset paging by id."""
    older_than = request.GET.get("truoc", "")
    found = services.inbox(request.user)
    if older_than.isdecimal():
        found = found.filter(pk__lt=int(older_than))
    rows = list(found[: PAGE + 1])
    shown = rows[:PAGE]
    days = [
        (day, list(notices))
        for day, notices in groupby(shown, key=lambda notice: timezone.localdate(notice.created_at))
    ]
    older = shown[-1].pk if len(rows) > PAGE else None
    unread = services.unread_count(request.user)
    context = {
        "days": days,
        "older": older,
        "first_page": not older_than,
        "unread": unread,
        "unread_count": unread,
        "today": timezone.localdate(),
    }
    # Included twice: under the desk for staff, under /thong-bao/ for citizens; each instance keeps its own look.
    own = namespace_of(request) == "own_notices"
    return render(request, "notices/own_inbox.html" if own else "notices/inbox.html", context)


def namespace_of(request: HttpRequest) -> str:
    return request.resolver_match.namespace if request.resolver_match else "notices"


@login_required
@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    count = services.mark_read(request.user)
    if count:
        text = ngettext("Đã đánh dấu đọc %(count)d thông báo.", "Đã đánh dấu đọc %(count)d thông báo.", count)
        messages.success(request, text % {"count": count})
    return redirect(reverse("notices:inbox", current_app=namespace_of(request)))


@login_required
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Count one notice as read and go where it leads."""
    notice = get_object_or_404(services.inbox(request.user), pk=notice_id)
    services.mark_read(request.user, notice_id=notice.pk)
    if notice.url and url_has_allowed_host_and_scheme(notice.url, allowed_hosts={request.get_host()}):
        return redirect(notice.url)
    return redirect(reverse("notices:inbox", current_app=namespace_of(request)))
