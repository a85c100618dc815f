"""«Hồ sơ của tôi»: what one has filed, what is asked of one, and what came of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import files
from core.calendar import said_in_full
from core.errors import RuleError
from core.office_calendar import Calendars
from onecase import actions, own_page, papers, procedure_page, reading
from onecase.choices import STATUS_SHAPE, BusinessStatus
from onecase.citizen_forms import RatingForm, WithdrawForm
from onecase.models import Case, SupplementItem
from onecase.own_page import WAITS_FOR_APPLICANT
from onecase.views.citizen import own_draft
from onecase.walk import Slot

MOST = 100
S = BusinessStatus


@login_required
@require_GET
def my_cases(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    mine = Case.objects.own(request.user).for_list().with_pause_start().order_by("-id")[:MOST]
    calendars = Calendars()
    rows: list[dict[str, Any]] = []
    drafts: list[dict[str, Any]] = []
    for case in mine:
        row = {
            "case": case,
            "title": procedure_page.short_name(case.procedure.name),
            "kind": STATUS_SHAPE.get(BusinessStatus(case.business_status), "half"),
            "waits": case.business_status in WAITS_FOR_APPLICANT,
        }
        if case.business_status == S.DRAFT:
            drafts.append(row)
        else:
            rows.append(row | {"chip": own_page.chip(case, now, calendars=calendars)})
    return render(
        request, "onecase/citizen/my_cases.html", {"rows": rows, "drafts": drafts, "nav_path": "/tra-cuu/"}
    )


@login_required
@require_POST
def drop_draft(request: HttpRequest, key: UUID) -> HttpResponse:
    case = own_draft(request, key)
    actions.drop_draft(case.pk, actor=request.user)
    messages.success(
        request, _("Đã bỏ bản nháp «%(name)s».") % {"name": procedure_page.short_name(case.procedure.name)}
    )
    return redirect("onecase:my_cases")


def own(request: HttpRequest, code: str) -> Case:
    return get_object_or_404(
        Case.objects.own(request.user)
        .exclude(business_status=S.DRAFT)
        .select_related(
            "procedure", "version", "agency", "receiving_unit", "procedure_case", "result_document"
        ),
        code=code,
    )


@login_required
@require_GET
def own_case(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, own(request, code), RatingForm())


def _page(request: HttpRequest, case: Case, rating: RatingForm) -> HttpResponse:
    page = own_page.of(case, request.user, timezone.now())
    return render(
        request,
        "onecase/citizen/own_case.html",
        {
            "page": page,
            "nav_path": "/tra-cuu/",
            "case": case,
            "form": rating if rating.is_bound else None,
            "rating": rating,
            "qr_url": own_page.qr_data_uri(case.code or ""),
            "submitted": said_in_full(case.submitted_at) if case.submitted_at else "",
            "forms": [(form, own_page.form_title(form)) for form in page.forms],
            "crumbs": [(_("Trang đầu"), "/"), (_("Hồ sơ của tôi"), reverse("onecase:my_cases"))],
        },
    )


# --- files ------------------------------------------------------------------------------------------------


@login_required
@require_GET
def own_file(request: HttpRequest, code: str, file_id: int) -> HttpResponseBase:
    case = get_object_or_404(Case.objects.visible_to(request.user), code=code)
    file = get_object_or_404(
        case.files.select_related("stored", "component"), pk=file_id, removed_at__isnull=True
    )
    reading.note(request, case, "case.read_file", reading.words_for(file))
    return files.response(file.stored, name=file.name)


@login_required
@require_GET
def draft_file(request: HttpRequest, key: UUID, file_id: int) -> HttpResponseBase:
    file = get_object_or_404(
        own_draft(request, key).files.select_related("stored"), pk=file_id, removed_at__isnull=True
    )
    return files.response(file.stored, name=file.name)


@login_required
@require_GET
def own_form(request: HttpRequest, code: str, form_id: int) -> HttpResponseBase:
    """A prescribed form (01, 02, 03, 05) with its seal."""
    case = get_object_or_404(Case.objects.visible_to(request.user), code=code)
    form = get_object_or_404(case.forms.select_related("stored"), pk=form_id)
    if form.stored is None:
        raise Http404
    reading.note(request, case, "case.read_form", str(form.get_form_no_display()))
    return files.response(form.stored, name=f"mau-{form.form_no}-{case.code}.pdf")


@login_required
@require_GET
def receipt_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The application as it was filed."""
    case = own(request, code)
    answer = HttpResponse(papers.render_application(case), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="to-khai-{case.code}.pdf"'
    return answer


@login_required
@require_http_methods(["GET", "POST"])
def result(request: HttpRequest, code: str) -> HttpResponseBase:
    """POST notes that the applicant takes the result, then GET sends the signed file."""
    case = own(request, code)
    document = case.result_document
    if case.business_status not in own_page.HAS_RESULT or document is None or document.current_file is None:
        raise Http404
    if request.method == "POST":
        if case.business_status != S.RETURNED:
            try:
                actions.collect_online(case.pk, actor=request.user)
            except RuleError as error:
                messages.error(request, str(error))
                return redirect("onecase:own_case", code=code)
        return redirect("onecase:own_result", code=code)
    if case.business_status != S.RETURNED:
        return redirect("onecase:own_case", code=code)
    return files.response(document.current_file, name=f"ket-qua-{case.code}.pdf", inline=False)


# --- answers of the applicant -----------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def supply(request: HttpRequest, code: str) -> HttpResponse:
    """Answer what Form 02 asks for: a file or a word for each item, then send all at once."""
    case = own(request, code)
    verb = WAITS_FOR_APPLICANT.get(BusinessStatus(case.business_status))
    if verb is None:
        messages.warning(
            request,
            _("Hồ sơ không chờ bổ sung. Trạng thái hiện nay: «%(status)s».")
            % {"status": case.get_business_status_display()},
        )
        return redirect("onecase:own_case", code=code)
    items, errors, note = (
        own_page.missing_items(case),
        {},
        request.POST.get("note", "").replace("\0", "").strip(),
    )
    if request.method == "POST":
        errors = _take_supplement(request, case, items)
        do = request.POST.get("do", "send")
        if not errors and do == "send":
            errors = _unanswered(case, items, note)
        if not errors and do != "send":
            return redirect("onecase:supply", code=code)
        if not errors:
            try:
                getattr(actions, verb)(case.pk, actor=request.user, note=note)
            except RuleError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, _("Đã gửi phần bổ sung."))
            return redirect("onecase:own_case", code=code)
    slots = [(slot, errors.get(slot.key, "")) for slot in (_slot(case, item) for item in items)]
    context = {
        "case": case,
        "title": procedure_page.short_name(case.procedure.name),
        "slots": slots,
        "instruction": own_page.instruction_of(case),
        "note": note,
        "problems": [(f"#tep-{key}", text) for key, text in errors.items()],
        "failed": bool(errors),
        "crumbs": [
            (_("Trang đầu"), "/"),
            (_("Hồ sơ của tôi"), reverse("onecase:my_cases")),
            (case.code, reverse("onecase:own_case", args=[code])),
        ],
    }
    return render(request, "onecase/citizen/supply.html", context)


def _slot(case: Case, item: SupplementItem) -> Slot:
    key = f"bo-sung-{item.pk}"
    why = [item.reason, _("Căn cứ: %(ground)s") % {"ground": item.ground} if item.ground else ""]
    return Slot(
        key=key,
        label=item.text,
        hint=" ".join(part if part.endswith(".") else f"{part}." for part in why if part),
        needed=True,
        component_id=item.component_id,
        form_field=key,
        files=tuple(case.files.filter(form_field=key, removed_at__isnull=True).select_related("stored")),
    )


def _take_supplement(request: HttpRequest, case: Case, items: list[SupplementItem]) -> dict[str, str]:
    errors: dict[str, str] = {}
    for slot in (_slot(case, item) for item in items):
        for upload in [
            *request.FILES.getlist(f"tep-{slot.key}"),
            *request.FILES.getlist(f"tep-{slot.key}-photo"),
        ]:
            try:
                actions.attach(
                    case.pk,
                    actor=request.user,
                    upload=upload,
                    component_id=slot.component_id,
                    form_field=slot.form_field,
                )
            except RuleError as error:
                errors[slot.key] = str(error)
    verb, _colon, file_id = request.POST.get("do", "").partition(":")
    if (
        verb == "unfile"
        and file_id.isdecimal()
        and (file := case.files.filter(pk=int(file_id), removed_at__isnull=True).first())
    ):
        try:
            actions.detach(file.pk, actor=request.user)
        except RuleError as error:
            messages.error(request, str(error))
    return errors


def _unanswered(case: Case, items: list[SupplementItem], note: str) -> dict[str, str]:
    """Every item needs a file; where there is none, the note says why."""
    if note:
        return {}
    return {
        slot.key: _("Tải lên «%(what)s», hoặc ghi lời giải thích ở cuối trang.") % {"what": slot.label}
        for slot in (_slot(case, item) for item in items)
        if not slot.files
    }


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    case = own(request, code)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.request_withdrawal(case.pk, actor=request.user, note=form.cleaned_data["note"])
        except RuleError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Đã gửi đề nghị rút hồ sơ. Cơ quan đang giữ hồ sơ sẽ trả lời."))
        return redirect("onecase:own_case", code=code)
    return render(
        request,
        "onecase/citizen/withdraw.html",
        {
            "case": case,
            "form": form,
            "title": procedure_page.short_name(case.procedure.name),
            "crumbs": [
                (_("Trang đầu"), "/"),
                (_("Hồ sơ của tôi"), reverse("onecase:my_cases")),
                (case.code, reverse("onecase:own_case", args=[code])),
            ],
        },
    )


@login_required
@require_POST
def rate(request: HttpRequest, code: str) -> HttpResponse:
    case = own(request, code)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _page(request, case, form)
    try:
        actions.rate(
            case.pk,
            actor=request.user,
            level=form.cleaned_data["level"],
            comment=form.cleaned_data["comment"],
        )
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Đã ghi nhận đánh giá. Cảm ơn bạn."))
    return redirect("onecase:own_case", code=code)
