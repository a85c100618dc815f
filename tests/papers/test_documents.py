"""Documents: draft and issued, recipients beside the signature, nothing of the editor's but plain elements."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import RuleError
from documents import rendering
from documents.models import Document, DocumentType
from org.letterhead import SignerBlock
from tests.papers.conftest import LONG_NAME

CODE = "H3LT8WZC5NQD"
BODY = (
    '<p class="to">Kính gửi: Sở Tư pháp thành phố Hải Phòng</p><p>Ủy ban nhân dân phường báo cáo như sau:</p>'
    "<p>Trân trọng báo cáo./.</p><p><b>Nơi nhận:</b></p><ul><li>Như trên;</li><li>CT &amp; các PCT;</li></ul>"
)
SIGNER = SignerBlock(["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"], "Đặng Thu Phương")
TextOf = Callable[[bytes], str]


@pytest.fixture
def letter(where: SimpleNamespace) -> Document:
    return Document(
        type=DocumentType(code="CV", name="Công văn"),
        agency=where.ubnd,
        unit=where.office,
        title="rà soát dữ liệu hộ tịch",
        body_html=BODY,
        paper=rendering.LETTER,
        notation="{n}/UBND-VP",
        check_code=CODE,
    )


def issued(document: Document, **changes: Any) -> Any:
    facts = {"number_text": "05/UBND-VP", "dated_on": date(2026, 1, 5), "signer_block": SIGNER, **changes}
    return rendering.render_document(document, **facts)


def test_an_issued_letter(letter: Document, text_of: TextOf, fonts_of: Callable[[bytes], set[str]]) -> None:
    paper = issued(letter)
    text = text_of(paper.data)
    assert "Số: 05/UBND-VP" in text and "ngày 05 tháng 01 năm 2026" in text
    assert "V/v rà soát dữ liệu hộ tịch" in text
    assert "KT. CHỦ TỊCH" in text and "PHÓ CHỦ TỊCH" in text and "Đặng Thu Phương" in text
    assert f"Mã kiểm tra: {CODE}" in text and "DỰ THẢO" not in text
    assert "- CT & các PCT;" in text
    assert {name.partition("-")[0] for name in fonts_of(paper.data)} == {"Tinos"}
    assert paper.pages == 1
    assert paper.data == issued(letter).data


def test_signature_and_seal_have_their_places(letter: Document) -> None:
    paper = issued(letter)
    page, left, bottom, right, top = rendering.signature_box(paper)
    seal_page, seal_left, seal_bottom, seal_right, seal_top = rendering.seal_box(paper)
    assert page == seal_page == 0
    assert seal_left < left < seal_right < right < 595
    assert 51 < seal_bottom < bottom < top < seal_top < 842


def test_a_draft_has_no_number_no_day_and_no_code(letter: Document, text_of: TextOf) -> None:
    text = text_of(rendering.render_document(letter).data)
    assert "Số: …/UBND-VP" in text and "ngày … tháng … năm" in text
    assert "DỰ THẢO, bản thứ 01" in text and CODE not in text


def test_a_decision_is_headed_by_its_type(letter: Document, text_of: TextOf) -> None:
    letter.type.name, letter.paper, letter.title = (
        "Quyết định (cá biệt)",
        rendering.DECISION,
        "Về việc thử nghiệm",
    )
    text = text_of(issued(letter).data)
    assert "QUYẾT ĐỊNH Về việc thử nghiệm" in text and "CÁ BIỆT" not in text


def test_a_certificate_is_headed_by_its_own_name(letter: Document, text_of: TextOf) -> None:
    letter.paper, letter.title, letter.body_html = (
        rendering.CERTIFICATE,
        "Giấy khai sinh – AN",
        "<p>Họ tên: AN</p>",
    )
    text = text_of(issued(letter).data)
    assert "GIẤY KHAI SINH Họ tên: AN" in text and "Nơi nhận" not in text


def test_a_signature_never_stands_alone(letter: Document) -> None:
    for lines in range(18, 30):
        letter.body_html = "<p>Một đoạn văn.</p>" * lines
        paper = issued(letter, signer_block=SignerBlock(["CHỦ TỊCH"], LONG_NAME))
        if paper.pages == 2:
            break
    top = paper.anchors["signature"].y + paper.anchors["signature"].height
    assert (
        paper.pages == 2 and top < 842 - 20 * 72 / 25.4 - 45
    )  # a line of text and the authority stand above it


def test_nothing_but_plain_elements_reaches_a_paper(letter: Document, text_of: TextOf) -> None:
    letter.body_html = (
        '<p id="seal" style="position:fixed" class="demo">Chữ</p><script>alert(1)</script>'
        '<img src="http://127.0.0.1/x"><iframe src="file:///etc/passwd"></iframe><a href="http://xa">liên kết</a>'
    )
    assert rendering.printable(letter.body_html) == '<p class="">Chữ</p>liên kết'
    assert "alert" not in text_of(issued(letter).data)


def test_an_unknown_layout_is_refused(letter: Document) -> None:
    letter.paper = "account/login.html"
    with pytest.raises(RuleError):
        rendering.render_document(letter)
