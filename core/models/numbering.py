"""Gap-free number series. A number once taken is kept for ever, cancelled ones with their reason."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NumberSeries(models.Model):
    """One series, e.g. `case:<org>:2026-11-23` or `doc:<org>:GKS:2026`. The row is locked while a number is taken."""

    key = models.CharField(_("sổ số"), max_length=120, unique=True)
    last = models.PositiveIntegerField(_("số cuối"), default=0)
    closed_at = models.DateTimeField(_("khóa sổ lúc"), null=True, blank=True)
    owner = models.ForeignKey(
        "org.Organization",
        verbose_name=_("của đơn vị"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = _("dãy số")

    def __str__(self) -> str:
        return self.key


class IssuedNumber(models.Model):
    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, related_name="numbers")
    value = models.PositiveIntegerField(_("số"))
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    taken_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(_("hủy lúc"), null=True, blank=True)
    cancel_reason = models.CharField(_("lý do hủy"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("số đã cấp")
        constraints = [models.UniqueConstraint(fields=["series", "value"], name="one_number_once")]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="number_subject")]

    def __str__(self) -> str:
        return f"{self.series_id}/{self.value}"
