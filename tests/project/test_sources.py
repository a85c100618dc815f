"""Habits that a tool can watch: one spelling of Vietnamese letters, no inline style, no way around the guards."""

import re
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".html", ".txt", ".md", ".css", ".js", ".po", ".csv", ".json", ".toml", ".yml", ".sh", ".svg"}


def tracked() -> list[Path]:
    """Files of the project: what git knows or would add; without git, everything but caches."""
    run = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode == 0 and run.stdout:
        return [ROOT / line for line in run.stdout.splitlines() if (ROOT / line).is_file()]
    skip = {".venv", ".data", ".git", "__pycache__", "staticfiles"}
    return [p for p in ROOT.rglob("*") if p.is_file() and not skip & set(p.relative_to(ROOT).parts)]


def texts(*suffixes: str, under: str = "") -> Iterator[tuple[str, str]]:
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in (suffixes or TEXT) and name.startswith(under) and "/vendor/" not in name:
            yield name, path.read_text(encoding="utf-8")


def test_all_text_is_utf8_in_nfc() -> None:
    wrong = [name for name, text in texts() if not unicodedata.is_normalized("NFC", text)]
    assert wrong == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"""\sstyle\s*=\s*["']""", "inline style: the CSP refuses it"),
        (
            r"""\son(click|load|change|submit|input|error|focus|blur)\s*=""",
            "inline script: the CSP refuses it",
        ),
        (r"\|\s*safe\b", "|safe"),
        (r"\{%\s*autoescape\s+off", "autoescape off"),
        (r"<script(?![^>]*\b(src|nonce)\b)", "a script without source or nonce"),
    ],
)
def test_templates_keep_to_the_content_security_policy(pattern: str, why: str) -> None:
    # Papers are printed by WeasyPrint and mails by mail programs: no CSP there, yet escaping is.
    wrong = [
        name
        for name, text in texts(".html", under="templates/")
        if re.search(pattern, text) and not ("style" in why and ("/papers/" in name or "/email/" in name))
    ]
    assert wrong == [], why


@pytest.mark.parametrize("word", ["csrf_exempt", "TODO", "FIXME", "XXX"])
def test_no_way_around_the_guards(word: str) -> None:
    own = "tests/project/test_sources.py"
    assert [
        name for name, text in texts(".py", ".html", ".js") if re.search(rf"\b{word}\b", text) and name != own
    ] == []


def test_nothing_points_to_the_machine_it_was_written_on() -> None:
    here = [f"{folder}/" for folder in (ROOT, Path.home()) if len(folder.parts) > 1]
    assert [(name, place) for name, text in texts() for place in here if place in text] == []
