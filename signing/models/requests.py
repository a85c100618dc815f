"""A signature that is owed, and the evidence of one that was made."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Owed
from signing.choices import OPEN_STATES, RequestState
from signing.models.keys import SigningKey


class SignatureRequest(Owed):
    """One signature to make. `attempts` fences workers: a step saves only while it is still ours (signing/steps.py)."""

    source = models.ForeignKey(
        "core.StoredFile", on_delete=models.PROTECT, related_name="+", verbose_name=_("tệp")
    )
    key = models.ForeignKey(
        SigningKey, on_delete=models.PROTECT, related_name="requests", verbose_name=_("khóa")
    )
    field_name = models.CharField(_("ô chữ ký"), max_length=60)
    box = models.JSONField(
        _("vị trí"), null=True, blank=True, help_text="[page from 0, x1, y1, x2, y2] in PDF points"
    )
    appearance = models.JSONField(_("hình thức"), default=dict, blank=True)
    signer_label = models.JSONField(
        _("người ký khi đó"), default=dict, blank=True, help_text="name, post, unit"
    )
    purpose = models.CharField(_("mục đích"), max_length=200)
    requested_by = models.ForeignKey(
        "org.User", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("người yêu cầu")
    )
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    state = models.CharField(
        _("trạng thái"), max_length=10, choices=RequestState, default=RequestState.QUEUED
    )
    sealed_unlock = models.BinaryField(null=True, editable=False, help_text="one-time; erased after use")
    prepared = models.ForeignKey(
        "core.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    preparation = models.JSONField(default=dict, editable=False)
    signature_value = models.BinaryField(null=True, editable=False)
    result = models.ForeignKey(
        "core.StoredFile",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("tệp đã ký"),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("yêu cầu ký")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "field_name"],
                condition=Q(state__in=sorted(OPEN_STATES)),
                name="one_open_signature_per_field",
            )
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(done_at__isnull=True, given_up_at__isnull=True),
                name="signature_due",
            ),
            models.Index(fields=["subject_type", "subject_id"], name="signature_request_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} · {self.field_name} · {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class Signature(models.Model):
    """Evidence: which bytes became which, by which certificate, when, and what our own check said."""

    request = models.OneToOneField(SignatureRequest, on_delete=models.PROTECT, related_name="signature")
    key = models.ForeignKey(
        SigningKey, on_delete=models.PROTECT, related_name="signatures", verbose_name=_("khóa")
    )
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    field_name = models.CharField(_("ô chữ ký"), max_length=60)
    source_sha256 = models.CharField(max_length=64)
    prepared_sha256 = models.CharField(max_length=64)
    signed_sha256 = models.CharField(max_length=64, unique=True)
    # Of the raw signature value: finds our record from any PDF that carries this signature.
    value_sha256 = models.CharField(max_length=64, unique=True)
    certificate = models.BinaryField(_("chứng thư (DER)"))
    timestamp_token = models.BinaryField(_("dấu thời gian (DER)"), null=True)
    report = models.JSONField(_("báo cáo kiểm tra"), default=dict)
    signed_at = models.DateTimeField(_("ký lúc"))
    signer_name = models.CharField(_("người ký"), max_length=200)
    signer_post = models.CharField(_("chức vụ khi đó"), max_length=200, blank=True)
    signer_unit = models.CharField(_("đơn vị khi đó"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("chữ ký đã tạo")
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="signature_subject"),
            models.Index(fields=["source_sha256"], name="signature_source"),
        ]

    def __str__(self) -> str:
        return f"{self.signer_name} · {self.field_name}"
