"""One case, and its papers."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import files, pages
from core.errors import RuleError
from documents import services as documents
from onecase import actions, case_page, clock, papers, reading
from onecase.choices import CheckState
from onecase.models import Case
from onecase.views.doors import case_at_work, case_to_read, page, staff_only
from org import unmasking

# --- one case -----------------------------------------------------------------------------------------------


@staff_only
def case(request: HttpRequest, code: str) -> HttpResponse:
    record = case_to_read(request, code)
    reading.note(request, record, "case.read")
    return show_case(request, record)


def show_case(request: HttpRequest, record: Case, *, revealed: bool = False) -> HttpResponse:
    """The whole page. `revealed`: the reading of personal numbers was logged just now."""
    now = timezone.now()
    brought, made = case_page.papers_of(record), case_page.made_sheets(record)
    sheets = [sheet for paper in brought for sheet in paper.sheets] + made
    keys = [sheet.key for sheet in sheets]
    chosen = request.GET.get("xem", "")
    at = keys.index(chosen) if chosen in keys else 0
    sheet = sheets[at] if sheets else None
    form = case_page.form_of(record)
    context = {
        "case": record,
        "chip": clock.chip_of(record, now=now),
        "shape": case_page.shape_of(record),
        "crumbs": [(_("Hồ sơ"), reverse("onecase:cases"))],
        "why": case_page.why_of(record),
        "papers": brought,
        "looked_up": sum(paper.state == CheckState.LOOKED_UP for paper in brought),
        "check_states": CheckState.choices,
        "may_check": may_check(request.user, record),
        "sheet": sheet,
        "previous_key": keys[at - 1] if at > 0 else "",
        "next_key": keys[at + 1] if at + 1 < len(keys) else "",
        "answers": case_page.answers_of(record, form, revealed=revealed) if form else [],
        "form_title": form.title if form else "",
        "parties": case_page.parties_of(record, revealed=revealed),
        "revealed": revealed,
        "reveal_reasons": unmasking.REASONS,
        "forms": record.forms.all(),
        "made": made,
        "items": record.supplement_items.all(),
        "hand_overs": record.hand_overs.select_related("giver", "taker_unit", "taker"),
        "step_runs": record.step_runs.all(),
        "history": case_page.history_of(record, now=now),
        "bar": case_page.bar_of(record, request.user),
        "now": now,
    }
    return page(request, "onecase/staff/case.html", context)


def may_check(user: Any, record: Case) -> bool:
    """The counter before acceptance, the officer while he appraises."""
    verbs = {move.verb for move in actions.open_moves(user, record)}
    return bool(verbs & {"accept", "submit_for_approval"})


@staff_only
@require_POST
def check_components(request: HttpRequest, code: str) -> HttpResponse:
    """The verdict on each paper; «Đạt» beside a paper answers for that one alone."""
    record = case_at_work(request, code)
    single = request.POST.get("dat", "")
    checks: dict[int, dict[str, Any]] = {}
    known = {str(paper.component.pk): paper for paper in case_page.papers_of(record) if paper.component}
    for key, paper in known.items():
        state = CheckState.OK.value if key == single else request.POST.get(f"state-{key}", "")
        note = request.POST.get(f"note-{key}", "").strip()[:300]
        if state not in CheckState.values or (single and key != single):
            continue
        counts = {part: _small(request.POST.get(f"{part}-{key}")) for part in ("originals", "copies")}
        if (state, note, counts["originals"], counts["copies"]) != (
            paper.state,
            paper.note,
            paper.originals,
            paper.copies,
        ):
            digital = sum(sheet.kind != "answers" for sheet in paper.sheets)
            checks[int(key)] = {"state": state, "note": note, "digital": digital, **counts}
    if not checks:
        messages.info(request, _("Không có gì thay đổi."))
    else:
        try:
            actions.check_components(record.pk, actor=request.user, checks=checks)
            messages.success(
                request, _("Đã ghi kết quả kiểm tra %(count)s giấy tờ.") % {"count": len(checks)}
            )
        except RuleError as error:
            messages.error(request, str(error))
    return redirect(reverse("onecase:case", args=[code]) + "#thanh-phan")


def _small(value: str | None) -> int:
    return min(int(value), 99) if value and value.isdecimal() and len(value) < 4 else 0


@staff_only
@require_POST
def reveal(request: HttpRequest, code: str) -> HttpResponse:
    """«Hiện số»: numbers of people and telephones in full on this one page; the reason stands in the trail."""
    record = case_at_work(request, code)
    try:
        unmasking.unmask(request.user, record, "case.read_number", reason=unmasking.reason_of(request.POST))
    except RuleError as error:
        messages.error(request, str(error))
        return redirect(reverse("onecase:case", args=[code]) + "#nguoi")
    return show_case(request, record, revealed=True)


# --- its papers ---------------------------------------------------------------------------------------------


@staff_only
def staff_file(request: HttpRequest, code: str, file_id: int) -> HttpResponseBase:
    record = case_to_read(request, code)
    file = get_object_or_404(record.files.select_related("stored", "component"), pk=file_id)
    reading.note(request, record, "case.read_file", reading.words_for(file))
    return pages.deliver(request, file.stored, name=file.name)


@staff_only
def staff_form(request: HttpRequest, code: str, form_id: int) -> HttpResponseBase:
    """A prescribed form: sealed when the seal stands, else as it will be sealed."""
    record = case_to_read(request, code)
    form = get_object_or_404(record.forms.select_related("stored", "unsigned_file"), pk=form_id)
    stored = form.stored or form.unsigned_file
    if stored is None:
        messages.info(request, _("Phiếu đang được lập. Xem lại sau ít phút."))
        return redirect("onecase:case", code=code)
    reading.note(request, record, "case.read_form", str(form.get_form_no_display()))
    return pages.deliver(request, stored, name=f"mau-{form.form_no}-{record.code}.pdf")


@staff_only
def staff_result(request: HttpRequest, code: str) -> HttpResponseBase:
    """The result as it stands: signed, else the draft drawn now."""
    record = case_to_read(request, code)
    document = record.result_document
    if document is None:
        return redirect("onecase:case", code=code)
    stored = document.current_file or documents.preview(document)
    reading.note(request, record, "case.read_result", document.title)
    return pages.deliver(request, stored, name=f"ket-qua-{record.code}.pdf")


@staff_only
def application(request: HttpRequest, code: str) -> HttpResponse:
    """The declaration as a paper. It prints personal numbers, so its reading is logged."""
    record = case_at_work(request, code)
    reading.note(request, record, "case.read_application")
    return pdf(papers.render_application(record))


@staff_only
def control_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """Phiếu kiểm soát (Form 06) as it stands now."""
    record = case_to_read(request, code)
    reading.note(request, record, "case.read_control_sheet")
    return pdf(papers.render_control_sheet(record))


def pdf(data: bytes) -> HttpResponse:
    """A PDF made on the spot, for the pane of our own pages."""
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = "inline"
    answer["Content-Security-Policy"] = files.PDF_POLICY
    return answer
