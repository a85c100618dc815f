"""Accounts, people, and the national identity of citizens."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.errors import NotAllowed
from org import crypto, powers
from org.choices import IdentityLevel, Role

if TYPE_CHECKING:
    from org.models.posts import Assignment, Delegation


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

    # None: the account opens by telephone or by an outside identity only.
    email = models.EmailField(_("thư điện tử"), unique=True, null=True, blank=True)
    full_name = models.CharField(_("họ và tên"), max_length=120, blank=True)
    phone = models.CharField(_("số điện thoại"), max_length=15, blank=True)
    # Proved by a code: then one may sign in by it. A number that was only written down is a contact, no more.
    phone_verified_at = models.DateTimeField(_("số điện thoại xác nhận lúc"), null=True, blank=True)
    is_active = models.BooleanField(_("đang hoạt động"), default=True)
    is_staff = models.BooleanField(_("được vào trang quản trị"), default=False)
    date_joined = models.DateTimeField(_("tạo lúc"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]

    # Set by SecondFactorMiddleware for the present request: a password alone opens no post.
    one_factor = False

    class Meta:
        verbose_name = verbose_name_plural = _("tài khoản")
        constraints = [
            models.UniqueConstraint(
                fields=["phone"], condition=Q(phone_verified_at__isnull=False), name="proven_phone_once"
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or str(_("tài khoản"))

    def get_full_name(self) -> str:
        return self.full_name

    @cached_property
    def hats(self) -> list["Assignment"]:
        """Posts held today, the primary one first. One query a request. None without a second factor."""
        if self.one_factor:
            return []
        return list(
            self._posts_today()
            .select_related("organization", "position")
            .prefetch_related("grants")
            .order_by("rank", "id")
        )

    @cached_property
    def hat(self) -> "Assignment | None":
        """The post in which this person acts now. HatMiddleware replaces it by the one chosen in the session."""
        return self.hats[0] if self.hats else None

    @cached_property
    def has_second_factor(self) -> bool:
        """An authenticator app or a passkey; recovery codes alone are none."""
        authenticators = apps.get_model("mfa", "Authenticator").objects.filter(user=self)
        return bool(authenticators.exclude(type="recovery_codes").exists())

    @cached_property
    def must_use_second_factor(self) -> bool:
        """Staff: anybody who holds a post today, and administrators."""
        return bool(self.is_staff or self.is_superuser or self._posts_today().exists())

    def _posts_today(self) -> Any:
        return apps.get_model("org", "Assignment").objects.valid_on().filter(person__user=self)

    @cached_property
    def delegations(self) -> list["Delegation"]:
        """What others handed to one of the hats and is in force today, the next to end first."""
        if not self.hats:
            return []
        return list(
            apps.get_model("org", "Delegation")
            .objects.in_force()
            .filter(taker__in=self.hats)
            .select_related("giver__person", "giver__position", "giver__organization")
            .prefetch_related("giver__grants")
            .order_by("valid_to", "id")
        )

    # --- in which capacity ---

    # Chosen in the header: only what this delegation gives counts. Else one's own power goes first, act by act.
    standing_in: "Delegation | None" = None
    _acting_under: "Delegation | None" = None

    @property
    def acting_under(self) -> "Delegation | None":
        """The delegation used by the present act, if one's own powers did not suffice for it."""
        return self.standing_in or self._acting_under

    @property
    def acting_for(self) -> str:
        """Frozen into the trail beside one's own name: «Trần B · Chủ tịch UBND … (ủy quyền, 12/GUQ-UBND)»."""
        return self.acting_under.on_behalf_words if self.acting_under else ""

    @property
    def principal(self) -> "User":
        """Whose work this act is: one's own, or that of the person one stands in for."""
        giver = self.acting_under.giver.person.user if self.acting_under else None
        return giver or self

    def capacity_for(self, may: Callable[[Any, Any], bool], record: Any) -> "Delegation | None":
        """Under which delegation `may` holds for the record; None when one's own powers suffice (they go first)."""
        if self.standing_in is not None:
            return self.standing_in
        for capacity in (None, *self.delegations):
            self._narrowed = "own" if capacity is None else capacity
            try:
                if may(self, record):
                    return capacity
            finally:
                self._narrowed = None
        return None

    def act_by(self, may: Callable[[Any, Any], bool], record: Any) -> None:
        """Settle in which capacity the act that `may` allows is done; the trail and the paper then name both people.

        Call inside `atomic`. NotAllowed: the delegation was revoked a moment ago.
        """
        self._acting_under = self.capacity_for(may, record)
        if self._acting_under is not None and not self._acting_under.holds_still():
            raise NotAllowed

    # --- what may be done ---

    _narrowed: Any = None

    @property
    def powers(self) -> list[powers.Power]:
        """All that the present hat may do today, its own powers first."""
        if self.hat is None:
            return []
        cache = self.__dict__.setdefault("_powers", {})
        if self.hat.pk not in cache:
            taken = [one for one in self.delegations if one.taker_id == self.hat.pk]
            cache[self.hat.pk] = powers.of(self.hat, taken, timezone.localdate())
        found: list[powers.Power] = cache[self.hat.pk]
        only = self.standing_in or self._narrowed
        if only is None:
            return found
        return [power for power in found if power.delegation == (None if only == "own" else only)]

    def serves_as(self, role: Role, unit_id: int | None, record: Any = None) -> bool:
        """Does the present hat hold `role` on that unit today, for this record? A power with a scope needs one."""
        return unit_id is not None and any(
            power.role == role and unit_id in power.units and power.covers(record) for power in self.powers
        )

    def units_as(self, *roles: Role) -> frozenset[int]:
        """Ids of units on which the present hat holds one of `roles` today, whatever the record."""
        return frozenset().union(
            *(power.units for power in self.powers if power.role in roles and not power.scope)
        )

    def own_units_as(self, *roles: Role) -> frozenset[int]:
        """The same without anything taken over: rights over rights are never exercised for somebody else."""
        return frozenset().union(
            *(power.units for power in self.powers if power.role in roles and power.delegation is None)
        )

    def holds(self, *roles: Role) -> bool:
        """One of these roles anywhere, for some record at least: is there a door to show?"""
        return any(power.role in roles for power in self.powers)

    def serving(self, column: str, *roles: Role, model: Any) -> Q:
        """The list rule that goes with `serves_as`: records whose `column` is a unit served in one of `roles`."""
        mine = [power for power in self.powers if power.role in roles]
        own = powers.on_units(
            column, frozenset().union(*(power.units for power in mine if not power.delegation))
        )
        return powers.together([own, *(power.rule(column, model) for power in mine if power.delegation)])

    def stands_for(self, role: Role, unit_id: int | None, record: Any = None) -> frozenset[int]:
        """Accounts whose own work in that role this person may do there: himself, and whom he covers for."""
        return frozenset(
            power.holder_id or self.pk
            for power in self.powers
            if power.role == role and unit_id in power.units and power.covers(record)
        )

    def standing_for(self, column: str, person: str, role: Role, model: Any) -> Q:
        """The list rule that goes with `stands_for`: `column` is the unit, `person` whose work it is."""
        return powers.together(
            power.rule(column, model) & Q(**{f"{person}_id": power.holder_id or self.pk})
            for power in self.powers
            if power.role == role
        )


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
    work_phone = models.CharField(_("điện thoại cơ quan"), max_length=40, blank=True)
    # Given name first, letters and tones in Vietnamese order; the database keeps it (migration `directory`).
    sort_key = models.GeneratedField(
        expression=Func(F("full_name"), function="org_name_key"),
        output_field=models.CharField(max_length=400, db_collation="C"),
        db_persist=True,
    )

    class Meta:
        verbose_name = verbose_name_plural = _("nhân sự")
        indexes = [models.Index(fields=["sort_key", "id"], name="person_order")]

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
    level = models.PositiveSmallIntegerField(
        _("mức độ định danh"), choices=IdentityLevel, default=IdentityLevel.DECLARED
    )
    proven_by = models.CharField(_("xác minh bởi"), max_length=80, blank=True)
    proven_at = models.DateTimeField(_("xác minh lúc"), null=True, blank=True)

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
