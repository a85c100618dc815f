"""A restructuring as a batch: plan, dry run, approval, application, leftovers (domain/organisation.md §5, §6)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Owed
from org.choices import LeftoverKind, RestructuringStatus, StepKind
from org.models.accounts import User
from org.models.history import LegalBasis
from org.models.units import Organization


class Restructuring(Owed):
    """The row is the queue: approved, it is due at 00:00 of its day. `done_at` is when it was applied.

    `report` is what the dry run found for the plan with this `digest`; `outcome` is what was moved.
    """

    title = models.CharField(_("tên đợt sắp xếp"), max_length=200)
    effective_on = models.DateField(_("có hiệu lực từ ngày"))
    status = models.CharField(
        _("trạng thái"), max_length=10, choices=RestructuringStatus, default=RestructuringStatus.DRAFT
    )
    authority = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", verbose_name=_("cơ quan chủ trì")
    )
    legal_basis = models.ForeignKey(
        LegalBasis,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="restructurings",
        verbose_name=_("căn cứ"),
    )
    undo_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="undone_by",
        verbose_name=_("lập lại như trước đợt"),
    )
    drafted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("người soạn")
    )
    checked_at = models.DateTimeField(_("chạy thử lúc"), null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    report = models.JSONField(_("kết quả chạy thử"), default=dict, blank=True)
    approved_by = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("người duyệt"),
    )
    approved_at = models.DateTimeField(_("duyệt lúc"), null=True, blank=True)
    approval_note = models.TextField(_("ý kiến duyệt"), blank=True)
    outcome = models.JSONField(_("kết quả áp dụng"), default=dict, blank=True)
    job = models.ForeignKey(
        "core.Job", null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        verbose_name = verbose_name_plural = _("đợt sắp xếp tổ chức")
        ordering = ["-id"]
        constraints = [
            # Who drafts does not approve (§7); without basis and approver nothing is approved.
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("drafted_by")),
                name="restructuring_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "applied", "closed"])
                | Q(approved_by__isnull=False, legal_basis__isnull=False),
                name="restructuring_has_basis",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], name="restructuring_due", condition=Q(status="approved", done_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.title


class RestructuringStep(models.Model):
    """One change of the plan. The shape of `old`, `new` and `rules` stands in org/restructuring/plan.py."""

    batch = models.ForeignKey(Restructuring, on_delete=models.PROTECT, related_name="steps")
    seq = models.PositiveIntegerField(_("thứ tự"))
    kind = models.CharField(_("hình thức"), max_length=16, choices=StepKind)
    old = models.JSONField(_("đơn vị cũ"), default=list)
    new = models.JSONField(_("đơn vị mới"), default=list)
    rules = models.JSONField(_("cách chuyển người và việc"), default=dict, blank=True)
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("bước sắp xếp")
        ordering = ["seq", "id"]
        constraints = [models.UniqueConstraint(fields=["batch", "seq"], name="restructuring_step_seq")]

    def __str__(self) -> str:
        return f"{self.seq}. {self.get_kind_display()}"


class MovedRecord(models.Model):
    """One record that a batch moved: from where, to where. Undo and «who has it now» read it; never changed."""

    batch = models.ForeignKey(Restructuring, on_delete=models.PROTECT, related_name="moved")
    kind = models.CharField(max_length=60, help_text="label of the model, e.g. onecase.case")
    record_id = models.BigIntegerField()
    heir_id = models.BigIntegerField(null=True, help_text="the new row, when a new one was begun")
    old_unit = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    new_unit = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField(default=dict, help_text="columns as they were")

    class Meta:
        verbose_name = verbose_name_plural = _("bản ghi đã chuyển")
        indexes = [models.Index(fields=["kind", "record_id"], name="moved_record")]
        constraints = [models.UniqueConstraint(fields=["batch", "kind", "record_id"], name="moved_once")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.record_id}"


class Leftover(models.Model):
    """What the batch could not decide: it sits with a provisional holder until its owner settles it."""

    batch = models.ForeignKey(Restructuring, on_delete=models.PROTECT, related_name="leftovers")
    kind = models.CharField(_("loại"), max_length=10, choices=LeftoverKind)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    label = models.CharField(_("nội dung"), max_length=300)
    why = models.CharField(_("vì sao còn lại"), max_length=300)
    owner_unit = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("đơn vị xử lý")
    )
    owner = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("người xử lý"),
    )
    options = models.JSONField(_("nơi có thể nhận"), default=list, help_text="ids of units")
    settled_at = models.DateTimeField(_("xong lúc"), null=True, blank=True)
    settled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_note = models.CharField(_("đã làm gì"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("việc còn lại")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["batch", "id"], name="leftover_open", condition=Q(settled_at=None)),
            models.Index(fields=["subject_type", "subject_id"], name="leftover_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner_unit__isnull=False) | Q(owner__isnull=False), name="leftover_has_owner"
            )
        ]

    def __str__(self) -> str:
        return self.label
