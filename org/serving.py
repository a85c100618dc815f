"""Who serves where: by grants of their own, with their subtrees, and as stand-ins."""

from typing import Any

from django.db.models import Q, QuerySet

from org import tree
from org.choices import HANDLING, DelegationKind, Role
from org.models import Assignment, Delegation, RoleGrant, User


def people_serving(role: Role, unit_id: int) -> QuerySet[User]:
    """Active accounts whose hat holds `role` on that unit today by a grant of its own, by name."""
    return User.objects.filter(pk__in=_holders(role, unit_id), is_active=True).order_by("full_name")


def people_to_tell(role: Role, unit_id: int) -> QuerySet[User]:
    """The same, and those who stand in for one of them today."""
    holders = _holders(role, unit_id)
    stand_ins = Delegation.objects.in_force().filter(
        giver__person__user__in=holders, giver__grants__in=_grants(role, unit_id), roles__contains=[role]
    )
    if role not in HANDLING:
        stand_ins = stand_ins.exclude(kind=DelegationKind.DUTY_COVER)
    wanted = Q(pk__in=holders) | Q(pk__in=stand_ins.values("taker__person__user"))
    return User.objects.filter(wanted, is_active=True).order_by("full_name")


def heads_of(unit_id: int | None) -> list[User]:
    """Who heads the unit: its head, else the leaders of its agency."""
    if unit_id is None:
        return []
    node = tree.today().node(unit_id)
    agency_id = node.agency_id if node is not None and node.agency_id else unit_id
    for role, on in ((Role.UNIT_HEAD, unit_id), (Role.LEADER, unit_id), (Role.LEADER, agency_id)):
        if found := list(people_serving(role, on)[:5]):
            return found
    return []


def _grants(role: Role, unit_id: int) -> QuerySet[RoleGrant]:
    above = [node.id for node in tree.today().ancestors(unit_id)]
    on = Q(organization_id=unit_id) | Q(include_descendants=True, organization_id__in=above)
    return RoleGrant.objects.valid_on().filter(on, role=role, assignment__in=Assignment.objects.valid_on())


def _holders(role: Role, unit_id: int) -> Any:
    held = _grants(role, unit_id).filter(assignment__person__user__isnull=False)
    return held.values("assignment__person__user")
