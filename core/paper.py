"""What all papers share: style sheet, the QR with its check code, the demo line."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import segno
from django.conf import settings

from core import pdf

QR_ERROR = "m"  # the printed sheet may be folded or stained


@cache
def style() -> str:
    """Added to core/papers/paper.css; the same text each time, so that it is parsed once."""
    return (pdf.PAPERS / "office.css").read_text(encoding="utf-8")


def check_url(code: str) -> str:
    """Where anyone can check the paper with this code."""
    return f"{settings.SITE_URL.rstrip('/')}/kiem-tra/{code}/"


@lru_cache(maxsize=256)
def _qr(text: str) -> str:
    return segno.make(text, error=QR_ERROR, micro=False).svg_data_uri(
        border=0, xmldecl=False, svgns=True, omitsize=False
    )


def check_mark(code: str) -> dict[str, str]:
    """For the template: code, address, and the QR of the address as a data URI. Empty for a draft without code."""
    if not code:
        return {}
    url = check_url(code)
    return {"code": code, "url": url, "qr": _qr(url)}


def shows_demo_mark() -> bool:
    """Demo papers say that they have no legal value.."""
    return bool(settings.PAPERS_DEMO_MARK)


def render(template_name: str, context: Mapping[str, Any], *, check_code: str = "") -> pdf.Rendered:
    """A paper under `templates/papers/` with all that papers share. Anchors: `signature`, `seal`, `qr`."""
    shared = {"check": check_mark(check_code), "demo_mark": shows_demo_mark()}
    return pdf.render(template_name, {**context, **shared}, css=style())


def box_of(rendered: pdf.Rendered, anchor: str) -> tuple[int, float, float, float, float]:
    """An anchor as signing wants it: page from 0, x1, y1, x2, y2 in points. KeyError: the paper has no such place."""
    page, x, y, width, height = rendered.anchors[anchor]
    return page, x, y, round(x + width, 2), round(y + height, 2)
