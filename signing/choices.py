"""States and kinds of the signing app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeyKind(models.TextChoices):
    PERSONAL = "personal", _("chữ ký số cá nhân")
    SEAL = "seal", _("con dấu cơ quan")
    SYSTEM = "system", _("con dấu kỹ thuật (hệ thống tự ký)")


class AnchorPurpose(models.TextChoices):
    ANY = "any", _("ký số và dấu thời gian")
    SIGNING = "signing", _("ký số")
    TIMESTAMP = "timestamp", _("dấu thời gian")


class RequestState(models.TextChoices):
    """queued → prepared → embedded → validated; `failed` waits for a person, `cancelled` is final."""

    QUEUED = "queued", _("chờ ký")
    PREPARED = "prepared", _("đã chuẩn bị")
    EMBEDDED = "embedded", _("đã ký, chờ dấu thời gian")
    VALIDATED = "validated", _("đã ký và kiểm tra")
    FAILED = "failed", _("không ký được")
    CANCELLED = "cancelled", _("đã hủy")


OPEN_STATES = frozenset({RequestState.QUEUED, RequestState.PREPARED, RequestState.EMBEDDED})


class PaperStatus(models.TextChoices):
    VALID = "valid", _("còn hiệu lực")
    REPLACED = "replaced", _("đã được thay thế")
    REVOKED = "revoked", _("đã thu hồi")


class VerdictKind(models.TextChoices):
    VALID = "valid", _("chữ ký hợp lệ")
    INVALID = "invalid", _("chữ ký không hợp lệ")
    UNKNOWN = "unknown", _("chưa xác định được")
    NONE = "none", _("không có chữ ký số")


# What stands as the reason in the signature itself; callers name it by a short code.
REASONS = {
    "approve": _("Ký ban hành văn bản"),
    "issue": _("Đóng dấu số của cơ quan"),
    "form": _("Phát hành phiếu"),
}
