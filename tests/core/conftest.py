"""Files that people send: good ones, broken ones and hostile ones, made on the spot."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image

Maker = Callable[..., Path]


def pdf_bytes(pages: int = 1, change: Callable[[Pdf], Any] | None = None, **saving: Any) -> bytes:
    pdf = Pdf.new()
    for _number in range(pages):
        pdf.add_blank_page()
    if change:
        change(pdf)
    out = io.BytesIO()
    pdf.save(out, **saving)
    return out.getvalue()


def action(kind: str) -> Callable[[Pdf], Any]:
    def change(pdf: Pdf) -> None:
        pdf.pages[0].AA = Dictionary(O=Dictionary(S=Name("/" + kind), F=String("lenh")))

    return change


def script_on_opening(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def script_by_name(pdf: Pdf) -> None:
    tree = Dictionary(Names=Array([String("a"), Dictionary(S=Name.JavaScript, JS=pdf.make_stream(b"x"))]))
    pdf.Root.Names = Dictionary(JavaScript=pdf.make_indirect(tree))


def launch_by_reference(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=pdf.make_indirect(Name.Launch), F=String("lenh"))


def form_of_the_old_kind(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(XFA=pdf.make_stream(b"<xdp/>"), Fields=Array())


def attach(name: str, content: bytes) -> Callable[[Pdf], Any]:
    def change(pdf: Pdf) -> None:
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, content, filename=name)

    return change


def picture(kind: str, size: tuple[int, int] = (400, 300), **saving: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#235488").save(out, kind, **saving)
    return out.getvalue()


def phone_photo() -> bytes:
    """Held upright: 400 × 300 points, to be turned by 90 degrees; with camera and position."""
    notes = Image.Exif()
    notes[0x0112], notes[0x010F] = 6, "Máy ảnh"
    notes.get_ifd(0x8825)[2] = (20.0, 51.0, 30.0)
    return picture("JPEG", exif=notes)


def office_file(*members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as box:
        for member in ("[Content_Types].xml", "word/document.xml", *members):
            box.writestr(member, "<x/>")
    return out.getvalue()


@pytest.fixture
def sent(tmp_path: Path) -> Maker:
    """Writes bytes to a file and returns its path."""

    def write(content: bytes, name: str = "don.pdf") -> Path:
        place = tmp_path / name
        place.write_bytes(content)
        return place

    return write
