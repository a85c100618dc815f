"""Documents that arrive: from units of this system, by official mail, on paper (domain/documents.md §7, §13)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.choices import (
    INCOMING_OPEN,
    Circulation,
    IncomingSource,
    IncomingState,
    LegalValue,
    MailState,
    Urgency,
)
from documents.models.catalogue import DocumentType
from documents.models.dispatch import DispatchRecipient
from documents.querysets import IncomingQuerySet, MailboxQuerySet


class IncomingDocument(models.Model):
    """One document at one receiving agency. What its issuer wrote is frozen; who the issuer was on that day, too."""

    agency = models.ForeignKey(
        "org.Organization",
        on_delete=models.PROTECT,
        related_name="incoming",
        verbose_name=_("cơ quan nhận"),
    )
    source = models.CharField(_("nguồn"), max_length=10, choices=IncomingSource)
    state = models.CharField(
        _("trạng thái"), max_length=12, choices=IncomingState, default=IncomingState.ARRIVED
    )
    # From a unit of this system.
    recipient = models.OneToOneField(
        DispatchRecipient,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="incoming",
        verbose_name=_("lần gửi"),
    )
    # A document code that the sender gave (QĐ 28/2018/QĐ-TTg, art. 10.2b).
    document_code = models.CharField(_("mã định danh văn bản"), max_length=120, blank=True)
    issuer = models.ForeignKey(
        "org.Organization",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("cơ quan ban hành"),
    )
    issuer_printed = models.CharField(_("tác giả"), max_length=300)
    issuer_folded = models.CharField(max_length=320, blank=True, editable=False)
    number_printed = models.CharField(_("số, ký hiệu"), max_length=120, blank=True)
    number_folded = models.CharField(max_length=120, blank=True, editable=False)
    dated_on = models.DateField(_("ngày văn bản"), null=True, blank=True)
    type = models.ForeignKey(
        DocumentType,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("loại"),
    )
    type_printed = models.CharField(_("tên loại khi đăng ký"), max_length=120, blank=True)
    title = models.CharField(_("trích yếu"), max_length=500)
    signer_printed = models.CharField(_("người ký"), max_length=200, blank=True)
    urgency = models.PositiveSmallIntegerField(_("độ khẩn"), choices=Urgency, default=Urgency.NORMAL)
    circulation = models.CharField(
        _("phạm vi lưu hành"), max_length=10, choices=Circulation, default=Circulation.OPEN, blank=True
    )
    pages = models.PositiveSmallIntegerField(_("số trang"), null=True, blank=True)
    paper_copies = models.PositiveSmallIntegerField(_("số bản giấy"), default=0)
    reply_by = models.DateField(_("hạn trả lời ghi trên văn bản"), null=True, blank=True)
    # The signatures, checked before «tiếp nhận»: verdict and report as signing gave them.
    verdict = models.CharField(_("kết quả kiểm tra chữ ký"), max_length=10, blank=True)
    report = models.JSONField(default=dict, blank=True, editable=False)
    checked_at = models.DateTimeField(_("kiểm tra lúc"), null=True, blank=True)
    legal_value = models.CharField(_("giá trị pháp lý"), max_length=12, choices=LegalValue, blank=True)
    # In the register of arrivals.
    number = models.OneToOneField(
        "core.IssuedNumber", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Whose register the number stands in: it stays there when another agency takes the document over.
    register = models.ForeignKey(
        "org.Organization",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("sổ của cơ quan"),
    )
    arrival_number = models.PositiveIntegerField(_("số đến"), null=True, blank=True)
    arrival_year = models.PositiveSmallIntegerField(_("năm"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("đến lúc"))
    registered_at = models.DateTimeField(_("đăng ký lúc"), null=True, blank=True)
    registered_by = models.ForeignKey(
        "org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("ghi chú"), max_length=500, blank=True)
    return_reason = models.CharField(_("lý do trả lại"), max_length=500, blank=True)
    # On the way to whoever directs it.
    submitted_to = models.ForeignKey(
        "org.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("trình"),
    )
    submitted_at = models.DateTimeField(_("trình lúc"), null=True, blank=True)
    lead_unit = models.ForeignKey(
        "org.Organization",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("đơn vị chủ trì"),
    )
    handled_by_printed = models.CharField(_("người nhận"), max_length=300, blank=True)
    due_at = models.DateTimeField(_("hạn giải quyết"), null=True, blank=True)
    finished_at = models.DateTimeField(_("xong lúc"), null=True, blank=True)
    outcome = models.CharField(_("kết quả giải quyết"), max_length=500, blank=True)
    # The issuer's wishes after sending.
    replaced_by = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaces",
        verbose_name=_("thay bằng"),
    )
    is_frozen = models.BooleanField(_("đã đóng băng"), default=False)
    text_read_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = IncomingQuerySet.as_manager()

    # Where a delegation's scope finds its facts (org.powers).
    SCOPE = {"document_types": "type__code"}

    class Meta:
        verbose_name = verbose_name_plural = _("văn bản đến")
        constraints = [
            models.UniqueConstraint(
                fields=["register", "arrival_year", "arrival_number"],
                name="arrival_number_once",
                condition=Q(arrival_number__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[IncomingState.ARRIVED, IncomingState.RETURNED, IncomingState.RECALLED])
                | Q(arrival_number__isnull=False, number__isnull=False, registered_at__isnull=False)
                # The agency's own paper for its own units stands in the register of outgoing documents.
                | Q(source=IncomingSource.SYSTEM, circulation=Circulation.INTERNAL),
                name="registered_has_number",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-id"], name="incoming_of_agency"),
            models.Index(fields=["agency", "state", "-id"], name="incoming_states"),
            models.Index(fields=["agency", "arrival_year", "-arrival_number"], name="incoming_register"),
            models.Index(
                fields=["agency", "due_at"],
                name="incoming_due",
                condition=Q(state__in=sorted(INCOMING_OPEN), due_at__isnull=False),
            ),
            models.Index(fields=["agency", "number_folded", "issuer_folded"], name="incoming_twins"),
            models.Index(
                fields=["agency", "document_code"], name="incoming_code", condition=~Q(document_code="")
            ),
            models.Index(
                fields=["submitted_to", "-id"],
                name="incoming_submitted",
                condition=Q(state=IncomingState.SUBMITTED),
            ),
            models.Index(fields=["id"], name="incoming_unread", condition=Q(text_read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        number = self.number_printed or str(_("không số"))
        return f"{number} – {self.issuer_printed}"

    @property
    def audit_unit_id(self) -> int:
        return self.agency_id


class IncomingFile(models.Model):
    """A file of an incoming document, byte for byte as it came. OCR and page pictures lie beside it."""

    incoming = models.ForeignKey(IncomingDocument, on_delete=models.CASCADE, related_name="files")
    stored = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("tên tệp"), max_length=120)
    is_main = models.BooleanField(_("văn bản chính"), default=False)
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"), default=1)
    # Set when the same document came once more, updated: the former files stay with it.
    superseded_at = models.DateTimeField(_("đã có bản mới từ"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("tệp văn bản đến")
        ordering = ["superseded_at", "-is_main", "ordinal", "id"]

    def __str__(self) -> str:
        return self.name


class Mailbox(models.Model):
    """The official mailbox of a unit, read over IMAP. The password is encrypted where it lies."""

    agency = models.OneToOneField(
        "org.Organization", on_delete=models.PROTECT, related_name="mailbox", verbose_name=_("cơ quan")
    )
    host = models.CharField(_("máy chủ IMAP"), max_length=120)
    port = models.PositiveIntegerField(_("cổng"), default=993)
    use_tls = models.BooleanField(_("TLS"), default=True)
    user_name = models.CharField(_("tên đăng nhập"), max_length=120)
    password_sealed = models.TextField(blank=True, editable=False)
    folder = models.CharField(_("thư mục"), max_length=80, default="INBOX")
    uid_validity = models.BigIntegerField(default=0, editable=False)
    last_uid = models.BigIntegerField(_("thư cuối đã đọc"), default=0, editable=False)
    is_active = models.BooleanField(_("đang dùng"), default=True)
    polled_at = models.DateTimeField(_("đọc lúc"), null=True, blank=True, editable=False)
    next_poll_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.TextField(_("lỗi gần nhất"), blank=True, editable=False)
    failures = models.PositiveIntegerField(_("số lần lỗi liền nhau"), default=0, editable=False)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("hộp thư công vụ")

    def __str__(self) -> str:
        return self.user_name


class MailItem(models.Model):
    """One mail that was seen, and what became of it. Never twice: unique by mailbox, validity and uid."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="items")
    uid_validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    message_id = models.CharField(_("mã thư"), max_length=300, blank=True)
    sender = models.CharField(_("người gửi"), max_length=300, blank=True)
    subject = models.CharField(_("tiêu đề thư"), max_length=500, blank=True)
    size = models.BigIntegerField(_("dung lượng (byte)"), default=0)
    sent_at = models.DateTimeField(_("gửi lúc"), null=True, blank=True)
    seen_at = models.DateTimeField(_("đọc lúc"), auto_now_add=True)
    state = models.CharField(_("kết quả"), max_length=12, choices=MailState)
    reason = models.CharField(_("lý do"), max_length=500, blank=True)
    incoming = models.ForeignKey(
        IncomingDocument, null=True, blank=True, on_delete=models.PROTECT, related_name="mails"
    )
    settled_at = models.DateTimeField(_("văn thư đã xem lúc"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("thư đã nhận")
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "uid_validity", "uid"], name="mail_seen_once")
        ]
        indexes = [models.Index(fields=["mailbox", "-id"], name="mail_of_mailbox")]

    def __str__(self) -> str:
        return self.subject or f"{self.uid}"
