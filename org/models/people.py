"""Accounts, people, and the hats they wear."""

from datetime import date
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from org import crypto
from org.choices import AssignmentKind, Role, SignsAs
from org.models.units import Organization, ValidityQuerySet


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """An account. Whether somebody serves a unit is told by his hats, not by a flag here."""

    email = models.EmailField(_("thư điện tử"), unique=True)
    full_name = models.CharField(_("họ và tên"), max_length=120, blank=True)
    phone = models.CharField(_("số điện thoại"), max_length=15, blank=True)
    is_active = models.BooleanField(_("đang hoạt động"), default=True)
    is_staff = models.BooleanField(_("được vào trang quản trị"), default=False)
    date_joined = models.DateTimeField(_("tạo lúc"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]

    class Meta:
        verbose_name = verbose_name_plural = _("tài khoản")

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name

    @cached_property
    def hats(self) -> list["Assignment"]:
        """Posts held today, the primary one first. One query a request."""
        return list(
            Assignment.objects.valid_on()
            .filter(person__user=self)
            .select_related("organization", "position")
            .prefetch_related("grants")
            .order_by("rank", "id")
        )

    @cached_property
    def hat(self) -> "Assignment | None":
        """The post in which this person acts now. HatMiddleware replaces it by the one chosen in the session."""
        return self.hats[0] if self.hats else None

    def serves_as(self, role: Role, unit_id: int | None) -> bool:
        """Does the present hat hold `role` on that unit today?"""
        return unit_id is not None and unit_id in self.units_as(role)

    def units_as(self, *roles: Role) -> frozenset[int]:
        """Ids of units on which the present hat holds one of `roles` today."""
        today = timezone.localdate()
        grants = self.hat.grants.all() if self.hat else []
        return frozenset(g.organization_id for g in grants if g.role in roles and g.holds_on(today))


class Person(models.Model):
    """Somebody who works for an authority. The account may come later, or end earlier."""

    user = models.OneToOneField(
        User,
        verbose_name=_("tài khoản"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="person",
    )
    full_name = models.CharField(_("họ và tên"), max_length=120)
    sort_key = models.CharField(max_length=200, blank=True, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("nhân sự")

    def __str__(self) -> str:
        return self.full_name


class CitizenIdentity(models.Model):
    """The national id number of an account: encrypted, found by blind index, masked on screen."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="identity")
    number_sealed = models.TextField()
    number_index = models.CharField(max_length=64, db_index=True)
    number_tail = models.CharField(max_length=4)
    birth_on = models.DateField(_("ngày sinh"), null=True, blank=True)
    address = models.CharField(_("nơi cư trú"), max_length=300, blank=True)
    level = models.PositiveSmallIntegerField(_("mức độ định danh"), default=1)

    class Meta:
        verbose_name = verbose_name_plural = _("định danh công dân")
        # A number that was only typed in proves nothing, so it must not lock its true holder out.
        constraints = [
            models.UniqueConstraint(
                fields=["number_index"], condition=Q(level__gte=2), name="proven_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"•{self.number_tail}"

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
    valid_from = models.DateField(_("từ ngày"))
    valid_to = models.DateField(_("trước ngày"), null=True, blank=True)

    objects = ValidityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("phân công chức vụ")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
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
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.organization}"

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)
