"""Papers that carry a QR code, and stored results of checks."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from signing.choices import PaperStatus, VerdictKind


class PublicPaper(models.Model):
    """An issued paper that anyone may check by its printed code. Holds what the paper itself says, nothing more."""

    code = models.CharField(_("mã kiểm tra"), max_length=12, unique=True)
    stored_file = models.ForeignKey(
        "core.StoredFile", on_delete=models.PROTECT, related_name="+", verbose_name=_("tệp")
    )
    sha256 = models.CharField(max_length=64, db_index=True)
    title = models.CharField(_("tên giấy tờ"), max_length=300)
    number = models.CharField(_("số, ký hiệu"), max_length=80, blank=True)
    unit_name = models.CharField(_("cơ quan ban hành"), max_length=300)
    signers = models.JSONField(
        _("người ký"), default=list, help_text="[{name, post, unit, signed_at, field}]"
    )
    signature_count = models.PositiveSmallIntegerField(_("số chữ ký"), default=0)
    issued_at = models.DateTimeField(_("ban hành lúc"))
    status = models.CharField(_("trạng thái"), max_length=10, choices=PaperStatus, default=PaperStatus.VALID)
    status_note = models.CharField(_("lý do"), max_length=300, blank=True)
    replaced_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("thay bằng")
    )
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = _("giấy tờ kiểm tra được")
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="public_paper_subject")]

    def __str__(self) -> str:
        return f"{self.code} · {self.title}"


class Verification(models.Model):
    """The report of one full check. The same bytes need not be checked again for a while."""

    sha256 = models.CharField(max_length=64, db_index=True)
    verdict = models.CharField(_("kết luận"), max_length=8, choices=VerdictKind)
    report = models.JSONField(_("báo cáo"))
    checked_at = models.DateTimeField(_("kiểm tra lúc"), auto_now_add=True)
    checked_by = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("lần kiểm tra chữ ký")

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.verdict}"
