"""Posts, the hats that people wear, and the rights that hang on them (domain/organisation.md §3, §7)."""

from datetime import date, datetime, time, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from org.choices import AssignmentKind, DelegationKind, Role, SignsAs
from org.models.accounts import Person, User
from org.models.units import Organization, ValidityQuerySet

REASON_AT_LEAST = 20  # characters of the reason of an emergency reading


class Position(models.Model):
    """Catalogue of posts. `signs_as` gives the signature form of NĐ 30/2020/NĐ-CP."""

    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(_("chức vụ"), max_length=120)
    is_head = models.BooleanField(_("đứng đầu"), default=False)
    signs_as = models.CharField(_("thể thức ký"), max_length=10, choices=SignsAs, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = _("chức vụ")

    def __str__(self) -> str:
        return self.title


class Assignment(models.Model):
    """A hat: a person in a post of a unit, for a period, by a decision."""

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("nhân sự")
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("đơn vị")
    )
    position = models.ForeignKey(
        Position, on_delete=models.PROTECT, related_name="+", verbose_name=_("chức vụ")
    )
    kind = models.CharField(_("loại"), max_length=12, choices=AssignmentKind, default=AssignmentKind.PRIMARY)
    rank = models.PositiveSmallIntegerField(default=0, help_text="0: primary first")
    decision_no = models.CharField(_("quyết định"), max_length=80, blank=True)
    term = models.CharField(
        _("nhiệm kỳ"), max_length=20, blank=True, help_text=_("ví dụ 2021-2026; chức vụ bầu")
    )
    ends_reason = models.CharField(_("lý do kết thúc"), max_length=200, blank=True)
    valid_from = models.DateField(_("từ ngày"))
    valid_to = models.DateField(_("trước ngày"), null=True, blank=True)

    objects = ValidityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("phân công chức vụ")
        constraints = [
            models.CheckConstraint(
                # Equal: called off before it began, so never held.
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="assignment_valid_range",
            )
        ]

    def __str__(self) -> str:
        return f"{self.position.title} · {self.organization.name}"


class RoleGrant(models.Model):
    """A role on a unit, carried by a hat, for a period."""

    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, related_name="grants", verbose_name=_("chức vụ")
    )
    role = models.CharField(_("vai trò"), max_length=20, choices=Role)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", verbose_name=_("trên đơn vị")
    )
    include_descendants = models.BooleanField(_("cả đơn vị trực thuộc"), default=False)
    valid_from = models.DateField(_("từ ngày"))
    valid_to = models.DateField(_("trước ngày"), null=True, blank=True)
    granted_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("người cấp")
    )

    objects = ValidityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("vai trò được cấp")
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "role", "organization", "valid_from"], name="grant_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="grant_valid_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.organization}"

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class DelegationQuerySet(ValidityQuerySet):
    def in_force(self, day: date | None = None) -> Self:
        """Within its dates, not revoked by that day, and both sides still in the posts for which it was written."""
        day = day or timezone.localdate()
        posts = Assignment.objects.valid_on(day)
        until = timezone.make_aware(datetime.combine(day, time.max))
        standing = Q(revoked_at__isnull=True)
        if day < timezone.localdate():
            standing |= Q(revoked_at__gt=until)
        return self.valid_on(day).filter(standing, giver__in=posts, taker__in=posts)


class Delegation(models.Model):
    """Written power to sign or to handle for another post: limited in time and scope, never passed on (§7)."""

    giver = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, related_name="given", verbose_name=_("người giao")
    )
    taker = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, related_name="taken", verbose_name=_("người nhận")
    )
    kind = models.CharField(_("hình thức"), max_length=16, choices=DelegationKind)
    roles = models.JSONField(_("quyền được giao"), default=list, help_text="Role values of the giver's post")
    # Empty: everything that the roles allow. Else keys document_types, procedures, fields, each a list of codes.
    scope = models.JSONField(_("phạm vi"), default=dict, blank=True)
    document_no = models.CharField(_("văn bản giao quyền"), max_length=120)
    valid_from = models.DateField(_("từ ngày"))
    valid_to = models.DateField(_("trước ngày"))
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(_("thu hồi lúc"), null=True, blank=True)
    revoked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revoke_reason = models.CharField(_("lý do thu hồi"), max_length=300, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("ủy quyền, phân công")
        constraints = [
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="delegation_valid_range"),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="delegation_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.taker}"

    @property
    def last_day(self) -> date:
        """Up to and with this day."""
        return self.valid_to - timedelta(days=1)

    @property
    def on_behalf_words(self) -> str:
        """Frozen into the trail and into signed papers: «Trần B · Chủ tịch … · ủy quyền 12/GUQ-UBND»."""
        giver = self.giver
        parts = (giver.person.full_name, str(giver), f"{self.get_kind_display()} {self.document_no}")
        return " · ".join(parts)[:400]

    def holds_still(self) -> bool:
        """Asked in the act itself, with the row locked: a revocation is either before the act or after it."""
        mine = Delegation.objects.select_for_update(of=("self",), no_key=True).in_force().filter(pk=self.pk)
        return bool(mine.values_list("pk", flat=True))


class BreakGlass(models.Model):
    """Emergency reading of one record outside one's rights: with a reason, told to its head, reviewed afterwards."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("người mở"))
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(_("bản ghi"), max_length=200)
    unit = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", verbose_name=_("đơn vị quản lý bản ghi")
    )
    reason = models.TextField(_("lý do"))
    opened_at = models.DateTimeField(_("mở lúc"))
    closes_at = models.DateTimeField(_("hết hiệu lực lúc"))
    reviewed_at = models.DateTimeField(_("xem xét lúc"), null=True, blank=True)
    reviewed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_justified = models.BooleanField(_("có căn cứ"), null=True, blank=True)
    review_note = models.TextField(_("ý kiến xem xét"), blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("truy cập khẩn")
        indexes = [models.Index(fields=["user", "subject_type", "subject_id"], name="break_glass_open")]
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="break_glass_range"),
            models.CheckConstraint(
                condition=GreaterThanOrEqual(Length("reason"), REASON_AT_LEAST), name="break_glass_reason"
            ),
            models.CheckConstraint(condition=~Q(user=F("reviewed_by")), name="break_glass_by_another"),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, is_justified__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False, is_justified__isnull=False),
                name="break_glass_review_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_label}"

    @property
    def is_open(self) -> bool:
        return self.closes_at > timezone.now()

    @property
    def is_late(self) -> bool:
        """Nobody has judged it within the days allowed."""
        days = timedelta(days=settings.BREAK_GLASS_REVIEW_DAYS)
        return self.reviewed_at is None and self.opened_at + days < timezone.now()
