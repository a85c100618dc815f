"""The register of arrivals and one arrival."""

from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from core import audit, files, office_calendar, pages
from core.errors import RuleError
from core.models import AuditEvent
from documents import arrivals, chips, handling_sheet, links, reading, rules, strips
from documents.actions import delivery, directives, recalls
from documents.actions import incoming as acts
from documents.choices import DocumentStatus, IncomingSource, RecallAnswer
from documents.choices import IncomingState as I
from documents.forms_incoming import DirectiveForm, NoteForm, OnwardForm
from documents.models import Directive, Dispatch, Document, IncomingDocument, IncomingFile
from documents.views.doors import deliver, incoming_of, open_verbs, staff_only
from documents.workflow import INCOMING_MOVES
from org.choices import Role
from org.models import Organization
from signing.choices import VerdictKind

SHAPES: Final = {
    I.ARRIVED: "ring",
    I.RETURNED: "refused",
    I.REGISTERED: "half",
    I.SUBMITTED: "half",
    I.ASSIGNED: "half",
    I.IN_PROGRESS: "half",
    I.DONE: "done",
    I.FILED: "done",
    I.RECALLED: "refused",
}
NO_REPLY: Final = frozenset({I.ARRIVED, I.RETURNED, I.RECALLED})
STRIP_DAYS: Final = 7
STRIP_FROM: Final = 5  # recipients; fewer are told apart in the document itself


# --- the list -------------------------------------------------------------------------------------------------


@staff_only
def incoming_list(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    now, wanted = timezone.now(), arrivals.Filter.read(request.GET)
    found = arrivals.narrowed(arrivals.served(user), wanted, now=now)
    shown = arrivals.page_of(found, older_than=_id(request, "truoc"), newer_than=_id(request, "sau"))
    count = found.order_by()[: arrivals.COUNT_UP_TO + 1].count()
    calendars = office_calendar.Calendars()
    offices = sorted(user.units_as(Role.CLERK, Role.LEADER))
    context = {
        "rows": [
            {
                "one": one,
                "chip": chips.of_incoming(one, calendars.of(one.agency_id), now),
                "late": one.urgency,
                "ended": one.issuer.valid_to if one.issuer and one.issuer.valid_to else None,
            }
            for one in shown.rows
        ],
        "wanted": wanted,
        "brackets": _brackets(wanted, offices),
        "count_words": _count_words(count),
        "older_url": wanted.address(truoc=shown.older) if shown.older else "",
        "newer_url": wanted.address(sau=shown.newer) if shown.newer else "",
        "year": timezone.localdate(now).year,
        "agencies": Organization.objects.filter(pk__in=offices[:3]),
        "unsubmitted": _unsubmitted(user),
        "strip": _running(user, now),
        "may_register": user.holds(Role.CLERK),
        "is_office": bool(offices),
        "kept": [(name, value) for name, value in _kept(wanted) if value],
    }
    return render(request, "documents/incoming_list.html", context)


def _unsubmitted(user: Any) -> int:
    if not user.holds(Role.CLERK):
        return 0
    waiting = IncomingDocument.objects.filter(
        rules.serving(user, "agency", Role.CLERK, model="IncomingDocument"),
        state__in=[I.ARRIVED, I.REGISTERED],
    )
    return waiting[:1001].count()


def _running(user: Any, now: Any) -> strips.Strip | None:
    """The newest dispatch to many units that somebody has not opened yet."""
    offices = user.units_as(Role.CLERK, Role.LEADER)
    if not offices:
        return None
    newest = (
        Dispatch.objects.filter(
            agency__in=offices, total__gte=STRIP_FROM, sent_at__gt=now - timedelta(days=STRIP_DAYS)
        )
        .select_related("document", "agency")
        .order_by("-id")
        .first()
    )
    if newest is None:
        return None
    strip = strips.strip_of(newest)
    return strip if any(count for key, count, _words in strip.counts if key != "read") else None


def _kept(wanted: arrivals.Filter) -> list[tuple[str, Any]]:
    return [
        ("trang-thai", wanted.state),
        ("don-vi", wanted.unit),
        ("khan", wanted.urgency),
        ("han", wanted.due),
        ("nguon", wanted.source),
    ]


def _brackets(wanted: arrivals.Filter, offices: list[int]) -> list[dict[str, Any]]:
    units = {
        str(pk): name
        for pk, name in Organization.objects.valid_on()
        .filter(agency__in=offices)
        .exclude(pk__in=offices)
        .order_by("name")
        .values_list("pk", "name")[:60]
    }
    parts: list[tuple[str, str, dict[str, Any], Any, str]] = [
        ("state", "trang-thai", {k: w for k, (w, _s) in arrivals.STATES.items()}, _("mọi trạng thái"), ""),
        ("unit", "don-vi", units, _("mọi đơn vị"), _("giao cho")),
        ("urgency", "khan", {k: w for k, (w, _u) in arrivals.URGENCY.items()}, _("bất kỳ"), _("độ khẩn")),
        ("due", "han", arrivals.DUE, _("mọi thời hạn"), ""),
        ("source", "nguon", arrivals.SOURCES, _("mọi đường đến"), ""),
    ]
    found = []
    for field, name, options, blank, lead in parts:
        current, rest = str(getattr(wanted, field) or ""), wanted.without(field).address()
        before = f"{rest}&" if len(rest) > 1 else rest
        found.append(
            {
                "lead": lead,
                "words": options.get(current, blank) if current else blank,
                "blank": blank,
                "clear": rest,
                "current": current,
                "options": [
                    (words, f"{before}{name}={key}", key == current) for key, words in options.items()
                ],
            }
        )
    return found


def _count_words(count: int) -> str:
    if count > arrivals.COUNT_UP_TO:
        return _("hơn 1.000 văn bản")
    return _("%(count)s văn bản") % {"count": f"{count:,}".replace(",", ".")}


def _id(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else None


# --- one arrival ----------------------------------------------------------------------------------------------


@staff_only
def incoming(request: HttpRequest, incoming_id: int) -> HttpResponse:
    one = incoming_of(request, incoming_id)
    user: Any = request.user
    if one.recipient_id and not one.recipient.opened_at and _of_receiver(user, one):
        delivery.opened(one, actor=user)
    reading.note(request, one)
    return render(request, "documents/incoming.html", context_of(request, one))


def _of_receiver(user: Any, one: IncomingDocument) -> bool:
    return rules.registers_or_directs(user, one) or one.tasks.visible_to(user).exists()


def context_of(request: HttpRequest, one: IncomingDocument, **more: Any) -> dict[str, Any]:
    user: Any = request.user
    now = timezone.now()
    verbs = open_verbs(INCOMING_MOVES, user, one) if not one.is_frozen else set()
    calendar = office_calendar.load(one.agency_id)
    came = list(one.files.select_related("stored"))
    shown = _shown_file(request, came)
    twins = list(acts.twins(one)[:5]) if "receive" in verbs else []
    asked = recalls.waiting_for(one) if rules.keeps_register(user, one) else None
    form = more.pop("form", None)
    if form is None and verbs & {"receive", "submit_up"}:
        form = OnwardForm(incoming=one, agency=one.agency, last_leader=_last_leader(request, one))
    return {
        "one": one,
        "shape": SHAPES[I(one.state)],
        "chip": chips.of_incoming(one, calendar, now),
        "verbs": verbs,
        "form": form,
        "twins": twins,
        "next_number": acts.next_number(one.agency_id) if "receive" in verbs else None,
        "verdict": verdict_of(one),
        "files": came,
        "shown": shown,
        "pages": _pictures(one, shown) if shown else [],
        "file_url": _file_url(one, shown) if shown else "",
        "directives": directives_of(one, user, calendar, now),
        "history": history_of(one),
        "asked": asked,
        "answers": _answers(one),
        "in_time": acts.received_in_time(one),
        "replies": replies_of(one, user),
        "may_copy": rules.keeps_register(user, one) and bool(came),
        "may_reply": rules.may_draft(user) and one.state not in NO_REPLY and not one.is_frozen,
        "crumbs": [(_("Văn bản đến"), "/lam-viec/van-ban/den/")],
        **more,
    }


def replies_of(one: IncomingDocument, user: Any) -> list[dict[str, Any]]:
    """Issued answers; a link only to those that this hat may open. Two queries."""
    found = Document.objects.filter(answers=one, status=DocumentStatus.ISSUED)
    seen = set(found.official().visible_to(user).values_list("pk", flat=True))
    rows = found.order_by("pk").values_list("pk", "number_printed", "dated_on")
    return [
        {"number": number, "day": day, "href": links.outgoing(pk) if pk in seen else ""}
        for pk, number, day in rows
    ]


def _last_leader(request: HttpRequest, one: IncomingDocument) -> int | None:
    last = (
        IncomingDocument.objects.filter(
            agency=one.agency_id,
            registered_by=request.user,
            submitted_to__isnull=False,  # type: ignore[misc]
        )
        .order_by("-id")
        .values_list("submitted_to", flat=True)
        .first()
    )
    return last


def _shown_file(request: HttpRequest, came: list[IncomingFile]) -> IncomingFile | None:
    wanted = request.GET.get("xem", "")
    chosen = next((one for one in came if str(one.pk) == wanted), None)
    return chosen or (came[0] if came else None)


def _file_url(one: IncomingDocument, file: IncomingFile) -> str:
    return f"/lam-viec/van-ban/den/{one.pk}/tep/{file.pk}/"


def _pictures(one: IncomingDocument, file: IncomingFile) -> list[str]:
    """Pages of a PDF as pictures; a photo is one itself."""
    url = _file_url(one, file)
    return [url] if file.stored.media_type.startswith("image/") else pages.addresses(file.stored, url)


def _answers(one: IncomingDocument) -> list[Any]:
    if one.recipient_id is None or one.recipient is None:
        return []
    rows = one.recipient.recall_answers.exclude(answer=RecallAnswer.WAITING)
    return list(rows.select_related("request__replacement").order_by("pk"))


def verdict_of(one: IncomingDocument) -> dict[str, Any] | None:
    """Words of the check. Only a valid one is green; what is unknown says so."""
    if one.source == IncomingSource.PAPER:
        return None
    if one.checked_at is None:
        return {"kind": "", "waiting": True}
    words: dict[str, tuple[str, Any, Any]] = {
        VerdictKind.VALID: ("valid", _("Chữ ký số hợp lệ"), _("Văn bản toàn vẹn từ khi ký.")),
        VerdictKind.INVALID: (
            "bad",
            _("Chữ ký số không hợp lệ"),
            _(
                "Tệp đã bị thay đổi sau khi ký hoặc chữ ký hỏng. Dòng chữ in trên trang không thay cho kết quả này."
            ),
        ),
        VerdictKind.UNKNOWN: (
            "unknown",
            _("Chưa xác định được chữ ký số"),
            _("Chưa đủ căn cứ để nói hợp lệ hay không. Có thể kiểm tra lại sau."),
        ),
        VerdictKind.NONE: (
            "unknown",
            _("Không có chữ ký số"),
            _("Bản điện tử này chỉ để tham khảo, không thay văn bản giấy."),
        ),
    }
    kind, title, text = words[one.verdict or VerdictKind.NONE]
    signatures = [
        {"file": file["name"], "bad": s["verdict"] == "invalid", "unsure": s["verdict"] == "unknown", **s}
        for file in one.report.get("files", ())
        for s in file["report"].get("signatures", ())
        if s.get("kind") == "signature"
    ]
    reasons = [reason for file in one.report.get("files", ()) for reason in file["report"].get("reasons", ())]
    return {"kind": kind, "title": title, "text": text, "signatures": signatures, "reasons": reasons[:6]}


def directives_of(one: IncomingDocument, user: Any, calendar: Any, now: Any) -> list[dict[str, Any]]:
    """Every directive with its tasks: two queries."""
    seen = set(one.tasks.visible_to(user).values_list("pk", flat=True))
    office = rules.registers_or_directs(user, one)
    found = []
    for directive in one.directives.select_related("under__unit").prefetch_related(
        "tasks__unit", "tasks__person"
    ):
        lines = [
            {
                "task": task,
                "chip": chips.of_task(task, calendar, now),
                "href": f"/lam-viec/van-ban/viec/{task.pk}/" if task.pk in seen or office else "",
            }
            for task in directive.tasks.all()
        ]
        found.append({"directive": directive, "lines": lines})
    return found


def history_of(one: IncomingDocument) -> list[dict[str, Any]]:
    """Newest first: the acts on the arrival itself."""
    events = AuditEvent.objects.filter(
        subject_type="documents.incomingdocument", subject_id=one.pk, event__startswith="incoming."
    ).exclude(event="incoming.read")
    return [
        {
            "state": "done",
            "title": audit.SENTENCES.get(event.event, event.event),
            "meta": _("%(at)s · %(who)s")
            % {
                "at": f"{timezone.localtime(event.at):%H:%M %d/%m/%Y}",
                "who": event.actor_name or _("hệ thống"),
            },
            "note": event.note if event.event != "incoming.arrive" else "",
        }
        for event in events.order_by("-id")[:60]
    ]


@staff_only
def incoming_file(request: HttpRequest, incoming_id: int, file_id: int) -> HttpResponseBase:
    one = incoming_of(request, incoming_id)
    found = get_object_or_404(one.files.select_related("stored"), pk=file_id)
    reading.note(request, one)
    return deliver(request, found.stored, name=found.name, back=links.of(one))


# --- acts -----------------------------------------------------------------------------------------------------


def _back(one: IncomingDocument | int) -> HttpResponse:
    pk = one if isinstance(one, int) else one.pk
    return redirect("documents:incoming", incoming_id=pk)


@staff_only
@require_POST
def incoming_check(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Check the signatures now, or anew."""
    one = incoming_of(request, incoming_id)
    if rules.registers_or_directs(request.user, one):
        acts.check_signatures(one.pk, actor=request.user)
    return _back(one)


@staff_only
@require_POST
def incoming_receive(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """«Tiếp nhận»: one form, three ways on: to the leader, straight to a unit, or into the register alone."""
    one = incoming_of(request, incoming_id)
    form = OnwardForm(request.POST, incoming=one, agency=one.agency)
    way = request.POST.get("lam", "trinh")
    if form.is_valid():
        given = form.cleaned_data
        seen = list(acts.twins(one).values_list("pk", flat=True)) if given.get("seen_twins") else []
        try:
            words = _receive(one, request.user, form, way, seen)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, words)
            return _back(one)
    return render(request, "documents/incoming.html", context_of(request, one, form=form))


def _receive(one: IncomingDocument, user: Any, form: OnwardForm, way: str, seen: list[int]) -> str:
    given, facts = form.cleaned_data, form.facts()
    if way == "trinh":
        leader = given.get("leader")
        if leader is None:
            raise RuleError(_("Chọn lãnh đạo để trình."))
        done = acts.receive_and_submit(one.pk, actor=user, leader=leader, facts=facts, seen_twins=seen)
        words = _("Đã tiếp nhận, số đến %(n)s, trình %(name)s.")
        return words % {"n": done.arrival_number, "name": leader.full_name}
    if way == "chuyen":
        unit = given.get("unit")
        if unit is None:
            raise RuleError(_("Chọn đơn vị để chuyển."))
        done = acts.receive_and_transfer(one.pk, actor=user, unit=unit, facts=facts, seen_twins=seen)
        return _("Đã tiếp nhận, số đến %(n)s, chuyển %(unit)s.") % {
            "n": done.arrival_number,
            "unit": unit.name,
        }
    done = acts.receive(one.pk, actor=user, facts=facts, seen_twins=seen)
    return _("Đã tiếp nhận, số đến %(n)s.") % {"n": done.arrival_number}


@staff_only
@require_POST
def incoming_onward(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Registered already: submit to the leader, or transfer."""
    one = incoming_of(request, incoming_id)
    form = OnwardForm(request.POST, incoming=one, agency=one.agency)
    form.is_valid()
    leader, unit = form.cleaned_data.get("leader"), form.cleaned_data.get("unit")
    try:
        if request.POST.get("lam") == "chuyen":
            if unit is None:
                raise RuleError(_("Chọn đơn vị để chuyển."))
            acts.transfer(one.pk, actor=request.user, unit=unit, due_at=directives.usual_due(one))
            messages.success(request, _("Đã chuyển %(unit)s.") % {"unit": unit.name})
        else:
            if leader is None:
                raise RuleError(_("Chọn lãnh đạo để trình."))
            acts.submit_up(one.pk, actor=request.user, leader=leader)
            messages.success(request, _("Đã trình %(name)s.") % {"name": leader.full_name})
    except RuleError as error:
        messages.error(request, str(error))
    return _back(one)


NOTED: Final[dict[str, tuple[str, Any, Any, Any, Any]]] = {
    # address: verb, title, label, lead, act
    "tra-lai": (
        "turn_away",
        lazy("Trả lại nơi gửi"),
        lazy("Lý do trả lại"),
        lazy("Lý do gửi về nơi gửi (mã 02). Văn bản không vào sổ."),
        acts.turn_away,
    ),
    "ket-thuc": (
        "conclude",
        lazy("Kết thúc, không cần xử lý thêm"),
        lazy("Vì sao kết thúc"),
        lazy("Các việc đang làm được rút; nơi gửi nhận trạng thái hoàn thành."),
        acts.conclude,
    ),
    "xu-ly-tiep": (
        "reopen",
        lazy("Yêu cầu xử lý tiếp"),
        lazy("Cần làm thêm gì"),
        lazy("Nơi gửi thấy văn bản đang xử lý trở lại."),
        acts.reopen,
    ),
}


@staff_only
def incoming_noted(request: HttpRequest, incoming_id: int, verb: str) -> HttpResponse:
    """A move that needs a reason: the page that asks, and the move."""
    if verb not in NOTED:
        raise Http404
    name, title, label, lead, act = NOTED[verb]
    one = incoming_of(request, incoming_id)
    if name not in open_verbs(INCOMING_MOVES, request.user, one):
        messages.error(
            request, _("Chưa thực hiện được: hiện ở trạng thái «%(s)s».") % {"s": one.get_state_display()}
        )
        return _back(one)
    form = NoteForm(request.POST or None, label=label)
    if request.method == "POST" and form.is_valid():
        try:
            act(one.pk, actor=request.user, note=form.cleaned_data["note"])
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã thực hiện: %(what)s.") % {"what": str(title).lower()})
            return _back(one)
    context = {
        "one": one,
        "title": title,
        "lead": lead,
        "form": form,
        "back": f"/lam-viec/van-ban/den/{one.pk}/",
    }
    return render(request, "documents/incoming_note.html", context)


# --- directing ------------------------------------------------------------------------------------------------

PHRASES: Final = (
    lazy("Giao chủ trì nghiên cứu, tham mưu thực hiện; báo cáo kết quả trước hạn."),
    lazy("Chủ trì, phối hợp các đơn vị liên quan soạn văn bản trả lời, trình ký."),
    lazy("Triển khai thực hiện theo nội dung văn bản."),
    lazy("Để biết, lưu theo dõi."),
)


@staff_only
def incoming_direct(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Bút phê: the paper beside the form; what was typed stays when something is missing."""
    one = incoming_of(request, incoming_id)
    user: Any = request.user
    if "direct" not in open_verbs(INCOMING_MOVES, user, one):
        messages.error(
            request, _("Chưa cho ý kiến được: hiện ở trạng thái «%(s)s».") % {"s": one.get_state_display()}
        )
        return _back(one)
    form = DirectiveForm(request.POST or None, agency_id=one.agency_id, default_due=directives.usual_due(one))
    if request.method == "POST" and form.is_valid():
        try:
            acts_done = directives.direct(
                one.pk, actor=user, text=form.cleaned_data["text"], assignees=form.assignees()
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            count = acts_done.tasks.count()
            messages.success(request, _("Đã cho ý kiến và giao %(n)s nơi.") % {"n": count})
            following = _next_to_direct(user, one)
            return (
                redirect("documents:incoming_direct", incoming_id=following)
                if following and request.POST.get("tiep")
                else _back(one)
            )
    context = context_of(request, one, form=form) | {
        "own_phrases": _own_phrases(user),
        "phrases": PHRASES,
        "following": _next_to_direct(user, one),
    }
    return render(request, "documents/incoming_direct.html", context)


def _own_phrases(user: Any) -> list[str]:
    """What this leader wrote lately, each once."""
    texts = Directive.objects.filter(by=user).order_by("-id").values_list("text", flat=True)[:30]
    return [
        text
        for text in dict.fromkeys(texts)
        if len(text) <= 160 and text not in [str(one) for one in PHRASES]
    ][:4]


def _next_to_direct(user: Any, one: IncomingDocument) -> int | None:
    waiting = IncomingDocument.objects.filter(
        rules.serving(user, "agency", Role.LEADER, model="IncomingDocument"),
        state=I.SUBMITTED,
        submitted_to=user,
    )
    return waiting.exclude(pk=one.pk).order_by("-urgency", "pk").values_list("pk", flat=True).first()


@staff_only
def incoming_sheet(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Phiếu giải quyết văn bản đến (NĐ 30/2020/NĐ-CP, Phụ lục IV) as PDF."""
    one = incoming_of(request, incoming_id)
    answer = HttpResponse(handling_sheet.render(one), content_type="application/pdf")
    name = files.cleaned_name(f"phieu-giai-quyet-{one.arrival_number or one.pk}.pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


@staff_only
@require_POST
def recall_answer(request: HttpRequest, incoming_id: int) -> HttpResponse:
    one = incoming_of(request, incoming_id)
    asked = recalls.waiting_for(one)
    if asked is None:
        messages.error(request, _("Không còn yêu cầu nào chờ trả lời."))
        return _back(one)
    try:
        recalls.answer(
            asked.pk,
            actor=request.user,
            agreed=request.POST.get("lam") == "dong-y",
            note=request.POST.get("note", ""),
        )
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Đã trả lời nơi gửi."))
    return _back(one)


# --- paper ----------------------------------------------------------------------------------------------------


@staff_only
def incoming_new(request: HttpRequest) -> HttpResponse:
    """A paper arrival: scan, facts, number of arrival, and onward in one press."""
    user: Any = request.user
    agencies = Organization.objects.filter(pk__in=user.units_as(Role.CLERK)).order_by("pk")
    agency = agencies.filter(pk=_id(request, "co-quan") or 0).first() or agencies.first()
    if agency is None:
        raise Http404
    form = OnwardForm(
        request.POST or None,
        agency=agency,
        last_leader=_last_leader(request, IncomingDocument(agency=agency)),
        initial={"urgency": 0, "paper_copies": 1},
    )
    twins: list[IncomingDocument] = []
    if request.method == "POST" and form.is_valid():
        facts = form.facts()
        found = acts.twins_of(
            agency_id=agency.pk,
            number=facts.number_printed,
            issuer=facts.issuer_printed,
            issuer_id=facts.issuer.pk if facts.issuer else None,
        )
        twins = list(found[:5])
        seen = [twin.pk for twin in twins] if form.cleaned_data.get("seen_twins") else []
        uploads = [*request.FILES.getlist("files"), *request.FILES.getlist("files-photo")]
        leader = form.cleaned_data.get("leader")
        try:
            done = acts.register_paper(
                actor=user,
                agency=agency,
                facts=facts,
                uploads=uploads,
                seen_twins=seen,
                leader=leader if request.POST.get("lam") == "trinh" else None,
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã đăng ký, số đến %(n)s.") % {"n": done.arrival_number})
            return _back(done)
    context = {
        "form": form,
        "agency": agency,
        "twins": twins,
        "next_number": acts.next_number(agency.pk),
        "issuers": _issuers(agency),
        "crumbs": [(_("Văn bản đến"), "/lam-viec/van-ban/den/")],
    }
    return render(request, "documents/incoming_new.html", context)


def _issuers(agency: Organization) -> list[str]:
    """Names to choose from: who wrote lately, then the agencies of the directory, past ones too."""
    late = (
        IncomingDocument.objects.filter(agency=agency)
        .order_by("-id")
        .values_list("issuer_printed", flat=True)[:60]
    )
    known = (
        Organization.objects.filter(agency=F("pk")).order_by("folded").values_list("name", flat=True)[:600]
    )
    return list(dict.fromkeys([*late, *known]))
