"""Authorities we trust, keys, and the people who may use them."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from org.models import ValidityQuerySet
from signing.choices import AnchorPurpose, KeyKind


class TrustAnchor(models.Model):
    """A root whose certificates we believe. A demo root counts only while DEBUG is on (signing/trust.py)."""

    name = models.CharField(_("tên"), max_length=200)
    purpose = models.CharField(_("dùng cho"), max_length=12, choices=AnchorPurpose, default=AnchorPurpose.ANY)
    pem = models.TextField(_("chứng thư gốc (PEM)"))
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    active = models.BooleanField(_("đang tin cậy"), default=True)
    is_demo = models.BooleanField(_("chứng thư thử nghiệm"), default=False)
    added_at = models.DateTimeField(_("thêm lúc"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("tổ chức chứng thực tin cậy")

    def __str__(self) -> str:
        return self.name


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    def usable(self, at: datetime | None = None) -> Self:
        """In their validity period, neither revoked nor suspended, as far as we know ourselves."""
        at = at or timezone.now()
        return self.filter(
            valid_from__lte=at, valid_to__gt=at, revoked_at__isnull=True, suspended_at__isnull=True
        )


class SigningKey(models.Model):
    """A certificate and, for software keys, its private key: PKCS#8 under a random data key (AES-GCM, AAD = uid).

    The data key (DEK) is not here: custodians hold it wrapped under their PIN (`KeyCustody`), a system key holds
    it wrapped under the master key. domain/signing.md §1.6.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("loại"), max_length=10, choices=KeyKind)
    backend = models.CharField(_("nơi giữ khóa"), max_length=20, default="software")
    owner_user = models.ForeignKey(
        "org.User",
        verbose_name=_("của người"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    owner_organization = models.ForeignKey(
        "org.Organization",
        verbose_name=_("của cơ quan"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    subject_name = models.CharField(_("tên trên chứng thư"), max_length=300)
    certificate = models.BinaryField(_("chứng thư (DER)"))
    chain_pem = models.TextField(_("chứng thư trung gian (PEM)"), blank=True)
    serial = models.CharField(_("số sê-ri"), max_length=64)
    algorithm = models.CharField(_("thuật toán"), max_length=20)
    valid_from = models.DateTimeField(_("có hiệu lực từ"))
    valid_to = models.DateTimeField(_("hết hạn lúc"))
    wrapped_key = models.BinaryField(null=True, editable=False)
    system_dek = models.BinaryField(null=True, editable=False)
    image = models.ForeignKey(
        "core.StoredFile",
        verbose_name=_("mẫu chữ ký, mẫu dấu"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    suspended_at = models.DateTimeField(_("tạm dừng lúc"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("thu hồi lúc"), null=True, blank=True)
    created_at = models.DateTimeField(_("tạo lúc"), auto_now_add=True)

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("khóa ký")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind=KeyKind.PERSONAL, owner_user__isnull=False)
                    | Q(kind__in=[KeyKind.SEAL, KeyKind.SYSTEM], owner_organization__isnull=False)
                ),
                name="key_has_its_owner",
            ),
            models.CheckConstraint(condition=Q(valid_from__lt=F("valid_to")), name="key_valid_range"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.subject_name}"


class KeyCustody(models.Model):
    """A person who may use a key, for a period, with a PIN of his own (each PIN wraps the same data key)."""

    key = models.ForeignKey(
        SigningKey, on_delete=models.PROTECT, related_name="custodies", verbose_name=_("khóa")
    )
    user = models.ForeignKey(
        "org.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("người được giao")
    )
    wrapped_dek = models.BinaryField(editable=False)
    salt = models.BinaryField(max_length=16, editable=False)
    valid_from = models.DateField(_("từ ngày"), default=timezone.localdate)
    valid_to = models.DateField(_("trước ngày"), null=True, blank=True)
    granted_by = models.ForeignKey(
        "org.User", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("người giao")
    )

    objects = ValidityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("người giữ khóa")
        constraints = [
            models.UniqueConstraint(fields=["key", "user", "valid_from"], name="custody_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.key}"


class PinAttempt(models.Model):
    """One try of a PIN, written on a connection of its own so that no rollback wipes it out. No foreign keys."""

    key_uid = models.UUIDField()
    user_id = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("lần nhập PIN")
        indexes = [
            models.Index(
                fields=["key_uid", "user_id"], condition=Q(cleared_at__isnull=True), name="pin_open_attempts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key_uid} {self.at:%Y-%m-%d %H:%M:%S}"
