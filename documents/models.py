"""Official documents made here. A result of a case is a document (domain/documents.md)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.choices import DocumentStatus
from documents.querysets import DocumentQuerySet
from org import crypto


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


class Document(models.Model):
    """One document from draft to issue. What it printed is frozen in its files and in the `*_printed` texts."""

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
    # Results print numbers and addresses of people, so the text is encrypted; the signed paper is a stored file.
    body_sealed = models.TextField(_("nội dung"), blank=True)
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
    created_at = models.DateTimeField(auto_now_add=True)
    issued_at = models.DateTimeField(_("phát hành lúc"), null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    # Where a delegation's scope finds its facts (org.powers).
    SCOPE = {"document_types": "type__code", "procedures": "procedure_code", "fields": "field"}

    class Meta:
        verbose_name = verbose_name_plural = _("văn bản")
        indexes = [
            models.Index(fields=["agency", "status", "-id"], name="document_queue"),
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
    def body_html(self) -> str:
        return crypto.unseal(self.body_sealed)

    @body_html.setter
    def body_html(self, value: str) -> None:
        self.body_sealed = crypto.seal(value)

    @property
    def audit_unit_id(self) -> int:
        """The unit in whose part of the audit trail the document appears."""
        return self.unit_id
