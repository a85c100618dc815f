"""Stored files, addressed by content. A record links to a file and keeps the name its owner gave it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ScanState(models.TextChoices):
    NOT_SCANNED = "not_scanned", _("chưa quét vi-rút")
    CLEAN = "clean", _("an toàn")
    INFECTED = "infected", _("có mã độc")


class StoredFile(models.Model):
    """Immutable bytes. Two records with the same bytes share one row; rights come from the linking record."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField(_("dung lượng (byte)"))
    media_type = models.CharField(_("loại"), max_length=100)
    pages = models.PositiveIntegerField(_("số trang"), null=True, blank=True)
    scan_state = models.CharField(
        _("quét vi-rút"), max_length=12, choices=ScanState, default=ScanState.NOT_SCANNED
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("tệp")

    def __str__(self) -> str:
        return f"{self.media_type} {self.sha256[:12]}"
