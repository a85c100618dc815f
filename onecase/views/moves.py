"""Moves of a case by staff: one press, or a page that asks what the move needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import RuleError
from onecase import actions, kept_forms, staff_forms
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from onecase.views.doors import case_at_work, keep_text, page, staff_only, taken_over, typed_text
from onecase.workflow import MOVES


@dataclass(frozen=True)
class Door:
    """One verb: how its form is made, what is done with it, and what is said then."""

    form: Callable[[Case, Any, Any], forms.Form]
    act: Callable[[Case, Any, Any], Any]
    done: Any
    lead: Any = ""  # what follows from the move, said before it is made


def _no_form(case: Case, posted: Any, sent: Any) -> forms.Form:
    return forms.Form(posted, sent)


def _noted(label: Any, hint: Any = "", *, required: bool = True) -> Callable[[Case, Any, Any], forms.Form]:
    def make(case: Case, posted: Any, sent: Any) -> forms.Form:
        return staff_forms.NoteForm(posted, label=label, hint=hint, required=required)

    return make


def _items(case: Case, posted: Any, sent: Any) -> forms.Form:
    if case.business_status == S.SUPPLEMENT_PROPOSED:
        return staff_forms.ApproveSupplementForm(posted)
    return staff_forms.ItemsForm(posted, case=case)


def _request_supplement(case: Case, actor: Any, form: Any) -> Case:
    answers = form.cleaned_data
    items = getattr(form, "items", None)  # none: as the officer proposed
    return actions.request_supplement(
        case.pk, actor=actor, note=answers["note"], items=items, reply_by=answers["reply_by"]
    )


def _return_intake(case: Case, actor: Any, form: Any) -> Case:
    answers = form.cleaned_data
    return actions.return_intake(
        case.pk, actor=actor, items=form.items, note=answers["note"], reply_by=answers["reply_by"]
    )


def _brought(verb: Callable[..., Case]) -> Callable[[Case, Any, Any], Case]:
    """Papers over the counter: each goes through the gate, then the move is made."""

    def act(case: Case, actor: Any, form: Any) -> Case:
        for upload, component_id in form.uploads():
            actions.attach(case.pk, actor=actor, upload=upload, component_id=component_id)
        return verb(case.pk, actor=actor, note=form.cleaned_data["note"])

    return act


def _note_of(verb: Callable[..., Any]) -> Callable[[Case, Any, Any], Any]:
    return lambda case, actor, form: verb(case.pk, actor=actor, note=form.cleaned_data["note"])


PAUSES: Final = gettext_lazy(
    "Thời hạn giải quyết tạm dừng từ lúc gửi tới khi nhận được bổ sung. Người nộp nhận Phiếu mẫu 02."
)


DOORS: Final[dict[str, Door]] = {
    "accept": Door(
        _no_form,
        lambda case, actor, form: actions.accept(case.pk, actor=actor),
        gettext_lazy("Đã tiếp nhận. Giấy hẹn (mẫu 01) đang được đóng dấu."),
        gettext_lazy(
            "Thời hạn giải quyết bắt đầu tính. Người nộp nhận Giấy tiếp nhận hồ sơ và hẹn trả kết quả."
        ),
    ),
    "take_up": Door(
        _no_form,
        lambda case, actor, form: actions.take_up(case.pk, actor=actor),
        gettext_lazy("Đã nhận thụ lý hồ sơ."),
    ),
    "return_intake": Door(
        _items,
        _return_intake,
        gettext_lazy("Đã gửi yêu cầu bổ sung (mẫu 02)."),
        gettext_lazy("Yêu cầu một lần, đủ và có lý do. Thời hạn giải quyết chưa tính."),
    ),
    "reject_intake": Door(
        lambda case, posted, sent: staff_forms.RejectForm(posted),
        lambda case, actor, form: actions.reject_intake(
            case.pk, actor=actor, reason=form.cleaned_data["reason"], note=form.cleaned_data["note"]
        ),
        gettext_lazy("Đã từ chối tiếp nhận (mẫu 03)."),
        gettext_lazy("Người nộp nhận Phiếu từ chối mẫu 03 kèm hướng dẫn. Lỗi kỹ thuật không phải là lý do."),
    ),
    "hand_over": Door(
        lambda case, posted, sent: staff_forms.HandOverForm(posted, case=case),
        lambda case, actor, form: actions.hand_over(
            case.pk, actor=actor, unit_id=form.cleaned_data["unit"].pk, note=form.cleaned_data["note"]
        ),
        gettext_lazy("Đã chuyển hồ sơ. Dòng giao nhận ghi vào Phiếu kiểm soát (mẫu 06)."),
    ),
    "assign": Door(
        lambda case, posted, sent: staff_forms.AssignForm(posted, case=case),
        lambda case, actor, form: actions.assign(
            case.pk, actor=actor, officer=form.cleaned_data["officer"], note=form.cleaned_data["note"]
        ),
        gettext_lazy("Đã phân công."),
    ),
    "propose_supplement": Door(
        _items,
        lambda case, actor, form: actions.propose_supplement(
            case.pk, actor=actor, items=form.items, note=form.cleaned_data["note"]
        ),
        gettext_lazy("Đã gửi đề nghị tới người đứng đầu đơn vị."),
        gettext_lazy("Người dân chưa nhận được gì cho tới khi người đứng đầu đơn vị duyệt."),
    ),
    "request_supplement": Door(
        _items,
        _request_supplement,
        gettext_lazy("Đã gửi yêu cầu bổ sung (mẫu 02). Thời hạn tạm dừng."),
        PAUSES,
    ),
    "decline_supplement": Door(
        _noted(gettext_lazy("Vì sao không cần bổ sung")),
        _note_of(actions.decline_supplement),
        gettext_lazy("Đã trả lại đề nghị."),
    ),
    "resubmit": Door(
        lambda case, posted, sent: staff_forms.SupplyForm(posted, sent, case=case),
        _brought(actions.resubmit),
        gettext_lazy("Đã nhận bổ sung. Hồ sơ chờ tiếp nhận."),
    ),
    "supply": Door(
        lambda case, posted, sent: staff_forms.SupplyForm(posted, sent, case=case),
        _brought(actions.supply),
        gettext_lazy("Đã nhận bổ sung. Thời hạn tính tiếp."),
    ),
    "submit_for_approval": Door(
        _noted(gettext_lazy("Ý kiến trình"), required=False),
        _note_of(actions.submit_for_approval),
        gettext_lazy("Đã trình lãnh đạo ký."),
        gettext_lazy("Dự thảo khóa lại cho tới khi lãnh đạo ký hoặc trả lại."),
    ),
    "return_draft": Door(
        _noted(gettext_lazy("Cần sửa gì")),
        _note_of(actions.return_draft),
        gettext_lazy("Đã trả lại dự thảo cho người thụ lý."),
    ),
    "return_result": Door(
        lambda case, posted, sent: staff_forms.ReturnResultForm(
            posted, initial={"receiver": case.owner_name}
        ),
        lambda case, actor, form: actions.return_result(case.pk, actor=actor, note=form.note()),
        gettext_lazy("Đã trả kết quả."),
    ),
    "agree_withdrawal": Door(
        _no_form,
        lambda case, actor, form: actions.agree_withdrawal(case.pk, actor=actor),
        gettext_lazy("Đã đồng ý cho rút hồ sơ (mẫu 05)."),
        gettext_lazy("Hồ sơ dừng giải quyết, người nộp nhận Thông báo mẫu 05 và giấy tờ đã nộp."),
    ),
    "stop": Door(
        _noted(gettext_lazy("Căn cứ dừng giải quyết"), gettext_lazy("In nguyên văn trên Thông báo mẫu 05.")),
        _note_of(actions.stop),
        gettext_lazy("Đã dừng giải quyết (mẫu 05)."),
        gettext_lazy("Việc này không quay lại được."),
    ),
}


@staff_only
def move(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """GET: the page that asks. POST: the move itself; what a rule refuses comes back as a page of its own, with why
    and with everything that was typed."""
    door = DOORS.get(verb)
    if door is None:
        raise Http404
    case = case_at_work(request, code)
    open_to = {one.verb: one for one in actions.open_moves(request.user, case)}
    if request.method == "POST":
        return _moved(request, case, verb, door, is_open=verb in open_to)
    if verb not in open_to:
        return _refused(request, case, verb)
    form = _form_again(request, case, door)
    return page(request, "onecase/staff/move.html", _asked(case, verb, open_to[verb], door, form))


def _moved(request: HttpRequest, case: Case, verb: str, door: Door, *, is_open: bool) -> HttpResponse:
    form = door.form(case, request.POST, request.FILES)
    said: list[str] = []
    if form.is_valid():
        try:
            door.act(case, request.user, form)
        except RuleError as error:
            if not is_open and typed_text(request):
                return _refused(request, case, verb)
            if not is_open or not form.fields:
                messages.error(request, str(error))
                return redirect("onecase:case", code=case.code)
            said = [str(error)]
        else:
            messages.success(request, str(door.done))
            return redirect("onecase:case", code=case.code)
    if not is_open:
        return _refused(request, case, verb)
    return redirect(reverse("onecase:move", args=[case.code, verb]) + kept_forms.keep(request, said))


def _form_again(request: HttpRequest, case: Case, door: Door) -> forms.Form:
    """As it was sent and could not be accepted; else empty."""
    kept = kept_forms.kept_for(request)
    if kept is None:
        return door.form(case, None, None)
    form = door.form(case, kept.typed, MultiValueDict())
    if form.is_valid() and not kept.said:  # what was wrong has mended itself: ask once more
        return door.form(case, None, None)
    for sentence in kept.said:
        form.add_error(None, sentence)
    return form


def _asked(case: Case, verb: str, found: Any, door: Door, form: forms.Form) -> dict[str, Any]:
    proposed = case.supplement_items.filter(round=case.supplement_count + 1)
    return {
        "case": case,
        "verb": verb,
        "title": found.label,
        "lead": door.lead,
        "form": form,
        "rows": list(form.rows()) if isinstance(form, staff_forms.ItemsForm) else [],
        "fields": form.rest() if isinstance(form, staff_forms.ItemsForm) else list(form),
        "proposed": proposed if case.business_status == S.SUPPLEMENT_PROPOSED else [],
        "second": bool(case.supplement_count)
        and verb in {"return_intake", "propose_supplement", "request_supplement"},
        "has_files": isinstance(form, staff_forms.SupplyForm),
        "crumbs": [
            (_("Hồ sơ"), reverse("onecase:cases")),
            (case.code, reverse("onecase:case", args=[case.code])),
        ],
    }


def _refused(request: HttpRequest, case: Case, verb: str) -> HttpResponse:
    """The move is not open: the table says whether it is the status or the person."""
    why = ""
    try:
        MOVES.require(verb, case, request.user, note="–")
    except RuleError as error:
        why = str(error)
    if typed_text(request):  # nothing that somebody wrote is thrown away
        return keep_text(request, told=taken_over(request, case.code or ""), why=why)
    if why:
        messages.error(request, why)
    return redirect("onecase:case", code=case.code)
