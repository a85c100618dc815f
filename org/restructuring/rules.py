"""Who plans and who approves a restructuring. The batch belongs to one committee (the city's)."""

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from org.choices import OrganizationKind, Role

if TYPE_CHECKING:
    from org.models import Organization, Restructuring


def is_system(user: Any, batch: "Restructuring") -> bool:
    return user is None


def plans(user: Any, batch: "Restructuring") -> bool:
    return user is not None and user.serves_as(Role.REORGANISER, batch.authority_id)


def approves(user: Any, batch: "Restructuring") -> bool:
    """A second person: whoever drafted the plan does not approve it (domain/organisation.md §7)."""
    return user is not None and user.pk != batch.drafted_by_id and _decides(user, batch)


def _decides(user: Any, batch: "Restructuring") -> bool:
    return any(user.serves_as(role, batch.authority_id) for role in (Role.REORGANISER, Role.LEADER))


def works_on(user: Any, batch: "Restructuring") -> bool:
    return user is not None and _decides(user, batch)


def visible(user: Any) -> Q:
    """Batches of the committee that the present hat serves as planner or leader."""
    if not getattr(user, "is_authenticated", False):
        return Q(pk__in=[])
    return Q(authority__in=user.units_as(Role.REORGANISER, Role.LEADER))


def owns_leftover(user: Any, leftover: Any) -> bool:
    """Its named owner, who leads or heads its unit, or who plans the batch."""
    if user is None:
        return False
    unit = leftover.owner_unit_id
    return (
        leftover.owner_id == user.pk
        or any(user.serves_as(role, unit) for role in (Role.LEADER, Role.UNIT_HEAD, Role.UNIT_ADMIN))
        or plans(user, leftover.batch)
    )


def may_open_pages(user: Any) -> bool:
    """Whose hat plans or leads a committee; whether that is the city's shows when a batch is begun."""
    return bool(getattr(user, "is_authenticated", False) and user.hat and authorities(user))


def authorities(user: Any) -> "list[Organization]":
    """The city committees for which the present hat plans or decides restructurings."""
    from org.models import Organization

    return list(
        Organization.objects.valid_on()
        .filter(pk__in=user.units_as(Role.REORGANISER, Role.LEADER))
        .filter(kind=OrganizationKind.COMMITTEE, territory__level=1)
    )
