"""The public face of org: who serves where, which unit does what, and which requests about data wait."""

from typing import Any

from django.db.models import QuerySet

from core.search import fold
from org import rules
from org.choices import OPEN_REQUESTS, OrganizationKind, Role
from org.models import DataRequest, Organization
from org.serving import heads_of, people_serving, people_to_tell

__all__ = [
    "case_code_prefix",
    "counter_of",
    "data_requests_waiting",
    "handling_unit_of",
    "heads_of",
    "people_serving",
    "people_to_tell",
]

CITY_CENTRE = "ttpvhcc-tp"


def counter_of(agency: Organization) -> Organization:
    """The one-stop unit that receives for an agency: the commune's own centre, else the city centre."""
    own = (
        Organization.objects.valid_on()
        .filter(agency=agency, kind=OrganizationKind.ADMIN_UNIT)
        .exclude(pk=agency.pk)
        .first()
    )
    return own or Organization.objects.get(slug=CITY_CENTRE)


def data_requests_waiting(user: Any) -> QuerySet[DataRequest]:
    """Requests about personal data that wait for this hat, the oldest first. Who answers none asks no question."""
    if not user.units_as(Role.UNIT_ADMIN):
        return DataRequest.objects.none()
    mine = DataRequest.objects.filter(rules.requests_to_answer(user), status__in=sorted(OPEN_REQUESTS))
    return mine.select_related("user").order_by("pk")


def handling_unit_of(agency: Organization, symbol: str) -> Organization:
    """The part of the agency that handles a field, by its symbol; the agency itself when it has no such part."""
    parts = (
        Organization.objects.valid_on().filter(agency=agency, symbol__startswith=symbol) if symbol else None
    )
    return (parts.order_by("symbol").first() if parts is not None else None) or agency


def case_code_prefix(agency: Organization) -> str:
    """Left part of a case code: the agency's identifier once it is confirmed (QĐ 20/2020/QĐ-TTg).

    Until then statistics codes stand in, which are facts: `31.11344` for a commune, `31.STP` for a department.
    """
    if agency.identifier:
        return agency.identifier
    territory = agency.territory
    if territory is not None and territory.level == 3:
        return f"31.{territory.code}"
    return f"31.{fold(agency.symbol or agency.slug).replace(' ', '').upper()}"
