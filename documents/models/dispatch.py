"""An issued document on its way: one row per recipient, with its state, receipt and history (domain §6, §8, §13).

The seam of the axis: a recipient outside the system is a row of another `channel`; edXML reads and writes these same rows.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Owed
from documents.choices import Channel, DeliveryState, RecallAnswer, RecallKind, RecipientPurpose, Urgency
from documents.models.papers import Document
from documents.querysets import RecipientRowQuerySet


class Dispatch(Owed):
    """One sending of an issued document. Owed: its rows of the system's channel are delivered by Celery."""

    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="dispatches", verbose_name=_("văn bản")
    )
    agency = models.ForeignKey(
        "org.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("cơ quan gửi")
    )
    urgency = models.PositiveSmallIntegerField(_("độ khẩn"), choices=Urgency, default=Urgency.NORMAL)
    due_on = models.DateField(_("hạn trả lời"), null=True, blank=True)
    sent_by = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(_("gửi lúc"))
    total = models.PositiveIntegerField(_("số nơi nhận"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("lần gửi")
        indexes = [
            models.Index(fields=["agency", "-id"], name="dispatch_of_agency"),
            models.Index(
                fields=["next_try_at"],
                name="dispatch_due",
                condition=Q(done_at__isnull=True, given_up_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} ({self.total})"


class DispatchRecipient(models.Model):
    """One recipient: where it was sent, where it went after a merger, how far it is there."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="recipients")
    unit = models.ForeignKey(
        "org.Organization",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("nơi nhận"),
    )
    # Who really got it when `unit` was no more on the day of delivery.
    delivered_to = models.ForeignKey(
        "org.Organization", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    name_printed = models.CharField(_("tên khi gửi"), max_length=300)
    purpose = models.CharField(max_length=4, choices=RecipientPurpose, default=RecipientPurpose.COPY)
    channel = models.CharField(_("cách gửi"), max_length=10, choices=Channel, default=Channel.SYSTEM)
    state = models.CharField(
        _("trạng thái"), max_length=12, choices=DeliveryState, default=DeliveryState.QUEUED
    )
    reason = models.CharField(_("lý do"), max_length=500, blank=True)
    arrived_at = models.DateTimeField(_("đến lúc"), null=True, blank=True)
    opened_at = models.DateTimeField(_("mở lần đầu"), null=True, blank=True)
    opened_by = models.ForeignKey(
        "org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_printed = models.CharField(_("người mở khi đó"), max_length=320, blank=True)
    received_at = models.DateTimeField(_("tiếp nhận lúc"), null=True, blank=True)
    state_at = models.DateTimeField(_("đổi trạng thái lúc"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("nhắc lần cuối"), null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(_("số lần nhắc"), default=0)

    objects = RecipientRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("nơi nhận của lần gửi")
        constraints = [
            models.UniqueConstraint(
                fields=["dispatch", "unit"], name="dispatch_unit_once", condition=Q(unit__isnull=False)
            )
        ]
        indexes = [
            models.Index(fields=["dispatch", "state"], name="dispatch_states"),
            models.Index(
                fields=["unit", "-id"], name="dispatch_unopened", condition=Q(opened_at__isnull=True)
            ),
            models.Index(
                fields=["dispatch", "unit"],
                name="unopened_of_dispatch",
                condition=Q(opened_at__isnull=True, arrived_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name_printed}: {self.get_state_display()}"


class RecipientEvent(models.Model):
    """Append-only: every status that a recipient reported, and every request put to it, with its code of the axis."""

    recipient = models.ForeignKey(DispatchRecipient, on_delete=models.PROTECT, related_name="events")
    code = models.CharField(_("mã trạng thái"), max_length=2)
    at = models.DateTimeField(_("lúc"))
    by_printed = models.CharField(_("người thực hiện khi đó"), max_length=320, blank=True)
    note = models.CharField(_("nội dung"), max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("diễn biến ở nơi nhận")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.code} {self.at:%d/%m/%Y %H:%M}"


class RecallRequest(models.Model):
    """The issuer asks its recipients to give a document back, or to take an updated or another one (§8, §14).

    Both copies and the metadata of the process are kept.
    """

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="recalls")
    kind = models.PositiveSmallIntegerField(_("yêu cầu"), choices=RecallKind, default=RecallKind.RECALL)
    reason = models.CharField(_("lý do"), max_length=500)
    replacement = models.ForeignKey(
        Document,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("văn bản thay"),
    )
    asked_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    asked_printed = models.CharField(_("người yêu cầu khi đó"), max_length=320, blank=True)
    asked_at = models.DateTimeField(_("yêu cầu lúc"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("yêu cầu thu hồi, cập nhật, thay thế")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.dispatch}"


class RecallAnswerRow(models.Model):
    """What one recipient answered to a recall request."""

    request = models.ForeignKey(RecallRequest, on_delete=models.PROTECT, related_name="answers")
    recipient = models.ForeignKey(DispatchRecipient, on_delete=models.PROTECT, related_name="recall_answers")
    answer = models.CharField(_("trả lời"), max_length=10, choices=RecallAnswer, default=RecallAnswer.WAITING)
    note = models.CharField(_("lý do"), max_length=500, blank=True)
    answered_by = models.ForeignKey(
        "org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_printed = models.CharField(_("người trả lời khi đó"), max_length=320, blank=True)
    answered_at = models.DateTimeField(_("trả lời lúc"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("trả lời thu hồi")
        constraints = [models.UniqueConstraint(fields=["request", "recipient"], name="recall_answer_once")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.get_answer_display()}"
