"""The leader signs, the clerk seals: read right, tick left, one PIN for the batch, progress that may be left alone."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import pages
from core.errors import RuleError
from core.models import StoredFile
from core.office_calendar import Calendars
from documents import services as documents
from documents.services import DocumentStatus
from onecase import actions, clock, reading, rules
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from onecase.staff_forms import PinForm
from onecase.views.doors import page, staff_only
from org.choices import Role
from org.letterhead import signer_block
from org.step_up import step_up_required
from signing import services as signing

LISTED = 100
IN_BATCH = 50
BESIDE = (
    "procedure",
    "handler",
    "result_document__type",
    "result_document__signature_request",
    "result_document__agency",
)


@dataclass
class Line:
    """One document of the list beside the paper."""

    case: Case
    chip: Any
    mark: str  # what the box sends: document and the revision that was read
    href: str
    is_shown: bool = False


# --- signing ------------------------------------------------------------------------------------------------


def awaiting(user: Any) -> QuerySet[Case]:
    """Results that wait for this leader's signature, the most urgent first."""
    mine = Case.objects.filter(
        rules.serving(user, "agency", Role.LEADER), business_status=S.AWAITING_APPROVAL
    )
    found = mine.filter(result_document__isnull=False).exclude(applicant=user)
    return found.select_related(*BESIDE).order_by(F("due_at").asc(nulls_last=True), "pk")


@staff_only
def sign(request: HttpRequest) -> HttpResponse:
    lines = _lines(request, awaiting(request.user)[:LISTED], "onecase:signing")
    shown = next((line for line in lines if line.is_shown), None)
    today = timezone.localdate()
    context = {
        "lines": lines,
        "shown": shown,
        "due_today": sum(
            bool(line.case.due_at) and timezone.localdate(line.case.due_at) <= today for line in lines
        ),
        "pdf_url": _paper_url(shown),
        "pages": pages.addresses(_paper(shown.case.result_document), _paper_url(shown)) if shown else [],
        "signer": signer_words(request.user, shown.case if shown else None),
        "batch": True,
    }
    return page(request, "onecase/staff/signing.html", context)


@staff_only
@step_up_required
def confirm_signing(request: HttpRequest) -> HttpResponse:
    """GET: what will be signed and by whom. POST: the PIN opens the key once per document."""
    marks = _marks(request)
    chosen: dict[Any, Case] = {
        case.result_document_id: case for case in awaiting(request.user).filter(result_document__in=marks)
    }
    if not chosen:
        messages.info(request, _("Chọn ít nhất một văn bản đã đọc."))
        return redirect("onecase:signing")
    form = PinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        signed, trouble = _signed(list(chosen.values()), marks, request.user, form.cleaned_data["pin"])
        if signed:
            _tell(request, trouble)
            return redirect(
                f"{reverse('onecase:signing_progress')}?{urlencode({'van-ban': signed}, doseq=True)}"
            )
        form.add_error("pin", list(trouble.values()))
    context = {
        "form": form,
        "marks": [f"{pk}:{marks[pk]}" for pk in chosen],
        "items": [f"{case.result_document.title} – {case.code}" for case in chosen.values()],
        "count": len(chosen),
        "signer": signer_words(request.user, next(iter(chosen.values()))),
        "action": reverse("onecase:confirm_signing"),
        "cancel_url": reverse("onecase:signing"),
    }
    return page(request, "onecase/staff/confirm_signing.html", context)


def _signed(
    cases: list[Case], marks: dict[int, int], actor: Any, pin: str
) -> tuple[list[int], dict[int, str]]:
    """Each document is an act of its own; a wrong PIN ends the batch, so that one slip is counted once."""
    signed: list[int] = []
    trouble: dict[int, str] = {}
    for case in cases:
        document = case.result_document
        try:
            actions.approve(case.pk, actor=actor, pin=pin, revision=marks[document.pk])
        except (signing.WrongPin, signing.KeyLocked, signing.CertificateProblem) as error:
            trouble[document.pk] = str(error)
            break
        except RuleError as error:
            trouble[document.pk] = _("%(code)s: %(error)s") % {"code": case.code, "error": error}
        else:
            signed.append(document.pk)
    return signed, trouble


@staff_only
def signing_progress(request: HttpRequest) -> HttpResponse:
    return _progress(request, Role.LEADER, DocumentStatus.SIGNING, "onecase:signing", _("văn bản đã ký"))


# --- the agency's seal --------------------------------------------------------------------------------------


def waiting_for_seal(user: Any) -> QuerySet[Case]:
    """Cases whose result is signed and waits for the seal that this clerk keeps."""
    documents_waiting = documents.waiting_for_seal(user).values("pk")
    found = Case.objects.filter(result_document__in=documents_waiting, business_status=S.APPROVED)
    return found.select_related(*BESIDE).order_by(F("due_at").asc(nulls_last=True), "pk")


@staff_only
def seal(request: HttpRequest) -> HttpResponse:
    lines = _lines(request, waiting_for_seal(request.user)[:LISTED], "onecase:seal")
    shown = next((line for line in lines if line.is_shown), None)
    context = {
        "lines": lines,
        "shown": shown,
        "pdf_url": _paper_url(shown),
        "pages": pages.addresses(_paper(shown.case.result_document), _paper_url(shown)) if shown else [],
        "checks": _checks(shown.case.result_document) if shown else [],
        "keeper": keeper_words(request.user, lines),
        "sealing": DocumentStatus.SEALING,
    }
    return page(request, "onecase/staff/seal.html", context)


@staff_only
@step_up_required
def confirm_seal(request: HttpRequest) -> HttpResponse:
    marks = _marks(request)
    ready = waiting_for_seal(request.user).filter(result_document__status=DocumentStatus.SIGNED)
    chosen: dict[Any, Case] = {
        case.result_document_id: case for case in ready.filter(result_document__in=marks)
    }
    if not chosen:
        messages.info(request, _("Chọn ít nhất một văn bản đã kiểm tra chữ ký."))
        return redirect("onecase:seal")
    form = PinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        sealed, trouble = _sealed(list(chosen.values()), request.user, form.cleaned_data["pin"])
        if sealed:
            _tell(request, trouble)
            return redirect(
                f"{reverse('onecase:seal_progress')}?{urlencode({'van-ban': sealed}, doseq=True)}"
            )
        form.add_error("pin", list(trouble.values()))
    first = next(iter(chosen.values()))
    context = {
        "form": form,
        "marks": [f"{pk}:{marks[pk]}" for pk in chosen],
        "items": [
            f"{case.result_document.number_printed} – {case.result_document.title}"
            for case in chosen.values()
        ],
        "count": len(chosen),
        "seal": True,
        "signer": _("văn thư giữ con dấu số của %(agency)s") % {"agency": first.result_document.agency.name},
        "action": reverse("onecase:confirm_seal"),
        "cancel_url": reverse("onecase:seal"),
    }
    return page(request, "onecase/staff/confirm_signing.html", context)


def _sealed(cases: list[Case], actor: Any, pin: str) -> tuple[list[int], dict[int, str]]:
    sealed: list[int] = []
    trouble: dict[int, str] = {}
    for case in cases:
        document = case.result_document
        try:
            authorisation = documents.authorise(documents.agency_key(document.agency), pin, actor=actor)
            documents.seal(document.pk, actor=actor, authorisation=authorisation)
        except (signing.WrongPin, signing.KeyLocked, signing.CertificateProblem) as error:
            trouble[document.pk] = str(error)
            break
        except RuleError as error:
            trouble[document.pk] = _("%(number)s: %(error)s") % {
                "number": document.number_printed,
                "error": error,
            }
        else:
            sealed.append(document.pk)
    return sealed, trouble


@staff_only
def seal_progress(request: HttpRequest) -> HttpResponse:
    return _progress(request, Role.CLERK, DocumentStatus.SEALING, "onecase:seal", _("văn bản đã đóng dấu"))


# --- shared -------------------------------------------------------------------------------------------------


@staff_only
@require_POST
def retry(request: HttpRequest, document_id: int) -> HttpResponse:
    """«Thử lại»: the pending signature is tried now instead of at its next turn."""
    case = get_object_or_404(Case.objects.at_work(request.user), result_document=document_id)
    back = "onecase:seal_progress" if request.POST.get("dau") else "onecase:signing_progress"
    try:
        documents.retry_signing(document_id, actor=request.user)
        messages.success(request, _("Đang thử lại «%(code)s».") % {"code": case.code})
    except RuleError as error:
        messages.error(request, str(error))
    shown = [pk for pk in request.POST.getlist("van-ban") if pk.isdecimal()] or [str(document_id)]
    return redirect(f"{reverse(back)}?{urlencode({'van-ban': shown}, doseq=True)}")


@staff_only
def staff_document(request: HttpRequest, document_id: int) -> HttpResponseBase:
    """The paper beside the list: signed as it stands, else the draft that was submitted."""
    case = get_object_or_404(
        Case.objects.at_work(request.user).select_related(
            "result_document__current_file", "result_document__unsigned_file"
        ),
        result_document=document_id,
    )
    document = case.result_document
    if document is None:
        return redirect("onecase:case", code=case.code)
    reading.note(request, case, "case.read_result", document.title)
    return pages.deliver(request, _paper(document), name=f"{case.code}.pdf")


def _paper(document: Any) -> StoredFile:
    """The paper as it stands: signed, else what was submitted, else the draft."""
    stored = document.current_file or document.unsigned_file
    return (
        stored
        if stored is not None and document.status != DocumentStatus.DRAFT
        else documents.preview(document)
    )


def signer_words(user: Any, case: Case | None) -> dict[str, Any]:
    """Whom one signs as, for whom, and how long the certificate still lasts."""
    under = user.standing_in if case is None else user.capacity_for(rules.leads, case)
    block = signer_block(user.hat, under)
    capacity = ", ".join(_plain(line) for line in reversed(block.lines))
    try:
        key = documents.personal_key(user)
    except RuleError as error:
        return {
            "name": user.full_name,
            "capacity": capacity,
            "under": under,
            "trouble": str(error),
            "days": None,
        }
    return {
        "name": user.full_name,
        "capacity": capacity,
        "under": under,
        "trouble": "",
        "days": (key.valid_to - timezone.now()).days,
    }


def keeper_words(user: Any, lines: list[Line]) -> dict[str, Any]:
    agency = (
        lines[0].case.result_document.agency
        if lines
        else (user.hat.organization.agency or user.hat.organization)
    )
    try:
        key = documents.agency_key(agency)
    except RuleError as error:
        return {"agency": agency.name, "trouble": str(error), "days": None}
    return {"agency": agency.name, "trouble": "", "days": (key.valid_to - timezone.now()).days}


def _tell(request: HttpRequest, trouble: dict[int, str]) -> None:
    """What went wrong beside what went well; with nothing done, the form itself says it."""
    for text in trouble.values():
        messages.error(request, text)


def _plain(line: str) -> str:
    """«KT. CHỦ TỊCH» → «KT. Chủ tịch»: capitals belong on the paper."""
    head, dot, tail = line.partition(". ")
    return f"{head}. {tail.capitalize()}" if dot else line.capitalize()


def _lines(request: HttpRequest, cases: Iterable[Case], address: str) -> list[Line]:
    now, calendars, wanted = timezone.now(), Calendars(), request.GET.get("xem", "")
    lines = []
    for case in cases:
        document = case.result_document
        chip = replace(clock.chip_of(case, now=now, working=calendars.of(case.agency_id)), tail="")
        href = f"{reverse(address)}?xem={document.pk}"
        lines.append(
            Line(case, chip, f"{document.pk}:{document.revision}", href, is_shown=str(document.pk) == wanted)
        )
    if lines and not any(line.is_shown for line in lines):
        lines[0].is_shown = True
    return lines


def _paper_url(line: Line | None) -> str:
    return reverse("onecase:staff_document", args=[line.case.result_document_id]) if line else ""


def _marks(request: HttpRequest) -> dict[int, int]:
    """document → the revision that was read, from the ticked boxes («chỉ văn bản này» answers for itself)."""
    values = request.POST if request.method == "POST" else request.GET
    found = [values["mot"]] if values.get("mot") else values.getlist("chon")
    pairs = (value.split(":", 1) for value in found[:IN_BATCH] if ":" in value)
    return {int(pk): int(revision) for pk, revision in pairs if pk.isdecimal() and revision.isdecimal()}


def _progress(request: HttpRequest, role: Role, running: str, back: str, what: str) -> HttpResponse:
    """How far each document of the batch is. Polled while something runs; a plain link without script."""
    wanted = [int(pk) for pk in request.GET.getlist("van-ban")[:IN_BATCH] if pk.isdecimal() and len(pk) < 19]
    found = Case.objects.filter(rules.serving(request.user, "agency", role), result_document__in=wanted)
    items = [_item(case, running) for case in found.select_related(*BESIDE).order_by("pk")]
    if not items:
        return redirect(back)
    context = {
        "items": items,
        "done": sum(item["kind"] == "done" for item in items),
        "what": what,
        "running": any(item["kind"] == "half" for item in items),
        "here": request.get_full_path(),
        "wanted": wanted,
        "back": reverse(back),
        "seal": role == Role.CLERK,
    }
    return page(request, "onecase/staff/signing_progress.html", context)


def _item(case: Case, running: str) -> dict[str, Any]:
    document = case.result_document
    item: dict[str, Any] = {
        "title": document.title,
        "meta": document.number_printed,
        "document": document,
        "case": case,
    }
    request = document.signature_request
    after = {
        DocumentStatus.SIGNING: {DocumentStatus.SIGNED, DocumentStatus.SEALING, DocumentStatus.ISSUED},
        DocumentStatus.SEALING: {DocumentStatus.ISSUED},
    }[DocumentStatus(running)]
    if DocumentStatus(document.status) in after:
        return item | {
            "kind": "done",
            "note": _("đã cấp số, chờ đóng dấu") if running == DocumentStatus.SIGNING else _("đã phát hành"),
        }
    if document.status == running:
        if request is not None and request.last_error:
            again = f"{timezone.localtime(request.next_try_at):%H:%M}"
            note = _("%(error)s Tự thử lại lúc %(again)s.") % {"error": request.last_error, "again": again}
            return item | {"kind": "half", "note": note, "may_retry": True}
        return item | {"kind": "half", "note": str(request.get_state_display()) if request else ""}
    return item | {"kind": "refused", "note": _failure(request), "failed": True}


def _failure(request: Any) -> str:
    return (
        request.last_error
        if request is not None and request.last_error
        else _("Không ký được. Mở lại danh sách để ký lần nữa.")
    )


def _checks(document: Any) -> list[dict[str, Any]]:
    """What our own check said right after each signature was made: the clerk reads it before the seal goes on."""
    stored = document.current_file
    checks = []
    for made in signing.signatures_in(stored.sha256) if stored else []:
        verdict = signing.Verdict.from_json(made.report) if made.report else None
        who = ", ".join(part for part in (made.signer_post, made.signer_unit) if part)
        when = f"{timezone.localtime(made.signed_at):%H:%M %d/%m/%Y}"
        checks.append(
            {
                "ok": {"valid": True, "invalid": False}.get(verdict.verdict) if verdict else None,
                "strong": made.signer_name,
                "text": who,
                "meta": _("ký lúc %(when)s · %(reasons)s")
                % {
                    "when": when,
                    "reasons": "; ".join(verdict.reasons)
                    if verdict and verdict.reasons
                    else _("chữ ký hợp lệ"),
                },
            }
        )
    return checks
