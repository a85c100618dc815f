"""Official documents made here, from draft to issue. A result of a case is a document too (domain/documents.md §3–5, §8)."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.choices import (
    ApprovalKind,
    AttachmentRole,
    Circulation,
    DocumentKind,
    DocumentStatus,
    OpinionVerdict,
    RecipientPurpose,
    Source,
    Urgency,
)
from documents.models.catalogue import DocumentType
from documents.querysets import DocumentQuerySet, OpinionQuerySet
from org import crypto


class SealedBody(models.Model):
    """Abstract: text that is encrypted where it lies (results print numbers and addresses of people)."""

    body_sealed = models.TextField(_("nội dung"), blank=True)

    class Meta:
        abstract = True

    @property
    def body_html(self) -> str:
        return crypto.unseal(self.body_sealed)

    @body_html.setter
    def body_html(self, value: str) -> None:
        self.body_sealed = crypto.seal(value)


class Document(SealedBody):
    """One document from draft to issue. What it printed is frozen in its files and in the `*_printed` texts."""

    kind = models.CharField(_("dạng"), max_length=10, choices=DocumentKind, default=DocumentKind.RESULT)
    type = models.ForeignKey(DocumentType, on_delete=models.PROTECT, related_name="+", verbose_name=_("loại"))
    agency = models.ForeignKey(
        "org.Organization",
        on_delete=models.PROTECT,
        related_name="documents",
        verbose_name=_("cơ quan ban hành"),
    )
    unit = models.ForeignKey(
        "org.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("đơn vị soạn")
    )
    drafter = models.ForeignKey(
        "org.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("người soạn")
    )
    # The procedure whose result this is, and its field: a delegation may be narrowed to them.
    procedure_code = models.CharField(_("mã thủ tục"), max_length=20, blank=True)
    field = models.CharField(_("lĩnh vực"), max_length=120, blank=True)
    title = models.CharField(_("trích yếu"), max_length=500)
    paper = models.CharField(_("mẫu trình bày"), max_length=80, default="papers/decision.html")
    series = models.CharField(_("sổ số"), max_length=40, blank=True, help_text=_("trống: theo loại văn bản"))
    notation = models.CharField(_("ký hiệu"), max_length=60, blank=True)
    revision = models.PositiveIntegerField(_("bản thứ"), default=1)
    status = models.CharField(
        _("trạng thái"), max_length=12, choices=DocumentStatus, default=DocumentStatus.DRAFT
    )
    check_code = models.CharField(_("mã kiểm tra"), max_length=20, unique=True)
    number = models.OneToOneField(
        "core.IssuedNumber", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    number_printed = models.CharField(_("số, ký hiệu"), max_length=80, blank=True)
    dated_on = models.DateField(_("ngày ban hành"), null=True, blank=True)
    issuer_printed = models.CharField(_("tên cơ quan khi ban hành"), max_length=200, blank=True)
    signer = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signer_printed = models.CharField(_("người ký khi ban hành"), max_length=120, blank=True)
    signer_title_printed = models.CharField(_("chức vụ khi ký"), max_length=120, blank=True)
    signer_lines_printed = models.JSONField(
        _("thể thức ký khi ban hành"), default=list, blank=True, help_text="lines above the signature"
    )
    signed_for_printed = models.CharField(
        _("ký thay mặt, khi ban hành"),
        max_length=500,
        blank=True,
        help_text="who gave the power, and by what",
    )
    unsigned_file = models.ForeignKey(
        "core.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    current_file = models.ForeignKey(
        "core.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    seal_box = models.JSONField(default=list, blank=True, help_text="[page, x1, y1, x2, y2] in PDF points")
    signature_request = models.ForeignKey(
        "signing.SignatureRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # --- of official documents ---
    source = models.CharField(_("cách soạn"), max_length=10, choices=Source, default=Source.TYPED)
    urgency = models.PositiveSmallIntegerField(_("độ khẩn"), choices=Urgency, default=Urgency.NORMAL)
    circulation = models.CharField(
        _("phạm vi lưu hành"), max_length=10, choices=Circulation, default=Circulation.OPEN, blank=True
    )
    reply_by = models.DateField(_("hạn trả lời"), null=True, blank=True)
    paper_copies = models.PositiveSmallIntegerField(_("số bản giấy"), default=0)
    pages = models.PositiveSmallIntegerField(_("số trang"), null=True, blank=True)
    for_organ = models.CharField(
        _("ban hành thay mặt"),
        max_length=120,
        blank=True,
        help_text=_("Hội đồng, Ban, Tổ dùng con dấu của cơ quan: có dãy số riêng"),
    )
    # What this one answers, replaces or corrects.
    answers = models.ForeignKey(
        "documents.IncomingDocument",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replies",
        verbose_name=_("trả lời văn bản đến"),
    )
    replaces = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
        verbose_name=_("thay thế"),
    )
    corrects = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="corrected_by",
        verbose_name=_("đính chính"),
    )
    submitted_at = models.DateTimeField(_("trình lúc"), null=True, blank=True)
    signed_at = models.DateTimeField(_("ký lúc"), null=True, blank=True)
    is_frozen = models.BooleanField(
        _("đã đóng băng"), default=False, help_text=_("sau thu hồi: giữ nguyên, không dùng")
    )
    text_read_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    issued_at = models.DateTimeField(_("phát hành lúc"), null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    # Where a delegation's scope finds its facts (org.powers).
    SCOPE = {"document_types": "type__code", "procedures": "procedure_code", "fields": "field"}

    class Meta:
        verbose_name = verbose_name_plural = _("văn bản")
        indexes = [
            models.Index(fields=["agency", "status", "-id"], name="document_queue"),
            models.Index(fields=["agency", "kind", "-id"], name="document_of_agency"),
            models.Index(fields=["unit", "kind", "-id"], name="document_of_unit"),
            models.Index(fields=["drafter", "status", "-id"], name="document_of_drafter"),
            models.Index(
                fields=["agency", "-dated_on", "-id"],
                name="document_by_day",
                condition=Q(number__isnull=False),
            ),
            models.Index(
                fields=["id"],
                name="document_unread",
                condition=Q(kind=DocumentKind.OFFICIAL, text_read_at__isnull=True),
            ),
            models.Index(
                fields=["signature_request"],
                name="document_request",
                condition=Q(signature_request__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=DocumentStatus.ISSUED)
                | Q(number__isnull=False, current_file__isnull=False),
                name="issued_has_number_and_file",
            )
        ]

    def __str__(self) -> str:
        """Without the title, which names people: administrators read this."""
        return self.number_printed or f"{self.type} {self.pk}"

    @property
    def audit_unit_id(self) -> int:
        """The unit in whose part of the audit trail the document appears."""
        return self.unit_id


class DraftVersion(SealedBody):
    """One state of a draft, kept with who wrote it and why (Phụ lục VI: all drafts stay with the document)."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("bản thứ"))
    title = models.CharField(_("trích yếu"), max_length=500)
    files = models.JSONField(_("tệp kèm"), default=list, blank=True, help_text="[{name, sha256, role}]")
    author = models.ForeignKey(
        "org.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("người sửa")
    )
    note = models.CharField(_("sửa gì"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("lúc"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("bản dự thảo")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="draft_version_once")]

    def __str__(self) -> str:
        return f"{self.document_id}/{self.number}"


class Attachment(models.Model):
    """A file beside the text. The bytes are never changed; a signed appendix is another stored file."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="attachments")
    stored = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    signed = models.ForeignKey(
        "core.StoredFile",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("bản đã ký"),
    )
    name = models.CharField(_("tên tệp"), max_length=120)
    role = models.CharField(
        _("vai trò"), max_length=10, choices=AttachmentRole, default=AttachmentRole.APPENDIX
    )
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"), default=1)
    signature_request = models.ForeignKey(
        "signing.SignatureRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    added_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("tệp kèm văn bản đi")
        ordering = ["role", "ordinal", "id"]
        indexes = [
            models.Index(
                fields=["signature_request"],
                name="attachment_request",
                condition=Q(signature_request__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def current(self) -> Any:
        """The file to hand out: signed when it is."""
        return self.signed or self.stored


class Recipient(models.Model):
    """One line of «Kính gửi» or «Nơi nhận». Exactly one of unit, group and text."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="recipients")
    purpose = models.CharField(
        _("ghi ở"), max_length=4, choices=RecipientPurpose, default=RecipientPurpose.COPY
    )
    unit = models.ForeignKey(
        "org.Organization",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("đơn vị"),
    )
    group = models.ForeignKey(
        "documents.RecipientGroup",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("nhóm"),
    )
    text = models.CharField(_("nơi nhận ngoài hệ thống"), max_length=300, blank=True)
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"), default=1)

    class Meta:
        verbose_name = verbose_name_plural = _("nơi nhận")
        ordering = ["-purpose", "ordinal", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, group__isnull=True, text="")
                | Q(unit__isnull=True, group__isnull=False, text="")
                | (Q(unit__isnull=True, group__isnull=True) & ~Q(text="")),
                name="recipient_is_one_thing",
            ),
            models.UniqueConstraint(
                fields=["document", "unit"], name="recipient_unit_once", condition=Q(unit__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit or self.group or self.text)


class Approval(models.Model):
    """Ký nháy: somebody answers for content or form of exactly one revision. A later edit leaves it behind."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="approvals")
    kind = models.CharField(_("việc"), max_length=10, choices=ApprovalKind)
    revision = models.PositiveIntegerField(_("bản thứ"))
    by = models.ForeignKey(
        "org.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("người ký nháy")
    )
    name_printed = models.CharField(_("họ tên khi đó"), max_length=120)
    post_printed = models.CharField(_("chức vụ khi đó"), max_length=200, blank=True)
    note = models.CharField(_("ghi chú"), max_length=500, blank=True)
    # Broken layout rules that the checker let pass, each with his reason: [{rule, words, reason}].
    passed_over = models.JSONField(_("lỗi thể thức chấp nhận"), default=list, blank=True)
    at = models.DateTimeField(_("lúc"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("ký nháy")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "kind", "revision", "by"], name="approval_once")
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.kind}"


class Opinion(models.Model):
    """A co-ordinating unit is asked about a draft, beside others, until a deadline. Silence past it is recorded as such."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="opinions")
    unit = models.ForeignKey(
        "org.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("đơn vị được hỏi")
    )
    question = models.CharField(_("cần cho ý kiến về"), max_length=500, blank=True)
    revision = models.PositiveIntegerField(_("về bản thứ"))
    asked_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("hỏi lúc"), auto_now_add=True)
    due_at = models.DateTimeField(_("hạn trả lời"))
    verdict = models.CharField(_("ý kiến"), max_length=10, choices=OpinionVerdict, blank=True)
    text = models.TextField(_("nội dung"), blank=True)
    given_by = models.ForeignKey(
        "org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    given_printed = models.CharField(_("người cho ý kiến khi đó"), max_length=320, blank=True)
    given_at = models.DateTimeField(_("trả lời lúc"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("thôi hỏi lúc"), null=True, blank=True)
    # What the drafter did with it: taken over, or why not.
    answer = models.CharField(_("tiếp thu, giải trình"), max_length=1000, blank=True)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("ý kiến phối hợp")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "unit"],
                condition=Q(given_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_question_per_unit",
            )
        ]
        indexes = [
            models.Index(
                fields=["unit", "due_at"],
                name="opinion_waiting",
                condition=Q(given_at__isnull=True, withdrawn_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.unit_id}"
