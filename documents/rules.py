"""Who may do what to a document. No writes, no HTTP. An unknown user may do nothing."""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Q

from org.choices import Role

if TYPE_CHECKING:
    from documents.models import Document


def is_system(user: Any, document: "Document") -> bool:
    return user is None


def drafts(user: Any, document: "Document") -> bool:
    """His own draft, or that of a colleague for whom he stands in."""
    if user is None:
        return False
    covered = user.stands_for(Role.CASE_OFFICER, document.unit_id, document)
    return document.drafter_id == user.pk or document.drafter_id in covered


def reviews(user: Any, document: "Document") -> bool:
    return signs(user, document) or (
        user is not None and user.serves_as(Role.UNIT_HEAD, document.unit_id, document)
    )


def signs(user: Any, document: "Document") -> bool:
    return user is not None and user.serves_as(Role.LEADER, document.agency_id, document)


def keeps_seal(user: Any, document: "Document") -> bool:
    return user is not None and user.serves_as(Role.CLERK, document.agency_id, document)


def serving(user: Any, column: str, *roles: Role) -> Q:
    """Documents whose `column` names a unit that the present hat serves in one of `roles`."""
    return user.serving(column, *roles, model=apps.get_model("documents", "Document"))


def visible(user: Any) -> Q:
    """Own drafts, and the documents of the agency or unit that the present hat serves."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    return (
        Q(drafter=user)
        | serving(user, "agency", Role.LEADER, Role.CLERK)
        | serving(user, "unit", Role.UNIT_HEAD, Role.CASE_OFFICER)
    )


def may_see(user: Any, document: "Document") -> bool:
    return (
        drafts(user, document)
        or signs(user, document)
        or keeps_seal(user, document)
        or any(
            user.serves_as(role, document.unit_id, document) for role in (Role.UNIT_HEAD, Role.CASE_OFFICER)
        )
    )
