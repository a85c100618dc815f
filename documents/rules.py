"""Who may do what to a document. No writes, no HTTP. An unknown user may do nothing."""

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from org.choices import Role

if TYPE_CHECKING:
    from documents.models import Document


def is_system(user: Any, document: "Document") -> bool:
    return user is None


def drafts(user: Any, document: "Document") -> bool:
    return user is not None and document.drafter_id == user.pk


def reviews(user: Any, document: "Document") -> bool:
    return signs(user, document) or (user is not None and user.serves_as(Role.UNIT_HEAD, document.unit_id))


def signs(user: Any, document: "Document") -> bool:
    return user is not None and user.serves_as(Role.LEADER, document.agency_id)


def keeps_seal(user: Any, document: "Document") -> bool:
    return user is not None and user.serves_as(Role.CLERK, document.agency_id)


def visible(user: Any) -> Q:
    """Own drafts, and the documents of the agency or unit that the present hat serves."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    agencies = user.units_as(Role.LEADER, Role.CLERK)
    units = user.units_as(Role.UNIT_HEAD, Role.CASE_OFFICER)
    return Q(drafter=user) | Q(agency__in=agencies) | Q(unit__in=units)


def may_see(user: Any, document: "Document") -> bool:
    return (
        drafts(user, document)
        or signs(user, document)
        or keeps_seal(user, document)
        or any(user.serves_as(role, document.unit_id) for role in (Role.UNIT_HEAD, Role.CASE_OFFICER))
    )
