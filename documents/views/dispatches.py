"""One sending: who got it, who opened it, who is late; reminding, resending, recall."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import RuleError
from core.office_calendar import Calendars
from documents import strips
from documents.actions import delivery, recalls
from documents.choices import Channel, DeliveryState, DocumentStatus
from documents.forms_incoming import PaperStateForm, RecallForm
from documents.models import AgencyPractice, Dispatch, Document
from documents.views.doors import staff_only

HOUR = 3600
SHAPES = {
    DeliveryState.QUEUED: "ring",
    DeliveryState.FAILED: "refused",
    DeliveryState.ARRIVED: "ring",
    DeliveryState.REFUSED: "refused",
    DeliveryState.REGISTERED: "half",
    DeliveryState.ASSIGNED: "half",
    DeliveryState.IN_PROGRESS: "half",
    DeliveryState.DONE: "done",
    DeliveryState.RECALLED: "refused",
}
POLL_WHILE = {DeliveryState.QUEUED}


def dispatch_of(request: HttpRequest, dispatch_id: int) -> Dispatch:
    """A dispatch of a document that the present hat sees. A foreign one does not exist: 404."""
    found = get_object_or_404(
        Dispatch.objects.select_related("document__type", "document__agency", "document__unit", "agency"),
        pk=dispatch_id,
    )
    if not Document.objects.visible_to(request.user).filter(pk=found.document_id).exists():
        raise Http404
    return found


@staff_only
def dispatch(request: HttpRequest, dispatch_id: int) -> HttpResponse:
    found = dispatch_of(request, dispatch_id)
    rows = strips.recipients_of(found)
    now = timezone.now()
    practice = AgencyPractice.objects.filter(agency=found.agency_id).first() or AgencyPractice()
    unread_since = _unread_before(found, practice.unread_hours, now)
    lines: list[dict[str, Any]] = [
        {
            "row": row,
            "shape": SHAPES[DeliveryState(row.state)],
            "unopened": strips.cell_of(row) == "got" and row.channel == Channel.SYSTEM,
            "is_late": unread_since and strips.cell_of(row) in {"got", "sending"},
        }
        for row in rows
    ]
    only = request.GET.get("chi", "")
    if only == "chua-mo":
        lines = [line for line in lines if line["unopened"]]
    elif only == "loi":
        lines = [line for line in lines if strips.cell_of(line["row"]) == "failed"]
    may = delivery.watches(request.user, found)
    context = {
        "dispatch": found,
        "document": found.document,
        "strip": strips.strip_of(found, rows),
        "lines": lines,
        "only": only,
        "may": may,
        "hide_remind": not may,
        "has_failed": any(row.state == DeliveryState.FAILED for row in rows),
        "is_running": found.done_at is None and any(row.state in POLL_WHILE for row in rows),
        "may_recall": recalls.may_ask(request.user, found.document) and not found.document.is_frozen,
        "requests": list(found.recalls.select_related("replacement").prefetch_related("answers")),
        "paper_form": PaperStateForm(),
        "unread_hours": practice.unread_hours,
        "crumbs": [
            (_("Văn bản đi"), "/lam-viec/van-ban/di/"),
            (found.document.number_printed, f"/lam-viec/van-ban/di/{found.document_id}/"),
        ],
    }
    return render(request, "documents/incoming_dispatch.html", context)


def _unread_before(found: Dispatch, hours: int, now: Any) -> bool:
    """Have the agency's own hours passed since it was sent?"""
    calendar = Calendars().of(found.agency_id)
    return calendar.working_seconds_between(found.sent_at, now) >= hours * HOUR


@staff_only
@require_POST
def remind(request: HttpRequest, dispatch_id: int) -> HttpResponse:
    found = dispatch_of(request, dispatch_id)
    try:
        count = delivery.remind_unopened(found.pk, actor=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Đã nhắc %(n)s đơn vị chưa mở.") % {"n": count})
    return redirect("documents:dispatch", dispatch_id=found.pk)


@staff_only
@require_POST
def resend(request: HttpRequest, dispatch_id: int) -> HttpResponse:
    found = dispatch_of(request, dispatch_id)
    try:
        count = delivery.resend_failed(found.pk, actor=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Đang gửi lại tới %(n)s nơi nhận.") % {"n": count})
    return redirect("documents:dispatch", dispatch_id=found.pk)


@staff_only
@require_POST
def paper_state(request: HttpRequest, dispatch_id: int, recipient_id: int) -> HttpResponse:
    found = dispatch_of(request, dispatch_id)
    row = get_object_or_404(found.recipients, pk=recipient_id)
    form = PaperStateForm(request.POST)
    try:
        if not form.is_valid():
            raise RuleError(_("Chọn trạng thái của bản giấy."))
        delivery.mark_paper(row.pk, actor=request.user, **form.cleaned_data)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Đã ghi trạng thái bản giấy."))
    return redirect("documents:dispatch", dispatch_id=found.pk)


@staff_only
def recall(request: HttpRequest, dispatch_id: int) -> HttpResponse:
    """Thu hồi, cập nhật, thay thế: with a reason that every recipient reads."""
    found = dispatch_of(request, dispatch_id)
    if not recalls.may_ask(request.user, found.document) or found.document.is_frozen:
        messages.error(
            request, _("Văn bản này không yêu cầu thu hồi được ở chức vụ hiện tại, hoặc đã thu hồi.")
        )
        return redirect("documents:dispatch", dispatch_id=found.pk)
    replacements = (
        Document.objects.official()
        .filter(agency=found.document.agency_id, status=DocumentStatus.ISSUED, is_frozen=False)
        .exclude(pk=found.document_id)
        .defer("body_sealed")
        .order_by("-pk")
    )
    form = RecallForm(request.POST or None, replacements=replacements)
    if request.method == "POST" and form.is_valid():
        try:
            recalls.ask(found.pk, actor=request.user, **form.cleaned_data)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã gửi yêu cầu tới các nơi nhận."))
            return redirect("documents:dispatch", dispatch_id=found.pk)
    context = {"dispatch": found, "document": found.document, "form": form}
    return render(request, "documents/incoming_recall.html", context)
