"""Outgoing documents: the list, one document, its paper and files, what a reader may do next."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.errors import RuleError
from core.models import IssuedNumber
from core.workflow import NOTE
from documents import actions, form_check, links, outgoing_lists, reading, rules
from documents.actions import approvals
from documents.choices import DocumentStatus as S
from documents.models import Document, DocumentType, IncomingDocument, Opinion
from documents.outgoing_forms import FileForm, NoteForm
from documents.views import pages_of
from documents.views.doors import deliver, document_of, open_verbs, staff_only
from documents.workflow import MOVES
from org.choices import Role

# What an official document is moved by on its own page; signing and sealing have their queues.
VERBS = ("propose", "initial", "pass_form", "send_back", "cancel")
TITLES: dict[str, Any] = {
    "propose": gettext_lazy("Ký nháy, trình trưởng đơn vị"),
    "initial": gettext_lazy("Ký nháy, chuyển kiểm tra thể thức"),
    "pass_form": gettext_lazy("Đạt thể thức, trình lãnh đạo"),
    "send_back": gettext_lazy("Trả lại người soạn"),
    "cancel": gettext_lazy("Bỏ dự thảo"),
}
DONE: dict[str, Any] = {
    "propose": gettext_lazy("Đã ký nháy và trình người đứng đầu đơn vị."),
    "initial": gettext_lazy("Đã ký nháy và chuyển văn thư kiểm tra thể thức."),
    "pass_form": gettext_lazy("Đã trình lãnh đạo ký."),
    "send_back": gettext_lazy("Đã trả lại người soạn."),
    "cancel": gettext_lazy("Đã bỏ dự thảo."),
}


@staff_only
def outgoing(request: HttpRequest) -> HttpResponse:
    """Filters in the address, keyset pages, the same few queries whatever the number of rows."""
    wanted = outgoing_lists.Filter.read(request.GET)
    found = outgoing_lists.found(request.user, wanted)
    older, newer = _id(request, "truoc"), _id(request, "sau")
    rows = found.select_related("type", "unit", "agency", "drafter")
    if newer is not None:
        kept = list(rows.filter(pk__gt=newer).order_by("pk")[: outgoing_lists.PAGE + 1])
        more, kept = len(kept) > outgoing_lists.PAGE, kept[: outgoing_lists.PAGE][::-1]
        has_older, has_newer = bool(kept), more
    else:
        bounded = rows.filter(pk__lt=older) if older is not None else rows
        kept = list(bounded.order_by("-pk")[: outgoing_lists.PAGE + 1])
        has_older, kept = len(kept) > outgoing_lists.PAGE, kept[: outgoing_lists.PAGE]
        has_newer = older is not None and bool(kept)
    total = len(found.order_by().values_list("pk")[: outgoing_lists.COUNT_UP_TO + 1])
    context = {
        "rows": [{"document": one, "shape": pages_of.SHAPES[S(one.status)]} for one in kept],
        "wanted": wanted,
        "brackets": _brackets(wanted),
        "count_words": _("hơn 1.000 văn bản")
        if total > outgoing_lists.COUNT_UP_TO
        else _("%(n)s văn bản") % {"n": total},
        "older_url": wanted.address(truoc=kept[-1].pk) if has_older else "",
        "newer_url": wanted.address(sau=kept[0].pk) if has_newer else "",
        "may_draft": rules.may_draft(request.user),
        "asked": Opinion.objects.waiting_for(request.user).count(),
        "keeps_copies": request.user.holds(Role.CLERK),
    }
    return render(request, "documents/outgoing_list.html", context)


def _brackets(wanted: outgoing_lists.Filter) -> list[dict[str, Any]]:
    kinds = dict(
        DocumentType.objects.filter(is_active=True, is_specialised=False)
        .order_by("name")
        .values_list("code", "name")
    )
    parts: list[tuple[str, dict[str, Any], Any]] = [
        (
            "state",
            {key: words for key, (words, _states) in outgoing_lists.STATES.items()},
            _("mọi trạng thái"),
        ),
        ("scope", outgoing_lists.SCOPES, _("tôi được xem")),
        ("kind", kinds, _("mọi loại")),
        ("year", {str(year): str(year) for year in outgoing_lists.years()}, _("mọi năm")),
    ]
    found = []
    for name, options, blank in parts:
        current = getattr(wanted, name)
        found.append(
            {
                "words": options.get(current, current) if current else blank,
                "blank": blank,
                "clear": wanted.with_(**{name: ""}).address(),
                "current": current,
                "options": [
                    (words, wanted.with_(**{name: key}).address(), key == current)
                    for key, words in options.items()
                ],
            }
        )
    return found


def _id(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else None


# --- one document ---------------------------------------------------------------------------------------------


@staff_only
def document(request: HttpRequest, document_id: int) -> HttpResponse:
    record = document_of(request, document_id)
    reading.note(request, record)
    verbs = open_verbs(MOVES, request.user, record)
    in_work = record.status in {S.DRAFT, S.REVIEW, S.CHECKING, S.SUBMITTED}
    findings = form_check.check(record) if in_work else []
    attachments = list(record.attachments.select_related("stored", "signed", "signature_request"))
    opinions = list(record.opinions.select_related("unit"))
    context = {
        "document": record,
        "shape": pages_of.SHAPES[S(record.status)],
        "crumbs": [(_("Văn bản đi"), reverse("documents:outgoing"))],
        "facts": pages_of.facts(record),
        "flow": pages_of.flow(record),
        "findings": findings,
        "findings_words": form_check.words_of(findings),
        "in_work": in_work,
        "attachments": attachments,
        "answers": _answers(request.user, record),
        "recipients": list(record.recipients.select_related("unit", "group").order_by("-purpose", "ordinal", "id")),
        "opinions": opinions,
        "asks_me": [one for one in opinions if one.given_at is None and one.withdrawn_at is None and rules.gives_opinion(request.user, one)],
        "approvals": list(record.approvals.all()),
        "versions": list(record.versions.select_related("author").defer("body_sealed")),
        "dispatch": record.dispatches.order_by("id").first(),
        "replaced_by": list(record.replaced_by.all()[:5]),
        "corrected_by": list(record.corrected_by.all()[:5]),
        "lost_numbers": lost_numbers(record),
        "history": pages_of.history(record),
        "pages": pages_of.pictures(record),
        "bar": _bar(request.user, record, verbs),
        "may_edit": "edit" in verbs,
        "may_copy": rules.keeps_seal(request.user, record) and record.status == S.ISSUED,
        "file_form": FileForm(),
        "checks": pages_of.checks(record.current_file),
    }  # fmt: skip
    return render(request, "documents/outgoing_document.html", context)


def _answers(user: Any, record: Document) -> dict[str, str] | None:
    """The arrival that this document answers; a link only for whoever may open it."""
    if record.answers_id is None:
        return None
    came = IncomingDocument.objects.filter(pk=record.answers_id)
    number, issuer = came.values_list("number_printed", "issuer_printed").get()
    seen = came.visible_to(user).exists()
    return {"number": number, "issuer": issuer, "href": links.incoming(record.answers_id) if seen else ""}


def lost_numbers(record: Document) -> list[IssuedNumber]:
    """Numbers that this document took and gave up, each with its reason: they stay in the register."""
    return list(
        IssuedNumber.objects.filter(
            subject_type="documents.document", subject_id=record.pk, cancelled_at__isnull=False
        ).order_by("id")
    )


def _bar(user: Any, record: Document, verbs: set[str]) -> dict[str, Any]:
    """The first verb is the primary one; the rest stands under «Việc khác»."""
    first: list[dict[str, Any]] = []
    rest: list[dict[str, Any]] = []
    if "edit" in verbs:
        first.append(
            {"words": _("Sửa dự thảo"), "href": reverse("documents:edit", args=[record.pk]), "icon": "pencil"}
        )
    for verb in ("propose", "initial", "pass_form"):
        if verb in verbs:
            entry = {
                "words": f"{TITLES[verb]}…",
                "href": reverse("documents:outgoing_move", args=[record.pk, verb]),
            }
            first.insert(0, entry)
    if "sign" in verbs:
        first.insert(
            0,
            {
                "words": _("Mở để ký"),
                "href": f"{reverse('documents:sign_queue')}?xem={record.pk}",
                "icon": "pen",
            },
        )
    if "seal" in verbs:
        first.insert(
            0,
            {
                "words": _("Mở để đóng dấu"),
                "href": f"{reverse('documents:seal_queue')}?xem={record.pk}",
                "icon": "shield-check",
            },
        )
    if "edit" in verbs:
        rest.append(
            {"words": _("Xin ý kiến phối hợp…"), "href": reverse("documents:ask_opinion", args=[record.pk])}
        )
    for verb in ("send_back", "cancel"):
        if verb in verbs:
            rest.append(
                {
                    "words": f"{TITLES[verb]}…",
                    "href": reverse("documents:outgoing_move", args=[record.pk, verb]),
                }
            )
    if (sent := record.dispatches.order_by("id").first()) is not None:
        first.append(
            {"words": _("Theo dõi nơi nhận"), "href": f"/lam-viec/van-ban/gui/{sent.pk}/", "icon": "send"}
        )
    if record.status == S.ISSUED and rules.may_draft(user) and rules.may_see(user, record):
        new = reverse("documents:new_document")
        rest.append({"words": _("Soạn công văn đính chính…"), "href": f"{new}?dinh-chinh={record.pk}"})
        rest.append({"words": _("Soạn văn bản thay thế…"), "href": f"{new}?thay-the={record.pk}"})
        if rules.keeps_seal(user, record):
            rest.append(
                {
                    "words": _("Lập trích sao…"),
                    "href": f"{reverse('documents:new_copy')}?van-ban-di={record.pk}",
                }
            )
    if not first and rest:
        first, rest = [*first, rest[0]], rest[1:]
    return {"actions": first, "rest": rest, "note": _note(record)}


def _note(record: Document) -> str:
    if record.status in {S.DRAFT, S.REVIEW, S.CHECKING, S.SUBMITTED}:
        return _("Số «tự cấp khi ký», ngày là ngày ký.")
    if record.status == S.SIGNED:
        return _("Phát hành trong ngày ký, chậm nhất là ngày làm việc tiếp theo.")
    return ""


@staff_only
def paper(request: HttpRequest, document_id: int) -> HttpResponseBase:
    record = document_of(request, document_id)
    stored = pages_of.paper_of(record)
    if stored is None:
        raise Http404
    reading.note(request, record)
    name = record.number_printed.replace("/", "-") or f"du-thao-{record.pk}"
    return deliver(request, stored, name=f"{name}.pdf", back=links.of(record))


@staff_only
def attachment(request: HttpRequest, document_id: int, attachment_id: int) -> HttpResponseBase:
    record = document_of(request, document_id)
    found = get_object_or_404(record.attachments.select_related("stored", "signed"), pk=attachment_id)
    reading.note(request, record)
    return deliver(request, found.current, name=found.name, back=links.of(record))


# --- moves ----------------------------------------------------------------------------------------------------


@staff_only
def move(request: HttpRequest, document_id: int, verb: str) -> HttpResponse:
    """A page that says what follows; POST makes the move for the version that was shown."""
    if verb not in VERBS:
        raise Http404
    record = document_of(request, document_id)
    there = redirect("documents:document", document_id=document_id)
    if request.method != "POST" and verb not in open_verbs(MOVES, request.user, record):
        messages.info(request, _("Việc này không còn làm được ở bước hiện nay."))
        return there
    needs_note = any(one.needs == NOTE for one in MOVES if one.verb == verb)
    label = _("Lý do") if needs_note else _("Ghi chú")
    form = NoteForm(request.POST or None, label=label, required=needs_note)
    if request.method == "POST" and form.is_valid():
        try:
            act(request, record, verb, form.cleaned_data["note"])
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, DONE[verb])
            return there
    findings = form_check.check(record) if verb in {"propose", "initial", "pass_form"} else []
    context = {
        "document": record,
        "verb": verb,
        "title": TITLES[verb],
        "form": form,
        "findings": findings,
        "blocked": verb == "pass_form" and any(one.is_error for one in findings),
        "asks_reasons": verb == "pass_form",
        "reasons": {one.code: request.POST.get(f"ly-do-{one.code}", "") for one in findings},
        "crumbs": [
            (_("Văn bản đi"), reverse("documents:outgoing")),
            (record.title[:60], reverse("documents:document", args=[record.pk])),
        ],
    }
    return render(request, "documents/outgoing_move.html", context)


def act(request: HttpRequest, record: Document, verb: str, note: str) -> None:
    """One action; `ban` is the version that the page showed."""
    shown = request.POST.get("ban", "")
    revision = int(shown) if shown.isdecimal() and len(shown) < 9 else 0
    if verb == "propose":
        approvals.propose(record.pk, actor=request.user, revision=revision, note=note)
    elif verb == "initial":
        approvals.initial(record.pk, actor=request.user, revision=revision, note=note)
    elif verb == "pass_form":
        reasons = {
            key.removeprefix("ly-do-"): str(value)
            for key, value in request.POST.items()
            if key.startswith("ly-do-")
        }
        approvals.pass_form(record.pk, actor=request.user, revision=revision, reasons=reasons, note=note)
    elif verb == "send_back":
        approvals.return_draft(record.pk, actor=request.user, note=note)
    else:
        actions.cancel(record.pk, actor=request.user, note=note)


@staff_only
@require_POST
def retry(request: HttpRequest, document_id: int) -> HttpResponse:
    """«Thử lại»: the pending signature is tried now instead of at its next turn."""
    record = document_of(request, document_id)
    try:
        actions.retry_signing(record.pk, actor=request.user)
        messages.success(request, _("Đang thử ký lại."))
    except RuleError as error:
        messages.error(request, str(error))
    back = "documents:seal_progress" if request.POST.get("dau") else "documents:sign_progress"
    return redirect(f"{reverse(back)}?van-ban={record.pk}")
