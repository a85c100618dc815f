"""What an administrator or an agency keeps as lists: types, how it numbers, groups of recipients, retention."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.choices import Numbering


class DocumentType(models.Model):
    """The 29 types of NĐ 30/2020/NĐ-CP art. 7 with their abbreviations, and specialised papers beside them."""

    code = models.CharField(_("ký hiệu nội bộ"), max_length=20, unique=True)
    name = models.CharField(_("tên loại"), max_length=120)
    abbreviation = models.CharField(_("chữ viết tắt"), max_length=10, blank=True)
    is_specialised = models.BooleanField(_("văn bản chuyên ngành"), default=False)
    is_active = models.BooleanField(_("đang dùng"), default=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("loại văn bản")

    def __str__(self) -> str:
        return self.name


class AgencyPractice(models.Model):
    """What the head of an agency has decided about its clerical work. Without a row the defaults hold."""

    agency = models.OneToOneField(
        "org.Organization",
        on_delete=models.PROTECT,
        related_name="document_practice",
        verbose_name=_("cơ quan"),
    )
    numbering = models.CharField(
        _("cách đánh số văn bản"), max_length=10, choices=Numbering, default=Numbering.PER_TYPE
    )
    # Hours of working time. «Verify»: the law names days; these are what an agency watches for itself.
    remind_hours = models.PositiveSmallIntegerField(_("nhắc trước hạn (giờ làm việc)"), default=8)
    escalate_hours = models.PositiveSmallIntegerField(
        _("báo cấp trên sau khi quá hạn (giờ làm việc)"), default=8
    )
    unread_hours = models.PositiveSmallIntegerField(_("coi là chưa mở sau khi gửi (giờ làm việc)"), default=8)
    task_days = models.PositiveSmallIntegerField(_("hạn giải quyết đề xuất sẵn (ngày làm việc)"), default=5)
    document_no = models.CharField(_("quy chế công tác văn thư"), max_length=120, blank=True)
    # Work files: NĐ 30/2020/NĐ-CP art. 30 names these times; an agency may set shorter ones.
    transfer_months = models.PositiveSmallIntegerField(_("nộp lưu trong (tháng)"), default=12)
    construction_months = models.PositiveSmallIntegerField(
        _("nộp lưu hồ sơ xây dựng cơ bản trong (tháng)"), default=3
    )
    keep_back_months = models.PositiveSmallIntegerField(_("được giữ lại nhiều nhất (tháng)"), default=24)
    warn_days = models.PositiveSmallIntegerField(_("báo trước hạn nộp lưu (ngày)"), default=30)

    class Meta:
        verbose_name = verbose_name_plural = _("quy chế văn thư của cơ quan")

    def __str__(self) -> str:
        return str(self.agency)


class RecipientGroup(models.Model):
    """A set of units that an agency often writes to. Without an owner it is everybody's (e.g. «114 xã, phường»)."""

    owner = models.ForeignKey(
        "org.Organization",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("của cơ quan"),
    )
    name = models.CharField(_("tên nhóm"), max_length=120)
    members = models.ManyToManyField(
        "org.Organization", related_name="+", blank=True, verbose_name=_("đơn vị")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("nhóm nơi nhận")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], name="recipient_group_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


class RetentionPeriod(models.Model):
    """Thời hạn bảo quản. `years` None: for ever. The rows are an administrator's; their source stands beside them."""

    code = models.CharField(_("mã"), max_length=20, unique=True)
    name = models.CharField(_("thời hạn bảo quản"), max_length=60)
    years = models.PositiveSmallIntegerField(_("số năm"), null=True, blank=True)
    is_active = models.BooleanField(_("đang dùng"), default=True)
    source = models.CharField(_("căn cứ"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("thời hạn bảo quản")
        ordering = [models.F("years").asc(nulls_last=True)]
        constraints = [
            models.CheckConstraint(
                condition=Q(years__isnull=True) | Q(years__gte=1), name="retention_some_years"
            )
        ]

    def __str__(self) -> str:
        return self.name
