"""One row per message to one person: what is in the inbox, what e-mail still owes him, and codes that leave by
mail or SMS."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Owed
from org import crypto


class Notice(Owed):
    """In the inbox at once; `done_at` is the proof that the e-mail left (at once when there is no address)."""

    recipient = models.ForeignKey(
        "org.User",
        verbose_name=_("người nhận"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="notices",
    )
    email = models.EmailField(_("thư điện tử"), blank=True)
    kind = models.CharField(_("loại"), max_length=60)
    title = models.CharField(_("tiêu đề"), max_length=200)
    text = models.TextField(_("nội dung"))
    url = models.CharField(_("địa chỉ"), max_length=300, blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    message_id = models.CharField(_("mã thư đã gửi"), max_length=120, blank=True)
    read_at = models.DateTimeField(_("đọc lúc"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("thông báo")
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notice_inbox"),
            models.Index(
                fields=["next_try_at"],
                name="notice_due",
                condition=models.Q(done_at__isnull=True, given_up_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        """Without the title, which names people: administrators read this."""
        return f"{self.kind} {self.pk}"


class Channel(models.TextChoices):
    EMAIL = "email", _("thư điện tử")
    SMS = "sms", _("tin nhắn SMS")


class Message(Owed):
    """Goes out and stands in no inbox: codes and links of sign-in. The text is sealed, and gone once it was sent."""

    channel = models.CharField(_("đường gửi"), max_length=5, choices=Channel)
    address = models.CharField(_("nơi nhận"), max_length=254)
    kind = models.CharField(_("loại"), max_length=80)
    title = models.CharField(_("tiêu đề"), max_length=200, blank=True)
    text_sealed = models.TextField(blank=True)
    expires_at = models.DateTimeField(_("gửi trước"), null=True, blank=True)
    reference = models.CharField(_("mã của nơi chuyển"), max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("thư, tin đăng nhập")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="message_due",
                condition=models.Q(done_at__isnull=True, given_up_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.kind}"

    @property
    def text(self) -> str:
        return crypto.unseal(self.text_sealed)
