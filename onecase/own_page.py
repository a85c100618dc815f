"""What applicants see of their own cases, and what anybody with code and second factor sees. No HTTP, no writes."""

import base64
import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import duechip, office_calendar
from core.calendar import SAME_DAY_UNTIL, said_in_full
from onecase import actions, clock, procedure_page, timeline
from onecase.choices import STATUS_SHAPE, BusinessStatus, FormNo, LimitUnit
from onecase.models import Case, CaseFile, LegalForm, SupplementItem

S = BusinessStatus
WAITS_FOR_APPLICANT = {S.INTAKE_RETURNED: "resubmit", S.SUPPLEMENT_REQUIRED: "supply"}
HAS_RESULT = {S.COMPLETED, S.REFUSED, S.RETURNED}
ENDED = {S.INTAKE_REJECTED, S.WITHDRAWN, S.STOPPED, *HAS_RESULT}
# Notes that were written to the applicant, or by him.
SPOKEN = {
    "case.return_intake", "case.request_supplement", "case.reject_intake", "case.stop", "case.resubmit", "case.supply",
    "case.request_withdrawal",
}  # fmt: skip
DOTS = {"full": "done", "half": "now", "paused": "paused"}
# What is still to come, in the order of the road; the applicant's words.
ROAD = (
    ({S.SUBMITTED, S.INTAKE_RETURNED}, "counter"),
    ({S.ACCEPTED, S.FORWARDED, S.APPRAISING, S.SUPPLEMENT_PROPOSED, S.SUPPLEMENT_REQUIRED}, "office"),
    ({S.AWAITING_APPROVAL, S.APPROVED}, "signing"),
    ({S.COMPLETED, S.REFUSED}, "result"),
)


@dataclass
class OwnCase:
    """One case as its applicant sees it."""

    case: Case
    title: str
    status_kind: str
    chip: Any
    facts: list[tuple[str, str]]
    truth: str
    history: list[dict[str, Any]]
    why: dict[str, Any] | None = None
    missing: list[SupplementItem] = field(default_factory=list)
    instruction: str = ""
    forms: list[LegalForm] = field(default_factory=list)
    files: list[CaseFile] = field(default_factory=list)
    may_withdraw: bool = False
    may_rate: bool = False
    has_result: bool = False
    result_name: str = ""
    is_fresh: bool = False


def of(case: Case, user: Any, now: datetime) -> OwnCase:
    moves = {move.verb for move in actions.open_moves(user, case)}
    result = case.result_document
    page = OwnCase(
        case=case,
        title=procedure_page.short_name(case.procedure.name),
        status_kind=STATUS_SHAPE.get(BusinessStatus(case.business_status), "half"),
        chip=chip(case, now),
        facts=_facts(case),
        truth=truth_about_time(case, now) if case.business_status in {S.SUBMITTED, S.INTAKE_RETURNED} else "",
        history=road(case, public=False),
        forms=list(case.forms.order_by("id")),
        files=list(
            case.files.filter(removed_at__isnull=True).select_related("stored", "component").order_by("id")
        ),
        may_withdraw="request_withdrawal" in moves,
        may_rate=case.business_status in HAS_RESULT and not hasattr(case, "rating"),
        has_result=case.business_status in HAS_RESULT
        and result is not None
        and result.current_file_id is not None,
        result_name=result.title if result is not None else "",
        is_fresh=case.business_status == S.SUBMITTED and not case.supplement_count,
    )
    if case.business_status in WAITS_FOR_APPLICANT:
        page.missing, page.instruction = missing_items(case), instruction_of(case)
    explained = clock.explain(case) if case.business_status != S.SUPPLEMENT_REQUIRED else None
    if explained is not None and case.due_at is not None:
        page.why = {
            "due_words": said_in_full(case.due_at),
            "lines": [
                {"words": line.text, "value": line.value, "sure": not line.provisional}
                for line in explained.lines
            ],
            "result": said_in_full(case.due_at),
        }
    return page


def missing_items(case: Case) -> list[SupplementItem]:
    return list(
        case.supplement_items.filter(round=case.supplement_count, answered_at__isnull=True).select_related(
            "component"
        )
    )


def instruction_of(case: Case) -> str:
    """What the officer wrote to the applicant on the last Form 02, besides the items."""
    form = case.forms.filter(form_no=FormNo.SUPPLEMENT).order_by("-pk").first()
    return str(form.snapshot.get("note") or "") if form else ""


def chip(case: Case, now: datetime, *, calendars: office_calendar.Calendars | None = None) -> Any:
    """Public chips count days only; a case before acceptance says what it waits for."""
    if case.received_at is None and case.business_status == S.SUBMITTED:
        return duechip.Chip(
            duechip.ChipState.NONE,
            lead=_("Chưa tính hạn:"),
            strong=_("chờ tiếp nhận"),
            label=_("chưa tính hạn, chờ tiếp nhận"),
        )
    if case.business_status in {S.INTAKE_REJECTED, S.WITHDRAWN, S.STOPPED}:
        return duechip.Chip(
            duechip.ChipState.NONE, lead=_("không tính hạn nữa"), label=_("không tính hạn nữa")
        )
    working = calendars.of(case.agency_id) if calendars else None
    return clock.chip_of(
        case, now=now, public=True, working=working, paused_since=getattr(case, "paused_since", None)
    )


def _facts(case: Case) -> list[tuple[str, str]]:
    submitter = case.parties.filter(role="submitter").first() or case.parties.first()
    facts = [(_("Người nộp"), submitter.full_name)] if submitter else []
    if submitter and case.owner_name and case.owner_name != submitter.full_name:
        facts.append((_("Chủ hồ sơ"), case.owner_name))
    facts += about(case)
    if case.receiving_unit:
        facts.append((_("Nơi tiếp nhận"), case.receiving_unit.name))
    if case.procedure_case:
        facts.append((_("Trường hợp"), case.procedure_case.name))
    facts.append((_("Lệ phí"), fee_words(case)))
    facts.append((_("Nhận kết quả"), _sentence(str(case.get_return_way_display()))))
    return facts


def about(case: Case) -> list[tuple[str, str]]:
    """Whom the paper is for, where the form tells."""
    answers = case.answers
    child = [str(answers.get(f"child_{part}_name") or "") for part in ("family", "middle", "given")]
    named = [
        (_("Khai sinh cho"), " ".join(part for part in child if part)),
        (_("Khai tử cho"), answers.get("deceased_full_name")),
        (_("Cấp cho"), answers.get("subject_full_name")),
        (_("Hộ kinh doanh"), answers.get("business_name")),
    ]
    return [(label, str(value)) for label, value in named if value]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def fee_words(case: Case) -> str:
    """By the true channel; not known is not the same as 0 đồng."""
    fee = case.version.fees.filter(channel=case.channel).first()
    if fee is None or fee.amount_vnd is None:
        return _("Mức thu đang xác minh")
    amount = _("%(amount)s đồng") % {"amount": f"{fee.amount_vnd:,}".replace(",", ".")}
    return amount if fee.verified else _("%(amount)s (đang xác minh)") % {"amount": amount}


def truth_about_time(case: Case, now: datetime) -> str:
    """When the result comes if the counter accepts at once, and if it accepts a working day later."""
    start = _("Thời hạn tính từ lúc cơ quan tiếp nhận hồ sơ đầy đủ.")
    limit = clock.limit_of(case)
    if limit is None:
        return f"{start} " + _("Pháp luật không quy định số ngày cho thủ tục này.")
    unit, quantity = limit
    calendar = office_calendar.load(case.agency_id)
    opened = calendar.next_opening(now)
    today, first = timezone.localdate(now), calendar.due(opened, quantity, unit).at
    following = calendar.next_opening(
        timezone.make_aware(
            datetime.combine(calendar.next_working_day(timezone.localdate(opened)), datetime.min.time())
        )
    )
    second = calendar.due(following, quantity, unit).at
    local = timezone.localtime(opened)
    if unit == LimitUnit.WITHIN_DAY and (local.hour * 3600 + local.minute * 60) < SAME_DAY_UNTIL:
        day = _("hôm nay") if local.date() == today else _day(opened)
        return f"{start} " + _(
            "Tiếp nhận trước 15:00 %(day)s thì có kết quả trong ngày đó; tiếp nhận muộn hơn thì có vào %(later)s."
        ) % {"day": day, "later": _day(second)}
    return f"{start} " + _("Tiếp nhận lúc %(one)s thì hẹn trả %(first)s; tiếp nhận %(other)s thì hẹn trả %(second)s.") % {
        "one": said_in_full(opened), "first": said_in_full(first), "other": said_in_full(following), "second": said_in_full(second),
    }  # fmt: skip


def _day(at: datetime) -> str:
    """«thứ Tư 25/11/2026»."""
    return said_in_full(at).partition(" ")[2]


# --- history ----------------------------------------------------------------------------------------------


def history(case: Case, *, public: bool) -> list[dict[str, Any]]:
    """Oldest first, as the timeline component draws it."""
    items = []
    for entry in timeline.of(case, public=public):
        if entry.event in timeline.INNER:
            continue
        who = entry.by
        time = f"{timezone.localtime(entry.at):%H:%M %d/%m/%Y}"
        by_me = entry.event == "case.submit" and not public
        if by_me:
            count = case.files.filter(removed_at__isnull=True).exclude(source="system").count()
            who = _("%(count)d tệp, đã kiểm tra") % {"count": count} if count else ""
        moved = ""
        if entry.due_before and entry.due_after and entry.due_before != entry.due_after:
            moved = _("hạn dời %(before)s → %(after)s") % {
                "before": said_in_full(entry.due_before), "after": said_in_full(entry.due_after),
            }  # fmt: skip
        items.append(
            {
                "state": DOTS.get(entry.state, "done"),
                "title": _("Bạn đã nộp") if by_me else entry.title,
                "meta": " · ".join(part for part in (time, who, moved) if part),
                "note": entry.note if entry.event in SPOKEN else "",
                "proof": "" if public else reverse("core:event_proof", args=[entry.number]),
            }
        )
    return items


def road(case: Case, *, public: bool) -> list[dict[str, Any]]:
    """What was, and what is still to come; only one step is the present one."""
    behind, coming = history(case, public=public), ahead(case)
    for item in behind if coming else ():
        if item["state"] == "now":
            item["state"] = "done"
    return behind + coming


def ahead(case: Case) -> list[dict[str, Any]]:
    """The steps still to come; none once the case has ended."""
    if (
        case.business_status in ENDED - {S.COMPLETED, S.REFUSED}
        or case.business_status == S.WITHDRAWAL_REQUESTED
    ):
        return []
    place = next(
        (number for number, (statuses, _name) in enumerate(ROAD) if case.business_status in statuses), 0
    )
    agency = case.agency.name if case.agency else ""
    words = {
        "counter": (
            _("Cán bộ Một cửa kiểm tra"),
            _("Đủ thì gửi Giấy tiếp nhận và hẹn trả (mẫu số 01). Thiếu thì báo một lần, đủ các mục."),
        ),
        "office": (_("%(agency)s thẩm định") % {"agency": agency}, ""),
        "signing": (_("Lãnh đạo ký số, văn thư đóng dấu"), ""),
        "result": (
            _("Bạn nhận kết quả"),
            _("%(way)s. Có tin nhắn báo trong cổng và thư điện tử")
            % {"way": _sentence(str(case.get_return_way_display()))},
        ),
    }
    waits = case.business_status in WAITS_FOR_APPLICANT
    mine = [{"state": "now", "title": _("Bạn gửi bổ sung"), "meta": reply_words(case)}] if waits else []
    return mine + [
        {
            "state": "now" if number == place and not waits else "todo",
            "title": words[name][0],
            "meta": words[name][1],
        }
        for number, (_statuses, name) in enumerate(ROAD)
        if number >= place
    ]


def reply_words(case: Case) -> str:
    return _("trước ngày %(day)s") % {"day": f"{case.reply_by:%d/%m/%Y}"} if case.reply_by else ""


def form_title(form: LegalForm) -> str:
    return str(FormNo(form.form_no).label)


def qr_data_uri(code: str) -> str:
    """A QR code that opens the look-up with this case code; it carries no second factor."""
    address = f"{settings.SITE_URL}{reverse('onecase:look_up')}?ma={code}"
    picture = io.BytesIO()
    segno.make(address, error="m").save(
        picture, kind="svg", border=0, dark="#0E2238", xmldecl=False, svgns=True, scale=4
    )
    return "data:image/svg+xml;base64," + base64.b64encode(picture.getvalue()).decode()


# --- look-up without signing in ---------------------------------------------------------------------------


def candidates(typed: str) -> list[str]:
    """Every case code that somebody may have meant, however he set dots and dashes: agency-yymmdd-number."""
    text = typed.strip().upper()[:60]
    plain = "".join(sign for sign in text if sign.isascii() and sign.isalnum())
    found = [text]
    for digits in (4, 5, 6):
        head, number = plain[:-digits], plain[-digits:]
        agency, day = head[:-6], head[-6:]
        if not (number.isdigit() and day.isdigit() and 3 <= len(agency) <= 12):
            continue
        spellings = {agency, *(f"{agency[:cut]}.{agency[cut:]}" for cut in range(1, len(agency)))}
        spellings |= {
            f"{agency[:one]}.{agency[one:two]}.{agency[two:]}"
            for one in range(1, len(agency))
            for two in range(one + 1, len(agency))
        }
        found += [f"{spelled}-{day}-{number}" for spelled in spellings]
    return found


def found_by(typed: str, digits: str) -> Case | None:
    """The case with this code, if the digits end the id number or the phone of one of its people."""
    case = (
        Case.objects.exclude(business_status=S.DRAFT)
        .filter(code__in=candidates(typed))
        .select_related("procedure", "version", "agency", "receiving_unit", "procedure_case")
        .first()
    )
    if case is None or len(digits) != 4:
        return None
    parties = case.parties.all()
    known = any(digits in {party.number_tail, party.phone[-4:]} for party in parties)
    return case if known else None
