"""The transparency log: numbered entries under signed Merkle batches, timestamps, and who outside holds the roots."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models.work import Owed
from core.transparency.headers import Header


class AuditEntry(models.Model):
    """One numbered event. Append-only."""

    seq = models.BigIntegerField(_("số thứ tự"), primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    leaf = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = _("dòng của sổ minh bạch")

    def __str__(self) -> str:
        return str(self.seq)


class AuditBatch(models.Model):
    """A signed root over entries `first_seq` to `last_seq`, chained to the batch before. Append-only."""

    number = models.BigIntegerField(_("số lô"), primary_key=True)
    first_seq = models.BigIntegerField(_("từ dòng"), unique=True)
    last_seq = models.BigIntegerField(_("đến dòng"), unique=True)
    root = models.BinaryField(_("gốc Merkle"), max_length=32)
    previous = models.BinaryField(_("mã băm lô trước"), max_length=32)
    hash = models.BinaryField(_("mã băm"), max_length=32)
    closed_at = models.DateTimeField(_("chốt lúc"))
    clock_back_ms = models.BigIntegerField(_("đồng hồ lùi (mili giây)"), default=0)
    key = models.CharField(_("khóa"), max_length=16)
    signature = models.BinaryField(_("chữ ký"), max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("lô của sổ minh bạch")
        indexes = [models.Index(fields=["closed_at"], name="audit_batch_closed")]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def header(self) -> Header:
        return Header(
            number=self.number,
            first_seq=self.first_seq,
            last_seq=self.last_seq,
            root=bytes(self.root),
            previous=bytes(self.previous),
            closed_at=self.closed_at,
            clock_back_ms=self.clock_back_ms,
            key=self.key,
        )


class AuditTimestamp(models.Model):
    """A token of a timestamp authority (RFC 3161) over a batch's hash: it existed then. Append-only."""

    batch = models.OneToOneField(AuditBatch, on_delete=models.PROTECT, related_name="stamp")
    token = models.BinaryField()
    stamped_at = models.DateTimeField(_("dấu thời gian"))

    class Meta:
        verbose_name = verbose_name_plural = _("dấu thời gian của sổ minh bạch")

    def __str__(self) -> str:
        return str(self.batch_id)


class AuditHolder(Owed):
    """Somebody outside who keeps the roots. The row owes him all batches after `held_to`; it is never done."""

    name = models.CharField(max_length=40, unique=True)
    held_to = models.BigIntegerField(_("giữ đến lô"), default=0)
    stamps_to = models.BigIntegerField(_("giữ dấu thời gian đến"), default=0)  # AuditTimestamp.pk
    held_at = models.DateTimeField(_("nhận lúc"), null=True, blank=True)
    is_disputed = models.BooleanField(_("giữ bản khác"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("nơi giữ gốc")

    def __str__(self) -> str:
        return self.name
