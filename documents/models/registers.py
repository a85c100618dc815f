"""Registers as the decree prescribes them: printed in full, signed, closed (NĐ 30/2020/NĐ-CP, art. 16, 22; Phụ lục IV)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Owed
from documents.choices import BookKind


class RegisterBook(Owed):
    """One register of one agency and year. Rows are drawn from the documents themselves; closing freezes a print.

    Owed while a print is being made: the file is drawn by Celery, `done_at` tells that it is there.
    """

    agency = models.ForeignKey(
        "org.Organization", on_delete=models.PROTECT, related_name="register_books", verbose_name=_("cơ quan")
    )
    kind = models.CharField(_("sổ"), max_length=10, choices=BookKind)
    year = models.PositiveSmallIntegerField(_("năm"))
    # Of outgoing documents: the number series; empty for a book over all of them.
    series = models.CharField(_("dãy số"), max_length=40, blank=True)
    volume = models.PositiveSmallIntegerField(_("quyển số"), default=1)
    from_on = models.DateField(_("từ ngày"))
    to_on = models.DateField(_("đến ngày"), null=True, blank=True)
    from_number = models.PositiveIntegerField(_("từ số"), null=True, blank=True)
    to_number = models.PositiveIntegerField(_("đến số"), null=True, blank=True)
    rows = models.PositiveIntegerField(_("số dòng"), default=0)
    # Of each number series, the first and last number of this volume: {key: [first, last]}.
    spans = models.JSONField(default=dict, blank=True, editable=False)
    # The year's last volume: its number series are closed with it.
    is_final = models.BooleanField(_("khóa hẳn dãy số của năm"), default=False)
    # The rows as they stood when the book was closed: what is printed is drawn from here, never anew.
    frozen = models.ForeignKey(
        "core.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    drawn = models.PositiveIntegerField(_("số dòng đã in"), default=0)
    sealed_at = models.DateTimeField(_("ký số cơ quan lúc"), null=True, blank=True)
    closed_at = models.DateTimeField(_("khóa sổ lúc"), null=True, blank=True)
    closed_by = models.ForeignKey(
        "org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_printed = models.CharField(_("người khóa sổ khi đó"), max_length=320, blank=True)
    printed = models.ForeignKey(
        "core.StoredFile",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("bản in"),
    )
    signature_request = models.ForeignKey(
        "signing.SignatureRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = _("sổ đăng ký")
        ordering = ["-year", "kind", "series", "volume"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "kind", "year", "series", "volume"], name="register_volume_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.year}"

    @property
    def audit_unit_id(self) -> int:
        return self.agency_id
