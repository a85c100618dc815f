"""Who may read one document beside unit and role, and who has read it."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import RuleError
from documents import links, reading, rules
from documents.actions import access as acts
from documents.models import Document, DocumentGrant, IncomingDocument
from documents.views.doors import staff_only
from org.models import Assignment, User

PAGE = 50
FOUND = 12


def record_of(request: HttpRequest, kind: str, pk: int) -> Any:
    """«den» or «di»; what the present hat does not see does not exist."""
    if kind == "den":
        return get_object_or_404(
            IncomingDocument.objects.visible_to(request.user).select_related("agency"), pk=pk
        )
    found = Document.objects.official().visible_to(request.user).select_related("agency", "type")
    return get_object_or_404(found.distinct(), pk=pk)


@staff_only
def grants(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Who was given the right by name; a colleague is found by name or unit."""
    record = record_of(request, kind, pk)
    may = rules.grants_reading(request.user, record)
    text = (request.GET.get("q") or "").replace("\x00", "").strip()[:80]
    found: list[Assignment] = []
    if may and text:
        posts = Assignment.objects.valid_on().filter(person__user__isnull=False, person__user__is_active=True)
        named = Q(person__full_name__icontains=text) | Q(person__user__email__iexact=text)
        found = list(
            posts.filter(named)
            .exclude(person__user=request.user.pk)
            .select_related("person__user", "organization", "position")[:FOUND]
        )
    context = {
        "record": record,
        "kind": kind,
        "may": may,
        "q": text,
        "found": found,
        "grants": record.grants.select_related("user", "given_by").order_by("ended_at", "-pk")[:100],
        "back_url": links.of(record),
        "may_read_log": rules.reads_log(request.user, record),
    }
    return render(request, "documents/access/grants.html", context)


@staff_only
@require_POST
def give(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    record = record_of(request, kind, pk)
    person = request.POST.get("person", "")
    if not person.isdecimal() or len(person) > 18:
        messages.error(request, _("Chọn người được xem."))
        return redirect("documents:grants", kind, pk)
    user = get_object_or_404(User, pk=int(person))
    try:
        acts.give_grant(record, user, reason=request.POST.get("reason", ""), actor=request.user)
        messages.success(request, _("Đã cho %(name)s xem.") % {"name": user.full_name})
    except RuleError as error:
        messages.error(request, str(error))
    return redirect("documents:grants", kind, pk)


@staff_only
@require_POST
def end(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    record = record_of(request, kind, pk)
    wanted = request.POST.get("grant", "")
    grant = get_object_or_404(
        DocumentGrant.objects.filter(pk__in=record.grants.values("pk")),
        pk=int(wanted) if wanted.isdecimal() else 0,
    )
    try:
        acts.end_grant(grant.pk, actor=request.user)
        messages.success(request, _("Đã thôi cho %(name)s xem.") % {"name": grant.user.full_name})
    except RuleError as error:
        messages.error(request, str(error))
    return redirect("documents:grants", kind, pk)


@staff_only
def read_log(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """«Ai đã mở, lúc nào»: for the clerk and the leaders."""
    record = record_of(request, kind, pk)
    if not rules.reads_log(request.user, record):
        raise Http404
    events = reading.log(record)
    before = request.GET.get("truoc", "")
    if before.isdecimal() and len(before) < 19:
        events = events.filter(id__lt=int(before))
    rows = list(events[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    context = {
        "record": record,
        "kind": kind,
        "rows": rows,
        "counts": reading.counts(record),
        "back_url": links.of(record),
        "older_url": f"{reverse('documents:read_log', args=[kind, pk])}?truoc={rows[-1].id}" if more else "",
    }
    return render(request, "documents/access/log.html", context)
