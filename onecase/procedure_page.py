"""What the page of one procedure says, in the order in which people ask. No HTTP, no writes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import WorkingDay
from core.models.calendar import DayKind
from onecase.choices import Channel, LimitUnit
from onecase.models import Component, ElectronicForm, Procedure, ProcedureCase, ProcedureVersion
from onecase.walk import COMMUNE, is_declaration, is_looked_up

OUTSIDE = "ngoai_he_thong"
NATIONAL_PORTAL = "https://dichvucong.gov.vn"
RESULT_CODE = re.compile(r"\s*\[[^\]]*\]")
UNSURE_ALONE = re.compile(r"\((?:general knowledge, verify|cần xác minh)\)")
UNSURE = re.compile(r"general knowledge, verify|cần xác minh")
WAYS = {
    Channel.ONLINE: gettext_lazy("Trực tuyến"),
    Channel.DIRECT: gettext_lazy("Tại quầy Một cửa"),
    Channel.POSTAL: gettext_lazy("Qua bưu chính"),
}
SUBJECTS = {
    "cong_dan": "người dân",
    "to_chuc": "tổ chức",
    "doanh_nghiep": "doanh nghiệp",
    "ho_kinh_doanh": "hộ kinh doanh",
}
BRIEF = 64  # characters of a name in a list
SEAM = re.compile(r"[,;(]|\s(?:đối với|do|cho trường hợp|liên quan đến)\s")
AGENCIES = {"UBND cấp xã": "Ủy ban nhân dân xã, phường, đặc khu"}


@dataclass(frozen=True)
class Paper:
    title: str
    hint: str = ""
    icon: str = "file-earmark-text"


@dataclass
class Bundle:
    """The papers of one variant, or of the procedure when it has none."""

    name: str
    handed_in: list[Paper] = field(default_factory=list)
    looked_up: list[Paper] = field(default_factory=list)
    limit: str = ""


@dataclass(frozen=True)
class FeeLine:
    way: str
    amount_vnd: int | None
    mark: str


@dataclass
class Page:
    procedure: Procedure
    version: ProcedureVersion
    form: ElectronicForm | None
    for_staff: bool
    mark: str
    title: str = ""
    summary: str = ""
    limit: str = ""
    limit_rest: str = ""
    limit_mark: str = ""
    results: list[str] = field(default_factory=list)
    where: str = ""
    who: str = ""
    fees: list[FeeLine] = field(default_factory=list)
    fee_words: str = ""
    fee_note: str = ""
    common: Bundle = field(default_factory=lambda: Bundle(""))
    variants: list[Bundle] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    conditions: str = ""
    doubts: list[str] = field(default_factory=list)
    steps: list[dict[str, str]] = field(default_factory=list)
    legal: list[str] = field(default_factory=list)

    @property
    def is_outside(self) -> bool:
        return self.procedure.decided_by == OUTSIDE

    @property
    def is_of_commune(self) -> bool:
        return self.procedure.decided_by == COMMUNE

    @property
    def is_online(self) -> bool:
        return self.form is not None and not self.is_outside


def of(procedure: Procedure, *, for_staff: bool) -> Page:
    """What nobody has confirmed is marked: «đang xác minh» for citizens, «cần xác minh» for staff."""
    mark = _("cần xác minh") if for_staff else _("đang xác minh")
    version = (
        procedure.versions.filter(valid_to__isnull=True)
        .prefetch_related("components", "fees", "steps", "cases")
        .get()
    )
    page = Page(
        procedure, version, ElectronicForm.objects.filter(procedure=procedure).first(), for_staff, mark
    )
    page.title = short_name(procedure.name)
    page.summary = _marked(procedure.summary, mark)
    page.limit, page.limit_rest = limit_words(version)
    page.limit_mark = "" if version.limit_verified else mark
    page.results = [
        RESULT_CODE.sub("", part).strip() for part in procedure.result_names.split(";") if part.strip()
    ]
    page.where = AGENCIES.get(procedure.agency_text, procedure.agency_text)
    page.who = ", ".join(SUBJECTS[code] for code in procedure.subjects.split(";") if code in SUBJECTS)
    _fees(page)
    components = [one for one in version.components.all() if not one.is_note]
    page.common = _bundle(page, "", [one for one in components if one.procedure_case_id is None])
    page.variants = [
        _bundle(
            page, variant.name, [one for one in components if one.procedure_case_id == variant.pk], variant
        )
        for variant in version.cases.all()
    ]
    page.notes = [_marked(one.name, mark) for one in version.components.all() if one.is_note]
    page.conditions = _marked(version.conditions, mark)
    page.doubts = [part.strip() for part in version.contradictions.split(";") if part.strip()]
    page.steps = _steps(page)
    page.legal = [part.strip() for part in version.legal_basis.split(";") if part.strip()]
    return page


def short_name(name: str) -> str:
    """«Thủ tục đăng ký khai sinh» → «Đăng ký khai sinh»."""
    bare = name.removeprefix("Thủ tục ").strip().rstrip(":")
    return bare[:1].upper() + bare[1:]


def brief_name(name: str, *, at_most: int = BRIEF) -> str:
    """One line for lists: a long name ends at its last seam that still fits; the page of the case has it in full."""
    short = short_name(name)
    if len(short) <= at_most:
        return short
    seams = [found.start() for found in SEAM.finditer(short, 0, at_most) if found.start() >= at_most // 2]
    at = seams[-1] if seams else short.rfind(" ", 0, at_most)
    return f"{short[:at].rstrip(' ,;')}…"


def _marked(text: str, mark: str) -> str:
    """Editors' marks in the catalogue, in the reader's words."""
    return UNSURE.sub(mark, UNSURE_ALONE.sub(f"({mark})", text)).strip()


def limit_words(version: ProcedureVersion) -> tuple[str, str]:
    """The bold answer to «bao lâu», and the rest of the sentence."""
    if version.limit_unit == LimitUnit.WITHIN_DAY:
        return _("Trong ngày."), _("Cơ quan tiếp nhận sau 15:00 thì trả vào ngày làm việc tiếp theo.")
    if version.limit_unit == LimitUnit.NONE or not version.limit_quantity:
        return _("Không quy định số ngày."), ""
    unit = {
        LimitUnit.WORKING_DAY: _("ngày làm việc"),
        LimitUnit.CALENDAR_DAY: _("ngày, tính cả ngày nghỉ"),
        LimitUnit.WORKING_HOUR: _("giờ làm việc"),
        LimitUnit.MONTH: _("tháng"),
    }[LimitUnit(version.limit_unit)]
    return f"{version.limit_quantity} {unit}", _("kể từ khi cơ quan tiếp nhận hồ sơ đầy đủ.")


def _fees(page: Page) -> None:
    fees = {fee.channel: fee for fee in page.version.fees.all()}
    for channel in (Channel.ONLINE, Channel.DIRECT, Channel.POSTAL):
        if (fee := fees.get(channel)) is not None:
            sure = fee.verified and fee.amount_vnd is not None
            way = (
                _("Tại trụ sở cơ quan")
                if page.is_outside and channel == Channel.DIRECT
                else str(WAYS[channel])
            )
            page.fees.append(FeeLine(way, fee.amount_vnd, "" if sure else page.mark))
            page.fee_note = page.fee_note or _marked(fee.note, page.mark)
    known = [fee for fee in page.fees if fee.amount_vnd is not None]
    online = fees.get(Channel.ONLINE)
    if not known:
        page.fee_words = _("Mức thu %(mark)s.") % {"mark": page.mark}
    elif all(fee.amount_vnd == 0 for fee in known):
        page.fee_words = _("0 đồng.")
    elif online is not None and online.amount_vnd == 0:
        page.fee_words = _("0 đồng khi nộp trực tuyến.")
    else:
        page.fee_words = _("Tùy cách nộp.")


def _bundle(
    page: Page, name: str, components: Iterable[Component], variant: ProcedureCase | None = None
) -> Bundle:
    bundle = Bundle(name)
    if variant is not None and variant.limit_quantity:
        unit = LimitUnit(variant.limit_unit).label
        bundle.limit = _("%(count)s %(unit)s") % {"count": variant.limit_quantity, "unit": unit}
    for component in components:
        if is_looked_up(component):
            when = (
                _("Chỉ nộp khi: %(when)s.") % {"when": _when(component)}
                if component.required != "yes" and component.condition
                else ""
            )
            bundle.looked_up.append(Paper(component.name, _marked(when, page.mark)))
        elif is_declaration(component):
            if not any(paper.icon == "pen" for paper in bundle.handed_in):
                bundle.handed_in.append(_declaration(page, component))
        else:
            bundle.handed_in.append(Paper(component.name, _marked(_paper_hint(component), page.mark)))
    bundle.handed_in.sort(key=lambda paper: paper.icon == "pen")
    return bundle


def _declaration(page: Page, component: Component) -> Paper:
    title = page.form.title if page.form else component.name
    hint = _("Điền ngay trên mạng, không cần in.") if page.is_online else _("Lấy mẫu tại bộ phận Một cửa.")
    return Paper(title, hint, "pen")


def _when(component: Component) -> str:
    """Conditions of the catalogue often begin with the word that stands before them already."""
    return re.sub(r"^khi\s+", "", component.condition, flags=re.IGNORECASE)


def _paper_hint(component: Component) -> str:
    copies = []
    if component.originals:
        copies.append(_("%(count)d bản chính") % {"count": component.originals})
    if component.copies:
        copies.append(_("%(count)d bản sao") % {"count": component.copies})
    words = ", ".join(copies)
    if component.kind == "xuat_trinh":
        words = _("xuất trình để đối chiếu, không nộp lại")
    condition = (
        component.condition
        if component.required == "yes"
        else _("nộp khi: %(when)s") % {"when": _when(component)}
    )
    parts = [words, condition if component.condition else ""]
    if component.replaceable_by:
        parts.append(_("không cần khi có %(data)s") % {"data": component.replaceable_by})
    text = "; ".join(part for part in parts if part)
    return text[:1].upper() + text[1:] + "." if text else ""


def _steps(page: Page) -> list[dict[str, str]]:
    desk = page.procedure.agency_text if page.is_outside else _("Bộ phận Một cửa")
    first = _("Bạn mang tới %(desk)s") % {"desk": desk[:1].lower() + desk[1:]}
    if page.is_online:
        first = _("Bạn điền trên mạng, có thể dừng và làm tiếp sau")
    steps = [{"state": "done", "title": _("Điền tờ khai, nộp giấy tờ"), "meta": first}]
    for step in page.version.steps.all():
        title, meta = _marked(step.name, page.mark), ""
        if step.code == "tiep_nhan":
            title, meta = (
                _("%(desk)s kiểm tra và tiếp nhận") % {"desk": desk},
                _("Thiếu giấy tờ thì báo một lần, đủ các mục"),
            )
        elif step.code == "tra_ket_qua":
            title, meta = _("Bạn nhận kết quả"), _marked(step.name, page.mark)
        steps.append({"state": "todo", "title": title, "meta": meta})
    return steps


def days_off(now: datetime, *, within: int = 45) -> list[WorkingDay]:
    """Coming days off in the calendar on file, for the notices of the home page."""
    today = timezone.localdate(now)
    return list(
        WorkingDay.objects.filter(date__gte=today, date__lte=today + timedelta(days=within))
        .exclude(kind=DayKind.LOCAL_CLOSURE)
        .order_by("date")[:4]
    )
