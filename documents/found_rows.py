"""What the list of found documents shows: one row per record, with the words that were asked for marked, and exports."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from xml.sax.saxutils import escape as xml_escape

from django.db.models import Q
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.search import MARKED
from documents import searching
from documents.choices import Urgency
from documents.models import Attachment, FileText, IncomingFile, SearchEntry, Star

PEEK: Final = 12_000  # characters of a file in which the place of a hit is looked for
AROUND: Final = 90
_PLAIN: Final = str.maketrans(dict(zip(*MARKED, strict=True)))
_WORD: Final = re.compile(r"[0-9a-z]+")


@dataclass
class Row:
    """One record, whichever way it went."""

    key: str  # den-12, di-7
    url: str
    arrow: str
    number: str
    arrival_number: int | None
    title: str
    title_html: SafeString
    snippet: SafeString
    issuer: str
    issuer_html: SafeString
    day: date | None
    type_name: str
    urgency: int
    urgency_words: str
    state: str
    signer: str
    holder: str  # who got it, or who drafted it
    starred: bool = False


def rows_of(entries: Sequence[SearchEntry], words: Sequence[str], user: Any) -> list[Row]:
    """Three queries more, whatever the number of rows."""
    stars = starred(user, entries)
    texts = _texts(entries, words) if words else {}
    return [_row(entry, words, texts.get(entry.pk, ""), stars) for entry in entries]


def _row(entry: SearchEntry, words: Sequence[str], text: str, stars: set[str]) -> Row:
    incoming, made = entry.incoming, entry.document
    if incoming is not None:
        row = Row(
            key=f"den-{incoming.pk}",
            url=searching.address_of(incoming),
            arrow=_("đến"),
            number=incoming.number_printed,
            arrival_number=incoming.arrival_number,
            title=incoming.title,
            title_html=marked(incoming.title, words),
            snippet=snippet(text, words),
            issuer=incoming.issuer_printed,
            issuer_html=marked(incoming.issuer_printed, words),
            day=incoming.dated_on or timezone.localdate(incoming.arrived_at),
            type_name=incoming.type.name if incoming.type else incoming.type_printed,
            urgency=incoming.urgency,
            urgency_words=str(Urgency(incoming.urgency).label),
            state=incoming.get_state_display(),
            signer=incoming.signer_printed,
            holder=incoming.agency.name,
        )
    else:
        assert made is not None  # one of the two, the database sees to it
        row = Row(
            key=f"di-{made.pk}",
            url=searching.address_of(made),
            arrow=_("đi"),
            number=made.number_printed,
            arrival_number=None,
            title=made.title,
            title_html=marked(made.title, words),
            snippet=snippet(text, words),
            issuer=made.issuer_printed or made.agency.name,
            issuer_html=marked(made.issuer_printed or made.agency.name, words),
            day=made.dated_on,
            type_name=made.type.name,
            urgency=made.urgency,
            urgency_words=str(Urgency(made.urgency).label),
            state=made.get_status_display(),
            signer=made.signer_printed,
            holder=made.unit.name,
        )
    row.starred = row.key in stars
    return row


def starred(user: Any, entries: Sequence[SearchEntry]) -> set[str]:
    incoming = [entry.incoming_id for entry in entries if entry.incoming_id]
    documents = [entry.document_id for entry in entries if entry.document_id]
    found = Star.objects.filter(Q(incoming__in=incoming) | Q(document__in=documents), user=user)
    return {
        f"den-{one}" if one else f"di-{two}" for one, two in found.values_list("incoming_id", "document_id")
    }


# --- marks ------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Without marks, letter for letter at the same place. NFC only."""
    return text.translate(_PLAIN).lower() if len(text.lower()) == len(text) else text.translate(_PLAIN)


def _spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    if not words:
        return []
    wanted, last = set(words[:-1]), words[-1]
    return [
        match.span()
        for match in _WORD.finditer(plain(text))
        if match.group() in wanted
        or (len(last) > 1 and match.group().startswith(last))
        or match.group() == last
    ]


def marked(text: str, words: Sequence[str]) -> SafeString:
    """The text with the words that were asked for in <mark>; all of it escaped."""
    text = unicodedata.normalize("NFC", text)
    parts, at = [], 0
    for start, end in _spans(text, words):
        parts += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return mark_safe("".join([*parts, escape(text[at:])]))  # noqa: S308 - every piece is escaped


def snippet(text: str, words: Sequence[str]) -> SafeString:
    """Where most of the words stand close together."""
    spans = _spans(text, words)
    if not spans:
        return SafeString()
    best = max(spans, key=lambda span: sum(span[0] <= other[0] < span[0] + AROUND for other in spans))
    start, end = max(0, best[0] - AROUND // 2), min(len(text), best[0] + AROUND * 2)
    cut = " ".join(text[start:end].split())
    lead, tail = ("… " if start else ""), (" …" if end < len(text) else "")
    return mark_safe(f"{lead}{marked(cut, words)}{tail}")  # noqa: S308 - `marked` escapes


def _texts(entries: Sequence[SearchEntry], words: Sequence[str]) -> dict[int, str]:
    """The beginnings of the files of rows whose title does not hold all the words."""
    wanted: dict[int, list[int]] = {}
    open_rows = [entry for entry in entries if not _says(entry, words)]
    by_incoming = {entry.incoming_id: entry.pk for entry in open_rows if entry.incoming_id}
    by_document = {entry.document_id: entry.pk for entry in open_rows if entry.document_id}
    files = IncomingFile.objects.filter(incoming__in=by_incoming, superseded_at__isnull=True)
    for record, stored in files.values_list("incoming_id", "stored_id"):
        wanted.setdefault(stored, []).append(by_incoming[record])
    for record, stored in Attachment.objects.filter(document__in=by_document).values_list(
        "document_id", "stored_id"
    ):
        wanted.setdefault(stored, []).append(by_document[record])
    for entry in open_rows:
        if entry.document is not None:
            main = entry.document.current_file_id or entry.document.unsigned_file_id
            if main:
                wanted.setdefault(main, []).append(entry.pk)
    found: dict[int, str] = {}
    texts = FileText.objects.filter(stored__in=wanted).exclude(text="")
    for stored, text in texts.order_by("stored_id").values_list("stored_id", Left("text", PEEK)):
        for pk in wanted[stored]:
            if pk not in found or not _spans(found[pk], words):
                found[pk] = text
    return found


def _says(entry: SearchEntry, words: Sequence[str]) -> bool:
    title = entry.incoming.title if entry.incoming else entry.document.title if entry.document else ""
    said = set(_WORD.findall(plain(unicodedata.normalize("NFC", title))))
    return all(word in said for word in words)


# --- exports ----------------------------------------------------------------------------------------------

COLUMNS: Final = ("arrow", "number", "arrival_number", "day", "type_name", "title", "issuer", "signer", "urgency_words", "state")  # fmt: skip


def heads() -> list[str]:
    return [
        _("Đến/đi"),
        _("Số, ký hiệu"),
        _("Số đến"),
        _("Ngày văn bản"),
        _("Loại"),
        _("Trích yếu"),
        _("Cơ quan ban hành"),
        _("Người ký"),
        _("Độ khẩn"),
        _("Trạng thái"),
    ]


def cells(row: Row) -> list[str]:
    return [_cell(getattr(row, name)) for name in COLUMNS]


def _cell(value: Any) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def as_csv(rows: Iterable[Row]) -> bytes:
    """With a mark that it is UTF-8, and no cell that a spreadsheet would take for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads())
    for row in rows:
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@\t" and cell else cell for cell in cells(row)])
    return ("\ufeff" + out.getvalue()).encode()


def as_xlsx(rows: Iterable[Row], *, note: str) -> bytes:
    """A workbook with one sheet; all cells are text, so nothing in them is computed."""
    lines = [heads(), *(cells(row) for row in rows), [], [note]]
    sheet = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{_letter(place)}{number}" t="inlineStr"><is><t xml:space="preserve">{_xml(cell)}</t></is></c>'
            for place, cell in enumerate(line)
        )
        + "</row>"
        for number, line in enumerate(lines, 1)
    )
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, width in enumerate((8, 20, 9, 13, 16, 70, 40, 24, 12, 20), 1)
    )
    parts = dict(_BOOK)
    parts["xl/worksheets/sheet1.xml"] = (
        f'{_XML}<worksheet xmlns="{_MAIN}"><cols>{widths}</cols><sheetData>{sheet}</sheetData></worksheet>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for name, text in parts.items():
            box.writestr(name, text)
    return out.getvalue()


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_BOOK: Final = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Văn bản" sheetId="1" '
    'r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def _letter(place: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place]


def _xml(text: str) -> str:
    return xml_escape("".join(char for char in text if char.isprintable() or char in "\n\t"))
