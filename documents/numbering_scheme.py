"""Which series and notation an official document takes (NĐ 30/2020/NĐ-CP, art. 15; the agency's own rule)."""

from typing import Any, NamedTuple

from django.utils import timezone

from core.models import NumberSeries
from core.search import fold
from documents import layout
from documents.choices import DocumentKind, Numbering
from documents.models import AgencyPractice, Document, DocumentType
from org.models import Organization

COMMON = "CHUNG"
COPIES = "BAN-SAO"


class Scheme(NamedTuple):
    series: str
    notation: str


def scheme_of(document: Document) -> Scheme:
    """As it is today: a draft that moved to a successor takes the successor's book and symbol."""
    return scheme(document.type, document.agency, document.unit, document.for_organ)


def scheme(kind: DocumentType, agency: Organization, unit: Organization, for_organ: str = "") -> Scheme:
    """The part of the series between agency and year, and the pattern of the notation with {n}.

    A council or board that uses the agency's seal has a series of its own (art. 15.2).
    """
    symbol = layout.initials(for_organ) if for_organ else agency.symbol or layout.initials(agency.name)
    part = unit.symbol if unit.pk != agency.pk else ""
    series = COMMON if numbering_of(agency) == Numbering.COMMON else kind.code
    if for_organ:
        series = f"{fold(for_organ).replace(' ', '-')[:24]}:{series}"
    return Scheme(series[:40], layout.notation(kind.abbreviation, symbol, part))


def numbering_of(agency: Organization, year: int | None = None) -> str:
    """What the head decided; a change holds from the next 1 January on.

    Number and notation are unique in an agency and year (art. 15.1): the first number of the year settles the scheme.
    """
    year = year or timezone.localdate().year
    if NumberSeries.objects.filter(key=key(agency, COMMON, year)).exists():
        return Numbering.COMMON
    codes = DocumentType.objects.filter(is_specialised=False).values_list("code", flat=True)
    if NumberSeries.objects.filter(key__in=[key(agency, code, year) for code in codes]).exists():
        return Numbering.PER_TYPE
    practice = AgencyPractice.objects.filter(agency=agency).only("numbering").first()
    return practice.numbering if practice else Numbering.PER_TYPE


def series_of(document: Document) -> str:
    """The series that the number is taken from now. A result of a case stands in the same books as other papers."""
    if document.kind == DocumentKind.OFFICIAL:
        return scheme_of(document).series
    series = document.series or document.type.code
    if series == document.type.code and not document.type.is_specialised:
        return scheme(document.type, document.agency, document.unit).series
    return series


def key(agency: Any, series: str, year: int) -> str:
    """The key of core.numbering: one per agency, series and calendar year of Viet Nam."""
    return f"doc:{agency.pk}:{series}:{year}"
