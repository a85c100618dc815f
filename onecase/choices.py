"""Statuses and kinds of the one-stop mechanism. National codes: domain/onecase.md §3.2."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BusinessStatus(models.TextChoices):
    DRAFT = "draft", _("Bản nháp, chưa nộp")
    SUBMITTED = "submitted", _("Mới nộp, chờ tiếp nhận")
    INTAKE_RETURNED = "intake_returned", _("Cần bổ sung khi tiếp nhận")
    INTAKE_REJECTED = "intake_rejected", _("Từ chối tiếp nhận")
    ACCEPTED = "accepted", _("Đã tiếp nhận")
    FORWARDED = "forwarded", _("Đã chuyển đơn vị giải quyết")
    APPRAISING = "appraising", _("Đang thẩm định")
    SUPPLEMENT_PROPOSED = "supplement_proposed", _("Chờ duyệt yêu cầu bổ sung")
    SUPPLEMENT_REQUIRED = "supplement_required", _("Chờ người dân bổ sung")
    AWAITING_APPROVAL = "awaiting_approval", _("Trình lãnh đạo ký")
    APPROVED = "approved", _("Đã duyệt, đang ký và đóng dấu")
    COMPLETED = "completed", _("Có kết quả")
    RETURNED = "returned", _("Đã trả kết quả")
    REFUSED = "refused", _("Có văn bản từ chối giải quyết")
    WITHDRAWAL_REQUESTED = "withdrawal_requested", _("Xin rút hồ sơ")
    WITHDRAWN = "withdrawn", _("Đã rút")
    STOPPED = "stopped", _("Dừng giải quyết")


NATIONAL_CODE = {
    BusinessStatus.SUBMITTED: 1,
    BusinessStatus.ACCEPTED: 2,
    BusinessStatus.INTAKE_REJECTED: 3,
    BusinessStatus.FORWARDED: 4,
    BusinessStatus.APPRAISING: 4,
    BusinessStatus.SUPPLEMENT_PROPOSED: 4,
    BusinessStatus.AWAITING_APPROVAL: 4,
    BusinessStatus.APPROVED: 4,
    BusinessStatus.INTAKE_RETURNED: 5,
    BusinessStatus.SUPPLEMENT_REQUIRED: 5,
    BusinessStatus.WITHDRAWAL_REQUESTED: 7,
    BusinessStatus.WITHDRAWN: 8,
    BusinessStatus.STOPPED: 8,
    BusinessStatus.REFUSED: 8,
    BusinessStatus.COMPLETED: 9,
    BusinessStatus.RETURNED: 10,
}

# Shape beside the words of a status (look: ring, half disc, diamond, square with tick, octagon with cross).
STATUS_SHAPE = {
    BusinessStatus.DRAFT: "ring",
    BusinessStatus.SUBMITTED: "ring",
    BusinessStatus.INTAKE_RETURNED: "diamond",
    BusinessStatus.SUPPLEMENT_REQUIRED: "diamond",
    BusinessStatus.COMPLETED: "done",
    BusinessStatus.RETURNED: "done",
    BusinessStatus.INTAKE_REJECTED: "refused",
    BusinessStatus.REFUSED: "refused",
    BusinessStatus.WITHDRAWN: "refused",
    BusinessStatus.STOPPED: "refused",
}  # every other one: "half"

CLOCK_RUNS = frozenset(
    {
        BusinessStatus.ACCEPTED,
        BusinessStatus.FORWARDED,
        BusinessStatus.APPRAISING,
        BusinessStatus.SUPPLEMENT_PROPOSED,
        BusinessStatus.AWAITING_APPROVAL,
        BusinessStatus.APPROVED,
        BusinessStatus.WITHDRAWAL_REQUESTED,
    }
)
OPEN = CLOCK_RUNS | {
    BusinessStatus.SUBMITTED,
    BusinessStatus.INTAKE_RETURNED,
    BusinessStatus.SUPPLEMENT_REQUIRED,
}


class Channel(models.TextChoices):
    """KenhThucHien 1, 2, 3: the true way in, never how staff keyed it (fees depend on it)."""

    DIRECT = "1", _("trực tiếp")
    ONLINE = "2", _("trực tuyến")
    POSTAL = "3", _("bưu chính")


class LimitUnit(models.TextChoices):
    WORKING_DAY = "working_day", _("ngày làm việc")
    CALENDAR_DAY = "calendar_day", _("ngày")
    WORKING_HOUR = "working_hour", _("giờ làm việc")
    MONTH = "month", _("tháng")
    WITHIN_DAY = "within_day", _("trong ngày")
    NONE = "none", _("không quy định")


class PartyRole(models.TextChoices):
    OWNER = "owner", _("chủ hồ sơ")
    SUBMITTER = "submitter", _("người nộp")
    AUTHORISED = "authorised", _("người được ủy quyền")


class CheckState(models.TextChoices):
    UNSEEN = "unseen", _("Chưa xem")
    OK = "ok", _("Đạt")
    MISSING = "missing", _("Thiếu")
    WRONG = "wrong", _("Chưa đúng")
    LOOKED_UP = "looked_up", _("Tra từ dữ liệu")
    NOT_NEEDED = "not_needed", _("Không phải nộp")


class FormNo(models.TextChoices):
    """Forms of TT 03/2025/TT-VPCP; older sets keep their own numbers in LegalForm.form_set."""

    RECEIPT = "01", _("Giấy tiếp nhận hồ sơ và hẹn trả kết quả")
    SUPPLEMENT = "02", _("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ")
    REJECTION = "03", _("Phiếu từ chối tiếp nhận giải quyết hồ sơ")
    STOP = "05", _("Thông báo dừng giải quyết hồ sơ")


class RatingLevel(models.IntegerChoices):
    BAD = 1, _("Không hài lòng")
    GOOD = 2, _("Hài lòng")
    VERY_GOOD = 3, _("Rất hài lòng")


class ReturnWay(models.TextChoices):
    COUNTER = "counter", _("tại bộ phận Một cửa")
    ONLINE = "online", _("bản điện tử trên cổng")
    POST = "post", _("qua bưu chính")
