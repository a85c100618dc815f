"""What a strict content security policy and the house style ask of every template."""

import re
import unicodedata
from pathlib import Path

import pytest

from core.templatetags import ui

ROOT = Path(__file__).resolve().parents[2]
APPS = ["core", "org", "notices", "signing", "documents", "onecase", "haiphong_egov"]
# Papers and stamps are made into PDF by the server; no browser reads them.
PAPERS = ("papers", "core", "signing")
PAGES = sorted(
    p
    for p in (ROOT / "templates").rglob("*.html")
    if p.relative_to(ROOT / "templates").parts[0] not in PAPERS
)
SOURCES = sorted(
    path
    for folder in [*APPS, "templates", "static/css", "static/js", "locale", "tests"]
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".html", ".txt", ".po", ".css", ".js", ".csv", ".json"}
    and "vendor" not in path.parts
)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_nothing_inline(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text)
    assert "|safe" not in text
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag and "nonce=" in tag, tag


def test_sources_are_composed() -> None:
    """Vietnamese in NFC: a decomposed letter looks the same and matches nothing."""
    assert [str(p) for p in SOURCES if not unicodedata.is_normalized("NFC", p.read_text("utf-8"))] == []


def test_every_icon_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/img/icons.svg").read_text("utf-8")))
    named = {name for p in PAGES for name in re.findall(r'{%\s*icon "([^"]+)"', p.read_text("utf-8"))}
    named |= {icon for _words, _path, icon in [*ui.CITIZEN_LINKS, *ui.STAFF_APPS]} | set(
        ui.DUE_ICONS.values()
    )
    named |= {ui.status_shape(kind) for kind in ui.STATUS_SHAPES} | {f"pie-{n}" for n in range(9)}
    assert named - sprite == set()


def test_partials_say_what_they_need() -> None:
    silent = [
        p.name
        for p in (ROOT / "templates/components").glob("*.html")
        if p.name != "index.html" and not p.read_text("utf-8").startswith("{#")
    ]
    assert silent == []
