"""Acts on rights and posts that take more than one person or more than one moment."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from org.choices import Role
from org.models.accounts import Person, User
from org.models.posts import Assignment, RoleGrant
from org.models.units import Organization


class GrantRequest(models.Model):
    """A role asked for. Somebody else decides than who asked and than who gets it (domain/organisation.md §7)."""

    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, related_name="grant_requests", verbose_name=_("chức vụ")
    )
    role = models.CharField(_("vai trò"), max_length=20, choices=Role)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", verbose_name=_("trên đơn vị")
    )
    include_descendants = models.BooleanField(_("cả đơn vị trực thuộc"), default=False)
    valid_from = models.DateField(_("từ ngày"))
    valid_to = models.DateField(_("trước ngày"), null=True, blank=True)
    reason = models.CharField(_("lý do"), max_length=300)
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("người đề nghị")
    )
    asked_at = models.DateTimeField(_("đề nghị lúc"))
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("người duyệt")
    )
    decided_at = models.DateTimeField(_("duyệt lúc"), null=True, blank=True)
    note = models.CharField(_("ý kiến"), max_length=300, blank=True)
    grant = models.OneToOneField(
        RoleGrant, null=True, blank=True, on_delete=models.PROTECT, related_name="request"
    )

    class Meta:
        verbose_name = verbose_name_plural = _("đề nghị cấp vai trò")
        constraints = [
            models.CheckConstraint(condition=~Q(asked_by=F("decided_by")), name="grant_needs_two_people"),
            models.UniqueConstraint(
                fields=["assignment", "role", "organization"],
                condition=Q(decided_at__isnull=True),
                name="one_open_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.organization}"


class Departure(models.Model):
    """Somebody leaves a post, or the service (`assignment` empty), on a day; that day his work passes on.

    His rights end by their own dates. Sessions and open work need a hand: the row is owed until `done_at`.
    """

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="departures", verbose_name=_("nhân sự")
    )
    assignment = models.ForeignKey(
        Assignment, null=True, blank=True, on_delete=models.PROTECT, related_name="departures"
    )
    on = models.DateField(_("từ ngày"))
    reason = models.CharField(_("lý do"), max_length=200)
    decision_no = models.CharField(_("quyết định"), max_length=80, blank=True)
    successor = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("người nhận việc"),
    )
    closes_account = models.BooleanField(_("khóa tài khoản"), default=False)
    ordered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(default=list, blank=True, help_text="[[what, count, to whom]]")

    class Meta:
        verbose_name = verbose_name_plural = _("thôi giữ chức vụ")
        indexes = [
            models.Index(fields=["on"], name="departure_owed", condition=Q(done_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.on})"
