"""What a visible signature looks like: a one-page PDF with the image of the hand or the seal, and a few lines.

Made by WeasyPrint with the shipped fonts: pyHanko's own text stamps are four times slower and space Vietnamese badly.
"""

import base64
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string

from core import files, pdf
from signing.models import SignatureRequest
from signing.pades import Box

CSS = """
@page { size: %(width).2fpt %(height).2fpt; margin: 0; background: transparent; counter-reset: none;
  @bottom-center { content: none } @bottom-right { content: none } @top-center { content: none } }
html, body { margin: 0; padding: 0; background: transparent }
.stamp { width: %(width).2fpt; height: %(height).2fpt; position: relative; overflow: hidden }
.stamp img { position: absolute; left: 0; top: 0; width: %(width).2fpt; height: %(room).2fpt; object-fit: contain }
.stamp p { position: absolute; left: 0; right: 0; bottom: 0; margin: 0; font: %(size).2fpt/1.2 Tinos; text-align: center; color: %(ink)s }
"""
LINE = 1.2  # line height
INKS = {"blue": "#1a3a8f", "red": "#c8102e", "black": "#000000"}


def stamp_for(request: SignatureRequest, box: Box | None) -> bytes | None:
    """The stamp of a request, or None when the signature is invisible or nothing is to be shown.

    `request.appearance`: {image: bool, lines: [str], size: points, ink: blue|red|black}.
    """
    if not box:
        return None
    look: dict[str, Any] = request.appearance
    image = ""
    stored = request.key.image
    if look.get("image", True) and stored:
        image = f"data:{stored.media_type};base64,{base64.b64encode(files.read(stored)).decode()}"
    lines = tuple(str(line) for line in look.get("lines", ()))
    if not image and not lines:
        return None
    width, height = abs(box[3] - box[1]), abs(box[4] - box[2])
    return draw(
        image, lines, round(width, 2), round(height, 2), float(look.get("size", 7)), look.get("ink", "blue")
    )


@lru_cache(maxsize=64)
def draw(image: str, lines: tuple[str, ...], width: float, height: float, size: float, ink: str) -> bytes:
    """Cached: the same seal goes onto thousands of papers."""
    room = max(height - len(lines) * size * LINE, 1.0)
    css = CSS % {
        "width": width,
        "height": height,
        "room": room,
        "size": size,
        "ink": INKS.get(ink, INKS["black"]),
    }
    html = render_to_string("signing/stamp.html", {"image": image, "lines": lines})
    return pdf.render_html(html, profile=None, css=css).data
