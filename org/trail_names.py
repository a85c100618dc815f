"""How the auditors' pages call people, posts, roles and delegations: staff by name, citizens never (core/audit_subjects)."""

from collections.abc import Collection
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.audit_subjects import Subject, register
from org.models import Assignment, Delegation, GrantRequest, Person, RoleGrant

FACTORS: Final = {
    "totp": _("ứng dụng xác thực"),
    "webauthn": _("khóa truy cập"),
    "recovery_codes": _("mã dự phòng"),
}


def accounts(ids: Collection[int]) -> dict[int, str]:
    """Only accounts of people in the list of staff; a citizen's stays a number."""
    return dict(Person.objects.filter(user__in=ids).values_list("user_id", "full_name"))


def people(ids: Collection[int]) -> dict[int, str]:
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "full_name"))


def posts(ids: Collection[int]) -> dict[int, str]:
    hats = Assignment.objects.filter(pk__in=ids).select_related("person", "position", "organization")
    return {hat.pk: _post(hat) for hat in hats}


def grants(ids: Collection[int]) -> dict[int, str]:
    rows = RoleGrant.objects.filter(pk__in=ids).select_related("assignment__person", "organization")
    return {row.pk: f"{row.assignment.person.full_name}: {row}" for row in rows}


def asked_grants(ids: Collection[int]) -> dict[int, str]:
    rows = GrantRequest.objects.filter(pk__in=ids).select_related("assignment__person", "organization")
    return {
        row.pk: f"{row.assignment.person.full_name}: {row.get_role_display()} · {row.organization}"
        for row in rows
    }


def delegations(ids: Collection[int]) -> dict[int, str]:
    rows = Delegation.objects.filter(pk__in=ids).select_related("giver__person", "taker__person")
    return {row.pk: f"{row.giver.person.full_name} → {row.taker.person.full_name}" for row in rows}


def factor_words(value: str) -> str:
    return str(FACTORS.get(value, value))


def _post(hat: Assignment) -> str:
    return f"{hat.person.full_name}: {hat}"


def register_all() -> None:
    register("org.user", Subject(plain=accounts, status=factor_words))
    register("org.person", Subject(plain=people))
    register("org.assignment", Subject(plain=posts))
    register("org.rolegrant", Subject(plain=grants))
    register("org.grantrequest", Subject(plain=asked_grants))
    register("org.delegation", Subject(plain=delegations))
