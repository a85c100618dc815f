"""What a citizen asks about the data kept about him: a copy, a correction, a deletion."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Owed
from org import crypto
from org.choices import OPEN_REQUESTS, DataRequestKind, DataRequestStatus
from org.models.accounts import User
from org.models.units import Organization


class DataRequest(models.Model):
    """A citizen asks for a correction or a deletion. Both texts are encrypted: they are full of personal data."""

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="data_requests", verbose_name=_("người yêu cầu")
    )
    kind = models.CharField(_("loại"), max_length=12, choices=DataRequestKind)
    status = models.CharField(
        _("trạng thái"), max_length=12, choices=DataRequestStatus, default=DataRequestStatus.SUBMITTED
    )
    unit = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", verbose_name=_("đơn vị trả lời")
    )
    officer = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("người xử lý")
    )
    text_sealed = models.TextField()
    answer_sealed = models.TextField(blank=True)
    # {"changed": [names], "erased": [words], "kept": [[what, why]]}: what was done, without the values themselves.
    outcome = models.JSONField(_("đã làm"), default=dict, blank=True)
    created_at = models.DateTimeField(_("gửi lúc"))
    answered_at = models.DateTimeField(_("trả lời lúc"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("yêu cầu về dữ liệu cá nhân")
        indexes = [models.Index(fields=["unit", "status", "id"], name="data_request_list")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=Q(status__in=sorted(OPEN_REQUESTS)),
                name="one_open_data_request",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def text(self) -> str:
        return crypto.unseal(self.text_sealed)

    @text.setter
    def text(self, value: str) -> None:
        self.text_sealed = crypto.seal(value)

    @property
    def answer(self) -> str:
        return crypto.unseal(self.answer_sealed)

    @answer.setter
    def answer(self, value: str) -> None:
        self.answer_sealed = crypto.seal(value)

    @property
    def audit_unit_id(self) -> Any:
        return self.unit_id


class DataCopy(Owed):
    """A copy of all that is kept about a person. Owed until made; the bytes go when it expires, the row stays."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="data_copies")
    job = models.OneToOneField("core.Job", on_delete=models.PROTECT, related_name="+")
    as_json = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    as_pdf = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    as_zip = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(_("tải được đến"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("bản sao dữ liệu cá nhân")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="data_copy_due",
                condition=Q(done_at__isnull=True, given_up_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(done_at__isnull=True, given_up_at__isnull=True),
                name="one_data_copy_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.created_at:%d/%m/%Y}"
