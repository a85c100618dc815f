"""«Hồ sơ của tôi»: state, supplement, result, withdrawal, rating – and that nobody else gets any of it."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core import files
from documents.models import Document, DocumentType
from onecase import actions
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from tests import factories
from tests.onecase.citizen_world import photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def where() -> SimpleNamespace:
    return factories.commune()


@pytest.fixture
def citizen(client: Client) -> Any:
    user = factories.citizen()
    client.force_login(user)
    return user


def submitted(where: SimpleNamespace, citizen: Any) -> Case:
    return factories.case(where, S.SUBMITTED, applicant=citizen)


def asked_for_more(where: SimpleNamespace, citizen: Any) -> Case:
    case = submitted(where, citizen)
    item = {
        "component_id": case.version.components.get(seq=2).pk,
        "text": "Giấy chứng sinh",
        "reason": "Ảnh mờ",
        "ground": "NĐ 123",
    }
    actions.return_intake(case.pk, actor=where.counter_officer, items=[item], note="Chụp lại")
    case.refresh_from_db()
    return case


def with_result(case: Case, where: SimpleNamespace) -> Case:
    kind = DocumentType.objects.create(code="QDT", name="Quyết định", abbreviation="QĐ")
    stored = files.store_bytes(b"%PDF-1.7 result", "application/pdf", pages=1)
    case.result_document = Document.objects.create(
        type=kind, agency=where.ubnd, unit=where.office, drafter=where.case_officer, title="Giấy khai sinh",
        check_code="AAAAA-AAAA1", current_file=stored,
    )  # fmt: skip
    case.business_status = S.COMPLETED
    case.save()
    return case


def test_the_list_shows_state_and_time_with_few_queries(
    client: Client, citizen: Any, where: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    procedures = [factories.procedure() for _number in range(6)]
    factories.case(where, S.SUBMITTED, applicant=citizen, of=procedures[0])
    with django_assert_max_num_queries(12):
        client.get("/ho-so/")
    for procedure in procedures[1:]:
        factories.case(where, S.APPRAISING, applicant=citizen, of=procedure)
    with django_assert_max_num_queries(12):
        page = client.get("/ho-so/").content.decode()
    assert page.count("chưa tính hạn") == 1
    assert page.count("Đang thẩm định") == 5


def test_an_empty_list_leads_on(client: Client, citizen: Any) -> None:
    assert "Bạn chưa nộp hồ sơ nào." in client.get("/ho-so/").content.decode()


def test_after_acceptance_the_page_explains_the_due_time(
    client: Client, citizen: Any, where: SimpleNamespace
) -> None:
    case = submitted(where, citizen)
    factories.looked_at(case, where.counter_officer)
    actions.accept(case.pk, actor=where.counter_officer)
    page = client.get(f"/ho-so/{case.code}/").content.decode()
    assert "Vì sao hạn là" in page
    assert "Tiếp nhận, cấp Giấy hẹn (mẫu 01)" in page
    assert "đang lập và đóng dấu" in page
    assert "Vũ Hồng Nhung" in page


def test_inner_notes_stay_inside(client: Client, citizen: Any, where: SimpleNamespace) -> None:
    case = factories.case(where, S.FORWARDED, applicant=citizen, handler=None)
    actions.assign(case.pk, actor=where.unit_head, officer=where.case_officer, note="làm gấp, người nhà")
    page = client.get(f"/ho-so/{case.code}/").content.decode()
    assert "Phân công thụ lý" in page
    assert "người nhà" not in page


# --- supplement ---------------------------------------------------------------------------------------------


def test_what_is_missing_is_shown_and_answered(client: Client, citizen: Any, where: SimpleNamespace) -> None:
    case = asked_for_more(where, citizen)
    page = client.get(f"/ho-so/{case.code}/").content.decode()
    assert "Cần bổ sung" in page
    assert "Ảnh mờ" in page
    item = case.supplement_items.get()
    url = f"/ho-so/{case.code}/bo-sung/"
    refused = client.post(url, {"do": "send"}).content.decode()
    assert "Tải lên «Giấy chứng sinh»" in refused
    assert "<title>Lỗi:" in refused
    client.post(url, {f"tep-bo-sung-{item.pk}": photo(), "do": "send"})
    case.refresh_from_db()
    assert case.business_status == S.SUBMITTED
    assert case.files.get().component_id == item.component_id


def test_an_explanation_stands_for_a_file(client: Client, citizen: Any, where: SimpleNamespace) -> None:
    case = asked_for_more(where, citizen)
    client.post(f"/ho-so/{case.code}/bo-sung/", {"note": "Bệnh viện không cấp lại", "do": "send"})
    case.refresh_from_db()
    assert case.business_status == S.SUBMITTED
    assert "Bệnh viện không cấp lại" in client.get(f"/ho-so/{case.code}/").content.decode()


def test_a_bad_supplement_file_changes_nothing(client: Client, citizen: Any, where: SimpleNamespace) -> None:
    case = asked_for_more(where, citizen)
    item = case.supplement_items.get()
    bad = SimpleUploadedFile("anh.png", b"not an image", "image/png")
    page = client.post(
        f"/ho-so/{case.code}/bo-sung/", {f"tep-bo-sung-{item.pk}": bad, "do": "send"}
    ).content.decode()
    assert "«anh.png»" in page
    case.refresh_from_db()
    assert case.business_status == S.INTAKE_RETURNED


def test_nothing_is_asked_then_nothing_is_sent(client: Client, citizen: Any, where: SimpleNamespace) -> None:
    case = submitted(where, citizen)
    answer = client.get(f"/ho-so/{case.code}/bo-sung/", follow=True)
    assert "Hồ sơ không chờ bổ sung" in answer.content.decode()


# --- result -------------------------------------------------------------------------------------------------


def test_the_result_is_taken_once_and_read_often(
    client: Client, citizen: Any, where: SimpleNamespace
) -> None:
    case = with_result(submitted(where, citizen), where)
    url = f"/ho-so/{case.code}/ket-qua/"
    assert "Tải kết quả (PDF)" in client.get(f"/ho-so/{case.code}/").content.decode()
    assert client.get(url).status_code == 302
    answer = client.post(url, follow=True)
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 result"  # type: ignore[attr-defined]
    case.refresh_from_db()
    assert case.business_status == S.RETURNED
    assert client.post(url, follow=True).status_code == 200
    assert client.get(url).status_code == 200


def test_there_is_no_result_before_there_is_one(client: Client, citizen: Any, where: SimpleNamespace) -> None:
    case = submitted(where, citizen)
    assert client.post(f"/ho-so/{case.code}/ket-qua/").status_code == 404


def test_one_rating_and_no_second(client: Client, citizen: Any, where: SimpleNamespace) -> None:
    case = with_result(submitted(where, citizen), where)
    url = f"/ho-so/{case.code}/danh-gia/"
    assert "Chọn một mức." in client.post(url, {"comment": "tốt"}).content.decode()
    client.post(url, {"level": 3, "comment": "nhanh"})
    again = client.post(url, {"level": 1}, follow=True).content.decode()
    case.refresh_from_db()
    assert case.rating.level == 3
    assert "đã được đánh giá" in again
    assert "Bạn đã đánh giá «Rất hài lòng»" in again


def test_a_withdrawal_needs_a_reason(client: Client, citizen: Any, where: SimpleNamespace) -> None:
    case = submitted(where, citizen)
    url = f"/ho-so/{case.code}/rut/"
    assert "Nhập lý do rút hồ sơ." in client.post(url, {"note": " "}).content.decode()
    client.post(url, {"note": "Nộp nhầm nơi"})
    case.refresh_from_db()
    assert case.business_status == S.WITHDRAWAL_REQUESTED
    assert "Chưa thực hiện được" in client.post(url, {"note": "lần nữa"}, follow=True).content.decode()


# --- strangers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "bo-sung/", "ket-qua/", "rut/", "bien-nhan/"])
def test_a_foreign_case_does_not_exist(
    client: Client, citizen: Any, where: SimpleNamespace, path: str
) -> None:
    case = with_result(submitted(where, factories.citizen("Người Khác")), where)
    assert client.get(f"/ho-so/{case.code}/{path}").status_code == 404
    assert client.post(f"/ho-so/{case.code}/danh-gia/", {"level": 1}).status_code == 404
    assert Client().get(f"/ho-so/{case.code}/{path}").status_code == 302


def test_files_are_for_the_applicant_and_those_who_serve_the_case(
    client: Client, citizen: Any, where: SimpleNamespace
) -> None:
    case = asked_for_more(where, citizen)
    item = case.supplement_items.get()
    client.post(f"/ho-so/{case.code}/bo-sung/", {f"tep-bo-sung-{item.pk}": photo(), "do": "upload"})
    url = f"/ho-so/{case.code}/tep/{case.files.get().pk}/"
    assert client.get(url).status_code == 200
    for user, status in (
        (where.counter_officer, 200),
        (where.hr_officer, 404),
        (factories.citizen("Người Lạ"), 404),
    ):
        other = Client()
        other.force_login(user)
        assert other.get(url).status_code == status


def test_staff_do_not_see_a_case_as_if_it_were_their_own(client: Client, where: SimpleNamespace) -> None:
    case = submitted(where, factories.citizen())
    client.force_login(where.counter_officer)
    assert client.get(f"/ho-so/{case.code}/").status_code == 404


def test_a_code_that_nobody_has_is_404(client: Client, citizen: Any) -> None:
    assert client.get("/ho-so/31.99999-261123-9999/").status_code == 404
    assert client.get("/ho-so/khong-phai-ma/").status_code == 404
