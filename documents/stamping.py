"""Number and day onto an uploaded PDF before anybody signs it, and the places of signatures there. Pure: bytes in, bytes out.

A signed file is never touched: stamping after a signature would break it.
"""

import io
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

import pikepdf
import pypdfium2
from django.utils.translation import gettext as _

from core import pdf, wording
from core.errors import RuleError
from core.search import fold
from documents import pdf_text

MM: Final = pdf_text.POINTS_PER_MM
Box = tuple[int, float, float, float, float]
SIGNATURE, SEAL = (45 * MM, 22 * MM), 33 * MM
NUMBER: Final = re.compile(r"Số\s*:")
DAY: Final = re.compile(r"ngày[\s\d.…_]*tháng[\s\d.…_]*năm[\s.…_]*(?:\d{4})?")
FROM_TOP = 0.55  # number and day stand in the upper part of the first page
_CSS = """
@page {{ size: {width:.2f}pt {height:.2f}pt; margin: 0; background: transparent; @top-center {{ content: none }} }}
html, body {{ margin: 0; background: transparent }}
p {{ position: absolute; margin: 0; white-space: nowrap; background: #fff; line-height: 1.1; text-align: left }}
"""
_ONE = "#s{n} {{ left: {left:.2f}pt; top: {top:.2f}pt; font-size: {size:.2f}pt; min-width: {width:.2f}pt; {slant} }}"


@dataclass(frozen=True)
class Stamped:
    data: bytes
    pages: int
    signature_box: Box
    seal_box: Box


@dataclass(frozen=True)
class _Text:
    words: str
    box: tuple[float, float, float, float]
    slant: bool = False


def stamped(data: bytes, *, number: str, day: date, signer: str) -> Stamped:
    """The PDF with number and day in their places. RuleError: a place was not found; the text says what to mend."""
    _refuse_signed(data)
    try:
        pages = pdf_text.pages_of(data)
    except pypdfium2.PdfiumError as error:
        raise RuleError(_("Không đọc được tệp PDF của văn bản chính. Xuất lại PDF rồi tải lên.")) from error
    if not pages:
        raise RuleError(_("Tệp PDF của văn bản chính không có trang nào."))
    first = pages[0]
    texts = [_number_place(first, number), _day_place(first, day)]
    signature = signature_place(pages, signer)
    page, x1, y1, _x2, y2 = signature
    middle = (y1 + y2) / 2
    # The seal covers about a third of the signature, from its left (Phụ lục I.II.8a).
    left = max(x1 + SIGNATURE[0] / 3 - SEAL, 0)
    seal = (page, left, middle - SEAL / 2, left + SEAL, middle + SEAL / 2)
    return Stamped(_overlaid(data, first, texts), len(pages), signature, _rounded(seal))


def top_right(data: bytes) -> Box:
    """Where the agency signs an appendix or a copy: the top right corner of the first page (Phụ lục I.II.8b)."""
    with pikepdf.open(io.BytesIO(data)) as document:
        frame = [float(one) for one in document.pages[0].mediabox]
    right, top = frame[2] - 15 * MM, frame[3] - 6 * MM
    return _rounded((0, right - 105 * MM, top - 11 * MM, right, top))


def _number_place(page: pdf_text.Page, number: str) -> _Text:
    text = page.text
    for found in NUMBER.finditer(text):
        start, end = found.end(), _line_end(page, found.end())
        lead = page.box(found.start(), found.end())
        if lead is None or lead[1] < page.height * (1 - FROM_TOP):
            continue
        rest = text[start:end]
        if re.match(r"\s*\d", rest):
            raise RuleError(_("Tệp PDF đã gõ sẵn số. Để trống sau «Số:», hệ thống đóng số khi ký."))
        inked = page.box(start, end)
        right = min(inked[2], lead[2] + 75 * MM) if inked else lead[2] + 40 * MM
        return _Text(number, (lead[2] + 3, lead[1], right, lead[3]))
    raise RuleError(
        _(
            "Không tìm thấy chỗ đóng số: trang đầu cần dòng «Số:       /…» bằng chữ, không phải ảnh. Sửa tệp rồi tải lại."
        )
    )


def _day_place(page: pdf_text.Page, day: date) -> _Text:
    for found in DAY.finditer(page.text):
        box = page.box(found.start(), found.end())
        if box is not None and box[1] > page.height * (1 - FROM_TOP):
            return _Text(wording.day_in_words(day), box, slant=True)
    raise RuleError(
        _(
            "Không tìm thấy chỗ đóng ngày: trang đầu cần dòng «…, ngày    tháng    năm 2026» bằng chữ. Sửa tệp rồi tải lại."
        )
    )


def signature_place(pages: list[pdf_text.Page], signer: str) -> Box:
    """Above the last place where the signer's name stands. RuleError: it stands nowhere."""
    wanted = fold(signer)
    for number in range(len(pages) - 1, -1, -1):
        found = _last_line_with(pages[number], wanted)
        if found is not None:
            left, _bottom, right, top = found
            x1 = min(max((left + right - SIGNATURE[0]) / 2, 0), pages[number].width - SIGNATURE[0])
            y1 = top + 2 * MM
            return _rounded((number, x1, y1, x1 + SIGNATURE[0], y1 + SIGNATURE[1]))
    raise RuleError(
        _(
            "Không tìm thấy họ tên «%(name)s» ở phần ký của tệp PDF nên không biết đặt chữ ký ở đâu. Sửa tệp rồi tải lại."
        )
        % {"name": signer}
    )


def _last_line_with(page: pdf_text.Page, wanted: str) -> tuple[float, float, float, float] | None:
    """The frame of the name itself, in the lowest line that has it."""
    text, place, best = page.text, 0, None
    for line in re.split(r"(\r\n|\n|\r)", text):
        if wanted and wanted in fold(line):
            start, end = _within(line, wanted)
            box = page.box(place + start, place + end)
            if box is not None and (best is None or box[1] < best[1]):
                best = box
        place += len(line)
    return best


def _within(line: str, wanted: str) -> tuple[int, int]:
    """The shortest stretch of the line whose folded words are the wanted ones."""
    start = next(
        (at for at in range(len(line) - 1, -1, -1) if wanted in fold(line[at:]) and not line[at].isspace()), 0
    )
    end = next((at for at in range(start + 1, len(line) + 1) if wanted in fold(line[start:at])), len(line))
    return start, end


def _line_end(page: pdf_text.Page, start: int) -> int:
    """To the end of the line; words of the right-hand column, far away on the same height, are left out."""
    text = page.text
    end = next((at for at in range(start, len(text)) if text[at] in "\r\n"), len(text))
    for at in range(start, end):
        one, before = page.letters[at], page.letters[at - 1]
        if not one.sign.isspace() and one.left - before.right > 30 * MM:
            return at
    return end


def _refuse_signed(data: bytes) -> None:
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            form = document.Root.get("/AcroForm")
            fields = list(form.get("/Fields", [])) if form is not None else []
            if any(one.get("/FT") == "/Sig" and "/V" in one for one in fields):
                raise RuleError(
                    _("Tệp PDF đã có chữ ký số: không đóng số, ngày lên được mà không làm hỏng chữ ký.")
                )
    except pikepdf.PdfError as error:
        raise RuleError(_("Không mở được tệp PDF của văn bản chính.")) from error


def _overlaid(data: bytes, page: pdf_text.Page, texts: list[_Text]) -> bytes:
    """The words on white over the places, as a layer of the first page."""
    rules, lines = [], []
    for number, one in enumerate(texts):
        left, bottom, right, top = one.box
        size = min(max((top - bottom) * 1.25, 11), 14)
        slant = "font-style: italic" if one.slant else ""
        # The frame of the ink begins under the line's own top.
        rules.append(
            _ONE.format(
                n=number,
                left=left,
                top=page.height - top - size * 0.22,
                size=size,
                width=right - left + 2,
                slant=slant,
            )
        )
        lines.append(f'<p id="s{number}">{one.words}</p>')
    css = _CSS.format(width=page.width, height=page.height) + "\n".join(rules)
    html = f'<html lang="vi"><head><title>-</title></head><body>{"".join(lines)}</body></html>'
    layer = pdf.render_html(html, profile=None, css=css).data
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as document, pikepdf.open(io.BytesIO(layer)) as over:
        document.pages[0].add_overlay(over.pages[0], None)
        document.save(out, deterministic_id=True)
    return out.getvalue()


def _rounded(box: tuple[int, float, float, float, float]) -> Box:
    return (box[0], *(round(one, 2) for one in box[1:]))  # type: ignore[return-value]
