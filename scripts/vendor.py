"""Fetch third-party front-end files, check them, and build what we derive from them.

Run by a developer when a version changes (needs npm and the development requirements); the result is
committed, so that installing and running the portal needs no network. What is vendored, with version, licence
and SHA-256 of the package: the table below, repeated in static/vendor/README.md.
"""

import hashlib
import io
import math
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

from fontTools import subset
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
FIGURE_ADVANCE = 628  # of 1,000: the widest digit that still looks unforced


class Package(NamedTuple):
    name: str
    version: str
    licence: str
    sha256: str
    files: dict[str, str]  # path in the package -> path under the repository


def faces(weights: tuple[int, ...] = (400, 600)) -> dict[str, str]:
    names = [
        f"be-vietnam-pro-{part}-{w}-normal.woff2"
        for w in weights
        for part in ("latin", "latin-ext", "vietnamese")
    ]
    return {f"files/{name}": f"static/vendor/be-vietnam-pro-5.3.0/{name}" for name in names} | {
        "LICENSE": "static/vendor/be-vietnam-pro-5.3.0/LICENSE"
    }


PACKAGES = [
    Package(
        "bootstrap",
        "5.3.9",
        "MIT",
        "06bdf78289c3c12ea99d40df84eedf6278c724c73eebf38f11f3a65b44ec8c94",
        {
            "dist/css/bootstrap.min.css": "static/vendor/bootstrap-5.3.9/bootstrap.min.css",
            "dist/css/bootstrap-reboot.min.css": "static/vendor/bootstrap-5.3.9/bootstrap-reboot.min.css",
            "LICENSE": "static/vendor/bootstrap-5.3.9/LICENSE",
        },
    ),
    Package(
        "@fontsource/be-vietnam-pro",
        "5.3.0",
        "OFL-1.1",
        "f9e048a263d92f46fbf417aeb41e18bc3c22b3d85365f9347b06eebd3fc1f3ac",
        faces(),
    ),
    Package(
        "bootstrap-icons",
        "1.13.2",
        "MIT",
        "7b5960145e1ab14a49a117f96a9e5a54a94fdf07f21e302d9e4f88d73dd19f9c",
        {"LICENSE": "static/vendor/bootstrap-icons-1.13.2/LICENSE"},
    ),
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
        {"axe.min.js": "tests/vendor/axe.min.js", "LICENSE": "tests/vendor/axe-core-LICENSE"},
    ),
]

# The icons in use; a template that names another one fails tests/design/test_templates.py.
ICONS = [
    "arrow-clockwise",
    "arrow-counterclockwise",
    "arrow-left",
    "arrow-right",
    "award",
    "backpack",
    "balloon",
    "bank",
    "bell",
    "box-arrow-right",
    "box-arrow-up-right",
    "box-seam",
    "briefcase",
    "building",
    "calendar3",
    "camera",
    "chat-left-text",
    "check-circle",
    "check-lg",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "clock",
    "clock-history",
    "copy",
    "diagram-3",
    "download",
    "envelope",
    "exclamation-circle",
    "exclamation-triangle",
    "eye",
    "file-earmark-pdf",
    "file-earmark-text",
    "fingerprint",
    "flower1",
    "folder2-open",
    "gear",
    "geo-alt",
    "heart",
    "house",
    "inbox",
    "info-circle",
    "journal-text",
    "key",
    "keyboard",
    "laptop",
    "link-45deg",
    "list",
    "lock",
    "paperclip",
    "pause-circle",
    "pen",
    "pencil",
    "people",
    "person",
    "person-badge",
    "person-plus",
    "phone",
    "plus-lg",
    "printer",
    "qr-code",
    "question-circle",
    "search",
    "send",
    "shield-check",
    "shield-lock",
    "shop",
    "star",
    "star-fill",
    "telephone",
    "trash",
    "upload",
    "vector-pen",
    "x-circle",
    "x-lg",
    "x-octagon",
]


def fetch(package: Package, into: Path) -> tarfile.TarFile:
    spec = f"{package.name}@{package.version}"
    out = subprocess.run(
        ["npm", "pack", "--silent", spec], cwd=into, check=True, capture_output=True, text=True
    )
    archive = (into / out.stdout.split()[-1]).read_bytes()
    found = hashlib.sha256(archive).hexdigest()
    if found != package.sha256:
        sys.exit(f"{spec}: sha256 is {found}, expected {package.sha256}")
    return tarfile.open(fileobj=io.BytesIO(archive))


def member(archive: tarfile.TarFile, path: str) -> bytes:
    extracted = archive.extractfile(f"package/{path}")
    if extracted is None:
        sys.exit(f"missing in the package: {path}")
    return extracted.read()


def make_figures(source: bytes, target: Path) -> None:
    """«HP So»: the ten digits at one width, because the family has no tabular figures of its own."""
    font = TTFont(io.BytesIO(source))
    options = subset.Options(
        flavor="woff2", layout_features=[], name_IDs=[0, 13, 14], hinting=False, notdef_outline=True
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="0123456789")
    subsetter.subset(font)
    glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
    for char in "0123456789":
        name = cmap[ord(char)]
        advance, _ = font["hmtx"][name]
        pen = TTGlyphPen(None)
        drawing = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(drawing)
        drawing.replay(TransformPen(pen, (1, 0, 0, 1, round((FIGURE_ADVANCE - advance) / 2), 0)))
        font["glyf"][name] = pen.glyph()
        font["glyf"][name].recalcBounds(font["glyf"])
        font["hmtx"][name] = (FIGURE_ADVANCE, font["glyf"][name].xMin)
    font["name"].setName("HP So", 1, 3, 1, 0x409)
    font.flavor = "woff2"
    target.parent.mkdir(parents=True, exist_ok=True)
    font.save(target)


def sector(eighths: int, radius: float = 4.1) -> str:
    """A filled slice of the circle, clockwise from noon."""
    if eighths <= 0:
        return ""
    if eighths >= 8:
        return f'<circle cx="8" cy="8" r="{radius}"/>'
    angle = math.tau * eighths / 8
    x, y = 8 + radius * math.sin(angle), 8 - radius * math.cos(angle)
    return f'<path d="M8 8V{8 - radius:.2f}A{radius} {radius} 0 {int(eighths > 4)} 1 {x:.2f} {y:.2f}Z"/>'


def shapes() -> dict[str, str]:
    """Our own marks: states, dots of timelines, pies of due chips."""
    ring = '<circle cx="8" cy="8" r="{r}" fill="none" stroke="currentColor" stroke-width="{w}"{x}/>'
    tick = '<path d="M4.4 8.3l2.5 2.5 4.8-5.3" fill="none" stroke="{c}" stroke-width="2"/>'
    octagon = '<path d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z"/>'
    cross = '<path d="M5.4 5.4l5.2 5.2m0-5.2l-5.2 5.2" fill="none" stroke="#fff" stroke-width="2"/>'
    made = {
        "st-ring": ring.format(r=6, w=2.2, x=""),
        "st-half": ring.format(r=6.1, w=1.8, x="") + '<path d="M8 2a6 6 0 0 0 0 12z"/>',
        "st-diamond": '<path d="M8 1.6L14.4 8 8 14.4 1.6 8z" fill="none" stroke="currentColor" stroke-width="2"/>',
        "st-done": '<rect x=".8" y=".8" width="14.4" height="14.4" rx="2.6"/>' + tick.format(c="#fff"),
        "st-refused": octagon + cross,
        "st-overdue": '<path d="M8 1L15.4 14.4H.6z"/><path d="M8 5.4v4.4m0 1.2v1.6" stroke="#fff" stroke-width="1.7"/>',
        "due-flag": '<path d="M3.4 1.8h9.4l-2.2 3.6 2.2 3.6H5.4v5.4h-2z"/>',
        "due-pause": '<path d="M4.6 3h2.5v10H4.6zM8.9 3h2.5v10H8.9z"/>',
        "due-tick": '<path d="M3 8.4l3.3 3.3L13 4.6" fill="none" stroke="currentColor" stroke-width="2.2"/>',
        "due-none": ring.format(r=5.8, w=1.6, x=' stroke-dasharray="1.9 1.75"'),
        "dot-done": '<circle cx="8" cy="8" r="6.5"/>',
        "dot-now": ring.format(r=5.6, w=1.8, x="") + '<path d="M8 2.4a5.6 5.6 0 0 0 0 11.2z"/>',
        "dot-paused": ring.format(r=5.4, w=2, x=' stroke-dasharray="5.6 2.9"'),
        "dot-todo": ring.format(r=5.3, w=2.5, x=""),
        "verdict-valid": ring.format(r=7.2, w=1, x="")
        + '<path d="M4.6 8.2l2.4 2.5 4.3-5" fill="none" stroke="currentColor" stroke-width="1.4"/>',
        "verdict-bad": '<path d="M4.9.5h6.2L15.5 4.9v6.2L11.1 15.5H4.9L.5 11.1V4.9z"/>'
        + cross.replace('stroke-width="2"', 'stroke-width="1.6"'),
        "verdict-unknown": ring.format(r=7.2, w=1, x=' stroke-dasharray="2.4 1.4"')
        + '<path d="M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4m0 1.4v1.2" fill="none" stroke="currentColor" '
        'stroke-width="1.3"/>',
    }
    for eighths in range(9):
        made[f"pie-{eighths}"] = ring.format(r=6, w=1.7, x="") + sector(eighths)
    return made


def make_sprite(icons: tarfile.TarFile, mark: str, target: Path) -> None:
    symbols = []
    for name in sorted(ICONS):
        svg = member(icons, f"icons/{name}.svg").decode()
        inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
        assert inner is not None, name
        symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{" ".join(inner[1].split())}</symbol>')
    symbols += [
        f'<symbol id="{name}" viewBox="0 0 16 16">{drawing}</symbol>' for name, drawing in shapes().items()
    ]
    inner = re.search(r"<svg[^>]*>(.*)</svg>", mark, re.DOTALL)
    assert inner is not None
    symbols.append(f'<symbol id="mark" viewBox="-29 -31 58 58">{inner[1]}</symbol>')
    target.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">\n' + "\n".join(symbols) + "\n</svg>\n",
        "utf-8",
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        for package in PACKAGES:
            archive = fetch(package, Path(name))
            for source, target in package.files.items():
                content = member(archive, source)
                (ROOT / target).parent.mkdir(parents=True, exist_ok=True)
                if target.endswith(".css"):  # source maps are not vendored
                    content = re.sub(rb"/\*# sourceMappingURL=.*?\*/", b"", content)
                (ROOT / target).write_bytes(content)
            if package.name.endswith("be-vietnam-pro"):
                for weight in (400, 600):
                    face = member(archive, f"files/be-vietnam-pro-latin-{weight}-normal.woff2")
                    make_figures(face, STATIC / "fonts" / f"hp-so-{weight}.woff2")
            if package.name == "bootstrap-icons":
                mark = (STATIC / "art" / "mark.svg").read_text("utf-8")
                make_sprite(archive, mark, STATIC / "img" / "icons.svg")
    rows = "\n".join(f"| {p.name} | {p.version} | {p.licence} | `{p.sha256}` |" for p in PACKAGES)
    VENDOR.joinpath("README.md").write_text(
        "# Vendored files\n\nWritten by `python scripts/vendor.py`; do not edit.\n\n"
        "| Package (npm) | Version | Licence | SHA-256 of the package |\n|---|---|---|---|\n" + rows + "\n\n"
        "`static/fonts/hp-so-*.woff2`: the ten digits of Be Vietnam Pro at one width (OFL-1.1, no reserved name).\n"
        "`static/img/icons.svg`: the bootstrap-icons in use and our own shapes.\n",
        "utf-8",
    )


if __name__ == "__main__":
    main()
