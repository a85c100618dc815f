"""The public face of org: who serves where, and which unit does what."""

from core.search import fold
from org.choices import OrganizationKind
from org.models import Organization
from org.serving import heads_of, people_serving, people_to_tell

__all__ = [
    "case_code_prefix",
    "counter_of",
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
