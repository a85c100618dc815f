"""What a stored PDF says and where: words, places of words, page sizes, fonts. Read only; the gate has looked before."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pikepdf
import pypdfium2

from core import files
from core.gate import PDF
from core.models import StoredFile

POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Letter:
    """One character and where it stands, in points from the lower left corner."""

    sign: str
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class Page:
    width: float
    height: float
    letters: tuple[Letter, ...]

    @property
    def text(self) -> str:
        return "".join(letter.sign for letter in self.letters)

    def box(self, start: int, end: int) -> tuple[float, float, float, float] | None:
        """The frame of the letters from `start` to before `end`; None when they take no room."""
        inked = [one for one in self.letters[start:end] if one.right > one.left and not one.sign.isspace()]
        if not inked:
            return None
        return (
            min(one.left for one in inked),
            min(one.bottom for one in inked),
            max(one.right for one in inked),
            max(one.top for one in inked),
        )


def first_page(stored: StoredFile) -> str:
    """The words of the first page; empty for what is no PDF or has none."""
    if stored.media_type != PDF:
        return ""
    with _opened(files.read(stored)) as document:
        return _words(document, 0) if len(document) else ""


def pages_of(data: bytes, *, most: int = 60) -> list[Page]:
    """Letters with their places. PdfiumError: not readable."""
    with _opened(data) as document:
        return [_page(document[number]) for number in range(min(len(document), most))]


def is_signed(stored: StoredFile) -> bool:
    """Does the PDF hold a filled signature field?"""
    with pikepdf.open(io.BytesIO(files.read(stored))) as document:
        form = document.Root.get("/AcroForm")
        return any(_is_signature(one) for one in form.get("/Fields", [])) if form is not None else False


def fonts_of(data: bytes) -> dict[str, bool]:
    """Base name of each font on the pages → is it embedded?"""
    found: dict[str, bool] = {}
    with pikepdf.open(io.BytesIO(data)) as document:
        for page in document.pages:
            resources = page.get("/Resources")
            fonts = resources.get("/Font") if resources is not None else None
            for font in fonts.values() if fonts is not None else ():
                name, embedded = _font(font)
                if name:
                    found[name] = found.get(name, False) or embedded
    return found


def _font(font: Any) -> tuple[str, bool]:
    inner = font
    if font.get("/Subtype") == "/Type0":
        inner = font["/DescendantFonts"][0]
    descriptor = inner.get("/FontDescriptor")
    name = str(inner.get("/BaseFont", "")).lstrip("/").rpartition("+")[2]
    embedded = descriptor is not None and any(
        key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")
    )
    return name, embedded


def _is_signature(one: Any) -> bool:
    return one.get("/FT") == "/Sig" and "/V" in one


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    document = pypdfium2.PdfDocument(data)
    try:
        yield document
    finally:
        document.close()


def _words(document: Any, number: int) -> str:
    page = document[number].get_textpage()
    return str(page.get_text_bounded()).replace("\r", "")


def _page(page: Any) -> Page:
    words = page.get_textpage()
    count = words.count_chars()
    text = words.get_text_range(0, count) if count else ""
    letters = []
    for place, sign in enumerate(text[:count]):
        left, bottom, right, top = words.get_charbox(place)
        letters.append(Letter(sign, left, bottom, right, top))
    width, height = page.get_size()
    return Page(width, height, tuple(letters))
