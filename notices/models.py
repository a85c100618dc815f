"""One row per message to one person: what is in the inbox, and what e-mail still owes him."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Owed


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
        return self.title
