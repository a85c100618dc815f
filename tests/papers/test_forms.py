"""Forms 01, 02, 03, 05, 06 and the application: exact lines, one family of fonts, places for signature and seal."""

import json
from collections.abc import Callable
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.pdf import Rendered
from onecase import papers
from onecase.choices import BusinessStatus as S
from onecase.choices import Channel, CheckState, FormNo, ReturnWay
from onecase.models import Case, ComponentCheck, Fee, HandOver, LegalReason, Party, StepRun, SupplementItem
from tests import factories as make
from tests.papers.conftest import LONG_NAME, component

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
CODE = "K7Q2M9XR4TPA"
A4 = (595.3, 841.9)
TextOf = Callable[[bytes], str]


def draw(snapshot: dict[str, Any], form_no: FormNo = FormNo.RECEIPT) -> Rendered:
    """Through JSON, as the snapshot is stored."""
    return papers.render_snapshot(form_no, json.loads(json.dumps(snapshot)), check_code=CODE)


def assert_places_are_on_the_paper(rendered: Rendered) -> None:
    signature, seal = rendered.anchors["signature"], rendered.anchors["seal"]
    for place in rendered.anchors.values():
        assert place.x > 0 and place.y > 18 * 72 / 25.4 - 1
        assert place.x + place.width < A4[0] and place.y + place.height < A4[1]
    covered = seal.x + seal.width - signature.x
    assert seal.x < signature.x and 0.3 < covered / signature.width < 0.36
    assert seal.page == signature.page == rendered.pages - 1


def test_form_01_prints_these_lines_on_one_page(
    receipt: dict[str, Any], text_of: TextOf, fonts_of: Callable[[bytes], set[str]]
) -> None:
    paper = draw(receipt)
    text = text_of(paper.data)
    for line in [
        "Mẫu số 01 – Thông tư 03/2025/TT-VPCP",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: 0012/TNHS Ngô Quyền, ngày 23 tháng 11 năm 2026",
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        "Mã hồ sơ: 31.11311-261123-0012",
        "Tiếp nhận hồ sơ của: Bà Phạm Thị Thu Hà",
        "Số định danh: 031•••••2208",
        "Nội dung yêu cầu giải quyết: Đăng ký khai sinh (1.001193)",
        "2. Số lượng hồ sơ: 01 bộ. Phí, lệ phí: 0 đồng (nộp trực tuyến).",
        "3. Thời gian giải quyết theo quy định: trong ngày làm việc.",
        "4. Thời gian nhận hồ sơ: 09 giờ 26 phút, ngày 23/11/2026.",
        "5. Thời gian trả kết quả: 17 giờ 00 phút, ngày 23/11/2026.",
        f"https://haiphong.example/kiem-tra/{CODE}/",
        "NGƯỜI TIẾP NHẬN HỒ SƠ",
    ]:
        assert line in text
    assert paper.pages == 1
    assert {name.partition("-")[0] for name in fonts_of(paper.data)} == {"Tinos"}
    assert_places_are_on_the_paper(paper)
    assert paper.anchors["qr"].width == pytest.approx(paper.anchors["qr"].height)


def test_the_same_snapshot_gives_the_same_bytes(receipt: dict[str, Any]) -> None:
    assert draw(receipt).data == draw(receipt).data


def test_long_names_and_forty_papers_keep_the_layout(receipt: dict[str, Any], text_of: TextOf) -> None:
    receipt["owner"]["name"] = receipt["signed_by_citizen"] = receipt["signer"]["name"] = LONG_NAME
    receipt["components"] = [
        component(f"Giấy tờ thứ {n} có tên rất dài để thử việc xuống dòng") for n in range(40)
    ]
    paper = draw(receipt)
    text = text_of(paper.data)
    assert "Giấy tờ thứ 39" in text
    assert text.count("Tên giấy tờ") >= paper.pages - 1 >= 2  # the head of the table again on later pages
    assert_places_are_on_the_paper(paper)


@pytest.mark.parametrize(("shown", "count"), [(True, 1), (False, 0)])
def test_demo_papers_say_so(
    receipt: dict[str, Any], text_of: TextOf, settings: Any, shown: bool, count: int
) -> None:
    settings.PAPERS_DEMO_MARK = shown
    assert text_of(draw(receipt).data).count("DEMO – không có giá trị pháp lý") == count


def test_form_01_of_a_case(case: Case, where: SimpleNamespace, text_of: TextOf) -> None:
    first, second = case.version.components.order_by("seq")
    ComponentCheck.objects.create(case=case, component=first, state=CheckState.OK, originals=1, copies=2)
    ComponentCheck.objects.create(case=case, component=second, state=CheckState.MISSING)
    Fee.objects.create(version=case.version, channel=Channel.ONLINE, amount_vnd=8000)
    case.received_at = datetime(2026, 11, 23, 9, 26, tzinfo=LOCAL)
    case.due_at = datetime(2026, 12, 1, 9, 26, tzinfo=LOCAL)
    snapshot = papers.snapshot(case, FormNo.RECEIPT, actor=where.counter_officer)
    assert [row["name"] for row in snapshot["components"]] == ["Tờ khai"]
    paper = draw(snapshot)
    text = text_of(paper.data).replace("\N{NO-BREAK SPACE}", " ")
    assert "Tiếp nhận hồ sơ của: Bà Phạm Thị Thu Hà" in text
    assert case.parties.get().number not in text
    assert "Phí, lệ phí: 8.000 đồng (nộp trực tuyến)." in text
    assert "theo quy định: 05 ngày làm việc." in text
    assert "4. Thời gian nhận hồ sơ: 09 giờ 26 phút, ngày 23/11/2026." in text
    assert "5. Thời gian trả kết quả: 09 giờ 26 phút, ngày 01/12/2026." in text
    assert text.endswith("Phạm Thị Thu Hà Vũ Hồng Nhung")
    assert paper.pages == 1


def test_an_unknown_fee_is_not_nought(case: Case) -> None:
    Fee.objects.create(version=case.version, channel=Channel.ONLINE, amount_vnd=None)
    assert papers.form01_snapshot(case)["fee"]["amount"] == "theo thông báo của nơi tiếp nhận"


def test_the_submitter_is_named_when_it_is_another_person(case: Case) -> None:
    assert papers.form01_snapshot(case)["submitter"] is None
    other = Party(case=case, role="authorised", full_name="Lê Văn Bình", authority_note="giấy ủy quyền số 12")
    other.number = "031090912345"
    other.save()
    named = papers.form01_snapshot(case)["submitter"]
    assert named == {"name": "Ông Lê Văn Bình", "authority": "giấy ủy quyền số 12"}


@pytest.mark.parametrize("way", ReturnWay)
def test_each_way_of_return_has_its_words(case: Case, way: ReturnWay) -> None:
    case.return_way = way
    assert len(papers.form01_snapshot(case)["return_way"]) > 20


def test_form_02_lists_only_the_latest_round(case: Case, where: SimpleNamespace, text_of: TextOf) -> None:
    for turn, name in [(1, "Giấy cũ"), (2, "Giấy chứng sinh"), (2, "Văn bản ủy quyền")]:
        SupplementItem.objects.create(
            case=case, round=turn, text=name, reason="Ảnh mờ", ground="Thành phần hồ sơ"
        )
    case.reply_by = date(2026, 12, 5)
    paper = draw(papers.snapshot(case, FormNo.SUPPLEMENT, actor=where.counter_officer), FormNo.SUPPLEMENT)
    text = text_of(paper.data)
    assert "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ" in text
    assert "Yêu cầu bổ sung lần 02, trong khi giải quyết." in text
    assert "Giấy cũ" not in text and text.count("Ảnh mờ") == 2
    assert "trước hết ngày 05 tháng 12 năm 2026" in text
    assert "-2/HDHS" in text
    assert paper.pages == 1
    assert_places_are_on_the_paper(paper)


def test_form_03_gives_reason_and_guidance(case: Case, where: SimpleNamespace, text_of: TextOf) -> None:
    reason: LegalReason = make.reject_reason()
    facts = {"reason": reason, "note": "Cha là người nước ngoài."}
    paper = draw(
        papers.snapshot(case, FormNo.REJECTION, actor=where.counter_officer, **facts), FormNo.REJECTION
    )
    text = text_of(paper.data)
    assert "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ" in text
    assert "Lý do: Không thuộc thẩm quyền giải quyết." in text
    assert "Hướng dẫn: Nộp tại Sở Tư pháp." in text
    assert paper.pages == 1
    assert_places_are_on_the_paper(paper)


def test_form_05_speaks_for_the_agency_that_decides(
    case: Case, where: SimpleNamespace, text_of: TextOf
) -> None:
    paper = draw(
        papers.snapshot(case, FormNo.STOP, actor=where.unit_head, note="Hết hạn bổ sung."), FormNo.STOP
    )
    text = text_of(paper.data)
    assert text.startswith("Mẫu số 05")
    assert "ỦY BAN NHÂN DÂN" in text and "TRUNG TÂM PHỤC VỤ" not in text
    assert "Lý do, căn cứ: Hết hạn bổ sung." in text
    assert "Phạm Quốc Việt" in text
    assert_places_are_on_the_paper(paper)


def test_form_06_has_a_row_per_hand_over(case: Case, where: SimpleNamespace, text_of: TextOf) -> None:
    given = datetime(2026, 11, 23, 9, 30, tzinfo=LOCAL)
    StepRun.objects.create(
        case=case, seq=1, code="tiep_nhan", name="Tiếp nhận", ended_at=given, due_at=given.replace(hour=10),
        started_at=given.replace(hour=9),
    )  # fmt: skip
    HandOver.objects.create(
        case=case,
        giver=where.counter_officer,
        giver_unit=where.counter.name,
        taker_unit=where.office,
        given_at=given,
    )
    text = text_of(papers.render_control_sheet(case))
    assert "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ" in text
    assert "09:30 23/11/2026" in text and "chưa nhận" in text and "đúng hạn" in text


def test_the_application_prints_the_answers(case: Case, text_of: TextOf) -> None:
    text = text_of(papers.render_application(case))
    assert "TỜ KHAI THỬ NGHIỆM" in text
    assert "Kính gửi: Ủy ban nhân dân phường Thử Nghiệm" in text
    assert "Họ, chữ đệm, tên người yêu cầu: Phạm Thị Thu Hà" in text


def test_a_draft_of_an_application_can_be_read(where: SimpleNamespace, text_of: TextOf) -> None:
    draft = make.case(where, S.DRAFT)
    assert "Bản nháp, chưa nộp." in text_of(papers.render_application(draft))


@pytest.mark.parametrize(
    ("field", "value", "printed"),
    [
        ({"type": "date"}, "2026-03-12", "12/03/2026"),
        ({"type": "partial_date"}, "1958", "1958"),
        ({"type": "money"}, "100000000", "100.000.000\N{NO-BREAK SPACE}đồng"),
        ({"type": "text", "rule": "uppercase_display"}, "nguyễn an", "NGUYỄN AN"),
        ({"type": "choice", "rule": "multiple"}, ["A", "B"], "A; B"),
        ({"type": "number"}, 3, "3"),
        ({"type": "text"}, None, ""),
    ],
)
def test_answers_are_printed_by_their_kind(field: dict[str, str], value: Any, printed: str) -> None:
    assert papers.answer_in_words(field, value) == printed


def test_the_fourth_digit_tells_how_to_address() -> None:
    assert papers.honorific("031190912208") == "Bà"
    assert papers.honorific("031090912208") == "Ông"
    assert papers.honorific("031299912208") == "Ông"
    assert papers.honorific("031399912208") == "Bà"
    assert papers.honorific("") == "Ông/Bà"


@pytest.mark.parametrize(
    ("day", "hour", "words"), [(2, 9, "trước hạn"), (3, 8, "đúng hạn"), (3, 10, "quá hạn")]
)
def test_outcomes(day: int, hour: int, words: str) -> None:
    due = datetime(2026, 3, 3, 9, tzinfo=LOCAL)
    assert papers.outcome(due, datetime(2026, 3, day, hour, tzinfo=LOCAL)) == words
    assert papers.outcome(due, None) == papers.outcome(None, due) == "–"
