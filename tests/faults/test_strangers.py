"""People at doors that are not theirs, moves out of turn, and files that nobody should open."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from onecase import actions
from onecase.choices import BusinessStatus as S
from onecase.models import CaseFile
from tests import factories as make
from tests.core.conftest import attach, pdf_bytes, picture, script_by_name, script_on_opening
from tests.core.test_gate import xref_bomb

pytestmark = pytest.mark.django_db


# --- hostile files, through the page where citizens send them -----------------------------------------------

HOSTILE = {
    "a program named .pdf": ("don.pdf", b"MZ" + bytes(500), "chương trình máy tính"),
    "a web page named .pdf": ("don.pdf", b"<html><script>alert(1)</script>", "không đúng loại"),
    "an office file named .pdf": ("don.pdf", b"PK\x03\x04" + bytes(500), "tệp nén"),
    "JavaScript on opening": ("don.pdf", pdf_bytes(1, script_on_opening), "JavaScript"),
    "JavaScript by name": ("don.pdf", pdf_bytes(1, script_by_name), "JavaScript"),
    "a program inside": (
        "don.pdf",
        pdf_bytes(1, attach("anh.exe", b"MZ\x90\0" + bytes(500))),
        "chương trình",
    ),
    "damaged": ("don.pdf", pdf_bytes()[:-200], "bị hỏng"),
    "5,000 pages": ("don.pdf", pdf_bytes(5000), "5.000 trang"),
    "empty": ("don.pdf", b"", "rỗng"),
    "an animated picture": ("anh.gif", picture("GIF"), "không đúng loại"),
    "a bomb": ("don.pdf", xref_bomb(), "Không nhận «don.pdf»"),
    "a name with a path and marks": ("../../etc/\u202egpj.pdf", b"MZ" + bytes(500), "chương trình máy tính"),
}


@pytest.fixture
def papers_page(world, at_desk):
    """(browser of a citizen, address of the papers step, name of the input, the draft)."""
    citizen = make.citizen()
    case = actions.start(make.procedure(), actor=citizen)
    actions.save_draft(
        case.pk, actor=citizen, answers={"applicant_full_name": "A"}, step=3, agency_id=world.ubnd.pk
    )
    slot = case.version.components.get(seq=2).pk
    return at_desk(citizen), reverse("onecase:draft", args=[case.submission_key, 3]), f"tep-giay-{slot}", case


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_sent_back_with_a_sentence(papers_page, kind):
    browser, address, field, case = papers_page
    name, content, words = HOSTILE[kind]
    page = browser.post(address, {"do": "next", field: SimpleUploadedFile(name, content, "application/pdf")})
    text = page.content.decode()
    assert page.status_code == 200
    assert words in text
    assert "\u202e" not in text
    assert not CaseFile.objects.filter(case=case).exists()


def test_a_file_over_the_cap_is_sent_back(papers_page, settings):
    browser, address, field, case = papers_page
    settings.UPLOAD_MAX_MB = 1
    big = SimpleUploadedFile("anh.pdf", pdf_bytes() + bytes(1024 * 1024 + 1), "application/pdf")
    assert "1 MB" in browser.post(address, {"do": "next", field: big}).content.decode()
    assert not CaseFile.objects.filter(case=case).exists()


def test_a_good_file_after_a_bad_one_is_kept(papers_page):
    browser, address, field, case = papers_page
    browser.post(address, {"do": "next", field: SimpleUploadedFile("x.pdf", b"MZ", "application/pdf")})
    answer = browser.post(
        address, {"do": "next", field: SimpleUploadedFile("giấy.pdf", pdf_bytes(), "application/pdf")}
    )
    assert answer.status_code == 302
    assert CaseFile.objects.get(case=case).name == "giấy.pdf"


# --- doors --------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(pki):
    return make.commune("phường Bên Cạnh")


@pytest.fixture
def others(world, elsewhere, submitted):
    """Everybody who has no business with the case."""
    return {
        "another citizen": make.citizen("Trần Văn Khác"),
        "an officer of another commune": elsewhere.counter_officer,
        "a leader of another commune": elsewhere.leader,
        "an HR officer of this commune": world.hr_officer,
    }


OWN = ["own_case", "receipt", "supply", "own_result", "withdraw"]


@pytest.mark.parametrize("name", OWN)
def test_a_foreign_code_does_not_exist_for_citizens(others, submitted, at_desk, name):
    address = reverse(f"onecase:{name}", args=[submitted.code])
    for who, user in others.items():
        assert at_desk(user).get(address).status_code == 404, who


def test_a_foreign_file_and_form_do_not_exist(others, submitted, at_desk):
    file = submitted.files.get()
    for who, user in others.items():
        for name in ("own_file", "own_form"):
            assert (
                at_desk(user).get(reverse(f"onecase:{name}", args=[submitted.code, file.pk])).status_code
                == 404
            ), who


def test_a_foreign_draft_does_not_exist(world, draft, at_desk):
    address = reverse("onecase:draft", args=[draft.submission_key, 1])
    stranger = at_desk(make.citizen())
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"do": "submit"}).status_code == 404
    assert at_desk(world.counter_officer).get(address).status_code == 404


STAFF = ["case", "staff_result", "application", "control_sheet", "result"]


@pytest.mark.parametrize("name", STAFF)
def test_a_foreign_code_does_not_exist_for_staff(elsewhere, world, submitted, at_desk, name):
    address = reverse(f"onecase:{name}", args=[submitted.code])
    for user in (elsewhere.counter_officer, elsewhere.leader, elsewhere.clerk, world.hr_officer):
        assert at_desk(user).get(address).status_code == 404


def test_a_foreign_officer_moves_nothing(elsewhere, submitted, at_desk):
    for verb in ("accept", "reject_intake", "hand_over", "take_up"):
        answer = at_desk(elsewhere.counter_officer).post(reverse("onecase:move", args=[submitted.code, verb]))
        assert answer.status_code == 404
    submitted.refresh_from_db()
    assert submitted.business_status == S.SUBMITTED


def test_a_citizen_at_a_staff_page_reads_what_it_is_for(submitted, at_desk):
    browser = at_desk(submitted.applicant)
    for name, parts in [
        ("desk", []),
        ("cases", []),
        ("case", [submitted.code]),
        ("signing", []),
        ("seal", []),
        ("intake", []),
    ]:
        assert browser.get(reverse(f"onecase:{name}", args=parts)).status_code == 403, name
    assert browser.post(reverse("onecase:move", args=[submitted.code, "accept"])).status_code == 403


@pytest.mark.parametrize("name", ["desk", "cases", "signing", "seal", "intake", "my_cases"])
def test_somebody_unknown_is_asked_to_sign_in(world, client, name):
    answer = client.get(reverse(f"onecase:{name}"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


# --- out of turn --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["accept", "return_intake", "reject_intake"])
def test_a_move_out_of_turn_says_what_the_status_is(world, appraised, at_desk, verb):
    officer = at_desk(world.counter_officer)
    address = reverse("onecase:move", args=[appraised.code, verb])
    for answer in (officer.get(address, follow=True), officer.post(address, {"note": "x"}, follow=True)):
        assert answer.status_code == 200
        assert "Đang thẩm định" in answer.content.decode()
        assert "Chưa thực hiện được" in answer.content.decode()
    appraised.refresh_from_db()
    assert appraised.business_status == S.APPRAISING


def test_an_unknown_move_is_not_found(world, submitted, at_desk):
    assert (
        at_desk(world.counter_officer).post(reverse("onecase:move", args=[submitted.code, "xoa"])).status_code
        == 404
    )


def test_a_leader_does_not_sign_what_is_not_before_him(world, appraised, elsewhere, at_desk):
    mark = f"{appraised.result_document.pk}:{appraised.result_document.revision}"
    for leader in (world.leader, elsewhere.leader):
        answer = at_desk(leader).post(
            reverse("onecase:confirm_signing"), {"chon": mark, "pin": "246810"}, follow=True
        )
        assert "Chọn ít nhất một văn bản" in answer.content.decode()
    appraised.refresh_from_db()
    assert appraised.business_status == S.APPRAISING
