"""The case and what hangs on it (domain/onecase.md §3)."""

import json
import uuid
from typing import Any

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.search import Folded
from onecase.choices import (
    OPEN,
    BusinessStatus,
    Channel,
    CheckState,
    PartyRole,
    RatingLevel,
    ReturnWay,
)
from onecase.querysets import CaseQuerySet, code_tail
from org import crypto


class Case(models.Model):
    """One application, from draft to handed-over result. Status changes only through onecase.actions."""

    code = models.CharField(_("mã hồ sơ"), max_length=40, unique=True, null=True, blank=True)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    procedure = models.ForeignKey(
        "onecase.Procedure", on_delete=models.PROTECT, related_name="+", verbose_name=_("thủ tục")
    )
    version = models.ForeignKey("onecase.ProcedureVersion", on_delete=models.PROTECT, related_name="+")
    procedure_case = models.ForeignKey(
        "onecase.ProcedureCase",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("trường hợp"),
    )
    channel = models.CharField(_("cách nộp"), max_length=1, choices=Channel)
    applicant = models.ForeignKey(
        "org.User",
        verbose_name=_("tài khoản nộp"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="cases",
    )
    owner_name = models.CharField(_("chủ hồ sơ"), max_length=120, blank=True)
    business_status = models.CharField(
        _("trạng thái"), max_length=24, choices=BusinessStatus, default=BusinessStatus.DRAFT
    )
    receiving_unit = models.ForeignKey(
        "org.Organization",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("nơi tiếp nhận"),
    )
    agency = models.ForeignKey(
        "org.Organization",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("cơ quan giải quyết"),
    )
    handling_unit = models.ForeignKey(
        "org.Organization",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("đơn vị thụ lý"),
    )
    handler = models.ForeignKey(
        "org.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("người thụ lý"),
    )
    answers_sealed = models.TextField(blank=True, help_text="the form's answers, encrypted (personal data)")
    form_step = models.PositiveSmallIntegerField(default=1)
    return_way = models.CharField(
        _("nhận kết quả"), max_length=8, choices=ReturnWay, default=ReturnWay.ONLINE
    )
    created_at = models.DateTimeField(_("tạo lúc"), default=timezone.now)
    saved_at = models.DateTimeField(_("lưu nháp lúc"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("nộp lúc"), null=True, blank=True)
    received_at = models.DateTimeField(_("tiếp nhận lúc"), null=True, blank=True)
    due_at = models.DateTimeField(_("hạn trả kết quả"), null=True, blank=True)
    first_due_at = models.DateTimeField(_("hạn ban đầu"), null=True, blank=True)
    finished_at = models.DateTimeField(_("xong lúc"), null=True, blank=True)
    returned_at = models.DateTimeField(_("trả kết quả lúc"), null=True, blank=True)
    supplement_count = models.PositiveSmallIntegerField(_("số lần yêu cầu bổ sung"), default=0)
    reply_by = models.DateField(_("hạn bổ sung"), null=True, blank=True)
    result_document = models.ForeignKey(
        "documents.Document",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("kết quả"),
    )
    result_refuses = models.BooleanField(_("kết quả là từ chối"), default=False)

    objects = CaseQuerySet.as_manager()

    # Where a delegation's scope finds its facts, and whose case it is: nobody decides his own (org.powers).
    SCOPE = {
        "procedures": "procedure__code",
        "fields": "procedure__field",
        "document_types": "result_document__type__code",
    }
    CONCERNS = "applicant"
    opened_in_emergency: Any = None  # the BreakGlass under which this page is read

    class Meta:
        verbose_name = verbose_name_plural = _("hồ sơ")
        indexes = [
            # What clerks type of a code: its end, and the part from the day on (onecase.case_search).
            models.Index(OpClass(Reverse("code"), "text_pattern_ops"), name="case_code_end"),
            models.Index(OpClass(code_tail(), "text_pattern_ops"), name="case_code_tail"),
            models.Index(fields=["receiving_unit", "-id"], name="case_counter"),
            models.Index(fields=["handling_unit", "-id"], name="case_handling"),
            models.Index(fields=["agency", "-id"], name="case_agency"),
            models.Index(fields=["applicant", "-id"], name="case_own"),
            models.Index(fields=["receiving_unit", "business_status", "-id"], name="case_counter_status"),
            models.Index(fields=["handling_unit", "business_status", "-id"], name="case_handling_status"),
            models.Index(fields=["agency", "business_status", "-id"], name="case_agency_status"),
            models.Index(
                fields=["receiving_unit", "due_at"],
                name="case_counter_open",
                condition=Q(business_status__in=sorted(OPEN)),
            ),
            models.Index(
                fields=["handling_unit", "due_at"],
                name="case_handling_open",
                condition=Q(business_status__in=sorted(OPEN)),
            ),
            models.Index(
                fields=["agency", "due_at"],
                name="case_agency_open",
                condition=Q(business_status__in=sorted(OPEN)),
            ),
            models.Index(OpClass(Folded("owner_name"), "text_pattern_ops"), name="case_owner_folded"),
            models.Index(
                fields=["result_document"], name="case_result", condition=Q(result_document__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["applicant", "procedure"],
                condition=Q(business_status="draft"),
                name="one_draft_a_procedure",
            ),
            models.CheckConstraint(
                condition=Q(business_status="draft")
                | Q(code__isnull=False, agency__isnull=False, receiving_unit__isnull=False),
                name="submitted_has_code_and_agency",
            ),
        ]

    def __str__(self) -> str:
        return self.code or str(_("bản nháp"))

    @property
    def audit_unit_id(self) -> int | None:
        """The unit in whose part of the audit trail the case appears."""
        return self.handling_unit_id or self.agency_id

    @property
    def answers(self) -> dict[str, Any]:
        """The form's answers by field name; encrypted at rest."""
        return json.loads(crypto.unseal(self.answers_sealed)) if self.answers_sealed else {}

    @answers.setter
    def answers(self, value: dict[str, Any]) -> None:
        self.answers_sealed = crypto.seal(json.dumps(value, ensure_ascii=False))


class Party(models.Model):
    """Owner, submitter and authorised person are three things; staff accounts never replace the applicant (T2)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField(_("tư cách"), max_length=12, choices=PartyRole)
    full_name = models.CharField(_("họ và tên"), max_length=120)
    number_sealed = models.TextField(blank=True)
    number_index = models.CharField(max_length=64, blank=True, db_index=True)
    number_tail = models.CharField(max_length=4, blank=True)
    birth_on = models.DateField(_("ngày sinh"), null=True, blank=True)
    phone = models.CharField(_("điện thoại"), max_length=15, blank=True)
    email = models.EmailField(_("thư điện tử"), blank=True)
    address = models.CharField(_("nơi cư trú"), max_length=300, blank=True)
    authority_note = models.CharField(_("giấy ủy quyền"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("người liên quan")
        constraints = [models.UniqueConstraint(fields=["case", "role"], name="party_role_once")]
        indexes = [models.Index(OpClass(Reverse("phone"), "text_pattern_ops"), name="party_phone_end")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def number(self) -> str:
        return crypto.unseal(self.number_sealed)

    @number.setter
    def number(self, value: str) -> None:
        self.number_sealed, self.number_index, self.number_tail = (
            crypto.seal(value),
            crypto.blind_index(value),
            value[-4:],
        )

    @property
    def number_masked(self) -> str:
        return crypto.masked(self.number)


class CaseFile(models.Model):
    """A file of the case. Replaced files stay, with the time at which they were replaced."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="files")
    component = models.ForeignKey(
        "onecase.Component", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    form_field = models.CharField(max_length=60, blank=True, help_text="name of the e-form's file field")
    stored = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("tên tệp"), max_length=200)
    source = models.CharField(
        _("nguồn"),
        max_length=12,
        choices=[
            ("applicant", _("Người dân nộp")),
            ("counter", _("Số hóa tại quầy")),
            ("system", _("Hệ thống lập")),
        ],
        default="applicant",
    )
    copy_kind = models.CharField(
        _("loại bản"), max_length=1, default="1", help_text=_("0 bản chính, 1 bản sao, 2 bản điện tử")
    )
    round = models.PositiveSmallIntegerField(_("lần nộp"), default=0)
    added_by = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("tệp hồ sơ")

    def __str__(self) -> str:
        return self.name


class ComponentCheck(models.Model):
    """The counter's verdict on one paper."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="checks")
    component = models.ForeignKey("onecase.Component", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("kiểm tra"), max_length=12, choices=CheckState, default=CheckState.UNSEEN)
    originals = models.PositiveSmallIntegerField(_("bản chính"), default=0)
    copies = models.PositiveSmallIntegerField(_("bản sao"), default=0)
    digital = models.PositiveSmallIntegerField(_("bản điện tử"), default=0)
    note = models.CharField(_("ghi chú"), max_length=300, blank=True)
    checked_by = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("kiểm tra thành phần")
        constraints = [models.UniqueConstraint(fields=["case", "component"], name="check_once")]

    def __str__(self) -> str:
        return f"{self.component_id}: {self.state}"


class SupplementItem(models.Model):
    """One line of Form 02: what is missing, why, and on what ground."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="supplement_items")
    round = models.PositiveSmallIntegerField(_("lần"))
    component = models.ForeignKey(
        "onecase.Component", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    text = models.CharField(_("giấy tờ, nội dung"), max_length=500)
    reason = models.CharField(_("lý do"), max_length=300)
    ground = models.CharField(_("căn cứ"), max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("nội dung cần bổ sung")
        ordering = ["round", "id"]

    def __str__(self) -> str:
        return self.text


class Pause(models.Model):
    """[started_at, ended_at): the clock stands still. Every interval is kept with its reason and both due times."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pauses")
    started_at = models.DateTimeField(_("từ"))
    ended_at = models.DateTimeField(_("đến"), null=True, blank=True)
    reason = models.TextField(_("lý do"))
    due_before = models.DateTimeField(null=True)
    due_after = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("tạm dừng")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="one_open_pause"
            )
        ]

    def __str__(self) -> str:
        return self.reason


class StepRun(models.Model):
    """A step of the internal process as it really went."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="step_runs")
    seq = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=300)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("bước đã chạy")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class HandOver(models.Model):
    """A line of Form 06: who gave the case to whom, and when."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="hand_overs")
    giver = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    giver_unit = models.CharField(max_length=300)
    taker_unit = models.ForeignKey("org.Organization", on_delete=models.PROTECT, related_name="+")
    taker = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("giao nhận")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.giver_unit} → {self.taker_unit}"


class Rating(models.Model):
    """One rating per returned case. The rated officer never sees the name."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="rating")
    level = models.PositiveSmallIntegerField(_("mức"), choices=RatingLevel)
    comment = models.TextField(_("ý kiến"), max_length=2000, blank=True)
    rated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("đánh giá")

    def __str__(self) -> str:
        return self.get_level_display()
