"""The words of a DOCX for the editor: paragraphs, bold, italic, lists, tables. Nothing else of the file is used.

A DOCX is a ZIP of XML from a stranger: sizes are capped before anything is read, entities and network are off.
"""

import io
import re
import zipfile
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.utils.html import escape
from django.utils.translation import gettext as _
from lxml import etree  # type: ignore[import-untyped]

from core import files
from core.errors import RuleError
from core.gate import DOCX

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PART: Final = "word/document.xml"
MOST_XML: Final = 20_000_000
MOST_WORDS: Final = 2_000_000
_OFF: Final = {"0", "false", "off", "none"}
# What the system itself prints around the text.
_FURNITURE: Final = re.compile(
    r"^\s*(CỘNG H[OÒ]A?À? XÃ HỘI CHỦ NGHĨA VIỆT NAM|Độc lập\s*-\s*Tự do\s*-\s*Hạnh phúc)\s*$"
)


def html_of(upload: UploadedFile) -> str:
    """The body as plain HTML; the server cleans it again when it is saved. UploadRefused, RuleError: not usable."""
    return body_html(files.read(files.receive_upload(upload, types=frozenset({DOCX}))))


def words_in(data: bytes) -> str:
    """The words of a DOCX, a line per paragraph; empty for what is none or cannot be read."""
    try:
        return re.sub(r"<[^>]+>", "\n", body_html(data))
    except RuleError:
        return ""


def body_html(data: bytes) -> str:
    root = _document(data)
    body = root.find(f"{W}body")
    if body is None:
        raise RuleError(_("Tệp DOCX không có nội dung văn bản."))
    html = "".join(_block(node) for node in body)
    if len(html) > MOST_WORDS:
        raise RuleError(_("Nội dung tệp quá dài để soạn trên trang. Tải lên dạng PDF làm văn bản chính."))
    return html


def _document(data: bytes) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.getinfo(PART).file_size > MOST_XML:
                raise RuleError(
                    _("Nội dung tệp quá dài để soạn trên trang. Tải lên dạng PDF làm văn bản chính.")
                )
            with archive.open(PART) as part:
                raw = part.read(MOST_XML + 1)
        if len(raw) > MOST_XML or b"<!DOCTYPE" in raw[:2000]:
            raise RuleError(_("Không đọc được tệp DOCX này."))
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        return etree.fromstring(raw, parser)
    except (KeyError, zipfile.BadZipFile, etree.XMLSyntaxError, OSError) as error:
        raise RuleError(_("Không đọc được tệp DOCX này. Mở bằng phần mềm soạn thảo rồi lưu lại.")) from error


def _block(node: Any) -> str:
    if node.tag == f"{W}p":
        return _paragraph(node)
    if node.tag == f"{W}tbl":
        rows = "".join(
            "<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row.findall(f"{W}tc")) + "</tr>"
            for row in node.findall(f"{W}tr")
        )
        return f"<table><tbody>{rows}</tbody></table>"
    if node.tag == f"{W}sdt":
        return "".join(_block(one) for one in node.iterfind(f"{W}sdtContent/*"))
    return ""


def _cell(cell: Any) -> str:
    return "<br>".join(filter(None, (_runs(one) for one in cell.findall(f"{W}p"))))


def _paragraph(node: Any) -> str:
    words = _runs(node)
    plain = re.sub(r"<[^>]+>", "", words).strip()
    if not plain or _FURNITURE.match(plain):
        return ""
    style = node.find(f"{W}pPr/{W}pStyle")
    name = (style.get(f"{W}val") or "").lower() if style is not None else ""
    if name.startswith("heading"):
        return f"<h3>{words}</h3>"
    if node.find(f"{W}pPr/{W}numPr") is not None:
        return f"<ul><li>{words}</li></ul>"
    aligned = node.find(f"{W}pPr/{W}jc")
    if aligned is not None and aligned.get(f"{W}val") == "center":
        return f'<p class="centre">{words}</p>'
    return f"<p>{words}</p>"


def _runs(paragraph: Any) -> str:
    parts = []
    for run in paragraph.iter(f"{W}r"):
        text = ""
        for node in run:
            if node.tag == f"{W}t":
                text += escape(node.text or "")
            elif node.tag in (f"{W}tab", f"{W}br", f"{W}cr"):
                text += "<br>" if node.tag != f"{W}tab" else " "
        if text:
            parts.append(_dressed(text, run.find(f"{W}rPr")))
    joined = "".join(parts)
    # Word cuts one bold stretch into many runs.
    return re.sub(r"</(b|i)><\1>", "", joined).strip()


def _dressed(text: str, looks: Any) -> str:
    if looks is None:
        return text
    for tag, name in (("i", "i"), ("b", "b")):
        found = looks.find(f"{W}{tag}")
        if found is not None and (found.get(f"{W}val") or "1").lower() not in _OFF:
            text = f"<{name}>{text}</{name}>"
    return text
