"""What a unit was called, where it stood and what became of it: versions, identifiers, successions (§3, §5)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from org.choices import IdentifierScheme, SuccessionRelation, SuccessionShare
from org.models.units import AdminUnit, Organization, ValidityQuerySet, valid_range


class LegalBasis(models.Model):
    """The paper by which units begin, change and end."""

    number = models.CharField(_("số, ký hiệu"), max_length=120)
    issuer = models.CharField(_("cơ quan ban hành"), max_length=200, blank=True)
    title = models.CharField(_("trích yếu"), max_length=500, blank=True)
    issued_on = models.DateField(_("ngày ban hành"), null=True, blank=True)
    effective_on = models.DateField(_("ngày có hiệu lực"), null=True, blank=True)
    file = models.ForeignKey(
        "core.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField(_("nguồn"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("căn cứ pháp lý")
        constraints = [models.UniqueConstraint(fields=["number", "issuer"], name="legal_basis_once")]

    def __str__(self) -> str:
        return self.number


class OrgVersion(models.Model):
    """An organization from one day until another. The organization's own columns mirror the version of today.

    The database refuses two versions of one organization on a day, a parent that is not there all that time,
    and a circle of parents.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="versions")
    name = models.CharField(_("tên"), max_length=200)
    short_name = models.CharField(_("tên ngắn"), max_length=120, blank=True)
    symbol = models.CharField(_("ký hiệu"), max_length=30, blank=True)
    parent = models.ForeignKey(
        Organization,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("cấp trên"),
    )
    agency = models.ForeignKey(
        Organization,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("cơ quan"),
    )
    territory = models.ForeignKey(
        AdminUnit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("địa bàn"),
    )
    valid_from = models.DateField(_("từ ngày"))
    valid_to = models.DateField(_("trước ngày"), null=True, blank=True)
    legal_basis = models.ForeignKey(
        LegalBasis,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("căn cứ"),
    )
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)

    objects = ValidityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("phiên bản đơn vị")
        ordering = ["valid_from"]
        constraints = [valid_range("org_version_range")]

    def __str__(self) -> str:
        return f"{self.name} ({self.valid_from})"


class OrgIdentifier(models.Model):
    """One identifier of an organization in one notation, for a period; old ones still route (§6, §8)."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="identifiers")
    scheme = models.CharField(_("hệ mã"), max_length=20, choices=IdentifierScheme)
    value = models.CharField(_("mã"), max_length=60)
    valid_from = models.DateField(_("từ ngày"))
    valid_to = models.DateField(_("trước ngày"), null=True, blank=True)
    source = models.CharField(_("nguồn"), max_length=200, blank=True)

    objects = ValidityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("mã định danh")
        constraints = [valid_range("identifier_range")]

    def __str__(self) -> str:
        return f"{self.scheme}: {self.value}"


class OrgSuccession(models.Model):
    """What took over from an organization, wholly, in part or for named functions. `new` empty: nobody did."""

    old = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="heirs")
    new = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.PROTECT, related_name="forebears"
    )
    relation = models.CharField(_("hình thức"), max_length=24, choices=SuccessionRelation)
    share = models.CharField(_("phần"), max_length=10, choices=SuccessionShare, default=SuccessionShare.WHOLE)
    functions = models.JSONField(_("chức năng chuyển"), default=list, blank=True, help_text="codes of fields")
    effective_on = models.DateField(_("từ ngày"))
    legal_basis = models.ForeignKey(
        LegalBasis,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("căn cứ"),
    )
    note = models.CharField(_("ghi chú"), max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("kế thừa cơ quan, đơn vị")
        constraints = [
            models.UniqueConstraint(fields=["old", "new", "effective_on"], name="org_succession_once"),
            models.CheckConstraint(condition=~Q(old=F("new")), name="org_succession_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new or '–'}"
