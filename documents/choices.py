"""Statuses of a document."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentStatus(models.TextChoices):
    DRAFT = "draft", _("Dự thảo")
    SUBMITTED = "submitted", _("Trình ký")
    SIGNING = "signing", _("Đang ký số")
    SIGNED = "signed", _("Đã ký, chờ đóng dấu")
    SEALING = "sealing", _("Đang đóng dấu số")
    ISSUED = "issued", _("Đã phát hành")
    CANCELLED = "cancelled", _("Đã bỏ")
