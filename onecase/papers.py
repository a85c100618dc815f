"""The prescribed forms of a case: first a snapshot of everything printed, then the PDF from the snapshot alone.

Form numbers: TT 03/2025/TT-VPCP (domain/onecase.md §5). The order of the lines is general knowledge, to be compared
with the published forms. Papers are Vietnamese by law, so their words are not translated.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from core import paper, wording
from core.pdf import Rendered
from onecase.choices import Channel, CheckState, FormNo, LimitUnit, PartyRole, ReturnWay
from onecase.models import Case, CaseFile, Component, LegalForm, LegalReason, Party
from org.letterhead import letterhead, signer_block
from org.models import Organization, User

Snapshot = dict[str, Any]

TEMPLATES = {
    FormNo.RECEIPT: "papers/form01.html",
    FormNo.SUPPLEMENT: "papers/form02.html",
    FormNo.REJECTION: "papers/form03.html",
    FormNo.STOP: "papers/form05.html",
}
CONTROL_SHEET, APPLICATION = "papers/form06.html", "papers/application.html"
CONTROL_SHEET_TITLE = "Phiếu kiểm soát quá trình giải quyết hồ sơ"
NOTATIONS = {FormNo.RECEIPT: "TNHS", FormNo.SUPPLEMENT: "HDHS"}  # general knowledge, verify
FORM_SET = "03/2025/TT-VPCP"
TO_BRING = (
    "Tra cứu tiến độ: nhập mã hồ sơ và 4 số cuối của số định danh hoặc số điện thoại tại trang Tra cứu hồ sơ. "
    "Khi đến nhận kết quả, mang theo giấy này và căn cước; người nhận thay mang giấy ủy quyền."
)
NOT_SUBMITTED = "chưa nộp"
LIMITS = {
    LimitUnit.WORKING_DAY: "ngày làm việc",
    LimitUnit.CALENDAR_DAY: "ngày",
    LimitUnit.WORKING_HOUR: "giờ làm việc",
    LimitUnit.MONTH: "tháng",
}
PRINTED_ABSENT = {CheckState.NOT_NEEDED, CheckState.MISSING}  # nothing was handed in


# --- drawing -----------------------------------------------------------------------------------------------------


def render_form(form: LegalForm) -> Rendered:
    """The form from its snapshot. Anchors: `signature`, `seal`, `qr`."""
    return render_snapshot(form.form_no, form.snapshot, check_code=form.check_code)


def render_snapshot(form_no: str, snapshot: Mapping[str, Any], *, check_code: str) -> Rendered:
    return paper.render(TEMPLATES[FormNo(form_no)], snapshot, check_code=check_code)


def seal_box(rendered: Rendered) -> tuple[int, float, float, float, float]:
    """Where the unit's seal lands: page from 0, x1, y1, x2, y2 in points."""
    return paper.box_of(rendered, "seal")


def render_application(case: Case) -> bytes:
    """Tờ khai from the answers of the electronic form."""
    return paper.render(APPLICATION, application_snapshot(case)).data


def render_control_sheet(case: Case) -> bytes:
    """Form 06, from the hand-overs and steps as they stand now."""
    return paper.render(CONTROL_SHEET, control_sheet_snapshot(case)).data


def snapshot(case: Case, form_no: FormNo, *, actor: User | None = None, **facts: Any) -> Snapshot:
    """What form `form_no` prints, frozen now. `facts`: what only the act knows (note, reason …)."""
    return SNAPSHOTS[FormNo(form_no)](case, officer=actor, **facts)


# --- snapshots ---------------------------------------------------------------------------------------------------


def form01_snapshot(case: Case, *, officer: User | None = None, at: datetime | None = None) -> Snapshot:
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả. `officer` received the case; `at` dates the paper."""
    owner, submitter = _owner_and_submitter(case)
    unit = _receiving_unit(case)
    return {
        **_form_base(case, FormNo.RECEIPT, unit, at or case.received_at),
        "submitter": _submitter(submitter),
        "components": _components(case),
        "sets": "01",
        "fee": {"amount": _fee(case), "channel": f"nộp {Channel(case.channel).label}"},
        "limit": limit_in_words(case),
        "received": wording.moment_in_words(case.received_at) if case.received_at else NOT_SUBMITTED,
        "due": wording.moment_in_words(case.due_at)
        if case.due_at
        else "theo thông báo của cơ quan giải quyết",
        "return_way": _return_way(case, unit, owner),
        "register": f"{sequence_of(case)} ngày {timezone.localtime(case.received_at or timezone.now()):%d/%m/%Y}",
        "note": TO_BRING,
        "submitted_how": _submitted_how(case),
        "signed_by_citizen": _citizen(case, submitter or owner),
        "signer": {"lines": ["NGƯỜI TIẾP NHẬN HỒ SƠ"], "name": _name(officer)},
    }


def form02_snapshot(
    case: Case, *, officer: User | None = None, note: str = "", at: datetime | None = None
) -> Snapshot:
    """Phiếu yêu cầu bổ sung: the items of the latest round, each with its reason and ground."""
    unit = _receiving_unit(case)
    items = list(case.supplement_items.all())
    latest = max((item.round for item in items), default=1)
    base = _form_base(case, FormNo.SUPPLEMENT, unit, at)
    if latest > 1:
        base["number"] = base["number"].replace("/", f"-{latest}/")
    return {
        **base,
        "round": wording.two(latest),
        "stage": "trong khi giải quyết" if case.received_at else "khi tiếp nhận",
        "items": [
            {"text": item.text, "reason": item.reason, "ground": item.ground}
            for item in items
            if item.round == latest
        ],
        "note": note,
        "reply_by": wording.day_in_words(case.reply_by) if case.reply_by else "",
        "reply_how": _reply_how(case, unit),
        "clock_note": "Thời gian giải quyết tạm dừng từ lúc yêu cầu bổ sung đến lúc nhận đủ giấy tờ."
        if case.received_at
        else "Thời gian giải quyết được tính từ lúc hồ sơ được tiếp nhận đầy đủ, hợp lệ.",
        "contact": _contact(unit),
        "signer": {"lines": ["NGƯỜI HƯỚNG DẪN"], "name": _name(officer)},
    }


def form03_snapshot(
    case: Case,
    *,
    reason: LegalReason | str,
    note: str = "",
    officer: User | None = None,
    at: datetime | None = None,
) -> Snapshot:
    """Phiếu từ chối tiếp nhận: the reason is one of the list."""
    unit = _receiving_unit(case)
    listed = reason if isinstance(reason, LegalReason) else LegalReason(text=reason)
    return {
        **_form_base(case, FormNo.REJECTION, unit, at),
        "unit_name": unit_name(unit),
        "channel": str(Channel(case.channel).label),
        "submitted": _moment(case.submitted_at),
        "reason": listed.text.rstrip("."),
        "ground": listed.ground,
        "guidance": listed.guidance,
        "note": note,
        "contact": _contact(unit),
        "signer": {"lines": ["NGƯỜI HƯỚNG DẪN"], "name": _name(officer)},
    }


def form05_snapshot(
    case: Case,
    *,
    note: str = "",
    officer: User | None = None,
    at: datetime | None = None,
    fees: str = "",
    papers_returned: str = "",
) -> Snapshot:
    """Thông báo dừng giải quyết, in the name of the agency that decides. `note`: the ground. `at`: when it stops."""
    agency = case.agency or _receiving_unit(case)
    stopped_at = at or timezone.now()
    hat = officer.hat if officer else None
    return {
        **_form_base(case, FormNo.STOP, agency, stopped_at),
        "unit_name": agency.name,
        "channel": str(Channel(case.channel).label),
        "submitted": _moment(case.submitted_at),
        "received": _moment(case.received_at) if case.received_at else "",
        "due": _moment(case.due_at) if case.due_at else "không đặt hạn",
        "stopped": wording.moment_in_words(stopped_at),
        "ground": note.strip().rstrip("."),
        "stage": "đang giải quyết" if case.received_at else "chưa tiếp nhận",
        "fees": fees or "Chưa thu; nếu đã nộp, nơi tiếp nhận hướng dẫn hoàn trả theo quy định.",
        "papers_returned": papers_returned or _papers_returned(case),
        "contact": _contact(_receiving_unit(case)),
        "signer": signer_block(hat).as_dict() if hat else {"lines": ["THỦ TRƯỞNG ĐƠN VỊ"], "name": ""},
    }


def control_sheet_snapshot(case: Case) -> Snapshot:
    """Form 06: one row per hand-over, never overwritten."""
    runs = list(case.step_runs.all())
    unit = _receiving_unit(case)
    return {
        **_form_base(case, None, unit, timezone.now()),
        "title": CONTROL_SHEET_TITLE.upper(),
        "agency_name": case.agency.name if case.agency else "",
        "cooperating": "",
        "received": _moment(case.received_at) if case.received_at else "",
        "due": _moment(case.due_at) if case.due_at else "không đặt hạn",
        "rows": [
            {
                "giver_unit": over.giver_unit,
                "taker_unit": unit_name(over.taker_unit),
                "given": _short_moment(over.given_at),
                "giver": over.giver.full_name,
                "taken": _short_moment(over.taken_at) if over.taken_at else "chưa nhận",
                "taker": over.taker.full_name if over.taker else "–",
                "result": _result_before(runs, over.given_at),
                "note": over.note,
            }
            for over in case.hand_overs.select_related("giver", "taker", "taker_unit__agency__territory")
        ],
        "steps": [
            {
                "name": run.name,
                "started": _short_moment(run.started_at),
                "due": _short_moment(run.due_at) if run.due_at else "–",
                "ended": _short_moment(run.ended_at) if run.ended_at else "đang làm",
                "result": outcome(run.due_at, run.ended_at),
            }
            for run in runs
        ],
        "printed": wording.moment_in_words(timezone.now()),
    }


def application_snapshot(case: Case) -> Snapshot:
    """The sections of the electronic form with their answers, as the applicant sees them on the paper."""
    owner, submitter = _owner_and_submitter(case)
    files = list(case.files.filter(removed_at=None).exclude(source="system").select_related("component"))
    form = electronic_form(case)
    schema = form.schema if form else {}
    at = case.submitted_at or case.saved_at or case.created_at
    place = letterhead(case.agency).place if case.agency else ""
    day = wording.day_in_words(timezone.localtime(at).date())
    fields = list(fields_of(schema))
    answers = case.answers
    sent = (
        f"{case.code}, nộp {Channel(case.channel).label} lúc {_moment(case.submitted_at)}."
        if case.code
        else ""
    )
    return {
        "title": (form.title if form else case.procedure.name).upper(),
        "code": case.code or "",
        "form_code": str(schema.get("form_code", "")),
        "agency_name": case.agency.name if case.agency else "…",
        "sections": [
            printed for section in schema.get("sections", ()) if (printed := _section(section, answers))
        ],
        "files": [_file_line(file, fields) for file in files],
        "pledge": next((f"{field['label']}." for field in fields if field["name"] == "pledge"), ""),
        "code_line": f"Mã hồ sơ {sent}" if sent else "Bản nháp, chưa nộp.",
        "place_date": f"{place}, {day}" if place else day.capitalize(),
        "submitted_how": _submitted_how(case),
        "signed_by_citizen": _citizen(case, submitter or owner),
    }


SNAPSHOTS: dict[FormNo, Callable[..., Snapshot]] = {
    FormNo.RECEIPT: form01_snapshot,
    FormNo.SUPPLEMENT: form02_snapshot,
    FormNo.REJECTION: form03_snapshot,
    FormNo.STOP: form05_snapshot,
}


# --- words used by several papers --------------------------------------------------------------------------------


def sequence_of(case: Case) -> str:
    """The running number at the end of the case code."""
    return (case.code or "").rpartition("-")[2]


def limit_in_words(case: Case) -> str:
    """«trong ngày làm việc», «03 ngày làm việc»: the variant's own limit before the procedure's."""
    variant, version = case.procedure_case, case.version
    unit, quantity = version.limit_unit, version.limit_quantity
    if variant is not None and variant.limit_unit:
        unit, quantity = variant.limit_unit, variant.limit_quantity
    if unit == LimitUnit.WITHIN_DAY:
        return "trong ngày làm việc"
    if unit == LimitUnit.NONE or quantity is None:
        return "pháp luật không quy định"
    return f"{wording.two(quantity)} {LIMITS[LimitUnit(unit)]}"


def unit_name(unit: Organization) -> str:
    """With its commune: every commune has a «Trung tâm Phục vụ hành chính công»."""
    territory = unit.territory or (unit.agency.territory if unit.agency else None)
    if territory is None or territory.name in unit.name:
        return unit.name
    full = territory.full_name
    return f"{unit.name} {full[:1].lower()}{full[1:]}"


def honorific(number: str) -> str:
    """«Ông» or «Bà» by the fourth digit of a 12-digit id (TT 59/2021/TT-BCA art. 4), else both."""
    if len(number) != 12 or not number.isdigit():
        return "Ông/Bà"
    return "Bà" if int(number[3]) % 2 else "Ông"


def outcome(due: datetime | None, ended: datetime | None) -> str:
    """«trước hạn», «đúng hạn», «quá hạn»; a dash while it runs or has no due time."""
    if due is None or ended is None:
        return "–"
    if ended > due:
        return "quá hạn"
    return "đúng hạn" if timezone.localtime(ended).date() == timezone.localtime(due).date() else "trước hạn"


def electronic_form(case: Case) -> Any | None:
    try:
        return case.procedure.eform
    except ObjectDoesNotExist:
        return None


def fields_of(schema: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for section in schema.get("sections", ()):
        yield from section.get("fields", ())


def answer_in_words(field: Mapping[str, Any], value: Any) -> str:
    """An answer as papers print it."""
    if value is None or value == "":
        return ""
    if isinstance(value, Mapping):
        return ", ".join(str(part) for part in value.values() if part)
    if isinstance(value, list | tuple):
        return "; ".join(answer_in_words(field, part) for part in value)
    if value is True or value is False:
        return "Có" if value else "Không"
    kind = field.get("type")
    if kind in {"date", "partial_date"}:
        return wording.day_short(value)
    if kind == "money" and str(value).isdigit():
        return wording.money(int(value))
    text = str(value)
    return text.upper() if "uppercase_display" in str(field.get("rule", "")) else text


# --- parts -------------------------------------------------------------------------------------------------------


def _form_base(case: Case, form_no: FormNo | None, unit: Organization, at: datetime | None) -> Snapshot:
    """Header, title, code, owner and procedure, which every form has."""
    owner, _submitter_party = _owner_and_submitter(case)
    head = letterhead(unit)
    day = wording.day_in_words(timezone.localtime(at or timezone.now()).date())
    notation = NOTATIONS.get(form_no, "") if form_no else ""
    number = f"{sequence_of(case)}/{notation}" if notation else sequence_of(case)
    return {
        "form_set_name": FORM_SET,
        "title": str(form_no.label).upper() if form_no else "",
        "code": case.code or "",
        "head": head.as_dict(),
        "place_date": f"{head.place}, {day}",
        "number": number,
        "owner": _owner(case, owner),
        "procedure": {"name": case.procedure.name, "code": case.procedure.code},
    }


def _owner_and_submitter(case: Case) -> tuple[Party | None, Party | None]:
    """The submitter only when it is another person."""
    parties = {party.role: party for party in case.parties.all()}
    owner = parties.get(PartyRole.OWNER)
    submitter = parties.get(PartyRole.AUTHORISED) or parties.get(PartyRole.SUBMITTER)
    if owner is not None and submitter is not None:
        same = (owner.full_name, owner.number_tail) == (submitter.full_name, submitter.number_tail)
        submitter = None if same else submitter
    return owner, submitter


def _owner(case: Case, owner: Party | None) -> Snapshot:
    if owner is None:
        return {"name": case.owner_name, "number": "", "address": "", "phone": "", "email": ""}
    return {
        "name": f"{honorific(owner.number)} {owner.full_name}",
        "number": owner.number_masked if owner.number_sealed else "",
        "address": owner.address,
        "phone": wording.masked_phone(owner.phone),
        "email": wording.masked_email(owner.email),
    }


def _submitter(submitter: Party | None) -> Snapshot | None:
    if submitter is None:
        return None
    name = f"{honorific(submitter.number)} {submitter.full_name}"
    return {"name": name, "authority": submitter.authority_note}


def _components(case: Case) -> list[Snapshot]:
    """Papers handed in: as the counter checked them, else as the applicant attached them."""
    attached = case.files.filter(removed_at=None, component__isnull=False)
    digital = Counter(attached.values_list("component_id", flat=True))
    checks = list(case.checks.select_related("component").order_by("component__seq", "component_id"))
    if checks:
        return [
            _component_line(check.component, check.originals, check.copies, check.digital, check.state)
            for check in checks
            if check.state not in PRINTED_ABSENT and not check.component.is_note
        ]
    components = Component.objects.filter(pk__in=digital).order_by("seq")
    return [
        _component_line(component, 0, 0, digital[component.pk], CheckState.OK) for component in components
    ]


def _component_line(component: Component, originals: int, copies: int, digital: int, state: str) -> Snapshot:
    note = "tra từ dữ liệu, không phải nộp" if state == CheckState.LOOKED_UP else ""
    return {
        "name": component.name,
        "note": note,
        "originals": originals,
        "copies": copies,
        "digital": digital,
    }


def _fee(case: Case) -> str:
    """Empty in the catalogue means not known, which is not the same as 0 đồng."""
    fee = next((fee for fee in case.version.fees.all() if fee.channel == case.channel), None)
    if fee is None or fee.amount_vnd is None:
        return "theo thông báo của nơi tiếp nhận"
    return wording.money(fee.amount_vnd)


def _return_way(case: Case, unit: Organization, owner: Party | None) -> str:
    counter = f"tại {unit_name(unit)}" + (f", {unit.address}" if unit.address else "")
    if case.return_way == ReturnWay.POST:
        address = owner.address if owner else ""
        return (
            f"qua dịch vụ bưu chính công ích, đến địa chỉ {address}"
            if address
            else "qua dịch vụ bưu chính công ích"
        )
    if case.return_way == ReturnWay.ONLINE:
        return f"bản điện tử tại trang hồ sơ trên cổng dịch vụ; cần bản giấy thì nhận {counter}"
    return counter


def _reply_how(case: Case, unit: Organization) -> str:
    if case.channel == Channel.ONLINE:
        return f"Bổ sung tại trang hồ sơ trên cổng dịch vụ, hoặc tại {unit_name(unit)}."
    return f"Bổ sung tại {unit_name(unit)}."


def _contact(unit: Organization) -> str:
    return ", ".join(
        part for part in (unit_name(unit), unit.address, unit.phone and f"điện thoại {unit.phone}") if part
    )


def _submitted_how(case: Case) -> str:
    if case.channel == Channel.ONLINE:
        day = f" ngày {timezone.localtime(case.submitted_at):%d/%m/%Y}" if case.submitted_at else ""
        return f"nộp trực tuyến{day}"
    return "gửi qua bưu chính" if case.channel == Channel.POSTAL else "ký, ghi rõ họ tên"


def _papers_returned(case: Case) -> str:
    """Originals that the counter holds."""
    kept = [
        check
        for check in case.checks.select_related("component").order_by("component__seq")
        if check.originals
    ]
    names = "; ".join(f"{check.component.name} ({wording.two(check.originals)} bản chính)" for check in kept)
    return f"{names}." if names else "không có bản chính lưu tại nơi tiếp nhận."


def _section(section: Mapping[str, Any], answers: Mapping[str, Any]) -> Snapshot | None:
    lines, lists = [], []
    for field in section.get("fields", ()):
        value = answers.get(field["name"])
        if field["type"] == "file" or field["name"] == "pledge":
            continue
        if field["type"] == "repeat":
            if value:
                lists.append(_repeated(field, value))
        else:
            lines.append({"label": field["label"], "value": answer_in_words(field, value)})
    return {"title": section.get("title", ""), "lines": lines, "lists": lists} if lines or lists else None


def _repeated(field: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Snapshot:
    columns = [column for column in field.get("fields", ()) if column["type"] != "file"]
    return {
        "label": field["label"],
        "headings": [column["label"] for column in columns],
        "rows": [
            [answer_in_words(column, row.get(column["name"])) for column in columns]
            for row in rows
            if isinstance(row, Mapping)
        ],
    }


def _file_line(file: CaseFile, fields: Iterable[Mapping[str, Any]]) -> str:
    label = next((str(field["label"]) for field in fields if field["name"] == file.form_field), "")
    what = file.component.name if file.component else label
    return f"{what}: {file.name}" if what else file.name


def _result_before(runs: Iterable[Any], at: datetime) -> str:
    """How the last step that ended before this hand-over went."""
    ended = [run for run in runs if run.ended_at and run.ended_at <= at]
    return outcome(ended[-1].due_at, ended[-1].ended_at) if ended else "–"


def _receiving_unit(case: Case) -> Organization:
    """ValueError: a draft has no forms."""
    if case.receiving_unit is None:
        raise ValueError(f"case {case.pk} has not been submitted: no unit receives it")
    return case.receiving_unit


def _citizen(case: Case, party: Party | None) -> str:
    return party.full_name if party else case.owner_name


def _name(officer: User | None) -> str:
    return officer.full_name if officer else ""


def _moment(at: datetime | None) -> str:
    return wording.moment_in_words(at) if at else NOT_SUBMITTED


def _short_moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M %d/%m/%Y}"
