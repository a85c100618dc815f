"""The desk: what waits for this hat."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onecase import desk as desks
from onecase.views.doors import page, shown_count, staff_only
from org.choices import Role

# Places of their own that a role works in: (role, words, URL name).
PLACES = (
    (Role.LEADER, _("Trình ký"), "onecase:signing"),
    (Role.CLERK, _("Đóng dấu"), "onecase:seal"),
    (Role.COUNTER_OFFICER, _("Tiếp nhận tại quầy"), "onecase:intake"),
)


@staff_only
def desk(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    found = desks.desk_of(request.user, now=now)
    context = {
        "desk": found,
        "asked": desks.asked_of_others(request.user, now=now),
        "links": links_of(request.user),
        "now": timezone.localtime(now),
        "waiting_count": shown_count(found.total),
    }
    return page(request, "onecase/staff/desk.html", context)


def links_of(user: Any) -> list[tuple[Any, str]]:
    return [(words, reverse(name)) for role, words, name in PLACES if user.holds(role)]
