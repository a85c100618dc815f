"""Statuses and kinds of official documents. Vietnamese words are those of NĐ 30/2020/NĐ-CP and QĐ 28/2018/QĐ-TTg."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentStatus(models.TextChoices):
    DRAFT = "draft", _("Dự thảo")
    REVIEW = "review", _("Chờ người đứng đầu đơn vị")
    CHECKING = "checking", _("Chờ kiểm tra thể thức")
    SUBMITTED = "submitted", _("Trình ký")
    SIGNING = "signing", _("Đang ký số")
    SIGNED = "signed", _("Đã ký, chờ đóng dấu")
    SEALING = "sealing", _("Đang đóng dấu số")
    ISSUED = "issued", _("Đã phát hành")
    CANCELLED = "cancelled", _("Đã bỏ")


class DocumentKind(models.TextChoices):
    """A result goes with its case; an official document takes the whole path of NĐ 30/2020/NĐ-CP."""

    RESULT = "result", _("Kết quả thủ tục hành chính")
    OFFICIAL = "official", _("Văn bản hành chính")


class Source(models.TextChoices):
    """Where the text of an outgoing document comes from."""

    TYPED = "typed", _("soạn trên hệ thống")
    UPLOADED = "uploaded", _("tệp PDF tải lên")


class Urgency(models.IntegerChoices):
    """Độ khẩn. The numbers are those of `Priority` in edXML."""

    NORMAL = 0, _("Thường")
    URGENT = 1, _("Khẩn")
    VERY_URGENT = 2, _("Thượng khẩn")
    EXPRESS = 3, _("Hỏa tốc")


class Circulation(models.TextChoices):
    """Phạm vi lưu hành (NĐ 30/2020/NĐ-CP, Phụ lục I, box 11)."""

    OPEN = "", _("không hạn chế")
    RETURN = "return", _("Xem xong trả lại")
    INTERNAL = "internal", _("Lưu hành nội bộ")


class LegalValue(models.TextChoices):
    """Computed from the check of the signatures, never typed (QĐ 28/2018/QĐ-TTg, art. 4)."""

    ORIGINAL = "original", _("có giá trị như bản gốc giấy")
    COPY = "copy", _("bản sao có giá trị như bản chính")
    FOR_INFORMATION = "information", _("chỉ để tham khảo, không thay văn bản giấy")


class Numbering(models.TextChoices):
    """How an agency numbers administrative documents: its head decides (NĐ 30/2020/NĐ-CP, art. 15)."""

    PER_TYPE = "per_type", _("mỗi loại văn bản một dãy số")
    COMMON = "common", _("một dãy số chung cho mọi loại")


class RecipientPurpose(models.TextChoices):
    TO = "to", _("Kính gửi")
    COPY = "copy", _("Nơi nhận")


class ApprovalKind(models.TextChoices):
    """Ký nháy before the leader's signature: who answers for what (NĐ 30/2020/NĐ-CP, art. 11, 12)."""

    DRAFTER = "drafter", _("Người soạn ký nháy")
    HEAD = "head", _("Người đứng đầu đơn vị ký nháy, chịu trách nhiệm về nội dung")
    FORM = "form", _("Đã kiểm tra thể thức")


class OpinionVerdict(models.TextChoices):
    AGREE = "agree", _("Thống nhất")
    AGREE_WITH_CHANGES = "changes", _("Thống nhất, đề nghị chỉnh sửa")
    DISAGREE = "disagree", _("Không thống nhất")


class AttachmentRole(models.TextChoices):
    MAIN = "main", _("Văn bản chính")
    APPENDIX = "appendix", _("Phụ lục, tài liệu kèm theo")
    BESIDE = "beside", _("Tài liệu tham khảo, không phát hành")


class Channel(models.TextChoices):
    SYSTEM = "system", _("trên hệ thống")
    PAPER = "paper", _("bản giấy")
    AXIS = "axis", _("trục liên thông")


class DeliveryState(models.TextChoices):
    """How far one recipient is. The codes of the axis stand in `documents.choices.STATUS_CODES`."""

    QUEUED = "queued", _("Đang gửi")
    FAILED = "failed", _("Gửi lỗi")
    ARRIVED = "arrived", _("Đã đến")
    REFUSED = "refused", _("Từ chối tiếp nhận")
    REGISTERED = "registered", _("Đã tiếp nhận")
    ASSIGNED = "assigned", _("Phân công xử lý")
    IN_PROGRESS = "in_progress", _("Đang xử lý")
    DONE = "done", _("Hoàn thành")
    RECALLED = "recalled", _("Đã thu hồi")


STATUS_CODES = {
    DeliveryState.ARRIVED: "01",
    DeliveryState.REFUSED: "02",
    DeliveryState.REGISTERED: "03",
    DeliveryState.ASSIGNED: "04",
    DeliveryState.IN_PROGRESS: "05",
    DeliveryState.DONE: "06",
}
ASK_CODE, AGREE_CODE, DECLINE_CODE = "13", "15", "16"


class RecallKind(models.IntegerChoices):
    """What the issuer asks of its recipients. The numbers are BussinessDocType of edXML."""

    RECALL = 1, _("Thu hồi")
    UPDATE = 2, _("Cập nhật")
    REPLACE = 3, _("Thay thế")


class RecallAnswer(models.TextChoices):
    WAITING = "waiting", _("Chờ bên nhận trả lời")
    AGREED = "agreed", _("Bên nhận đồng ý")
    REFUSED = "refused", _("Bên nhận từ chối")


class IncomingState(models.TextChoices):
    """Suggested states of domain/documents.md §7. Overdue is computed, not a state."""

    ARRIVED = "arrived", _("Đã đến, chờ tiếp nhận")
    RETURNED = "returned", _("Đã trả lại nơi gửi")
    REGISTERED = "registered", _("Đã tiếp nhận")
    SUBMITTED = "submitted", _("Đã trình")
    ASSIGNED = "assigned", _("Đã phân công")
    IN_PROGRESS = "in_progress", _("Đang xử lý")
    DONE = "done", _("Hoàn thành")
    FILED = "filed", _("Đã lập hồ sơ")
    RECALLED = "recalled", _("Đã thu hồi")


# An incoming document that somebody still has to do something with.
INCOMING_OPEN = frozenset(
    {
        IncomingState.ARRIVED,
        IncomingState.REGISTERED,
        IncomingState.SUBMITTED,
        IncomingState.ASSIGNED,
        IncomingState.IN_PROGRESS,
    }
)


class IncomingSource(models.TextChoices):
    SYSTEM = "system", _("đơn vị cùng hệ thống")
    MAIL = "mail", _("hộp thư công vụ")
    PAPER = "paper", _("bản giấy")
    AXIS = "axis", _("trục liên thông")


class TaskRole(models.TextChoices):
    LEAD = "lead", _("Chủ trì")
    COOPERATE = "cooperate", _("Phối hợp")
    INFORM = "inform", _("Để biết")


class TaskState(models.TextChoices):
    NEW = "new", _("Chưa xem")
    SEEN = "seen", _("Đã xem")
    IN_PROGRESS = "in_progress", _("Đang thực hiện")
    DONE = "done", _("Đã xong")
    RETURNED = "returned", _("Đã trả lại")
    WITHDRAWN = "withdrawn", _("Đã rút")


TASK_OPEN = frozenset({TaskState.NEW, TaskState.SEEN, TaskState.IN_PROGRESS})


class ExtensionState(models.TextChoices):
    ASKED = "asked", _("Chờ duyệt")
    GRANTED = "granted", _("Đồng ý")
    REFUSED = "refused", _("Không đồng ý")


class ReminderKind(models.TextChoices):
    SOON = "soon", _("Sắp đến hạn")
    LATE = "late", _("Quá hạn")
    ESCALATED = "escalated", _("Quá hạn, báo cấp trên")


class BookKind(models.TextChoices):
    INCOMING = "incoming", _("Sổ đăng ký văn bản đến")
    OUTGOING = "outgoing", _("Sổ đăng ký văn bản đi")
    FOLLOW_UP = "follow_up", _("Sổ theo dõi giải quyết văn bản đến")


class MailState(models.TextChoices):
    TAKEN = "taken", _("Đã lập văn bản đến")
    REFUSED = "refused", _("Không nhận")
    TOO_BIG = "too_big", _("Quá lớn")
    UNREADABLE = "unreadable", _("Không đọc được")
    SECRET = "secret", _("Nghi có bí mật nhà nước, đã chặn")


class TextSource(models.TextChoices):
    """Where the searchable text of a file comes from."""

    PENDING = "pending", _("chưa đọc")
    PDF = "pdf", _("chữ trong tệp")
    OCR = "ocr", _("nhận dạng từ ảnh")
    NONE = "none", _("không có chữ")


class FileState(models.TextChoices):
    """Of a work file (hồ sơ công việc)."""

    OPEN = "open", _("Đang mở")
    CLOSED = "closed", _("Đã kết thúc")
    SUBMITTED = "submitted", _("Đã nộp lưu, chờ nhận")
    TRANSFERRED = "transferred", _("Đã nộp lưu")
    DESTROYED = "destroyed", _("Đã hủy")


class ListState(models.TextChoices):
    """Of a transfer list or a destruction list: proposed by one person, decided by another."""

    DRAFT = "draft", _("Đang lập")
    PROPOSED = "proposed", _("Chờ duyệt")
    APPROVED = "approved", _("Đã duyệt")
    REFUSED = "refused", _("Không duyệt")
    DONE = "done", _("Đã thực hiện")


class CopyKind(models.TextChoices):
    """NĐ 30/2020/NĐ-CP, art. 25. The signed original itself is forwarded, never «sao y điện tử»."""

    SY = "SY", _("Sao y")
    SL = "SL", _("Sao lục")
    TRS = "TrS", _("Trích sao")


class IncidentState(models.TextChoices):
    OPEN = "open", _("Đang xử lý")
    PURGED = "purged", _("Đã xóa khỏi hệ thống")
    CLOSED = "closed", _("Đã kết thúc")
