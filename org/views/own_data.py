"""«Dữ liệu của tôi»: who looked, a copy of everything, asking for correction or deletion; and the officer's list."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, files, own_data, wording
from core.errors import RuleError
from org import crypto, looks, rules, unmasking
from org.actions import own_data as actions
from org.choices import DataRequestKind, IdentityLevel, Role
from org.forms import AnswerForm, CorrectionForm, DataRequestForm, ErasureForm
from org.models import DataCopy, DataRequest, User
from org.step_up import step_up_required
from org.views.doors import staff_only
from org.workflow import DATA_REQUESTS

PAGE_SIZE = 30
OFFICER_ROLES = (Role.UNIT_ADMIN,)
KINDS = {"sua": DataRequestKind.CORRECTION, "xoa": DataRequestKind.DELETION}
PARTS = {
    "json": (gettext_lazy("Dữ liệu cho máy đọc (JSON)"), "du-lieu-cua-toi.json"),
    "pdf": (gettext_lazy("Bản để đọc (PDF)"), "du-lieu-cua-toi.pdf"),
    "zip": (gettext_lazy("Tất cả, kèm giấy tờ (ZIP)"), "du-lieu-cua-toi.zip"),
}
SHAPES = {
    "submitted": "ring",
    "in_hand": "half",
    "fulfilled": "done",
    "refused": "refused",
    "withdrawn": "ring",
}


# --- the citizen's pages --------------------------------------------------------------------------------------


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    newest, _older = looks.page(own_data.readings(user), user, size=5)
    context = {
        "looks": newest,
        "copy": user.data_copies.select_related("job").order_by("-pk").first(),
        "parts": PARTS,
        "now": timezone.now(),
        "days": settings.DATA_COPY_DAYS,
        "requests": _shown(user.data_requests.order_by("-pk")[:20]),
    }
    return render(request, "org/own_data.html", context)


@login_required
@require_GET
def who_looked(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    rows = own_data.readings(user)
    before = request.GET.get("truoc", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found, last = looks.page(rows, user, size=PAGE_SIZE)
    context = {
        "looks": found,
        "older_url": f"?truoc={last}" if last else "",
        "newer_url": reverse("org:who_looked") if before else "",
        "crumbs": [(_("Dữ liệu của tôi"), reverse("org:own_data"))],
    }
    return render(request, "org/who_looked.html", context)


@require_POST
@step_up_required
def request_copy(request: HttpRequest) -> HttpResponse:
    try:
        actions.request_copy(actor=cast(User, request.user))
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Đang lập bản sao. Xong sẽ có tin báo."))
    return redirect(reverse("org:own_data") + "#ban-sao")


@step_up_required
@require_GET
def fetch_copy(request: HttpRequest, copy_id: int, part: str) -> HttpResponseBase:
    user = cast(User, request.user)
    copy = get_object_or_404(
        DataCopy.objects.select_related("as_json", "as_pdf", "as_zip"), pk=copy_id, user=user
    )
    if part not in PARTS:
        raise Http404
    try:
        stored = actions.fetch_copy(copy, part, actor=user)
    except RuleError as error:
        messages.error(request, str(error))
        return redirect("org:own_data")
    answer = files.response(stored, name=PARTS[part][1], inline=False)
    answer["Cache-Control"] = (
        "private, no-store"  # all that is known of a person; nothing stays on a shared machine
    )
    return answer


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    form = DataRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.submit_request(
                actor=cast(User, request.user), kind=KINDS[kind], text=form.cleaned_data["text"]
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã gửi yêu cầu. Trả lời sẽ tới mục thông báo."))
            return redirect("org:data_request", made.pk)
    settled = actions.settled_fields(cast(User, request.user))
    open_fields = [
        str(field.label).lower()
        for name, field in CorrectionForm().fields.items()
        if name not in {"note", *settled}
    ]
    context = {
        "form": form,
        "kind": kind,
        "open_fields": ", ".join(open_fields),
        "settled": dict.fromkeys(settled.values()),
        "unit": actions.answering_unit(),
        "crumbs": [(_("Dữ liệu của tôi"), reverse("org:own_data"))],
    }
    return render(request, "org/data_request_new.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def own_request(request: HttpRequest, request_id: int) -> HttpResponse:
    """GET: the request and its answer. POST: take it back."""
    user = cast(User, request.user)
    found = get_object_or_404(user.data_requests.select_related("unit", "officer"), pk=request_id)
    if request.method == "POST":
        try:
            actions.withdraw_request(found.pk, actor=user)
            messages.success(request, _("Đã rút yêu cầu."))
        except RuleError as error:
            messages.error(request, str(error))
        return redirect("org:data_request", found.pk)
    context = {
        "found": found,
        "shape": SHAPES[found.status],
        "changed": _changed(found),
        "may_withdraw": any(move.verb == "withdraw" for move in DATA_REQUESTS.open_to(user, found)),
        "crumbs": [(_("Dữ liệu của tôi"), reverse("org:own_data"))],
    }
    return render(request, "org/data_request.html", context)


def _shown(requests: Any) -> list[dict[str, Any]]:
    return [{"row": row, "shape": SHAPES[row.status]} for row in requests]


def _changed(found: DataRequest) -> list[str]:
    words = {name: str(field.label) for name, field in CorrectionForm.base_fields.items()}
    return [words.get(name, name) for name in found.outcome.get("changed", [])]


# --- the officer's pages --------------------------------------------------------------------------------------


@staff_only
@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """What waits first, the oldest on top; then what was answered lately."""
    mine = DataRequest.objects.filter(rules.requests_to_answer(request.user)).select_related(
        "user", "officer"
    )
    if not cast(User, request.user).units_as(*OFFICER_ROLES):
        raise Http404
    waiting = _shown(mine.filter(status__in=["submitted", "in_hand"]).order_by("pk")[:200])
    answered = _shown(mine.exclude(status__in=["submitted", "in_hand"]).order_by("-pk")[:30])
    return render(request, "org/staff_data_requests.html", {"waiting": waiting, "answered": answered})


@staff_only
@require_http_methods(["GET", "POST"])
def staff_request(request: HttpRequest, request_id: int) -> HttpResponseBase:
    found = _to_answer(request, request_id)
    if request.method == "GET":
        audit.record_read(request.user, found, "data_request.read")
        return _staff_page(request, found)
    verb = request.POST.get("viec", "")
    act = {"take_up": _take_up, "correct": _correct, "erase": _erase, "refuse": _refuse}.get(verb)
    if act is None:
        raise Http404
    return act(request, found)


@staff_only
@require_POST
def reveal_requester(request: HttpRequest, request_id: int) -> HttpResponse:
    """Number and telephone in full on this one page, with a reason."""
    found = _to_answer(request, request_id)
    try:
        unmasking.unmask(
            request.user, found, "data_request.read_number", reason=unmasking.reason_of(request.POST)
        )
    except RuleError as error:
        messages.error(request, str(error))
        return redirect("org:staff_data_request", found.pk)
    return _staff_page(request, found, revealed=True)


def _to_answer(request: HttpRequest, request_id: int) -> DataRequest:
    mine = DataRequest.objects.filter(rules.requests_to_answer(request.user))
    return get_object_or_404(mine.select_related("user__identity", "unit", "officer"), pk=request_id)


def _take_up(request: HttpRequest, found: DataRequest) -> HttpResponse:
    return _do(request, found, lambda: actions.take_up_request(found.pk, actor=cast(User, request.user)))


def _refuse(request: HttpRequest, found: DataRequest) -> HttpResponse:
    return _answer(request, found, actions.refuse_request, form=AnswerForm(request.POST))


@step_up_required
def _erase(request: HttpRequest, found: DataRequest) -> HttpResponse:
    return _answer(request, found, actions.erase_request, form=ErasureForm(request.POST))


def _answer(request: HttpRequest, found: DataRequest, act: Any, *, form: AnswerForm) -> HttpResponse:
    if not form.is_valid():
        return _staff_page(request, found, form=form)
    return _do(
        request,
        found,
        lambda: act(found.pk, actor=cast(User, request.user), note=form.cleaned_data["note"]),
        form=form,
    )


def _correct(request: HttpRequest, found: DataRequest) -> HttpResponse:
    form = CorrectionForm(request.POST, settled=actions.settled_fields(found.user))
    if not form.is_valid():
        return _staff_page(request, found, form=form)
    changes = dict(form.cleaned_data)
    note = changes.pop("note")
    return _do(
        request,
        found,
        lambda: actions.correct_request(found.pk, actor=cast(User, request.user), note=note, changes=changes),
        form=form,
    )


def _do(request: HttpRequest, found: DataRequest, act: Any, *, form: Any = None) -> HttpResponse:
    try:
        done = act()
    except RuleError as error:
        if form is None:
            messages.error(request, str(error))
            return redirect("org:staff_data_request", found.pk)
        form.add_error(None, str(error))
        return _staff_page(request, found, form=form)
    messages.success(request, _("Đã ghi: %(status)s.") % {"status": done.get_status_display()})
    return redirect("org:staff_data_request", found.pk)


def _staff_page(
    request: HttpRequest, found: DataRequest, *, form: forms.Form | None = None, revealed: bool = False
) -> HttpResponse:
    open_verbs = {move.verb for move in DATA_REQUESTS.open_to(request.user, found)}
    tried = request.POST.get("viec", "") if form is not None else ""
    settled = actions.settled_fields(found.user)
    context = {
        "found": found,
        "shape": SHAPES[found.status],
        "facts": _facts(found.user, revealed=revealed),
        "revealed": revealed,
        "reveal_reasons": unmasking.REASONS,
        "verbs": open_verbs,
        "form": form,
        "correction": form if tried == "correct" else CorrectionForm(settled=settled),
        "settled": dict.fromkeys(settled.values()),
        "erasure": form if tried == "erase" else ErasureForm(),
        "tried": tried,
        "changed": _changed(found),
        "crumbs": [(_("Dữ liệu cá nhân"), reverse("org:staff_data_requests"))],
    }
    return render(request, "org/staff_data_request.html", context)


def _facts(user: User, *, revealed: bool) -> list[tuple[str, str]]:
    identity = getattr(user, "identity", None)
    level = IdentityLevel(identity.level) if identity else IdentityLevel.NONE
    facts = [(_("Họ và tên"), user.full_name)]
    if identity is not None:
        facts.append((_("Số định danh"), identity.number if revealed else crypto.masked(identity.number)))
    facts.append((_("Mức định danh"), f"{level.value} – {level.label}"))
    if identity is not None and identity.birth_on:
        facts.append((_("Ngày sinh"), f"{identity.birth_on:%d/%m/%Y}"))
    if identity is not None and identity.address:
        facts.append((_("Nơi cư trú"), identity.address))
    if user.phone:
        facts.append((_("Số điện thoại"), user.phone if revealed else wording.masked_phone(user.phone)))
    if user.email:
        facts.append((_("Thư điện tử"), user.email if revealed else wording.masked_email(user.email)))
    return facts
