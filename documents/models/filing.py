"""Work files: yearly catalogue, collecting, closing, transfer to the archive, destruction (domain/documents.md §10)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.choices import FileState, ListState
from documents.models.catalogue import RetentionPeriod
from documents.models.incoming import IncomingDocument
from documents.models.papers import Document
from documents.querysets import WorkFileQuerySet


class FileCatalogue(models.Model):
    """Danh mục hồ sơ of an agency for a year, issued at its start."""

    agency = models.ForeignKey(
        "org.Organization",
        on_delete=models.PROTECT,
        related_name="file_catalogues",
        verbose_name=_("cơ quan"),
    )
    year = models.PositiveSmallIntegerField(_("năm"))
    issued_at = models.DateTimeField(_("ban hành lúc"), null=True, blank=True)
    issued_by = models.ForeignKey(
        "org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    document_no = models.CharField(_("số quyết định"), max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("danh mục hồ sơ")
        constraints = [models.UniqueConstraint(fields=["agency", "year"], name="one_catalogue_a_year")]

    def __str__(self) -> str:
        return f"{self.year} {self.agency}"

    @property
    def audit_unit_id(self) -> int:
        return self.agency_id


class CatalogueEntry(models.Model):
    """One line: số, ký hiệu hồ sơ · tiêu đề · thời hạn bảo quản · người lập."""

    catalogue = models.ForeignKey(FileCatalogue, on_delete=models.CASCADE, related_name="entries")
    unit = models.ForeignKey(
        "org.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("đơn vị")
    )
    heading = models.CharField(_("đề mục"), max_length=200, blank=True)
    notation = models.CharField(_("số, ký hiệu hồ sơ"), max_length=40)
    title = models.CharField(_("tiêu đề hồ sơ"), max_length=500)
    retention = models.ForeignKey(
        RetentionPeriod, on_delete=models.PROTECT, related_name="+", verbose_name=_("thời hạn bảo quản")
    )
    keeper_printed = models.CharField(_("người lập hồ sơ"), max_length=200, blank=True)
    # Put forward by a unit's head; the clerk takes it in or out before the leader issues the catalogue.
    is_proposed = models.BooleanField(_("đơn vị đề xuất"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("dòng danh mục hồ sơ")
        ordering = ["notation"]
        constraints = [
            models.UniqueConstraint(fields=["catalogue", "notation"], name="catalogue_notation_once")
        ]

    def __str__(self) -> str:
        return f"{self.notation} {self.title}"


class WorkFile(models.Model):
    """Hồ sơ công việc: everything about one matter, in its order, until it is destroyed or kept for ever."""

    agency = models.ForeignKey(
        "org.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("cơ quan")
    )
    unit = models.ForeignKey(
        "org.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("đơn vị")
    )
    keeper = models.ForeignKey(
        "org.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("người lập hồ sơ")
    )
    entry = models.ForeignKey(
        CatalogueEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="files"
    )
    year = models.PositiveSmallIntegerField(_("năm"))
    notation = models.CharField(_("số, ký hiệu hồ sơ"), max_length=40)
    title = models.CharField(_("tiêu đề hồ sơ"), max_length=500)
    folded = models.CharField(max_length=560, blank=True, editable=False)
    retention = models.ForeignKey(
        RetentionPeriod, on_delete=models.PROTECT, related_name="+", verbose_name=_("thời hạn bảo quản")
    )
    state = models.CharField(_("trạng thái"), max_length=12, choices=FileState, default=FileState.OPEN)
    is_construction = models.BooleanField(
        _("hồ sơ xây dựng cơ bản"), default=False, help_text=_("nộp lưu trong 3 tháng từ khi quyết toán")
    )
    opened_on = models.DateField(_("mở ngày"))
    closed_on = models.DateField(_("kết thúc ngày"), null=True, blank=True)
    keep_until = models.DateField(_("giữ lại đến"), null=True, blank=True)
    keep_basis = models.CharField(_("văn bản đồng ý cho giữ lại"), max_length=300, blank=True)
    note = models.CharField(_("ghi chú"), max_length=500, blank=True)
    destroyed_on = models.DateField(_("hủy ngày"), null=True, blank=True)
    warned_at = models.DateTimeField(_("đã báo hạn nộp lưu lúc"), null=True, blank=True, editable=False)

    objects = WorkFileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("hồ sơ công việc")
        constraints = [
            models.UniqueConstraint(fields=["agency", "year", "notation"], name="file_notation_once"),
            models.CheckConstraint(
                condition=Q(state=FileState.OPEN) | Q(closed_on__isnull=False), name="closed_file_has_day"
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "state", "-id"], name="file_of_agency"),
            models.Index(fields=["keeper", "state", "-id"], name="file_of_keeper"),
            models.Index(fields=["unit", "state", "-id"], name="file_of_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.notation} {self.title}"

    @property
    def audit_unit_id(self) -> int:
        return self.unit_id


class WorkFileItem(models.Model):
    """A document in a file, without a copy of it: the same document may stand in many files."""

    file = models.ForeignKey(WorkFile, on_delete=models.CASCADE, related_name="items")
    incoming = models.ForeignKey(
        IncomingDocument, null=True, blank=True, on_delete=models.PROTECT, related_name="file_items"
    )
    document = models.ForeignKey(
        Document, null=True, blank=True, on_delete=models.PROTECT, related_name="file_items"
    )
    stored = models.ForeignKey(
        "core.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(_("tên tài liệu"), max_length=500)
    dated_on = models.DateField(_("ngày"), null=True, blank=True)
    ordinal = models.PositiveIntegerField(_("số thứ tự"))
    added_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("tài liệu trong hồ sơ")
        ordering = ["ordinal", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(incoming__isnull=False, document__isnull=True, stored__isnull=True)
                | Q(incoming__isnull=True, document__isnull=False, stored__isnull=True)
                | Q(incoming__isnull=True, document__isnull=True, stored__isnull=False),
                name="file_item_is_one_thing",
            ),
            models.UniqueConstraint(
                fields=["file", "incoming"], name="file_incoming_once", condition=Q(incoming__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["file", "document"], name="file_document_once", condition=Q(document__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FileList(models.Model):
    """Abstract: a list of work files that one person proposes and another decides."""

    agency = models.ForeignKey(
        "org.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("cơ quan")
    )
    state = models.CharField(_("trạng thái"), max_length=10, choices=ListState, default=ListState.DRAFT)
    title = models.CharField(_("tên danh mục"), max_length=300)
    proposed_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    proposed_printed = models.CharField(_("người lập khi đó"), max_length=320, blank=True)
    proposed_at = models.DateTimeField(_("trình lúc"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_printed = models.CharField(_("người duyệt khi đó"), max_length=320, blank=True)
    decided_at = models.DateTimeField(_("duyệt lúc"), null=True, blank=True)
    note = models.CharField(_("căn cứ, ý kiến"), max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def audit_unit_id(self) -> int:
        return self.agency_id


class TransferList(FileList):
    """Mục lục hồ sơ nộp lưu. Permanent and timed files stand in separate lists."""

    is_permanent = models.BooleanField(_("bảo quản vĩnh viễn"), default=False)
    files = models.ManyToManyField(WorkFile, related_name="transfer_lists", verbose_name=_("hồ sơ"))

    class Meta:
        verbose_name = verbose_name_plural = _("mục lục nộp lưu")


class DestructionList(FileList):
    """Danh mục tài liệu hết giá trị. Two persons: one proposes, another approves; the list itself is kept."""

    files = models.ManyToManyField(WorkFile, related_name="destruction_lists", verbose_name=_("hồ sơ"))
    # The rows as they were, for nothing else will tell of them afterwards.
    kept_rows = models.JSONField(default=list, blank=True, editable=False)
    done_at = models.DateTimeField(_("hủy xong lúc"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("danh mục tài liệu hủy")
