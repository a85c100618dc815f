"""Who may act on posts and rights, and on citizens' requests.

Rights over rights are one's own: they do not hold by delegation.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Q

from org.choices import POWERFUL, DataRequestKind, Role

if TYPE_CHECKING:
    from org.models import Assignment, BreakGlass, DataRequest, Delegation, GrantRequest

HEADS = (Role.LEADER, Role.UNIT_HEAD)


def is_own(user: Any, hat: "Assignment") -> bool:
    """Nobody decides about himself."""
    return hat.person.user_id is not None and hat.person.user_id == user.pk


def administers(user: Any, unit_id: int | None) -> bool:
    return unit_id in user.own_units_as(Role.UNIT_ADMIN)


def manages_people(user: Any, unit_id: int | None) -> bool:
    """HR officers and unit administrators, in the units that they were given and in their subtrees."""
    return administers(user, unit_id) or unit_id in user.units_as(Role.HR_OFFICER)


def heads(user: Any, unit_id: int | None) -> bool:
    return unit_id in user.own_units_as(*HEADS)


def asks_for_roles(user: Any, unit_id: int | None) -> bool:
    """Who may propose a right on the unit: its administrators, HR officers and heads."""
    return manages_people(user, unit_id) or heads(user, unit_id)


def grants(user: Any, hat: "Assignment", role: str, unit_id: int | None) -> bool:
    """At once and alone: an administrator, an ordinary role, for somebody else in his own subtree."""
    return (
        role not in POWERFUL
        and administers(user, unit_id)
        and administers(user, hat.organization_id)
        and not is_own(user, hat)
    )


def decides(user: Any, request: "GrantRequest") -> bool:
    """The second person: an administrator above the unit, or for ordinary and powerful roles alike its leader."""
    agency_id = request.organization.agency_id
    over = administers(user, request.organization_id) or bool(
        {request.organization_id, agency_id} & user.own_units_as(Role.LEADER)
    )
    return over and request.asked_by_id != user.pk and not is_own(user, request.assignment)


def gives(user: Any, giver: "Assignment", *, covers: bool) -> bool:
    """One's own power; leave cover also by who heads or administers the unit of the absent person."""
    own = is_own(user, giver)
    return own or (
        covers and (heads(user, giver.organization_id) or administers(user, giver.organization_id))
    )


def revokes(user: Any, delegation: "Delegation") -> bool:
    giver = delegation.giver
    return (
        is_own(user, giver)
        or delegation.created_by_id == user.pk
        or heads(user, giver.organization_id)
        or administers(user, giver.organization_id)
    )


def may_break_glass(user: Any) -> bool:
    """System administrators, who see no content otherwise, and heads, for records outside their own unit."""
    return bool(user.is_staff) or bool(user.own_units_as(*HEADS))


def reviews_breaking(user: Any, opened: "BreakGlass") -> bool:
    """The head of the unit that holds the record, or an auditor over it; never who opened it."""
    if opened.user_id == user.pk:
        return False
    over = {opened.unit_id, opened.unit.agency_id}
    return bool(over & user.own_units_as(*HEADS)) or opened.unit_id in user.own_units_as(Role.AUDITOR)


# --- citizens' requests about their data -----------------------------------------------------------------------


def is_requester(user: Any, request: "DataRequest") -> bool:
    return user is not None and request.user_id == user.pk


def answers_requests(user: Any, request: "DataRequest") -> bool:
    """The data officer of the unit that answers; never a request of his own."""
    return (
        user is not None
        and user.serves_as(Role.UNIT_ADMIN, request.unit_id)
        and not is_requester(user, request)
    )


def corrects(user: Any, request: "DataRequest") -> bool:
    return request.kind == DataRequestKind.CORRECTION and answers_requests(user, request)


def erases(user: Any, request: "DataRequest") -> bool:
    return request.kind == DataRequestKind.DELETION and answers_requests(user, request)


def is_data_officer(user: Any) -> bool:
    """Does the present hat answer citizens' requests about their data? Asks the database nothing."""
    hat = getattr(user, "hat", None)
    return (
        hat is not None
        and hat.organization.slug == settings.DATA_OFFICER_UNIT
        and hat.organization_id in user.units_as(Role.UNIT_ADMIN)
    )


def requests_to_answer(user: Any) -> Q:
    """The list rule beside `answers_requests`."""
    return Q(unit__in=user.units_as(Role.UNIT_ADMIN)) & ~Q(user=user)
