"""The draft of a result: written in the browser, seen as PDF, submitted."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core import pages
from core.errors import RuleError
from documents import services as documents
from onecase import actions, reading, result_drafts, rules
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from onecase.staff_forms import ResultForm
from onecase.views.doors import case_at_work, keep_text, page, staff_only, taken_over, typed_text


@staff_only
def result(request: HttpRequest, code: str) -> HttpResponse:
    """Each saving is a new revision; the pane shows the saved one."""
    case = case_at_work(request, code)
    why = ""
    if not rules.handles(request.user, case):
        why = _("Chỉ người thụ lý soạn kết quả. Người đứng đầu đơn vị có thể phân công lại.")
    elif case.business_status != S.APPRAISING:
        why = _("Chỉ soạn kết quả khi hồ sơ đang thẩm định.")
    if why and typed_text(request):
        return keep_text(request, told=taken_over(request, code), why=why)
    if why:
        messages.error(request, why)
        return redirect("onecase:case", code=code)
    wants_refusal = request.GET.get("loai") == "tu-choi"
    form = ResultForm(request.POST or None, initial=_initial(case, refuses=wants_refusal))
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        try:
            document = actions.draft_result(
                case.pk,
                actor=request.user,
                title=answers["title"],
                body_html=answers["body_html"],
                refuses=answers["kind"] == "refuse",
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã lưu dự thảo lần %(n)s.") % {"n": document.revision})
            if "trinh" in request.POST:
                return redirect("onecase:move", code=code, verb="submit_for_approval")
            return redirect("onecase:result", code=code)
    reading.note(request, case, "case.read_result")
    preview_url = reverse("onecase:result_preview", args=[code])
    context = {
        "case": case,
        "form": form,
        "document": case.result_document,
        "preview_url": preview_url,
        "pages": pages.addresses(documents.preview(case.result_document), preview_url)
        if case.result_document
        else [],
        "crumbs": [(_("Hồ sơ"), reverse("onecase:cases")), (case.code, reverse("onecase:case", args=[code]))],
    }
    return page(request, "onecase/staff/result.html", context)


def _initial(case: Case, *, refuses: bool) -> dict[str, str]:
    """The saved draft, else what the template or the letter of refusal proposes."""
    document = case.result_document
    if document is not None:
        return {
            "kind": "refuse" if case.result_refuses else "grant",
            "title": document.title,
            "body_html": document.body_html,
        }
    title, body = result_drafts.refusal_draft(case) if refuses else actions.result_draft(case)
    return {"kind": "refuse" if refuses else "grant", "title": title, "body_html": body}


@staff_only
def result_preview(request: HttpRequest, code: str) -> HttpResponseBase:
    """The saved draft as PDF, without number and date."""
    case = case_at_work(request, code)
    if case.result_document is None:
        raise Http404
    reading.note(request, case, "case.read_result")
    return pages.deliver(request, documents.preview(case.result_document), name=f"du-thao-{code}.pdf")
