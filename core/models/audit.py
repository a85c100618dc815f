"""The audit trail: one leaf per official act or reading, written in the act's own transaction.

In the database the table is divided by month of `at` (primary key (id, at); `id` is unique by its sequence).
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EventKind(models.TextChoices):
    ACT = "act", _("việc đã làm")
    READ = "read", _("lượt xem dữ liệu cá nhân")
    EMERGENCY = "emergency", _("truy cập khẩn")


class AuditEvent(models.Model):
    """Append-only (database triggers refuse UPDATE, DELETE, TRUNCATE). Names are frozen as they were at the act.

    One change is let through: the erasure of the texts (core.audit.erase), which is itself an event.
    """

    event = models.CharField(_("việc"), max_length=80)
    at = models.DateTimeField(_("lúc"))
    kind = models.CharField(_("loại"), max_length=10, choices=EventKind, default=EventKind.ACT)
    actor = models.ForeignKey(
        "org.User", verbose_name=_("người thực hiện"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField(_("họ tên khi đó"), max_length=200, blank=True)
    post_name = models.CharField(_("chức vụ khi đó"), max_length=200, blank=True)
    unit_name = models.CharField(_("đơn vị khi đó"), max_length=300, blank=True)
    # No foreign keys: the trail outlives what it tells about.
    unit_id = models.BigIntegerField(_("đơn vị của người thực hiện"), null=True, blank=True)
    on_behalf_of = models.CharField(_("thay cho"), max_length=400, blank=True, default="")
    is_delegated = models.BooleanField(_("theo ủy quyền"), default=False)
    subject_type = models.CharField(_("loại đối tượng"), max_length=60)
    subject_id = models.BigIntegerField(_("đối tượng"))
    subject_unit_id = models.BigIntegerField(_("đơn vị quản lý đối tượng"), null=True, blank=True)
    before = models.CharField(_("từ"), max_length=60, blank=True)
    after = models.CharField(_("thành"), max_length=60, blank=True)
    note = models.TextField(_("nội dung"), blank=True)
    detail = models.JSONField(_("chi tiết"), default=dict, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    salt = models.BinaryField(max_length=16)
    texts_hash = models.BinaryField(max_length=32)
    leaf = models.BinaryField(max_length=32)
    erased_at = models.DateTimeField(_("đã xóa nội dung lúc"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("nhật ký")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["actor", "-id"], name="audit_actor"),
            models.Index(fields=["unit_id", "-id"], name="audit_unit"),
            models.Index(fields=["subject_unit_id", "-id"], name="audit_subject_unit"),
            models.Index(fields=["event", "-id"], name="audit_verb"),
            models.Index(fields=["kind", "-id"], name="audit_kind"),
            models.Index(fields=["-id"], condition=Q(is_delegated=True), name="audit_delegated"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.subject_type}:{self.subject_id}"


class AuditWaiting(models.Model):
    """An event without a number yet. A database trigger adds the row together with the event."""

    event_id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    leaf = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = _("nhật ký chờ đánh số")

    def __str__(self) -> str:
        return str(self.event_id)
