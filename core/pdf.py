"""HTML to PDF for papers: shipped fonts only, nothing from the network, the same bytes for the same input.

One toolbox per process and thread, built at first use and so always after the fork: building it costs more than
a page (domain: fonts and parsed CSS reused, 1.7 times faster).
"""

import os
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.template.loader import render_to_string
from fontTools.ttLib import TTFont
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

HERE = Path(__file__).resolve().parent
FONTS = HERE / "fonts"
PAPERS = HERE / "papers"
FONT_FILES = ("Tinos-Regular.ttf", "Tinos-Bold.ttf", "Tinos-Italic.ttf", "Tinos-BoldItalic.ttf")
ISSUED = "pdf/a-2a"  # issued papers: archival and tagged
POINTS_PER_PIXEL = 0.75
MISSING_GLYPH = "□"
_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
# The 134 letters beyond plain ASCII: đ and each vowel with each tone, less the six bare ones, in both cases.
_LOWER = {unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES} - set(
    "aeiouy"
) | {"đ"}
VIETNAMESE_LETTERS = "".join(sorted(_LOWER | {letter.upper() for letter in _LOWER}))


class Anchor(NamedTuple):
    """Where an element lies: page from 0, the rest in PDF points from the page's lower left corner."""

    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Rendered:
    data: bytes
    pages: int
    anchors: dict[str, Anchor] = field(default_factory=dict)


def render(
    template_name: str, context: Mapping[str, Any], *, profile: str | None = ISSUED, css: str = ""
) -> Rendered:
    """A template as a PDF. `css` is added to the paper's own; an element's `id` becomes the name of its anchor."""
    return render_html(render_to_string(template_name, dict(context)), profile=profile, css=css)


def render_html(html: str, *, profile: str | None = ISSUED, css: str = "") -> Rendered:
    """A whole HTML page (with `<html lang>` and `<title>`) as a PDF. Addresses outside the project are not fetched."""
    toolbox = _toolbox()
    page = HTML(string=toolbox.printable(html), base_url="paper:/", url_fetcher=toolbox.fetcher)
    document = page.render(font_config=toolbox.fonts, stylesheets=toolbox.sheets(css))
    anchors: dict[str, Anchor] = {}
    for number, sheet in enumerate(document.pages):
        for name, (left, top, right, bottom) in sheet.anchors.items():
            box = (left, sheet.height - bottom, right - left, bottom - top)
            anchors.setdefault(name, Anchor(number, *(round(pixels * POINTS_PER_PIXEL, 2) for pixels in box)))
    data = document.write_pdf(pdf_variant=profile, pdf_tags=profile is not None)
    return Rendered(data, len(document.pages), anchors)


class _PaperFetcher(URLFetcher):
    """Serves `data:` and what ships with the project: paper:/fonts/…, paper:/papers/… and static files."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if url.startswith("data:"):
            return super().fetch(url, headers)
        scheme, _colon, path = url.partition(":")
        if scheme != "paper":
            raise ValueError(f"papers fetch nothing from outside: {url[:80]}")
        return URLFetcherResponse(url, _shipped(path).read_bytes())


def _shipped(path: str) -> Path:
    """The file behind a `paper:` address. ValueError: there is none, or it lies outside the shipped folders."""
    path = "/" + path.lstrip("/").split("?")[0].split("#")[0]
    for prefix, folder in (("/fonts/", FONTS), ("/papers/", PAPERS)):
        if path.startswith(prefix):
            place = (folder / path.removeprefix(prefix)).resolve()
            if place.is_relative_to(folder) and place.is_file():
                return place
    static = "/" + settings.STATIC_URL.strip("/") + "/"
    if path.startswith(static):
        found = finders.find(path.removeprefix(static))
        if isinstance(found, str):
            return Path(found)
    raise ValueError(f"no such file ships with the project: {path}")


class _Toolbox:
    """Fonts, parsed style sheets and the fetcher of one thread of one process."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.fetcher = _PaperFetcher()
        with _only_shipped_fonts():
            self.fonts = FontConfiguration()
        self.covered = _covered_by_all_faces()
        self._sheets: dict[str, CSS] = {}
        self._paper = self._parsed((PAPERS / "paper.css").read_text(encoding="utf-8"))

    def sheets(self, css: str) -> list[CSS]:
        if not css:
            return [self._paper]
        if css not in self._sheets:
            self._sheets = {css: self._parsed(css), **dict(list(self._sheets.items())[:15])}
        return [self._paper, self._sheets[css]]

    def printable(self, html: str) -> str:
        """Composed letters, and a box for each sign that our fonts lack: PDF/A forbids glyphs that do not exist."""
        html = unicodedata.normalize("NFC", html)
        strange = {
            ord(sign): MISSING_GLYPH for sign in set(html) if sign >= " " and ord(sign) not in self.covered
        }
        return html.translate(strange) if strange else html

    def _parsed(self, css: str) -> CSS:
        return CSS(string=css, font_config=self.fonts, base_url="paper:/", url_fetcher=self.fetcher)


_local = threading.local()


def _toolbox() -> _Toolbox:
    """This thread's own: Pango's font map may cross neither threads nor forks."""
    toolbox: _Toolbox | None = getattr(_local, "toolbox", None)
    if toolbox is None or toolbox.pid != os.getpid():
        toolbox = _local.toolbox = _Toolbox()
    return toolbox


@contextmanager
def _only_shipped_fonts() -> Iterator[None]:
    """Point fontconfig at our folder while the configuration is read, and give the environment back after."""
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(FONTS / "fonts.conf")
    try:
        yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before


def has_unprintable(text: str) -> bool:
    """Does `text` hold a sign that the shipped fonts cannot draw?"""
    covered = _toolbox().covered
    return any(sign >= " " and ord(sign) not in covered for sign in text)


def _covered_by_all_faces() -> frozenset[int]:
    """Code points that all four faces can draw. ImproperlyConfigured: a Vietnamese letter is not among them."""
    covered: set[int] | None = None
    for name in FONT_FILES:
        with TTFont(FONTS / name, lazy=True) as face:
            points = set(face.getBestCmap())
        covered = points if covered is None else covered & points
    missing = [letter for letter in VIETNAMESE_LETTERS if ord(letter) not in (covered or set())]
    if missing:
        raise ImproperlyConfigured(f"the shipped fonts lack Vietnamese letters: {''.join(missing)}")
    return frozenset(covered or set())
