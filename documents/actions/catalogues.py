"""Danh mục hồ sơ: the clerk drafts its lines, heads of units propose, the leader issues it (NĐ 30/2020/NĐ-CP, art. 28)."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowed, RuleError
from documents import rules, secrecy
from documents.models import CatalogueEntry, FileCatalogue, RetentionPeriod
from org.choices import Role
from org.models import Organization


def _open(agency: Organization, year: int) -> FileCatalogue:
    """The catalogue of the year, locked. RuleError: it is issued already. Call inside `atomic`."""
    FileCatalogue.objects.get_or_create(agency=agency, year=year)
    found = FileCatalogue.objects.select_for_update(of=("self",)).get(agency=agency, year=year)
    if found.issued_at is not None:
        raise RuleError(_("Danh mục hồ sơ năm %(year)s đã ban hành.") % {"year": year})
    return found


@transaction.atomic
def add_entry(
    agency: Organization,
    year: int,
    *,
    unit: Organization,
    notation: str,
    title: str,
    retention: RetentionPeriod,
    keeper: str = "",
    heading: str = "",
    actor: Any,
) -> CatalogueEntry:
    """A line by the clerk; by a unit's head it is a proposal that the clerk takes in."""
    by_clerk = actor.serves_as(Role.CLERK, agency.pk)
    if not by_clerk and not actor.serves_as(Role.UNIT_HEAD, unit.pk):
        raise NotAllowed
    if (unit.agency_id or unit.pk) != agency.pk:
        raise NotAllowed
    secrecy.refuse_secret(title)
    catalogue = _open(agency, year)
    if catalogue.entries.filter(notation=notation).exists():
        raise RuleError(_("Số, ký hiệu hồ sơ «%(notation)s» đã có trong danh mục.") % {"notation": notation})
    entry = CatalogueEntry.objects.create(
        catalogue=catalogue,
        unit=unit,
        heading=heading,
        notation=notation,
        title=title,
        retention=retention,
        keeper_printed=keeper,
        is_proposed=not by_clerk,
    )
    audit.record(
        "catalogue.add" if by_clerk else "catalogue.propose", actor=actor, subject=catalogue, note=str(entry)
    )
    return entry


@transaction.atomic
def accept_entry(entry_id: int, *, actor: Any) -> None:
    entry = CatalogueEntry.objects.select_related("catalogue__agency").get(pk=entry_id)
    catalogue = _for_clerk(entry, actor)
    entry.is_proposed = False
    entry.save(update_fields=["is_proposed"])
    audit.record("catalogue.accept", actor=actor, subject=catalogue, note=str(entry))


@transaction.atomic
def drop_entry(entry_id: int, *, actor: Any) -> None:
    entry = CatalogueEntry.objects.select_related("catalogue__agency").get(pk=entry_id)
    catalogue = _for_clerk(entry, actor)
    audit.record("catalogue.drop", actor=actor, subject=catalogue, note=str(entry))
    entry.delete()


def _for_clerk(entry: CatalogueEntry, actor: Any) -> FileCatalogue:
    if not rules.keeps_archive(actor, entry.catalogue):
        raise NotAllowed
    return _open(entry.catalogue.agency, entry.catalogue.year)


@transaction.atomic
def import_last_year(agency: Organization, year: int, *, actor: Any) -> int:
    """The lines of the year before that are not there yet; how many came."""
    if not actor.serves_as(Role.CLERK, agency.pk):
        raise NotAllowed
    catalogue = _open(agency, year)
    known = set(catalogue.entries.values_list("notation", flat=True))
    former = CatalogueEntry.objects.filter(
        catalogue__agency=agency, catalogue__year=year - 1, is_proposed=False
    )
    rows = [
        CatalogueEntry(
            catalogue=catalogue,
            unit_id=one.unit_id,
            heading=one.heading,
            notation=one.notation,
            title=one.title,
            retention_id=one.retention_id,
            keeper_printed=one.keeper_printed,
        )
        for one in former
        if one.notation not in known
    ]
    CatalogueEntry.objects.bulk_create(rows)
    audit.record("catalogue.import", actor=actor, subject=catalogue, detail={"lines": len(rows)})
    return len(rows)


@transaction.atomic
def issue_catalogue(agency: Organization, year: int, *, document_no: str, actor: Any) -> FileCatalogue:
    """Ban hành: from then on files are opened from its lines."""
    if not actor.serves_as(Role.LEADER, agency.pk):
        raise NotAllowed
    catalogue = _open(agency, year)
    if not catalogue.entries.exists():
        raise RuleError(_("Danh mục chưa có dòng nào."))
    if catalogue.entries.filter(is_proposed=True).exists():
        raise RuleError(_("Còn dòng đề xuất chưa được văn thư xem."))
    catalogue.issued_at, catalogue.issued_by, catalogue.document_no = timezone.now(), actor, document_no
    catalogue.save(update_fields=["issued_at", "issued_by", "document_no"])
    audit.record("catalogue.issue", actor=actor, subject=catalogue, note=document_no)
    return catalogue
