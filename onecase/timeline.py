"""The history of a case, drawn from the audit trail: who, in which post of which unit, when, from what to what."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from core import audit
from core.models import AuditEvent, EventKind
from documents.services import DocumentStatus
from onecase.choices import BusinessStatus as S
from onecase.models import Case

SENTENCES = {
    "case.move": _("Chuyển sang cơ quan kế thừa"),
    "case.start": _("Bắt đầu soạn hồ sơ"),
    "case.drop_draft": _("Bỏ bản nháp"),
    "case.submit": _("Nộp trực tuyến"),
    "case.intake": _("Nhận hồ sơ tại quầy"),
    "case.attach": _("Thêm giấy tờ"),
    "case.check_components": _("Kiểm tra thành phần hồ sơ"),
    "case.accept": _("Tiếp nhận, cấp Giấy hẹn (mẫu 01)"),
    "case.return_intake": _("Yêu cầu bổ sung khi tiếp nhận (mẫu 02)"),
    "case.resubmit": _("Nộp bổ sung"),
    "case.reject_intake": _("Từ chối tiếp nhận (mẫu 03)"),
    "case.hand_over": _("Chuyển đơn vị giải quyết"),
    "case.assign": _("Phân công thụ lý"),
    "case.take_up": _("Nhận thụ lý"),
    "case.propose_supplement": _("Đề nghị yêu cầu bổ sung"),
    "case.request_supplement": _("Yêu cầu bổ sung (mẫu 02)"),
    "case.decline_supplement": _("Không duyệt yêu cầu bổ sung"),
    "case.supply": _("Người dân gửi bổ sung"),
    "case.submit_for_approval": _("Trình lãnh đạo ký"),
    "case.return_draft": _("Trả lại dự thảo"),
    "case.approve": _("Duyệt và ký số"),
    "case.signing_failed": _("Ký số không thành"),
    "case.complete": _("Có kết quả"),
    "case.refuse": _("Có văn bản từ chối giải quyết"),
    "case.return_result": _("Trả kết quả"),
    "case.collect_online": _("Người dân tải kết quả"),
    "case.request_withdrawal": _("Xin rút hồ sơ"),
    "case.agree_withdrawal": _("Đồng ý cho rút hồ sơ"),
    "case.stop": _("Dừng giải quyết (mẫu 05)"),
    "case.rate": _("Đánh giá phục vụ"),
    "case.form_sealed": _("Đóng dấu phiếu"),
    "case.pass_on": _("Bàn giao hồ sơ cho người khác thụ lý"),
    "case.recalculate": _("Tính lại hạn do lịch làm việc thay đổi"),
}
# What the public and the applicant see of the inner life: the steps, not every look into a drawer.
INNER = {
    "case.check_components",
    "case.read_number",
    "case.attach",
    "case.propose_supplement",
    "case.decline_supplement",
    "case.form_sealed",
    "document.create",
    "document.edit",
    "document.submit",
    "document.send_back",
    "document.sign",
    "document.signing_failed",
    "document.sealing_failed",
    "document.cancel",
    "case.signing_failed",
    "case.return_draft",
    "case.start",
    "case.pass_on",
    "break_glass.open",
    "break_glass.read",
}
PAUSED = {"case.request_supplement", "case.return_intake"}


@dataclass(slots=True)
class Entry:
    """One line: dot (full, half, paused), title, then time · who · where; a moved due date is named."""

    event: str
    title: str
    at: datetime
    number: int = 0  # of the event: its proof can be downloaded
    who: str = ""
    on_behalf_of: str = ""  # whose power was used: both names are shown (domain/organisation.md §7)
    post: str = ""
    unit: str = ""
    note: str = ""
    before: str = ""
    after: str = ""
    state: str = "full"
    due_before: datetime | None = None
    due_after: datetime | None = None
    detail: dict = field(default_factory=dict)

    @property
    def by(self) -> str:
        """«Đặng Thu Phương · Phó Chủ tịch · UBND phường Gia Viên · thay Trần Văn Bình · Chủ tịch …»."""
        behalf = _("thay %(whom)s") % {"whom": self.on_behalf_of} if self.on_behalf_of else ""
        return " · ".join(str(part) for part in (self.who, self.post, self.unit, behalf) if part)


def of(case: Case, *, public: bool = False) -> list[Entry]:
    """Oldest first. `public`: only the steps, with units but without names and notes."""
    about = Q(subject_type=audit.subject_type(case), subject_id=case.pk)
    if case.result_document_id:
        about |= Q(subject_type="documents.document", subject_id=case.result_document_id)
    # Of the readings only that of a number belongs to the history; all of them stand under «ai đã xem».
    told = ~Q(kind=EventKind.READ) | Q(event="case.read_number")
    rows = AuditEvent.objects.filter(about).filter(told).order_by("at", "id")
    entries = [_entry(row, public=public) for row in rows]
    entries = [entry for entry in entries if not (public and entry.event in INNER)]
    running = case.business_status not in {S.RETURNED, S.INTAKE_REJECTED, S.WITHDRAWN, S.STOPPED}
    steps = [entry for entry in entries if entry.event.startswith("case.") and entry.after]
    if steps and running and steps[-1].state == "full":
        steps[-1].state = "half"  # where the case stands; a look into a drawer is no step
    return entries


def _entry(row: AuditEvent, *, public: bool) -> Entry:
    before, after = row.detail.get("due_before"), row.detail.get("due")
    return Entry(
        event=row.event,
        title=str(audit.SENTENCES.get(row.event, row.event)),
        at=row.at,
        number=row.pk,
        who="" if public else (row.actor_name or str(_("Hệ thống"))),
        on_behalf_of="" if public else row.on_behalf_of,
        post="" if public else row.post_name,
        unit=row.unit_name,
        note="" if public else row.note,
        before=_status_label(row, row.before),
        after=_status_label(row, row.after),
        state="paused" if row.event in PAUSED else "full",
        due_before=parse_datetime(before) if before else None,
        due_after=parse_datetime(after) if after else None,
        detail={} if public else row.detail,
    )


def _status_label(row: AuditEvent, value: str) -> str:
    statuses = DocumentStatus if row.event.startswith("document.") else S
    return str(statuses(value).label) if value in statuses.values else ""
