"""The audit trail: one leaf per official act, written in the act's own transaction."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """Append-only (a database trigger refuses UPDATE and DELETE). Names are frozen as they were at the act."""

    event = models.CharField(_("việc"), max_length=80)
    at = models.DateTimeField(_("lúc"))
    actor = models.ForeignKey(
        "org.User", verbose_name=_("người thực hiện"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField(_("họ tên khi đó"), max_length=200, blank=True)
    post_name = models.CharField(_("chức vụ khi đó"), max_length=200, blank=True)
    unit_name = models.CharField(_("đơn vị khi đó"), max_length=300, blank=True)
    subject_type = models.CharField(_("loại đối tượng"), max_length=60)
    subject_id = models.BigIntegerField(_("đối tượng"))
    before = models.CharField(_("từ"), max_length=60, blank=True)
    after = models.CharField(_("thành"), max_length=60, blank=True)
    note = models.TextField(_("nội dung"), blank=True)
    detail = models.JSONField(_("chi tiết"), default=dict, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    # The leaf covers a salted hash of note and detail, so that erasing personal data keeps the proof.
    salt = models.BinaryField(max_length=16)
    leaf = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = _("nhật ký")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["actor", "-id"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.subject_type}:{self.subject_id}"
