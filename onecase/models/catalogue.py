"""The catalogue of administrative procedures (domain/onecase.md §2). A case keeps the version it was filed under."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onecase.choices import Channel, LimitUnit
from onecase.querysets import ProcedureQuerySet


class Procedure(models.Model):
    """What has one national code. Whatever may change by decision stands in a version."""

    code = models.CharField(_("mã thủ tục"), max_length=20, unique=True)
    name = models.CharField(_("tên thủ tục"), max_length=500)
    slug = models.SlugField(max_length=120, unique=True)
    field = models.CharField(_("lĩnh vực"), max_length=120)
    level_text = models.CharField(_("cấp thực hiện"), max_length=80, blank=True)
    agency_text = models.CharField(_("cơ quan thực hiện"), max_length=200, blank=True)
    # Who decides: the UBND of the commune of residence or land, a department, or an authority outside this system.
    decided_by = models.CharField(
        _("nơi giải quyết"), max_length=40, help_text=_("ubnd_xa, định danh của sở, hoặc ngoai_he_thong")
    )
    handled_by_symbol = models.CharField(_("phòng thụ lý (ký hiệu)"), max_length=30, blank=True)
    summary = models.TextField(_("nói ngắn gọn"), blank=True)
    life_event = models.CharField(_("việc trong đời sống"), max_length=60, blank=True)
    keywords = models.TextField(_("từ khóa"), blank=True)
    subjects = models.CharField(_("đối tượng"), max_length=120, blank=True)
    result_names = models.TextField(_("kết quả"), blank=True)
    folded = models.TextField(help_text="core.search.fold of name and keywords", blank=True)
    is_published = models.BooleanField(_("công khai"), default=True)

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("thủ tục hành chính")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProcedureVersion(models.Model):
    """What is in force from a date on. A change of the catalogue never moves a running deadline."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="versions")
    valid_from = models.DateField(_("hiệu lực từ"))
    valid_to = models.DateField(_("trước ngày"), null=True, blank=True)
    decision = models.CharField(_("quyết định công bố"), max_length=120, blank=True)
    limit_text = models.TextField(_("thời hạn theo quy định"), blank=True)
    limit_unit = models.CharField(
        _("đơn vị thời hạn"), max_length=14, choices=LimitUnit, default=LimitUnit.NONE
    )
    limit_quantity = models.PositiveIntegerField(_("số lượng"), null=True, blank=True)
    limit_verified = models.BooleanField(_("thời hạn đã xác minh"), default=False)
    conditions = models.TextField(_("yêu cầu, điều kiện"), blank=True)
    legal_basis = models.TextField(_("căn cứ pháp lý"), blank=True)
    contradictions = models.TextField(_("điểm cần xác minh"), blank=True)
    supplement_window_days = models.PositiveIntegerField(_("số ngày chờ bổ sung"), default=30)
    source = models.TextField(_("nguồn"), blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("phiên bản thủ tục")
        constraints = [
            models.UniqueConstraint(
                fields=["procedure"], condition=Q(valid_to__isnull=True), name="one_version_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.procedure.code} từ {self.valid_from:%d/%m/%Y}"


class ProcedureCase(models.Model):
    """Trường hợp: a variant with papers of its own."""

    version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="cases")
    code = models.CharField(_("mã trường hợp"), max_length=40)
    name = models.CharField(_("tên trường hợp"), max_length=500)
    limit_unit = models.CharField(max_length=14, choices=LimitUnit, blank=True)
    limit_quantity = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("trường hợp")
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="procedure_case_once")]

    def __str__(self) -> str:
        return self.name


class Component(models.Model):
    """Thành phần hồ sơ. The national feed keeps explanations as components: those are `is_note`."""

    version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="components")
    procedure_case = models.ForeignKey(
        ProcedureCase, null=True, blank=True, on_delete=models.PROTECT, related_name="components"
    )
    seq = models.PositiveIntegerField(_("thứ tự"))
    name = models.TextField(_("giấy tờ"))
    kind = models.CharField(_("loại"), max_length=20)
    originals = models.PositiveIntegerField(_("bản chính"), default=0)
    copies = models.PositiveIntegerField(_("bản sao"), default=0)
    required = models.CharField(_("bắt buộc"), max_length=12)
    condition = models.TextField(_("khi nào phải nộp"), blank=True)
    electronic_form = models.CharField(max_length=12, blank=True)
    replaceable_by = models.TextField(_("thay bằng dữ liệu"), blank=True)
    is_note = models.BooleanField(_("là ghi chú"), default=False)
    source = models.TextField(blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("thành phần hồ sơ")
        ordering = ["seq"]

    def __str__(self) -> str:
        return self.name


class Fee(models.Model):
    """Fee per channel. `amount_vnd` empty means not known, which is not the same as 0 đồng."""

    version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="fees")
    channel = models.CharField(_("cách nộp"), max_length=1, choices=Channel)
    amount_vnd = models.PositiveIntegerField(_("mức (đồng)"), null=True, blank=True)
    note = models.TextField(_("ghi chú"), blank=True)
    verified = models.BooleanField(_("đã xác minh"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("phí, lệ phí")
        constraints = [models.UniqueConstraint(fields=["version", "channel"], name="fee_per_channel")]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.amount_vnd}"


class Step(models.Model):
    """A step of the internal process (quy trình nội bộ). Suggested until the chair's decision confirms it."""

    version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="steps")
    seq = models.PositiveIntegerField(_("thứ tự"))
    code = models.CharField(_("mã bước"), max_length=40)
    name = models.CharField(_("việc"), max_length=300)
    hours = models.DecimalField(_("giờ làm việc"), max_digits=6, decimal_places=1)
    status = models.CharField(_("căn cứ"), max_length=20, default="suggested")

    class Meta:
        verbose_name = verbose_name_plural = _("bước xử lý")
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["version", "seq"], name="step_seq_once")]

    def __str__(self) -> str:
        return self.name


class ElectronicForm(models.Model):
    """The form that is filled in online; `schema` is read by onecase.eforms."""

    procedure = models.OneToOneField(Procedure, on_delete=models.PROTECT, related_name="eform")
    title = models.CharField(_("tên tờ khai"), max_length=200)
    status = models.CharField(_("tình trạng"), max_length=200, blank=True)
    source = models.TextField(blank=True)
    schema = models.JSONField(_("cấu trúc"))

    class Meta:
        verbose_name = verbose_name_plural = _("tờ khai điện tử")

    def __str__(self) -> str:
        return self.title


class ResultTemplate(models.Model):
    """The paper that ends a case: who signs it and how its draft reads."""

    procedure = models.OneToOneField(Procedure, on_delete=models.PROTECT, related_name="result_template")
    name = models.CharField(_("giấy tờ kết quả"), max_length=300)
    code = models.CharField(_("mã kết quả"), max_length=40, blank=True)
    document_type = models.CharField(_("loại văn bản"), max_length=20)
    paper = models.CharField(_("mẫu trình bày"), max_length=80)
    body_template = models.TextField(
        _("nội dung mẫu"), help_text=_("mẫu Django; {{ answers.* }}, {{ owner.* }}")
    )
    series = models.CharField(_("sổ số"), max_length=40)
    notation = models.CharField(_("ký hiệu"), max_length=60, blank=True)
    signer = models.CharField(_("người ký"), max_length=200, blank=True)
    capacity = models.CharField(_("thẩm quyền ký"), max_length=300, blank=True)
    validity = models.CharField(_("thời hạn"), max_length=300, blank=True)
    status = models.CharField(_("tình trạng"), max_length=40, blank=True)
    note = models.TextField(blank=True)
    source = models.TextField(blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("mẫu kết quả")

    def __str__(self) -> str:
        return self.name


class LegalReason(models.Model):
    """Reasons for asking for more (Form 02) and for refusing intake (Form 03): a list, not free text."""

    kind = models.CharField(
        _("dùng cho"), max_length=12, choices=[("supplement", _("bổ sung")), ("reject", _("từ chối"))]
    )
    text = models.CharField(_("lý do"), max_length=300)
    ground = models.CharField(_("căn cứ"), max_length=300, blank=True)
    guidance = models.TextField(_("hướng dẫn"), blank=True)
    is_verified = models.BooleanField(_("đã xác minh"), default=False)
    is_active = models.BooleanField(_("đang dùng"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("lý do theo quy định")

    def __str__(self) -> str:
        return self.text
