"""Reading papers back: their text, fonts, pages."""

import io
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest

from onecase.choices import BusinessStatus as S
from onecase.choices import FormNo
from onecase.models import Case
from tests import factories as make

HEAD = {
    "superior": ["UBND PHƯỜNG NGÔ QUYỀN"],
    "lines": ["TRUNG TÂM PHỤC VỤ", "HÀNH CHÍNH CÔNG"],
    "place": "Ngô Quyền",
}
LONG_NAME = "Nguyễn Phúc Hoàng Bảo Thiên Hương Quỳnh Giao Kim Ngân Phương"  # 60 letters


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.SITE_URL = "https://haiphong.example"
    settings.PAPERS_DEMO_MARK = False


@pytest.fixture
def text_of() -> Callable[[bytes], str]:
    """The words of a PDF in reading order, lines joined by single spaces."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")

    def read(data: bytes) -> str:
        done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True)
        return unicodedata.normalize("NFC", " ".join(done.stdout.decode().split()))

    return read


@pytest.fixture
def fonts_of() -> Callable[[bytes], set[str]]:
    """Names of all fonts in a PDF, without the subset prefix."""

    def read(data: bytes) -> set[str]:
        with pikepdf.open(io.BytesIO(data)) as document:
            fonts = [
                item
                for item in document.objects
                if isinstance(item, pikepdf.Dictionary) and "/BaseFont" in item
            ]
            return {str(font.BaseFont).rpartition("+")[2].lstrip("/") for font in fonts}

    return read


@pytest.fixture
def receipt() -> dict[str, Any]:
    """A snapshot of Form 01, as it is stored."""
    return {
        "form_set_name": "03/2025/TT-VPCP",
        "title": str(FormNo.RECEIPT.label).upper(),
        "code": "31.11311-261123-0012",
        "head": HEAD,
        "place_date": "Ngô Quyền, ngày 23 tháng 11 năm 2026",
        "number": "0012/TNHS",
        "owner": {
            "name": "Bà Phạm Thị Thu Hà",
            "number": "031•••••2208",
            "address": "số 25 ngõ 193 Văn Cao, phường Ngô Quyền, TP Hải Phòng",
            "phone": "09•• ••• 345",
            "email": "ph•••@example.vn",
        },
        "submitter": None,
        "procedure": {"name": "Đăng ký khai sinh", "code": "1.001193"},
        "components": [component("Tờ khai đăng ký khai sinh"), component("Giấy chứng sinh")],
        "sets": "01",
        "fee": {"amount": "0 đồng", "channel": "nộp trực tuyến"},
        "limit": "trong ngày làm việc",
        "received": "09 giờ 26 phút, ngày 23/11/2026",
        "due": "17 giờ 00 phút, ngày 23/11/2026",
        "return_way": "tại Trung tâm Phục vụ hành chính công phường Ngô Quyền",
        "register": "0012 ngày 23/11/2026",
        "note": "Khi đến nhận kết quả, mang theo giấy này và căn cước.",
        "submitted_how": "nộp trực tuyến ngày 23/11/2026",
        "signed_by_citizen": "Phạm Thị Thu Hà",
        "signer": {"lines": ["NGƯỜI TIẾP NHẬN HỒ SƠ"], "name": "Vũ Hồng Nhung"},
    }


def component(name: str) -> dict[str, Any]:
    return {"name": name, "note": "", "originals": 0, "copies": 0, "digital": 1}


@pytest.fixture
def where(db: None) -> SimpleNamespace:
    return make.commune("phường Thử Nghiệm")


@pytest.fixture
def case(where: SimpleNamespace) -> Case:
    """Received, with an answer in its form."""
    made = make.case(where, S.APPRAISING)
    made.answers = {"applicant_full_name": "Phạm Thị Thu Hà"}
    made.save(update_fields=["answers_sealed"])
    return made
