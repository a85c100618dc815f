"""Show what is masked: never without a reason, and the reason stands in the trail where the person concerned reads it."""

from typing import Any

from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import RuleError
from core.models import AuditEvent

OTHER = "khac"
REASONS = {
    "doi-chieu": _("Đối chiếu với giấy tờ đã nộp"),
    "lien-he": _("Liên hệ người nộp về hồ sơ"),
    "tra-cuu": _("Tra cứu, đối chiếu cơ sở dữ liệu"),
    "soan-ket-qua": _("Soạn văn bản kết quả"),
    OTHER: _("Lý do khác (ghi rõ)"),
}
WORDS_MAX = 200


def reason_of(posted: Any) -> str:
    """What was chosen and written, as it will stand in the trail. RuleError: nothing, or «khác» without words."""
    chosen, words = posted.get("ly-do", ""), posted.get("noi-ro", "").replace("\0", "").strip()[:WORDS_MAX]
    if chosen not in REASONS:
        raise RuleError(_t("Chọn lý do xem. Lý do ghi vào nhật ký và người dân đọc được."))
    if chosen == OTHER and len(words) < 5:
        raise RuleError(_t("Ghi rõ lý do xem, ít nhất vài chữ."))
    return words if chosen == OTHER else ". ".join(part for part in (str(REASONS[chosen]), words) if part)


def unmask(actor: Any, subject: models.Model, what: str, *, reason: str) -> AuditEvent:
    """Note the reading before anything is shown. `what`: `case.read_number`, `identity.read_number`."""
    if not reason.strip():
        raise RuleError(_t("Chọn lý do xem. Lý do ghi vào nhật ký và người dân đọc được."))
    return audit.record_read(actor, subject, what, reason)
