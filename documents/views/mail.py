"""Mails to the official mailbox: what became of each, and why."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from documents.actions import mail
from documents.choices import MailState
from documents.models import Mailbox, MailItem
from documents.views.doors import staff_only
from org.choices import Role

PAGE = 50
SHAPES = {
    MailState.TAKEN: "done",
    MailState.REFUSED: "refused",
    MailState.TOO_BIG: "refused",
    MailState.UNREADABLE: "refused",
    MailState.SECRET: "overdue",
}


def _items(user: Any) -> Any:
    return MailItem.objects.filter(mailbox__agency__in=user.units_as(Role.CLERK))


@staff_only
def mail_items(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    found = _items(user)
    if request.GET.get("nhom") == "loi":
        found = found.exclude(state=MailState.TAKEN).filter(settled_at__isnull=True)
    before = request.GET.get("truoc", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found.select_related("mailbox", "incoming").order_by("-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    context = {
        "rows": [{"item": one, "shape": SHAPES[MailState(one.state)]} for one in rows],
        "boxes": Mailbox.objects.filter(agency__in=user.units_as(Role.CLERK)).select_related("agency"),
        "older_url": f"?nhom={request.GET.get('nhom', '')[:5]}&truoc={rows[-1].pk}" if more else "",
        "only_failed": request.GET.get("nhom") == "loi",
        "crumbs": [(_("Văn bản đến"), "/lam-viec/van-ban/den/")],
    }
    return render(request, "documents/incoming_mail.html", context)


@staff_only
@require_POST
def mail_settle(request: HttpRequest, item_id: int) -> HttpResponse:
    item = get_object_or_404(_items(request.user), pk=item_id)
    mail.settle(item.pk, actor=request.user)
    messages.success(request, _("Đã ghi nhận."))
    return redirect("documents:mail_items")
