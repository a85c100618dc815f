"""Certified copies: the clerk's list, a new one from a scan or from a file that was received, the file itself."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from core import pages
from core.errors import RuleError
from core.models import StoredFile
from documents import actions, rules
from documents.actions import copies
from documents.models import CertifiedCopy
from documents.outgoing_forms import CopyForm
from documents.views.doors import document_of, incoming_of, staff_only
from org.choices import Role
from org.step_up import step_up_required

PAGE = 50


def _mine(user: Any) -> Q:
    return Q(agency__in=user.units_as(Role.CLERK, Role.LEADER))


@staff_only
def copies_list(request: HttpRequest) -> HttpResponse:
    found = CertifiedCopy.objects.filter(_mine(request.user)).select_related(
        "number", "document", "incoming", "signature_request"
    )
    before = request.GET.get("truoc", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-pk")[: PAGE + 1])
    context = {
        "rows": rows[:PAGE],
        "older_url": f"?truoc={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "may_make": request.user.holds(Role.CLERK),
    }
    return render(request, "documents/outgoing_copies.html", context)


@staff_only
@step_up_required
def new_copy(request: HttpRequest) -> HttpResponse:
    """Kind, the scan or the file of the document, the PIN of the agency's key: number and signature in one act."""
    origin = _origin(request)
    agency = request.user.hat.organization.agency or request.user.hat.organization
    if not rules.keeps_copies(request.user, CertifiedCopy(agency=agency)):
        messages.error(request, _("Văn thư giữ con dấu lập bản sao."))
        return redirect("documents:copies")
    form = CopyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        try:
            source = _source(answers["scan"], origin)
            authorisation = actions.authorise(actions.agency_key(agency), answers["pin"], actor=request.user)
            made = copies.make(
                actor=request.user,
                agency=agency,
                kind=answers["kind"],
                source=source,
                authorisation=authorisation,
                incoming=origin["incoming"],
                document=origin["document"],
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("Đã cấp số %(number)s, đang ký số.") % {"number": made.number_printed}
            )
            return redirect("documents:copies")
    context = {
        "form": form,
        "origin": origin,
        "agency": agency,
        "crumbs": [(_("Bản sao"), reverse("documents:copies"))],
    }
    return render(request, "documents/outgoing_copy_new.html", context)


def _origin(request: HttpRequest) -> dict[str, Any]:
    """The document that is copied, when the clerk came from its page."""
    found: dict[str, Any] = {"incoming": None, "document": None, "title": ""}
    for name, column, look_up in (
        ("van-ban-den", "incoming", incoming_of),
        ("van-ban-di", "document", document_of),
    ):
        value = request.GET.get(name, "")
        if value.isdecimal() and len(value) < 19:
            record = look_up(request, int(value))
            found[column] = record
            found["title"] = f"{record.number_printed} – {record.title}"
    return found


def _source(scan: Any, origin: dict[str, Any]) -> StoredFile:
    if scan:
        return copies.take_scan(scan)
    if (record := origin["document"]) is not None and record.current_file is not None:
        return record.current_file
    if (incoming := origin["incoming"]) is not None:
        first = incoming.files.select_related("stored").order_by("id").first()
        if first is not None:
            return first.stored
    raise RuleError(_("Thêm bản quét PDF của văn bản cần sao."))


@staff_only
def copy_file(request: HttpRequest, copy_id: int) -> HttpResponseBase:
    copy = get_object_or_404(CertifiedCopy.objects.filter(_mine(request.user)), pk=copy_id)
    stored = copy.file or copy.unsigned_file
    if stored is None:
        raise Http404
    return pages.deliver(request, stored, name=f"{copy.number_printed.replace('/', '-')}.pdf")
