"""Who may see and do what to a case. No writes, no HTTP. An unknown user may do nothing."""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db.models import Q

from org import powers
from org.choices import Role
from org.powers import NOTHING

if TYPE_CHECKING:
    from onecase.models import Case

# Which column of the case a role looks at: the list rule and the object rules are both read from this table.
SEES = {
    Role.COUNTER_OFFICER: "receiving_unit",
    Role.CASE_OFFICER: "handling_unit",
    Role.UNIT_HEAD: "handling_unit",
    Role.LEADER: "agency",
    Role.CLERK: "agency",
}


def is_system(user: Any, case: "Case") -> bool:
    """Moves that only follow from another act (a document issued, a signature given up)."""
    return user is None


def is_applicant(user: Any, case: "Case") -> bool:
    return user is not None and case.applicant_id is not None and case.applicant_id == user.pk


def at_counter(user: Any, case: "Case") -> bool:
    return user is not None and user.serves_as(Role.COUNTER_OFFICER, case.receiving_unit_id, case)


def brings_papers(user: Any, case: "Case") -> bool:
    """Missing papers come from the applicant, or over the counter."""
    return is_applicant(user, case) or at_counter(user, case)


def heads_unit(user: Any, case: "Case") -> bool:
    return (
        user is not None
        and user.serves_as(Role.UNIT_HEAD, case.handling_unit_id, case)
        and not is_applicant(user, case)
    )


def may_take_up(user: Any, case: "Case") -> bool:
    return (
        user is not None
        and user.serves_as(Role.CASE_OFFICER, case.handling_unit_id, case)
        and not is_applicant(user, case)
    )


def handles(user: Any, case: "Case") -> bool:
    """His own case, or that of a colleague for whom he stands in."""
    return (
        user is not None
        and case.handler_id in user.stands_for(Role.CASE_OFFICER, case.handling_unit_id, case)
        and not is_applicant(user, case)
    )


def leads(user: Any, case: "Case") -> bool:
    """Leaders sign for their agency, but never a case of their own (house rule, not a legal text)."""
    return (
        user is not None
        and user.serves_as(Role.LEADER, case.agency_id, case)
        and not is_applicant(user, case)
    )


def reviews(user: Any, case: "Case") -> bool:
    return leads(user, case) or heads_unit(user, case)


def keeps_seal(user: Any, case: "Case") -> bool:
    return user is not None and user.serves_as(Role.CLERK, case.agency_id, case)


def decides_stop(user: Any, case: "Case") -> bool:
    """Before hand-over the counter agrees to a withdrawal, afterwards the unit that handles the case."""
    return heads_unit(user, case) if case.handling_unit_id else at_counter(user, case)


def works_on(user: Any, case: "Case") -> bool:
    """Serves the case in any role (draft cases are nobody's but the applicant's)."""
    if user is None or case.business_status == "draft":
        return False
    return any(user.serves_as(role, getattr(case, f"{column}_id"), case) for role, column in SEES.items())


def level_to_submit(procedure_code: str) -> int:
    """The level of identity that submitting this procedure online asks for (settings; 0: any account)."""
    return int(settings.ONLINE_SUBMIT_LEVELS.get(procedure_code, settings.ONLINE_SUBMIT_LEVEL))


def is_known_enough(user: Any, procedure_code: str) -> bool:
    identity = getattr(user, "identity", None)
    return (identity.level if identity else 0) >= level_to_submit(procedure_code)


def may_see(user: Any, case: "Case") -> bool:
    return is_applicant(user, case) or works_on(user, case)


def at_work(user: Any) -> Q:
    """Cases that the present hat serves. A hat with one role on one unit gives one clause, hence one index."""
    if not user.is_authenticated:
        return NOTHING
    columns = {column: [role for role, seen in SEES.items() if seen == column] for column in SEES.values()}
    rules = (serving(user, column, *roles) for column, roles in sorted(columns.items()))
    return powers.together(rules) & ~Q(business_status="draft")


def archived(user: Any) -> Q:
    """Closed cases of agencies that are no more and whose archive the present hat keeps: to read, not to act on."""
    return powers.on_units("agency", powers.archive_units(user)) if user.is_authenticated else NOTHING


def serving(user: Any, column: str, *roles: Role) -> Q:
    """Cases whose `column` names a unit that the present hat serves in one of `roles`, by itself or for another."""
    return user.serving(column, *roles, model=apps.get_model("onecase", "Case"))


def own(user: Any) -> Q:
    return Q(applicant=user) if user.is_authenticated else Q(pk__in=[])


def visible(user: Any) -> Q:
    """Own cases, and those that the present hat serves."""
    return own(user) | at_work(user)
