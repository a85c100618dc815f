"""From the procedure's page to a code: kept drafts, refused files, one case however often one presses."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.models import AuditEvent
from onecase.choices import BusinessStatus as S
from onecase.models import Case, Procedure
from tests import factories
from tests.onecase.citizen_world import BIRTH, CLOSING, LAST, PAPERS, at, begin, birth_procedure, fill, photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def where() -> SimpleNamespace:
    return factories.commune()


@pytest.fixture
def procedure() -> Procedure:
    return birth_procedure()


@pytest.fixture
def citizen(client: Client) -> Any:
    user = factories.citizen()
    client.force_login(user)
    return user


def test_a_stranger_is_sent_to_sign_in_and_comes_back(client: Client, procedure: Procedure) -> None:
    page = client.get("/thu-tuc/dang-ky-khai-sinh/").content.decode()
    assert 'href="/thu-tuc/dang-ky-khai-sinh/nop/"' in page
    answer = client.get("/thu-tuc/dang-ky-khai-sinh/nop/")
    assert answer["Location"].endswith("?next=/thu-tuc/dang-ky-khai-sinh/nop/")
    client.force_login(factories.citizen())
    assert "Bắt đầu điền" in client.get("/thu-tuc/dang-ky-khai-sinh/nop/").content.decode()
    assert not Case.objects.exists()


def test_the_whole_walk_gives_one_case_with_a_code(
    client: Client, citizen: Any, procedure: Procedure, where: SimpleNamespace, bell: list[Any]
) -> None:
    case = begin(client, procedure)
    fill(client, case, where)
    review = client.get(at(case, LAST)).content.decode()
    assert "05/09/1990" in review
    assert "giay-chung-sinh.jpg" in review
    answer = client.post(at(case, LAST), CLOSING)
    case.refresh_from_db()
    assert answer["Location"] == f"/ho-so/{case.code}/"
    assert (case.business_status, case.return_way) == (S.SUBMITTED, "online")
    assert case.answers["applicant_birth_date"] == "05/09/1990"
    assert case.files.get().form_field == "birth_proof_file"
    assert AuditEvent.objects.filter(event="case.submit", actor=citizen).count() == 1
    receipt = client.get(answer["Location"]).content.decode()
    for words in (
        str(case.code),
        "Đã nhận hồ sơ đăng ký khai sinh",
        "chờ tiếp nhận",
        "data:image/svg",
        "0 đồng",
        where.counter.name,
    ):
        assert words in receipt


def test_pressing_twice_going_back_and_retrying_make_one_case(
    client: Client, citizen: Any, procedure: Procedure, where: SimpleNamespace
) -> None:
    case = begin(client, procedure)
    fill(client, case, where)
    first = client.post(at(case, LAST), CLOSING)
    second = client.post(at(case, LAST), CLOSING)
    assert first["Location"] == second["Location"]
    assert client.get(at(case, 3))["Location"] == first["Location"]
    assert client.post(at(case, 3), {**BIRTH[1], "do": "next"})["Location"] == first["Location"]
    assert Case.objects.count() == 1


def test_starting_twice_resumes_the_draft_where_it_was_left(
    client: Client, citizen: Any, procedure: Procedure, where: SimpleNamespace
) -> None:
    case = begin(client, procedure)
    client.post(at(case, 1), {"agency": where.ubnd.pk, "do": "next"})
    client.post(at(case, 2), {**BIRTH[0], "applicant_phone": "12", "do": "later"})
    answer = client.post("/thu-tuc/dang-ky-khai-sinh/nop/")
    assert answer["Location"] == at(case, 2)
    page = client.get(answer["Location"]).content.decode()
    assert 'value="12"' in page
    assert "Đã lưu nháp lúc" in page
    assert "lưu lúc" in client.get("/ho-so/").content.decode()


def test_the_account_fills_what_it_knows(client: Client, citizen: Any, procedure: Procedure) -> None:
    case = begin(client, procedure)
    page = client.get(at(case, 2)).content.decode()
    assert f'value="{citizen.identity.number}"' in page
    assert 'value="04/05/1990"' in page


def test_errors_are_listed_linked_and_keep_the_words(
    client: Client, citizen: Any, procedure: Procedure
) -> None:
    case = begin(client, procedure)
    answer = client.post(
        at(case, 2), {**BIRTH[0], "applicant_citizen_id": "123", "applicant_birth_date": "mai", "do": "next"}
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<title>Lỗi:" in page
    assert "Còn 2 chỗ cần sửa" in page
    assert 'href="#id_applicant_citizen_id"' in page
    assert 'value="mai"' in page
    assert 'aria-invalid="true"' in page
    case.refresh_from_db()
    assert case.answers["applicant_birth_date"] == "mai"


def test_back_keeps_even_what_is_wrong(client: Client, citizen: Any, procedure: Procedure) -> None:
    case = begin(client, procedure)
    answer = client.post(
        at(case, 3), {"child_family_name": "Vũ", "child_birth_date": "hôm qua", "do": "back"}
    )
    assert answer["Location"] == at(case, 2)
    assert 'value="hôm qua"' in client.get(at(case, 3)).content.decode()


def test_nothing_is_filed_while_something_is_missing(
    client: Client, citizen: Any, procedure: Procedure, where: SimpleNamespace
) -> None:
    case = begin(client, procedure)
    client.post(at(case, 1), {"agency": where.ubnd.pk, "do": "next"})
    answer = client.post(at(case, LAST), CLOSING)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'href="{at(case, 2)}"' in page
    assert "Người yêu cầu: Nhập họ, chữ đệm, tên người yêu cầu." in page
    case.refresh_from_db()
    assert (case.business_status, case.code) == (S.DRAFT, None)


def test_the_pledge_cannot_be_left_out(
    client: Client, citizen: Any, procedure: Procedure, where: SimpleNamespace
) -> None:
    case = begin(client, procedure)
    fill(client, case, where)
    page = client.post(at(case, LAST), {**CLOSING, "pledge": ""}).content.decode()
    assert "Đánh dấu «Đồng ý»" in page
    assert Case.objects.get().code is None


# --- the place ----------------------------------------------------------------------------------------------


def test_the_commune_is_found_by_name_and_must_be_chosen(
    client: Client, citizen: Any, procedure: Procedure, where: SimpleNamespace
) -> None:
    where.territory.folded = "phuong thu nghiem"
    where.territory.save()
    case = begin(client, procedure)
    assert "Chọn xã, phường" in client.post(at(case, 1), {"do": "next"}).content.decode()
    found = client.post(at(case, 1), {"xa": "thu nghiem", "do": "find"}).content.decode()
    assert f'name="agency" value="{where.ubnd.pk}"' in found
    assert client.post(at(case, 1), {"agency": where.ubnd.pk, "do": "next"})["Location"] == at(case, 2)
    case.refresh_from_db()
    assert (case.agency, case.receiving_unit) == (where.ubnd, where.counter)


def test_an_agency_that_does_not_decide_is_refused(
    client: Client, citizen: Any, procedure: Procedure, where: SimpleNamespace
) -> None:
    case = begin(client, procedure)
    page = client.post(at(case, 1), {"agency": where.office.pk, "do": "next"}).content.decode()
    assert "không giải quyết thủ tục này" in page
    case.refresh_from_db()
    assert case.agency is None


# --- files --------------------------------------------------------------------------------------------------


def test_several_files_come_and_go(client: Client, citizen: Any, procedure: Procedure) -> None:
    case = begin(client, procedure)
    url = at(case, PAPERS)
    answer = client.post(
        url, {"tep-birth_proof_file": [photo(), photo("trang-2.jpg", "red")], "do": "upload"}
    )
    assert answer.status_code == 302
    page = client.get(url).content.decode()
    assert "giay-chung-sinh.jpg" in page
    assert "trang-2.jpg" in page
    first = case.files.order_by("pk").first()
    assert first is not None
    assert client.get(f"/ho-so/nhap/{case.submission_key}/tep/{first.pk}/").status_code == 200
    client.post(url, {"do": f"unfile:{first.pk}"})
    assert [file.name for file in case.files.filter(removed_at__isnull=True)] == ["trang-2.jpg"]


def test_a_bad_file_says_why_and_the_rest_is_kept(client: Client, citizen: Any, procedure: Procedure) -> None:
    case = begin(client, procedure)
    bad = SimpleUploadedFile("don.pdf", b"MZ not a pdf at all", "application/pdf")
    answer = client.post(at(case, PAPERS), {"tep-birth_proof_file": [photo(), bad], "do": "next"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "«don.pdf»" in page
    assert 'href="#tep-birth_proof_file"' in page
    assert [file.name for file in case.files.all()] == ["giay-chung-sinh.jpg"]


def test_a_file_over_the_forms_own_limit_is_refused(
    client: Client, citizen: Any, procedure: Procedure
) -> None:
    case = begin(client, procedure)
    big = SimpleUploadedFile("to.pdf", b"%PDF-1.7" + b"0" * (11 * 1024 * 1024), "application/pdf")
    page = client.post(at(case, PAPERS), {"tep-birth_proof_file": big, "do": "next"}).content.decode()
    assert "«to.pdf» nặng hơn 10 MB" in page
    assert not case.files.exists()


# --- groups -------------------------------------------------------------------------------------------------


def test_rows_are_added_and_dropped_without_javascript(
    client: Client, citizen: Any, where: SimpleNamespace
) -> None:
    procedure = birth_procedure()
    form = procedure.eform
    form.schema = {
        "procedure_code": "x",
        "title": "Thử",
        "sections": [
            {
                "title": "Thành viên",
                "fields": [
                    {
                        "name": "members",
                        "label": "Thành viên",
                        "type": "repeat",
                        "required": True,
                        "rule": "min_items(1)",
                        "fields": [
                            {"name": "member_name", "label": "Họ tên", "type": "text", "required": True}
                        ],
                    }
                ],
            }
        ],
    }
    form.save()
    case = begin(client, procedure)
    url = at(case, 2)
    client.post(url, {"members.row": "00000001", "members.00000001.member_name": "An", "do": "add:members"})
    case.refresh_from_db()
    first, second = case.answers["members"]
    assert first["member_name"] == "An"
    post = {
        "members.row": [first["_id"], second["_id"]],
        f"members.{first['_id']}.member_name": "An",
        "do": f"drop:members:{second['_id']}",
    }
    client.post(url, post)
    case.refresh_from_db()
    assert len(case.answers["members"]) == 1
    empty = client.post(
        url, {"members.row": "00000001", "members.00000001.member_name": "", "do": "next"}
    ).content.decode()
    assert "Thêm ít nhất 1 mục" in empty


# --- rights -------------------------------------------------------------------------------------------------


def test_a_draft_is_nobody_elses(
    client: Client, citizen: Any, procedure: Procedure, where: SimpleNamespace
) -> None:
    case = begin(client, procedure)
    client.post(at(case, PAPERS), {"tep-birth_proof_file": photo(), "do": "upload"})
    file = case.files.get()
    for other in (factories.citizen("Người Lạ"), where.counter_officer, where.leader):
        stranger = Client()
        stranger.force_login(other)
        assert stranger.get(at(case, 1)).status_code == 404
        assert stranger.post(at(case, 1), {"do": "next"}).status_code == 404
        assert stranger.get(f"/ho-so/nhap/{case.submission_key}/tep/{file.pk}/").status_code == 404
    assert Client().get(at(case, 1)).status_code == 302


def test_staff_file_their_own_cases_like_everybody(
    client: Client, procedure: Procedure, where: SimpleNamespace
) -> None:
    client.force_login(where.counter_officer)
    case = begin(client, procedure)
    assert case.applicant == where.counter_officer
    assert client.get(at(case, 1)).status_code == 200


def test_what_cannot_be_filed_online_says_so(client: Client, citizen: Any, where: SimpleNamespace) -> None:
    paper = factories.procedure(online=False)
    answer = client.post(f"/thu-tuc/{paper.slug}/nop/")
    assert answer.status_code == 200
    assert "chưa nộp trực tuyến" in answer.content.decode()
    assert not Case.objects.exists()
