"""A register on paper: A4 landscape with its cover, drawn in sheets and joined, so that 5,000 rows need no more memory
than two hundred."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pikepdf
from django.template.loader import render_to_string

from core import pdf
from documents import registers
from documents.registers import COLUMNS


def draw(
    cover: dict[str, Any], sheets: Iterable[list[list[str]]], target: Path, tell: Callable[[int], None]
) -> int:
    """Write the whole register to `target`; `tell` hears how many rows are drawn. The number of pages."""
    columns = [
        {"words": str(words), "width": width, "n": n}
        for n, (words, width) in enumerate(COLUMNS[cover["kind"]], 1)
    ]
    drawn, pages = 0, 0
    with tempfile.TemporaryDirectory(prefix="register-") as folder, pikepdf.new() as whole:
        parts = [_part(folder, 0, render_to_string("papers/register_cover.html", cover))]
        for number, rows in enumerate(sheets, start=1):
            context = {"title": cover["title"], "columns": columns, "rows": rows, "before": pages}
            html = render_to_string("papers/register_sheet.html", context)
            parts.append(_part(folder, number, html))
            pages += parts[-1][1]
            drawn += len(rows)
            tell(drawn)
        closing = render_to_string("papers/register_end.html", cover | {"drawn": drawn})
        parts.append(_part(folder, len(parts), closing))
        opened = [pikepdf.open(path) for path, _pages in parts]
        try:
            for part in opened:
                whole.pages.extend(part.pages)
            whole.docinfo["/Title"] = cover["title"]
            whole.save(target, deterministic_id=True)
            return len(whole.pages)
        finally:
            for part in opened:
                part.close()


def _part(folder: str, number: int, html: str) -> tuple[Path, int]:
    made = pdf.render_html(html, profile=None)
    place = Path(folder) / f"{number:05d}.pdf"
    place.write_bytes(made.data)
    return place, made.pages


def in_sheets(rows: list[list[str]]) -> Iterable[list[list[str]]]:
    for start in range(0, len(rows), registers.BATCH):
        yield rows[start : start + registers.BATCH]
