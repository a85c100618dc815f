"""Two trees: territory (AdminUnit) and authority (Organization). domain/organisation.md §3."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from org.choices import OrganizationKind, UnitKind


class ValidityQuerySet(models.QuerySet):
    """Half-open ranges [valid_from, valid_to): 2025-07-01 belongs to the new unit."""

    def valid_on(self, day: date | None = None) -> Self:
        day = day or timezone.localdate()
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def valid_range(name: str) -> models.CheckConstraint:
    """Such a range is never empty and never runs backwards; without an end it goes on."""
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name=name
    )


class AdminUnit(models.Model):
    """A territory in one state of its life. The statistics code is an attribute, never an identity."""

    code = models.CharField(_("mã thống kê"), max_length=5, db_index=True)
    level = models.PositiveSmallIntegerField(
        _("cấp"), help_text=_("1: tỉnh, thành phố; 2: huyện (lịch sử); 3: xã")
    )
    kind = models.CharField(_("loại"), max_length=20, choices=UnitKind)
    name = models.CharField(_("tên"), max_length=100)
    full_name = models.CharField(_("tên đầy đủ"), max_length=120)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("thuộc"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    valid_from = models.DateField(_("từ ngày"))
    valid_to = models.DateField(_("trước ngày"), null=True, blank=True)
    legal_basis = models.CharField(_("căn cứ"), max_length=300, blank=True)
    source = models.TextField(_("nguồn"), blank=True)
    former_province = models.CharField(_("tỉnh, thành phố trước 01/7/2025"), max_length=60, blank=True)
    folded = models.CharField(max_length=140, db_index=True, help_text="core.search.fold(full_name)")

    objects = ValidityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("đơn vị hành chính")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "level", "valid_from"], name="admin_unit_code_once_a_day"
            ),
            valid_range("admin_unit_valid_range"),
        ]

    def __str__(self) -> str:
        return self.full_name


class AdminUnitSuccession(models.Model):
    """Which unit holds the territory of an older one. Partial splits are never converted silently."""

    old = models.ForeignKey(AdminUnit, on_delete=models.PROTECT, related_name="successions")
    new = models.ForeignKey(AdminUnit, on_delete=models.PROTECT, related_name="predecessions")
    relation = models.CharField(max_length=40)
    extent = models.CharField(max_length=40)
    effective_on = models.DateField(null=True)
    legal_basis = models.CharField(max_length=300, blank=True)
    confidence = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("kế thừa địa giới")
        constraints = [models.UniqueConstraint(fields=["old", "new"], name="succession_once")]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"


class Organization(models.Model):
    """An authority or a part of one. Binding papers freeze its printed name; never render history from here."""

    slug = models.SlugField(_("định danh địa chỉ"), max_length=80, unique=True)
    name = models.CharField(_("tên"), max_length=200)
    short_name = models.CharField(_("tên ngắn"), max_length=120, blank=True)
    symbol = models.CharField(_("ký hiệu"), max_length=30, blank=True)
    kind = models.CharField(_("loại"), max_length=20, choices=OrganizationKind)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("cấp trên"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    # The agency that decides and has the seal: itself for UBND and sở, the UBND for a commune's phòng or centre.
    agency = models.ForeignKey(
        "self",
        verbose_name=_("cơ quan"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="parts",
    )
    territory = models.ForeignKey(
        AdminUnit,
        verbose_name=_("địa bàn"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="authorities",
    )
    identifier = models.CharField(
        _("mã định danh cơ quan"),
        max_length=40,
        blank=True,
        help_text=_("QĐ 20/2020/QĐ-TTg; để trống đến khi xác minh"),
    )
    valid_from = models.DateField(_("từ ngày"))
    valid_to = models.DateField(_("trước ngày"), null=True, blank=True)
    certainty = models.CharField(_("độ tin cậy"), max_length=30, blank=True)
    note = models.TextField(_("ghi chú"), blank=True)
    source = models.TextField(_("nguồn"), blank=True)
    address = models.CharField(_("địa chỉ"), max_length=300, blank=True)
    phone = models.CharField(_("điện thoại"), max_length=40, blank=True)
    folded = models.CharField(max_length=220, blank=True, db_index=True)

    objects = ValidityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("cơ quan, đơn vị")
        indexes = [models.Index(fields=["kind", "territory"], name="organization_kind")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_verified(self) -> bool:
        return self.certainty.startswith("verified")

    @property
    def audit_unit_id(self) -> int:
        """Acts on a unit appear in that unit's part of the audit trail."""
        return self.pk
