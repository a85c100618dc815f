"""The working calendar as data: what counts as a working day, and when offices are open."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class DayKind(models.TextChoices):
    HOLIDAY = "holiday", _("nghỉ lễ, tết")
    COMPENSATORY = "compensatory", _("nghỉ bù")
    SWAP_OFF = "swap_off", _("nghỉ hoán đổi")
    SWAP_WORKDAY = "swap_workday", _("làm bù")
    LOCAL_CLOSURE = "local_closure", _("đóng cửa tại đơn vị")


class WorkingDay(models.Model):
    """A day that departs from Monday–Friday. Every row counts, whatever its status (docs: design decision 10)."""

    date = models.DateField(_("ngày"), unique=True)
    name = models.CharField(_("tên"), max_length=200)
    kind = models.CharField(_("loại"), max_length=20, choices=DayKind)
    status = models.CharField(
        _("căn cứ"), max_length=30, help_text=_("official: đã có văn bản; khác: dự kiến, cần xác minh")
    )
    source = models.TextField(_("văn bản, nguồn"), blank=True)
    note = models.TextField(_("ghi chú"), blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("ngày nghỉ, ngày làm bù")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y} {self.name}"

    @property
    def is_official(self) -> bool:
        return self.status == "official"


class OfficeHours(models.Model):
    """One opening interval of a working day. Without rows of its own a unit follows the rows with no unit."""

    organization = models.ForeignKey(
        "org.Organization", verbose_name=_("đơn vị"), null=True, blank=True, on_delete=models.PROTECT
    )
    opens = models.TimeField(_("mở cửa"))
    closes = models.TimeField(_("đóng cửa"))
    valid_from = models.DateField(_("từ ngày"))
    valid_to = models.DateField(_("trước ngày"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("giờ làm việc")
        ordering = ["organization_id", "valid_from", "opens"]
        constraints = [models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="opens_before_closes")]

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}–{self.closes:%H:%M}"
