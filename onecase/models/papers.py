"""The prescribed forms that a case leaves behind: rendered, sealed, and checkable by anyone."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Owed
from onecase.choices import FormNo


class LegalForm(Owed):
    """Owed until the sealed PDF/A stands. `snapshot` is the data printed, so that it can be made again alike."""

    case = models.ForeignKey("onecase.Case", on_delete=models.PROTECT, related_name="forms")
    form_set = models.CharField(_("bộ mẫu"), max_length=30, default="TT 03/2025/TT-VPCP")
    form_no = models.CharField(_("mẫu số"), max_length=2, choices=FormNo)
    snapshot = models.JSONField(encoder=DjangoJSONEncoder)
    check_code = models.CharField(_("mã kiểm tra"), max_length=20, unique=True)
    unsigned_file = models.ForeignKey(
        "core.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signature_request = models.ForeignKey(
        "signing.SignatureRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    stored = models.ForeignKey(
        "core.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_by = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("phiếu theo mẫu")
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="form_due",
                condition=models.Q(done_at__isnull=True, given_up_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"Mẫu {self.form_no}"
