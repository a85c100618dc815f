"""The leader signs, the clerk seals: read right, tick left, one PIN for the batch, progress that may be left alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.duechip import Chip, chip
from core.errors import RuleError
from core.office_calendar import Calendars
from documents import actions, rules
from documents.choices import DocumentStatus as S
from documents.models import Document
from documents.outgoing_forms import PinForm
from documents.views import pages_of
from documents.views.doors import staff_only
from org.choices import Role
from org.letterhead import signer_block
from org.step_up import step_up_required
from signing import services as signing

LISTED, IN_BATCH = 100, 50
END_OF_WORK = time(17, 0)
BESIDE = (
    "type",
    "unit",
    "agency__territory",
    "drafter",
    "current_file",
    "unsigned_file",
    "signature_request",
    "number",
)


@dataclass
class Line:
    """One document of the list beside the paper."""

    document: Document
    chip: Chip | None
    mark: str  # what the box sends: document and the version that was read
    href: str
    is_shown: bool = False


# --- signing --------------------------------------------------------------------------------------------------


def _to_sign(user: Any) -> Any:
    return Document.objects.waiting_for_signature(user).select_related(*BESIDE)


@staff_only
def sign_queue(request: HttpRequest) -> HttpResponse:
    lines = _lines(request, _to_sign(request.user)[:LISTED], "documents:sign_queue")
    shown = next((line for line in lines if line.is_shown), None)
    context = {
        "lines": lines,
        "shown": shown,
        "urgent": sum(bool(line.document.urgency) for line in lines),
        "approvals": [one for one in shown.document.approvals.all() if one.revision == shown.document.revision] if shown else [],
        "attachments": list(shown.document.attachments.all()) if shown else [],
        "pages": pages_of.pictures(shown.document) if shown else [],
        "signer": signer_words(request.user, shown.document if shown else None),
    }  # fmt: skip
    return render(request, "documents/outgoing_signing.html", context)


@staff_only
@step_up_required
def confirm_signing(request: HttpRequest) -> HttpResponse:
    """GET: what will be signed and by whom. POST: the PIN opens the key once per document."""
    marks = _marks(request)
    chosen = list(_to_sign(request.user).filter(pk__in=marks))
    if not chosen:
        _tell_none(request, marks, _("Chọn ít nhất một văn bản đã đọc."))
        return redirect("documents:sign_queue")
    form = PinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, trouble = _signed(chosen, marks, request.user, form.cleaned_data["pin"])
        if done:
            return _onwards(request, done, trouble, "documents:sign_progress")
        form.add_error("pin", list(trouble.values()))
    context = {
        "form": form,
        "marks": [f"{one.pk}:{marks[one.pk]}" for one in chosen],
        "items": [
            (f"{one.type.name}: {one.title}", reverse("documents:paper", args=[one.pk])) for one in chosen
        ],
        "count": len(chosen),
        "signer": signer_words(request.user, chosen[0]),
        "action": reverse("documents:confirm_signing"),
        "cancel_url": reverse("documents:sign_queue"),
    }
    return render(request, "documents/outgoing_confirm.html", context)


def _tell_none(request: HttpRequest, marks: dict[int, int], ask: str) -> None:
    """Nothing was chosen, or what was chosen is no longer on the table: another window was quicker."""
    if marks:
        messages.error(
            request,
            _(
                "Văn bản đã chọn không còn chờ ở đây: vừa được ký, đóng dấu hoặc trả lại. Danh sách dưới đây là mới nhất."
            ),
        )
    else:
        messages.error(request, ask)


def _signed(
    chosen: list[Document], marks: dict[int, int], actor: Any, pin: str
) -> tuple[list[int], dict[int, str]]:
    """Each document is an act of its own; a wrong PIN ends the batch, so that one slip is counted once."""

    def sign(one: Document) -> None:
        authorisation = actions.authorise(actions.personal_key(actor), pin, actor=actor)
        actions.sign(one.pk, actor=actor, authorisation=authorisation, revision=marks[one.pk])

    return _batch(chosen, sign)


# --- the agency's seal ----------------------------------------------------------------------------------------


def _to_seal(user: Any) -> Any:
    return (
        Document.objects.waiting_for_seal(user)
        .official()
        .select_related(*BESIDE)
        .order_by("-urgency", "signed_at", "id")
    )


@staff_only
def seal_queue(request: HttpRequest) -> HttpResponse:
    lines = _lines(request, _to_seal(request.user)[:LISTED], "documents:seal_queue")
    shown = next((line for line in lines if line.is_shown), None)
    context = {
        "lines": lines,
        "shown": shown,
        "pages": pages_of.pictures(shown.document) if shown else [],
        "checks": pages_of.checks(shown.document.current_file) if shown else [],
        "appendices": actions.appendices_to_seal(shown.document) if shown else [],
        "keeper": keeper_words(request.user, lines),
        "sealing": S.SEALING,
    }
    return render(request, "documents/outgoing_seal.html", context)


@staff_only
@step_up_required
def confirm_seal(request: HttpRequest) -> HttpResponse:
    marks = _marks(request)
    chosen = list(_to_seal(request.user).filter(pk__in=marks, status=S.SIGNED))
    if not chosen:
        _tell_none(request, marks, _("Chọn ít nhất một văn bản đã kiểm tra chữ ký."))
        return redirect("documents:seal_queue")
    form = PinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, trouble = _sealed(chosen, request.user, form.cleaned_data["pin"])
        if done:
            return _onwards(request, done, trouble, "documents:seal_progress")
        form.add_error("pin", list(trouble.values()))
    context = {
        "form": form,
        "marks": [f"{one.pk}:{marks[one.pk]}" for one in chosen],
        "items": [
            (f"{one.number_printed} – {one.title}", reverse("documents:paper", args=[one.pk]))
            for one in chosen
        ],
        "count": len(chosen),
        "seal": True,
        "signer": _("văn thư giữ con dấu số của %(agency)s") % {"agency": chosen[0].agency.name},
        "action": reverse("documents:confirm_seal"),
        "cancel_url": reverse("documents:seal_queue"),
    }
    return render(request, "documents/outgoing_confirm.html", context)


def _sealed(chosen: list[Document], actor: Any, pin: str) -> tuple[list[int], dict[int, str]]:
    """The key opens once for the document and once for each of its appendices."""

    def seal(one: Document) -> None:
        key = actions.agency_key(one.agency)
        authorisation = actions.authorise(key, pin, actor=actor)
        beside = [actions.authorise(key, pin, actor=actor) for _appendix in actions.appendices_to_seal(one)]
        actions.seal(one.pk, actor=actor, authorisation=authorisation, beside=beside)

    return _batch(chosen, seal)


# --- progress -------------------------------------------------------------------------------------------------


@staff_only
def sign_progress(request: HttpRequest) -> HttpResponse:
    return _progress(request, S.SIGNING, "documents:sign_queue", _("văn bản đã ký"))


@staff_only
def seal_progress(request: HttpRequest) -> HttpResponse:
    return _progress(request, S.SEALING, "documents:seal_queue", _("văn bản đã đóng dấu"))


def _progress(request: HttpRequest, running: S, back: str, what: str) -> HttpResponse:
    """How far each document of the batch is. Polled while something runs; a plain link without script."""
    wanted = [int(pk) for pk in request.GET.getlist("van-ban")[:IN_BATCH] if pk.isdecimal() and len(pk) < 19]
    mine = Document.objects.official().filter(_working_on(request.user, running), pk__in=wanted)
    items = [_item(one, running) for one in mine.select_related(*BESIDE).order_by("-urgency", "pk")]
    if not items:
        return redirect(back)
    context = {
        "items": items,
        "done": sum(item["kind"] == "done" for item in items),
        "what": what,
        "running": any(item["kind"] == "half" for item in items),
        "here": request.get_full_path(),
        "back": reverse(back),
        "seal": running == S.SEALING,
    }
    return render(request, "documents/outgoing_progress.html", context)


def _working_on(user: Any, running: S) -> Any:
    return rules.serving(user, "agency", Role.CLERK if running == S.SEALING else Role.LEADER)


def _item(document: Document, running: S) -> dict[str, Any]:
    item: dict[str, Any] = {"title": document.title, "meta": document.number_printed, "document": document}
    after = {S.SIGNING: {S.SIGNED, S.SEALING, S.ISSUED}, S.SEALING: {S.ISSUED}}[running]
    request = document.signature_request
    if S(document.status) in after:
        note = _("đã cấp số, chờ đóng dấu") if running == S.SIGNING else _("đã phát hành")
        return item | {"kind": "done", "note": note}
    if document.status == running:
        if request is not None and request.last_error:
            again = f"{timezone.localtime(request.next_try_at):%H:%M}"
            note = _("%(error)s Tự thử lại lúc %(again)s.") % {"error": request.last_error, "again": again}
            return item | {"kind": "half", "note": note, "may_retry": True}
        return item | {"kind": "half", "note": str(request.get_state_display()) if request else ""}
    error = request.last_error if request is not None else ""
    return item | {
        "kind": "refused",
        "note": error or _("Không ký được. Mở lại danh sách để ký lần nữa."),
        "failed": True,
    }


# --- shared ---------------------------------------------------------------------------------------------------


def _batch(chosen: list[Document], do: Any) -> tuple[list[int], dict[int, str]]:
    done: list[int] = []
    trouble: dict[int, str] = {}
    for one in chosen:
        try:
            do(one)
        except (signing.WrongPin, signing.KeyLocked, signing.CertificateProblem) as error:
            trouble[one.pk] = str(error)
            break
        except RuleError as error:
            trouble[one.pk] = _("%(title)s: %(error)s") % {"title": one.title, "error": error}
        else:
            done.append(one.pk)
    return done, trouble


def _onwards(request: HttpRequest, done: list[int], trouble: dict[int, str], address: str) -> HttpResponse:
    """What went wrong is told beside what went well."""
    for text in trouble.values():
        messages.error(request, text)
    return redirect(f"{reverse(address)}?{urlencode({'van-ban': done}, doseq=True)}")


def signer_words(user: Any, document: Document | None) -> dict[str, Any]:
    """Whom one signs as, for whom, and how long the certificate still lasts."""
    under = user.standing_in if document is None else user.capacity_for(rules.signs, document)
    block = signer_block(user.hat, under)
    words = {
        "name": user.full_name,
        "capacity": ", ".join(_plain(line) for line in reversed(block.lines)),
        "under": under,
        "trouble": "",
        "days": None,
    }
    try:
        key = actions.personal_key(user)
    except RuleError as error:
        return words | {"trouble": str(error)}
    return words | {"days": (key.valid_to - timezone.now()).days}


def keeper_words(user: Any, lines: list[Line]) -> dict[str, Any]:
    agency = lines[0].document.agency if lines else (user.hat.organization.agency or user.hat.organization)
    try:
        key = actions.agency_key(agency)
    except RuleError as error:
        return {"agency": agency.name, "trouble": str(error), "days": None}
    return {"agency": agency.name, "trouble": "", "days": (key.valid_to - timezone.now()).days}


def _plain(line: str) -> str:
    """«KT. CHỦ TỊCH» → «KT. Chủ tịch»: capitals belong on the paper."""
    head, dot, tail = line.partition(". ")
    return f"{head}. {tail.capitalize()}" if dot else line.capitalize()


def _lines(request: HttpRequest, documents: Iterable[Document], address: str) -> list[Line]:
    now, calendars, wanted = timezone.now(), Calendars(), request.GET.get("xem", "")
    lines = []
    for one in documents:
        href = f"{reverse(address)}?xem={one.pk}"
        working = calendars.of(one.agency_id)
        shown = None
        if one.signed_at is not None:
            # Issue on the day of signing, at latest the next working day (NĐ 30/2020/NĐ-CP, art. 18).
            day = working.next_working_day(timezone.localdate(one.signed_at))
            until = timezone.make_aware(datetime.combine(day, END_OF_WORK))
            shown = chip(due_at=until, now=now, started_at=one.signed_at, calendar=working)
        lines.append(Line(one, shown, f"{one.pk}:{one.revision}", href, is_shown=str(one.pk) == wanted))
    if lines and not any(line.is_shown for line in lines):
        lines[0].is_shown = True
    return lines


def _marks(request: HttpRequest) -> dict[int, int]:
    """document → the version that was read, from the ticked boxes («chỉ văn bản này» answers for itself)."""
    values = request.POST if request.method == "POST" else request.GET
    found = [values["mot"]] if values.get("mot") else values.getlist("chon")
    pairs = (value.split(":", 1) for value in found[:IN_BATCH] if ":" in value)
    return {
        int(pk): int(revision)
        for pk, revision in pairs
        if pk.isdecimal() and revision.isdecimal() and len(pk) < 19 and len(revision) < 9
    }
