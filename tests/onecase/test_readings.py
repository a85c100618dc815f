"""Whoever reads personal data leaves an event; what is masked is shown with a reason only."""

import pytest

from core import files
from core.models import AuditEvent
from onecase.choices import BusinessStatus as S
from onecase.models import CaseFile, LegalForm
from tests import factories as make
from tests.onecase.staff_doors import enter, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make.commune()


@pytest.fixture
def case(world):
    case = make.case(world, S.APPRAISING)
    party = case.parties.get()
    party.phone, party.email = "0912345678", "pham.ha@example.vn"
    party.save(update_fields=["phone", "email"])
    return case


@pytest.fixture
def paper(case):
    stored = files.store_bytes(b"%PDF-1.4 thu", "application/pdf", pages=2)
    component = case.version.components.order_by("seq").last()
    return CaseFile.objects.create(case=case, component=component, stored=stored, name="Phạm Hà 031190.pdf")


def readings() -> list[tuple[str, str]]:
    found = AuditEvent.objects.filter(kind="read").order_by("id")
    return [(event.event, event.note) for event in found]


def test_the_page_of_a_case_costs_one_event(world, case):
    enter(world.case_officer).get(f"/lam-viec/ho-so/{case.code}/")
    event = AuditEvent.objects.get(kind="read")
    assert (event.event, event.actor, event.subject_id) == ("case.read", world.case_officer, case.pk)
    assert event.unit_name == world.office.name


def test_a_stranger_reads_nothing_and_leaves_nothing(case):
    other = make.commune("phường Khác")
    assert enter(other.case_officer).get(f"/lam-viec/ho-so/{case.code}/").status_code == 404
    assert readings() == []


def test_a_file_names_the_paper_and_not_what_its_owner_called_it(world, case, paper):
    enter(world.case_officer).get(f"/lam-viec/ho-so/{case.code}/tep/{paper.pk}/")
    assert readings() == [("case.read_file", f"Giấy chứng sinh (tệp {paper.pk})")]


def test_the_pages_of_one_file_are_one_reading(world, case, paper):
    client = enter(world.case_officer)
    for number in (1, 2, 1):
        client.get(f"/lam-viec/ho-so/{case.code}/tep/{paper.pk}/?trang={number}")
    assert len(readings()) == 1


def test_staff_at_the_applicants_door_leave_an_event_the_applicant_does_not(world, case, paper):
    enter(case.applicant).get(f"/ho-so/{case.code}/tep/{paper.pk}/")
    assert readings() == []
    enter(world.case_officer).get(f"/ho-so/{case.code}/tep/{paper.pk}/")
    assert [event for event, _note in readings()] == ["case.read_file"]


@pytest.mark.parametrize(
    ("address", "event"),
    [("to-khai", "case.read_application"), ("phieu-kiem-soat", "case.read_control_sheet")],
)
def test_printing_is_reading(world, case, address, event):
    enter(world.case_officer).get(f"/lam-viec/ho-so/{case.code}/{address}/")
    assert [name for name, _note in readings()] == [event]


def test_a_search_leaves_its_hits_but_not_its_words(world, case):
    client = enter(world.case_officer)
    client.get("/lam-viec/ho-so/")
    assert readings() == []
    client.get("/lam-viec/ho-so/", {"q": case.owner_name})
    ((event, note),) = readings()
    assert event == "case.search"
    assert note.startswith("1 kết quả")
    assert case.owner_name not in note


def test_telephone_and_mail_are_masked_until_a_reason_is_given(world, case):
    client = enter(world.case_officer)
    address = f"/lam-viec/ho-so/{case.code}/"
    page = text(client.get(address))
    assert "0912345678" not in page and "pham.ha@" not in page
    assert "09•• ••• 678" in page
    page = text(client.post(f"{address}hien-so/", {"ly-do": "lien-he"}))
    assert "0912345678" in page and "pham.ha@example.vn" in page


def test_no_reason_is_chosen_beforehand(world, case):
    page = text(enter(world.case_officer).get(f"/lam-viec/ho-so/{case.code}/"))
    options = page.partition('name="ly-do" required>')[2].partition("</select>")[0]
    assert options.startswith('<option value="" selected>') and options.count("selected") == 1


@pytest.mark.parametrize(
    "posted", [{}, {"ly-do": ""}, {"ly-do": "bua"}, {"ly-do": "khac"}, {"ly-do": "khac", "noi-ro": " x "}]
)
def test_without_a_reason_nothing_is_shown_and_nothing_noted(world, case, posted):
    client = enter(world.case_officer)
    answer = client.post(f"/lam-viec/ho-so/{case.code}/hien-so/", posted, follow=True)
    assert case.parties.get().number not in text(answer)
    assert "lý do" in text(answer).lower()
    assert not AuditEvent.objects.filter(event="case.read_number").exists()


def test_readings_do_not_fill_the_history_of_the_case(world, case):
    client = enter(world.case_officer)
    for _time in range(3):
        client.get(f"/lam-viec/ho-so/{case.code}/")
    assert "Mở hồ sơ" not in text(client.get(f"/lam-viec/ho-so/{case.code}/"))


def test_the_citizen_reads_the_officers_instruction(case):
    case.business_status, case.supplement_count = S.SUPPLEMENT_REQUIRED, 1
    case.save(update_fields=["business_status", "supplement_count"])
    case.pauses.create(started_at=case.created_at, reason="thiếu")
    case.supplement_items.create(round=1, text="Giấy chứng sinh", reason="Bản chụp mờ")
    LegalForm.objects.create(
        case=case, form_no="02", snapshot={"note": "Lấy lại ở bệnh viện phụ sản."}, check_code="MA000001"
    )
    client = enter(case.applicant)
    for address in (f"/ho-so/{case.code}/", f"/ho-so/{case.code}/bo-sung/"):
        assert "Lấy lại ở bệnh viện phụ sản." in text(client.get(address))


def test_the_officer_types_the_ground_that_the_list_lacks(world):
    case = make.case(world, S.SUBMITTED)
    component = case.version.components.order_by("seq").last()
    enter(world.counter_officer).post(
        f"/lam-viec/ho-so/{case.code}/return_intake/",
        {
            f"pick-{component.pk}": "on",
            f"more-{component.pk}": "Bản chụp mờ",
            f"ground-{component.pk}": "Quyết định công bố thủ tục",
        },
    )
    item = case.supplement_items.get()
    assert item.ground == "Quyết định công bố thủ tục"
    assert "Quyết định công bố thủ tục" in str(case.forms.get(form_no="02").snapshot)
