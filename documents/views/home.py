"""«Việc của tôi»: all of documents that waits for the present hat, most urgent kinds first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from documents import desk
from documents.views.doors import staff_only
from org.choices import Role


@staff_only
def home(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    now = timezone.now()
    groups = desk.home(user, now=now)
    context = {
        "groups": groups,
        "total": sum(len(group.rows) for group in groups),
        "overdue": desk.overdue_of(groups),
        "now": now,
        "may_register": user.holds(Role.CLERK),
    }
    return render(request, "documents/incoming_home.html", context)
