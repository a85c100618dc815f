"""Who may read beside unit and role, what a file says for search, copies, and the stop for state secrets (§6, §9, §11)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Owed
from documents.choices import CopyKind, IncidentState, TextSource
from documents.models.incoming import IncomingDocument
from documents.models.papers import Document
from documents.querysets import GrantQuerySet


class DocumentGrant(models.Model):
    """An explicit right to read one document, for one person. It ends; it is never passed on."""

    incoming = models.ForeignKey(
        IncomingDocument, null=True, blank=True, on_delete=models.PROTECT, related_name="grants"
    )
    document = models.ForeignKey(
        Document, null=True, blank=True, on_delete=models.PROTECT, related_name="grants"
    )
    user = models.ForeignKey(
        "org.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("cho ai xem")
    )
    given_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("lý do"), max_length=300, blank=True)
    given_at = models.DateTimeField(_("từ lúc"), auto_now_add=True)
    ended_at = models.DateTimeField(_("đến lúc"), null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("quyền xem riêng")
        constraints = [
            models.CheckConstraint(
                condition=Q(incoming__isnull=False, document__isnull=True)
                | Q(incoming__isnull=True, document__isnull=False),
                name="grant_is_on_one_thing",
            ),
            models.UniqueConstraint(
                fields=["user", "incoming"],
                name="incoming_grant_once",
                condition=Q(incoming__isnull=False, ended_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["user", "document"],
                name="document_grant_once",
                condition=Q(document__isnull=False, ended_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "-incoming"],
                name="grant_incoming",
                condition=Q(ended_at__isnull=True, incoming__isnull=False),
            ),
            models.Index(
                fields=["user", "-document"],
                name="grant_document",
                condition=Q(ended_at__isnull=True, document__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.incoming or self.document}"


class Star(models.Model):
    """Somebody's own mark on a document."""

    user = models.ForeignKey("org.User", on_delete=models.CASCADE, related_name="+")
    incoming = models.ForeignKey(
        IncomingDocument, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("đánh dấu")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "incoming", "document"], name="star_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"


class SavedView(models.Model):
    """A filter that somebody keeps under a name. `query` is the address after «?»."""

    user = models.ForeignKey("org.User", on_delete=models.CASCADE, related_name="+")
    list_name = models.CharField(max_length=20)
    name = models.CharField(_("tên bộ lọc"), max_length=80)
    query = models.CharField(max_length=1000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("bộ lọc đã lưu")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "list_name", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name


class FileText(Owed):
    """What a stored file says, for search. Owed until it was read; the file itself is never touched."""

    stored = models.OneToOneField("core.StoredFile", on_delete=models.CASCADE, related_name="document_text")
    text = models.TextField(blank=True)
    source = models.CharField(_("nguồn chữ"), max_length=8, choices=TextSource, default=TextSource.PENDING)

    class Meta:
        verbose_name = verbose_name_plural = _("chữ trong tệp")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="file_text_due",
                condition=Q(done_at__isnull=True, given_up_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.stored_id} {self.source}"


class CertifiedCopy(models.Model):
    """Bản sao y, sao lục, trích sao: its own number, the agency's signature at the top right (art. 25–27)."""

    agency = models.ForeignKey(
        "org.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("cơ quan sao")
    )
    kind = models.CharField(_("hình thức sao"), max_length=4, choices=CopyKind)
    incoming = models.ForeignKey(
        IncomingDocument, null=True, blank=True, on_delete=models.PROTECT, related_name="copies"
    )
    document = models.ForeignKey(
        Document, null=True, blank=True, on_delete=models.PROTECT, related_name="copies"
    )
    number = models.OneToOneField("core.IssuedNumber", on_delete=models.PROTECT, related_name="+")
    number_printed = models.CharField(_("số, ký hiệu bản sao"), max_length=80)
    dated_on = models.DateField(_("ngày sao"))
    source_file = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    unsigned_file = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(
        "core.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signature_request = models.ForeignKey(
        "signing.SignatureRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    made_printed = models.CharField(_("người sao khi đó"), max_length=320, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(_("hủy lúc"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("bản sao")

    def __str__(self) -> str:
        return self.number_printed

    @property
    def audit_unit_id(self) -> int:
        return self.agency_id


class SecretReceipt(models.Model):
    """«Văn bản mật đã nhận theo sổ riêng»: that so many came on a day, without any content."""

    agency = models.ForeignKey(
        "org.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("cơ quan")
    )
    day = models.DateField(_("ngày"))
    count = models.PositiveSmallIntegerField(_("số văn bản"))
    noted_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("số văn bản mật nhận theo sổ riêng")
        constraints = [models.UniqueConstraint(fields=["agency", "day"], name="secret_count_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y}: {self.count}"


class SecretIncident(models.Model):
    """A state secret slipped in. What was purged and what an operator must still do; never what it said."""

    agency = models.ForeignKey(
        "org.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("cơ quan")
    )
    state = models.CharField(_("trạng thái"), max_length=8, choices=IncidentState, default=IncidentState.OPEN)
    where = models.CharField(_("phát hiện ở"), max_length=200)
    found_by = models.ForeignKey(
        "org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    found_printed = models.CharField(_("người phát hiện khi đó"), max_length=320, blank=True)
    found_at = models.DateTimeField(_("phát hiện lúc"), auto_now_add=True)
    incoming = models.ForeignKey(
        IncomingDocument, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # SHA-256 of the erased files: what an operator must look for in backups and logs.
    hashes = models.JSONField(default=list, blank=True)
    purged_at = models.DateTimeField(_("xóa lúc"), null=True, blank=True)
    purged_by = models.ForeignKey(
        "org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    purged_printed = models.CharField(_("người xóa khi đó"), max_length=320, blank=True)
    # What only people can do, each with who did it and when: backups, mail servers, caches, devices.
    steps = models.JSONField(default=list, blank=True)
    closed_by = models.ForeignKey(
        "org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_printed = models.CharField(_("người kết thúc khi đó"), max_length=320, blank=True)
    closed_at = models.DateTimeField(_("kết thúc lúc"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("sự cố lộ, lọt bí mật nhà nước")

    def __str__(self) -> str:
        return f"{self.found_at:%d/%m/%Y %H:%M}"

    @property
    def audit_unit_id(self) -> int:
        return self.agency_id
