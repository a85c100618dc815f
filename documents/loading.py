"""The types of documents, out of documents/data."""

from pathlib import Path

from django.utils.translation import gettext as _

from core.loading import Planted, demand, plant, read_csv
from documents.models import DocumentType, RetentionPeriod

HERE = Path(__file__).parent / "data"


def load(*, update: bool = False) -> list[Planted]:
    """NotFit: a count is off."""
    rows = read_csv(HERE / "document_types.csv")
    demand(sum(row["is_specialised"] == "no" for row in rows), 29, "types of NĐ 30/2020/NĐ-CP art. 7")
    types = [
        DocumentType(
            code=row["code"],
            name=row["name"],
            abbreviation=row["abbreviation"],
            is_specialised=row["is_specialised"] == "yes",
            source=row["source"],
        )
        for row in rows
    ]
    return [
        plant(DocumentType, types, key=["code"], update=update),
        plant(RetentionPeriod, periods(), key=["code"]),
    ]


def periods() -> list[RetentionPeriod]:
    """Usual retention periods for an administrator to confirm; which papers they fit, the table of the sector says."""
    years: list[int | None] = [None, 70, 50, 20, 10, 5, 2]
    return [
        RetentionPeriod(
            code=str(number or "VV"),
            name=_("%(n)s năm") % {"n": number} if number else _("Vĩnh viễn"),
            years=number,
            source=_("cần xác minh"),
        )
        for number in years
    ]
