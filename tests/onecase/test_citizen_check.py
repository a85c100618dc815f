"""«Kiểm tra văn bản» with real signatures: genuine, altered, cut, unknown, without any."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core import files
from signing import services as signing
from signing.models import PublicPaper
from tests.signing.conftest import ask, make_signed, new_source, office, pki  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued(make_signed: Callable[..., Any], office: SimpleNamespace) -> PublicPaper:  # noqa: F811
    """A decision, signed by the leader, then sealed by the agency, then published."""
    signed = make_signed()
    sealed = make_signed(
        signed.result, key=office.seal, actor=office.clerk, field="DauCoQuan", box=(0, 60, 500, 300, 570)
    )
    return signing.publish_paper(
        code=signing.new_code(), stored_file=sealed.result, title="Quyết định", number="127/QĐ-UBND",
        unit_name=office.ubnd.name, subject=office.ubnd,
    )  # fmt: skip


def send(client: Client, data: bytes, name: str = "127-QD-UBND.pdf") -> str:
    return client.post(
        "/kiem-tra/", {"tep": SimpleUploadedFile(name, data, "application/pdf")}
    ).content.decode()


def test_by_code_however_it_is_typed(client: Client, issued: PublicPaper) -> None:
    printed = signing.printed_code(issued.code)
    for typed in (printed, issued.code.lower(), f" {issued.code[:3]} {issued.code[3:]} "):
        assert client.post("/kiem-tra/", {"ma": typed})["Location"] == f"/kiem-tra/{printed}/"
    page = client.get(f"/kiem-tra/{printed}/").content.decode()
    for words in (
        "Văn bản thật, còn nguyên vẹn",
        "127/QĐ-UBND",
        "Nguyễn Văn Ký",
        "Chủ tịch",
        "đóng dấu số",
        "Dấu thời gian",
    ):
        assert words in page
    original = client.get(f"/kiem-tra/{printed}/ban-goc/")
    assert b"".join(original.streaming_content) == files.read(issued.stored_file)  # type: ignore[attr-defined]


def test_the_issued_file_is_genuine(client: Client, issued: PublicPaper) -> None:
    page = send(client, files.read(issued.stored_file))
    assert "Văn bản thật, còn nguyên vẹn" in page
    assert "127-QD-UBND.pdf" in page
    assert "tệp không được lưu lại" in page
    assert "Có trong sổ công khai" in page


def test_one_changed_byte_is_told_and_leads_to_the_original(client: Client, issued: PublicPaper) -> None:
    data = bytearray(files.read(issued.stored_file))
    place = data.index(b"stream") + 40
    data[place] ^= 1
    page = send(client, bytes(data))
    assert "Văn bản đã bị sửa sau khi ký" in page
    assert "Đừng dùng tệp này." in page
    assert f"/kiem-tra/{signing.printed_code(issued.code)}/" in page
    assert "còn nguyên vẹn" not in page


def test_bytes_after_the_end_are_never_genuine(client: Client, issued: PublicPaper) -> None:
    page = send(client, files.read(issued.stored_file) + b"\n% more")
    assert "Văn bản thật, còn nguyên vẹn" not in page


def test_a_withdrawn_paper_is_genuine_but_dead(client: Client, issued: PublicPaper) -> None:
    signing.withdraw_paper(issued, actor=None, note="cấp sai")
    page = client.get(f"/kiem-tra/{issued.code}/").content.decode()
    assert "Giấy tờ thật nhưng đã bị thu hồi" in page
    assert "đang có hiệu lực" not in page


def test_a_file_without_signature(client: Client, office: SimpleNamespace) -> None:  # noqa: F811
    assert "Tệp không có chữ ký số" in send(client, files.read(new_source()))


def test_what_is_no_pdf_or_too_big_or_nothing(client: Client, settings: Any) -> None:
    assert "«anh.pdf» không phải tệp PDF" in send(client, b"\x89PNG nope", "anh.pdf")
    settings.UPLOAD_MAX_MB = 1
    assert "nặng hơn 1 MB" in send(client, b"%PDF-1.7" + b"0" * 1024 * 1024)
    nothing = client.post("/kiem-tra/", {}).content.decode()
    assert "<title>Lỗi:" in nothing
    assert 'href="#tep-kiem-tra"' in nothing


def test_broken_pdfs_do_not_break_the_page(client: Client) -> None:
    page = send(client, b"%PDF-1.7\n1 0 obj << /Type /Catalog")
    assert "Văn bản thật" not in page
    assert "Kiểm tra văn bản" in page


@pytest.mark.parametrize("code", ["AAAAA-AAAAA", "x", "%3Cscript%3E"])
def test_an_unknown_code_says_so(client: Client, code: str) -> None:
    answer = client.get(f"/kiem-tra/{code}/")
    assert answer.status_code == 404
    assert "Không có văn bản nào mang mã" in answer.content.decode()
    assert client.get(f"/kiem-tra/{code}/ban-goc/").status_code == 404


def test_codes_cannot_be_tried_without_end(client: Client) -> None:
    for _try in range(60):
        client.get("/kiem-tra/AAAAA-AAAAA/")
    assert client.get("/kiem-tra/AAAAA-AAAAA/").status_code == 429
    cache.clear()
    for _try in range(20):
        send(client, b"%PDF-1.7")
    assert "quá nhiều tệp" in send(client, b"%PDF-1.7")
