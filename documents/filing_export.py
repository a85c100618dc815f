"""A work file to take along: its papers in time order, one XML about all of them, and the list of contents as PDF.

Field names and least widths: NĐ 30/2020/NĐ-CP, Phụ lục VI, Phần II. What is wider here is not cut; it is named.
"""

import tempfile
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as xml

from django.utils import timezone
from django.utils.translation import gettext as _

from core import files, paper
from core.models import StoredFile
from documents import filing
from documents.models import Document, IncomingDocument, WorkFile, WorkFileItem
from org.letterhead import letterhead

WIDTHS: Final = {
    "FileCode.OrganId": 13,
    "FileCode.FileCatalog": 4,
    "FileCode.FileNotation": 20,
    "DocOrdinal": 3,
    "TypeName": 100,
    "CodeNumber": 11,
    "CodeNotation": 30,
    "IssuedDate": 10,
    "OrganName": 200,
    "Subject": 500,
    "Description": 500,
    "Language": 30,
    "ArrivalDate": 10,
    "ArrivalNumber": 10,
    "DueDate": 10,
    "SignerInfo.Position": 100,
    "SignerInfo.FullName": 50,
    "To.OrganName": 200,
    "Priority": 1,
    "PageAmount": 3,
    "ToPlaces": 1000,
}


def write(file: WorkFile, target: Path, tell: Callable[[int], None]) -> list[str]:
    """Write the ZIP to `target`. Back come the fields that are wider than the decree's least width."""
    items = filing.in_time_order(list(filing.items_of(file)))
    too_wide: list[str] = []
    root = xml.Element("File")
    code = _code(root, file)
    xml.SubElement(root, "Title").text = file.title
    xml.SubElement(root, "Maintenance").text = file.retention.name
    xml.SubElement(root, "StartDate").text = _day(file.opened_on)
    xml.SubElement(root, "EndDate").text = _day(file.closed_on)
    _measure(too_wide, "", code)
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        tempfile.TemporaryDirectory() as folder,
    ):
        for ordinal, item in enumerate(items, start=1):
            fields = _fields(item, ordinal)
            _measure(too_wide, _("tài liệu %(n)s: ") % {"n": ordinal}, fields)
            about = xml.SubElement(root, "Document")
            _code(about, file)
            _put(about, fields)
            kept = xml.SubElement(about, "Files")
            for number, (name, stored) in enumerate(_papers(item), start=1):
                suffix = Path(files.cleaned_name(name, media_type=stored.media_type)).suffix or ".bin"
                inside = f"{ordinal:03d}{f'-{number}' if number > 1 else ''}{suffix}"
                archive.write(files.path_of(stored), inside)
                row = xml.SubElement(kept, "FileName", sha256=stored.sha256)
                row.text = inside
            tell(ordinal)
        contents = paper.render("papers/file_contents.html", contents_of(file, items))
        place = Path(folder) / "muc-luc.pdf"
        place.write_bytes(contents.data)
        archive.write(place, "muc-luc.pdf")
        xml.indent(root)
        archive.writestr("ho-so.xml", xml.tostring(root, encoding="utf-8", xml_declaration=True))
        if too_wide:
            archive.writestr("kiem-tra-do-dai.txt", "\n".join(too_wide) + "\n")
    return too_wide


def contents_of(file: WorkFile, items: list[WorkFileItem]) -> dict[str, Any]:
    """Mục lục văn bản trong hồ sơ, for print."""
    rows = []
    for ordinal, item in enumerate(items, start=1):
        record = item.incoming or item.document
        rows.append(
            {
                "ordinal": f"{ordinal:02d}",
                "number": record.number_printed if record else "",
                "day": f"{item.dated_on:%d/%m/%Y}" if item.dated_on else "",
                "author": item.incoming.issuer_printed
                if item.incoming
                else item.document.issuer_printed or item.document.agency.name
                if item.document
                else "",
                "title": record.title if record else item.title,
                "pages": _pages(item) or "",
            }
        )
    return {
        "head": letterhead(file.agency).as_dict(),
        "place_date": "",
        "file": file,
        "rows": rows,
        "printed_at": f"{timezone.localtime():%H:%M %d/%m/%Y}",
    }


def _code(parent: xml.Element, file: WorkFile) -> dict[str, str]:
    parts = {
        "OrganId": file.agency.identifier or "",
        "FileCatalog": f"{file.year}",
        "FileNotation": file.notation,
    }
    whole = xml.SubElement(parent, "FileCode")
    for name, value in parts.items():
        xml.SubElement(whole, name).text = value
    return {f"FileCode.{name}": value for name, value in parts.items()}


def _fields(item: WorkFileItem, ordinal: int) -> dict[str, str]:
    """What Phụ lục VI asks about one paper; empty fields are left out."""
    fields = {"DocOrdinal": f"{ordinal:03d}", "Language": "Tiếng Việt", "IssuedDate": _day(item.dated_on)}
    if item.incoming is not None:
        fields |= _of_incoming(item.incoming)
    elif item.document is not None:
        fields |= _of_document(item.document)
    else:
        fields |= {"Subject": item.title}
    pages = _pages(item)
    return {name: value for name, value in (fields | {"PageAmount": f"{pages or ''}"}).items() if value}


def _of_incoming(one: IncomingDocument) -> dict[str, str]:
    number, _slash, notation = one.number_printed.partition("/")
    return {
        "TypeName": one.type_printed,
        "CodeNumber": number,
        "CodeNotation": notation,
        "OrganName": one.issuer_printed,
        "Subject": one.title,
        "ArrivalDate": _day(timezone.localdate(one.arrived_at)),
        "ArrivalNumber": f"{one.arrival_number or ''}",
        "DueDate": _day(timezone.localdate(one.due_at)) if one.due_at else "",
        "SignerInfo.FullName": one.signer_printed,
        "Priority": f"{one.urgency}",
    }


def _of_document(one: Document) -> dict[str, str]:
    number, _slash, notation = one.number_printed.partition("/")
    return {
        "TypeName": one.type.name,
        "CodeNumber": number,
        "CodeNotation": notation,
        "OrganName": one.issuer_printed or one.agency.name,
        "Subject": one.title,
        "SignerInfo.Position": one.signer_title_printed,
        "SignerInfo.FullName": one.signer_printed,
        "Priority": f"{one.urgency}",
        "ToPlaces": "; ".join(str(line) for line in one.recipients.select_related("unit", "group")),
    }


def _put(parent: xml.Element, fields: dict[str, str]) -> None:
    """«SignerInfo.FullName» becomes an element in an element."""
    for name, value in fields.items():
        whole, _dot, part = name.partition(".")
        if not part:
            xml.SubElement(parent, name).text = value
            continue
        found = parent.find(whole)
        xml.SubElement(found if found is not None else xml.SubElement(parent, whole), part).text = value


def _measure(too_wide: list[str], where: str, fields: dict[str, str]) -> None:
    for name, value in fields.items():
        if (width := WIDTHS.get(name)) and len(value) > width:
            too_wide.append(
                _("%(where)s%(name)s dài %(n)s ký tự, mức tối thiểu của Phụ lục VI là %(width)s")
                % {"where": where, "name": name, "n": len(value), "width": width}
            )


def _papers(item: WorkFileItem) -> list[tuple[str, StoredFile]]:
    if item.stored is not None:
        return [(item.title, item.stored)]
    if item.incoming is not None:
        rows = item.incoming.files.filter(superseded_at__isnull=True).select_related("stored")
        return [(row.name, row.stored) for row in rows]
    assert item.document is not None
    found = [("van-ban.pdf", item.document.current_file)] if item.document.current_file else []
    rows_of = item.document.attachments.exclude(role="beside").select_related("stored", "signed")
    return found + [(row.name, row.current) for row in rows_of]


def _pages(item: WorkFileItem) -> int | None:
    if item.incoming is not None:
        return item.incoming.pages
    if item.document is not None:
        return item.document.pages or (
            item.document.current_file.pages if item.document.current_file else None
        )
    return item.stored.pages if item.stored else None


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""
