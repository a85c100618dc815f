"""Papers: our fonts and no others, Vietnamese that can be copied out again, the same bytes each time."""

import io
import os
import subprocess
from pathlib import Path

import pikepdf
import pytest

from core import pdf

PAPER = """<!doctype html><html lang="vi"><head><title>Giấy tiếp nhận hồ sơ</title></head><body>
<p>{letters}</p><p><b>{letters}</b></p><p><i>{letters}</i></p><p><b><i>{letters}</i></b></p>{more}</body></html>"""


# In lines that fit: a word longer than the paper would be cut by its edge.
LETTERS = " ".join(pdf.VIETNAMESE_LETTERS[start : start + 20] for start in range(0, 134, 20))


def tool(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


@pytest.fixture
def paper(tmp_path: Path):
    def render(more: str = "", **options) -> tuple[pdf.Rendered, str]:
        rendered = pdf.render_html(PAPER.format(letters=LETTERS, more=more), **options)
        place = tmp_path / "giay.pdf"
        place.write_bytes(rendered.data)
        return rendered, str(place)

    return render


def test_there_are_134_letters():
    assert len(pdf.VIETNAMESE_LETTERS) == 134
    assert set("ẵộỮđĐỲý") <= set(pdf.VIETNAMESE_LETTERS)


def test_only_our_family_is_in_the_paper(paper):
    _rendered, place = paper("<p style='font-family: DejaVu Sans'>Lạ 😀 漢</p>")
    names = [line.split()[0] for line in tool("pdffonts", place).splitlines()[2:]]
    assert sorted(name.partition("+")[2] for name in names) == [
        "Tinos",
        "Tinos-Bold",
        "Tinos-Bold-Italic",
        "Tinos-Italic",
    ]


def test_the_words_come_out_as_they_went_in(paper):
    _rendered, place = paper("<p>Lạ 😀 漢, Gia\u0302\u0301y</p>")
    words = tool("pdftotext", "-raw", place, "-")
    assert "".join(words.split()).count(pdf.VIETNAMESE_LETTERS) == 4
    assert "Lạ □ □, Giấy" in words  # composed, and a box for what the font lacks


def test_title_pages_and_profile(paper):
    rendered, place = paper()
    told = tool("pdfinfo", place)
    assert "Giấy tiếp nhận hồ sơ" in told
    assert rendered.pages == 1
    assert "595.276 x 841.89 pts (A4)" in told
    with pikepdf.open(io.BytesIO(rendered.data)) as told_apart, told_apart.open_metadata() as notes:
        assert notes.pdfa_status == "2A"
        assert str(told_apart.Root.Lang) == "vi"
        assert told_apart.Root.MarkInfo.Marked
    with pikepdf.open(io.BytesIO(paper(profile=None)[0].data)) as plain, plain.open_metadata() as notes:
        assert notes.pdfa_status == ""


def test_the_same_paper_has_the_same_bytes(paper):
    assert paper()[0].data == paper()[0].data


def test_places_are_told_from_the_lower_left_corner(paper):
    sheet = "<p id='near'>x</p><div id='place' style='position:absolute; left:10mm; top:100mm; width:50mm; height:20mm'></div>"
    rendered, _place = paper(sheet + "<p id='far' style='break-before:page'>x</p>")
    place = rendered.anchors["place"]
    millimetre = 72 / 25.4
    # Page margins: 30 mm left, 20 mm top.
    assert place.page == 0
    assert place.x == pytest.approx(40 * millimetre, abs=0.1)
    assert place.y == pytest.approx((297 - 20 - 100 - 20) * millimetre, abs=0.1)
    assert (place.width, place.height) == pytest.approx((50 * millimetre, 20 * millimetre), abs=0.1)
    assert rendered.anchors["far"].page == 1


def test_extra_style_comes_on_top(paper):
    assert paper(css="p { break-after: page }")[0].pages == 4
    assert paper()[0].pages == 1


def test_nothing_is_fetched_from_outside(paper):
    rendered, _place = paper(
        "<img src='http://127.0.0.1:9/x.png'><img src='file:///etc/hostname'><img src='/etc/hostname'>"
    )
    assert rendered.pages == 1
    for path in ("/fonts/../pdf.py", "/etc/passwd", "/papers/../../manage.py", "/fonts/"):
        with pytest.raises(ValueError, match="no such file"):
            pdf._shipped(path)


def test_a_child_process_builds_its_own_tools():
    mine = pdf._toolbox()
    assert pdf._toolbox() is mine
    mine.pid = os.getpid() + 1  # as a child sees it after the fork
    assert pdf._toolbox() is not mine


def test_the_environment_is_given_back(monkeypatch):
    monkeypatch.setenv("FONTCONFIG_FILE", "/của/người/khác")
    with pdf._only_shipped_fonts():
        assert os.environ["FONTCONFIG_FILE"].endswith("core/fonts/fonts.conf")
    assert os.environ["FONTCONFIG_FILE"] == "/của/người/khác"


def test_a_template_becomes_a_paper():
    assert pdf.render("core/paper.html", {}).pages == 1
