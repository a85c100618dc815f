"""The page of a case and the moves made there, through the public door."""

import io
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from core.errors import RuleError
from core.models import AuditEvent
from onecase import actions, case_page, procedure_page
from onecase.choices import BusinessStatus as S
from onecase.models import Case, LegalReason
from tests import factories as make
from tests.onecase.staff_doors import enter, press, text, told

pytestmark = pytest.mark.django_db


def photo(name="to-khai.jpg"):
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), "white").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


@pytest.fixture
def world():
    return make.commune()


@pytest.fixture
def case(world):
    return make.case(world, S.SUBMITTED)


@pytest.fixture
def reason():
    return LegalReason.objects.create(
        kind="supplement", text="Bản chụp mờ, không đọc được", ground="", is_verified=False
    )


def components(case):
    return list(case.version.components.order_by("seq"))


# --- the page -----------------------------------------------------------------------------------------------


def test_the_page_tells_who_what_and_when(world):
    now = timezone.now()
    case = make.case(world, S.APPRAISING, received_at=now, due_at=now + timedelta(days=5))
    page = text(enter(world.case_officer).get(f"/lam-viec/ho-so/{case.code}/"))
    for words in (
        procedure_page.short_name(case.procedure.name),
        case.owner_name,
        case.code,
        "Đang thẩm định",
        "Vì sao hạn là",
        "Tờ khai",
        "Soạn kết quả",
    ):
        assert words in page


def test_numbers_are_masked_and_showing_them_stands_in_the_trail(world, case):
    client = enter(world.counter_officer)
    number = case.parties.get().number
    assert number not in text(client.get(f"/lam-viec/ho-so/{case.code}/"))
    shown = client.post(f"/lam-viec/ho-so/{case.code}/hien-so/", {"ly-do": "doi-chieu", "noi-ro": "với CCCD"})
    assert number in text(shown)
    event = AuditEvent.objects.get(event="case.read_number")
    assert (event.kind, event.note) == ("read", "Đối chiếu với giấy tờ đã nộp. với CCCD")
    assert (event.actor, event.post_name, event.subject_id) == (
        world.counter_officer,
        "Công chức tiếp nhận",
        case.pk,
    )
    assert client.get(f"/lam-viec/ho-so/{case.code}/hien-so/").status_code == 405


@pytest.mark.parametrize(
    ("who", "status", "words", "not_words"),
    [
        (
            "counter_officer",
            S.SUBMITTED,
            ["Tiếp nhận", "Yêu cầu bổ sung…", "Từ chối tiếp nhận…"],
            ["Trình lãnh đạo"],
        ),
        ("counter_officer", S.ACCEPTED, ["Chuyển giải quyết…"], ["Yêu cầu bổ sung…"]),
        ("case_officer", S.APPRAISING, ["Soạn kết quả", "Đề nghị yêu cầu bổ sung…"], ["Dừng giải quyết…"]),
        (
            "unit_head",
            S.APPRAISING,
            ["Yêu cầu bổ sung…", "Giao người khác…", "Dừng giải quyết…"],
            ["Soạn kết quả"],
        ),
        ("leader", S.AWAITING_APPROVAL, ["Đọc và ký…", "Trả lại dự thảo…"], ["Tiếp nhận"]),
    ],
)
def test_the_bar_offers_what_the_table_allows(world, who, status, words, not_words):
    case = make.case(world, status, due_at=timezone.now() + timedelta(days=5))
    bar = case_page.bar_of(case, getattr(world, who))
    shown = [str(one["words"]) for one in bar["actions"] + bar["rest"]]
    assert set(words) <= set(shown)
    assert not set(not_words) & set(shown)
    assert len(bar["actions"]) <= 3


def test_a_second_request_for_supplements_is_warned_of(world):
    case = make.case(world, S.APPRAISING, supplement_count=1)
    page = text(enter(world.case_officer).get(f"/lam-viec/ho-so/{case.code}/"))
    assert "Lần thứ hai bị tính là quá hạn" in page
    asked = text(enter(world.case_officer).get(f"/lam-viec/ho-so/{case.code}/propose_supplement/"))
    assert "Lần thứ hai bị tính là quá hạn" in asked


def test_the_page_asks_the_same_number_of_questions_for_few_and_many_papers(world, case):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from core import files
    from onecase.models import CaseFile

    client = enter(world.counter_officer)
    client.get(f"/lam-viec/ho-so/{case.code}/")
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/lam-viec/ho-so/{case.code}/")
        counts.append(len(seen))
        for extra in range(5):
            stored = files.store_bytes(f"%PDF {number} {extra}".encode(), "application/pdf", pages=1)
            CaseFile.objects.create(
                case=case, stored=stored, name=f"{extra}.pdf", component=components(case)[0]
            )
    assert counts[0] == counts[1]


# --- its papers ---------------------------------------------------------------------------------------------


def test_papers_leave_only_through_the_case(world, case):
    from onecase import actions

    file = actions.attach(
        case.pk, actor=world.counter_officer, upload=photo(), component_id=components(case)[0].pk
    )
    address = f"/lam-viec/ho-so/{case.code}/tep/{file.pk}/"
    shown = enter(world.counter_officer).get(address)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert enter(world.leader).get(address).status_code == 200
    stranger = make.commune("phường Khác").counter_officer
    assert enter(stranger).get(address).status_code == 404
    other = make.case(world, S.SUBMITTED)
    assert enter(world.counter_officer).get(f"/lam-viec/ho-so/{other.code}/tep/{file.pk}/").status_code == 404


def test_papers_are_checked_one_by_one(world, case):
    client = enter(world.counter_officer)
    first, second = components(case)
    client.post(f"/lam-viec/ho-so/{case.code}/kiem-tra/", {"dat": first.pk, f"state-{second.pk}": "wrong"})
    assert dict(case.checks.values_list("component_id", "state")) == {first.pk: "ok"}
    client.post(
        f"/lam-viec/ho-so/{case.code}/kiem-tra/",
        {
            f"state-{first.pk}": "ok",
            f"state-{second.pk}": "missing",
            f"note-{second.pk}": "chưa có bản chính",
        },
    )
    assert case.checks.get(component=second).note == "chưa có bản chính"
    refused = press(client, case, "accept")
    assert "Còn giấy tờ thiếu hoặc chưa đúng" in text(refused)
    case.refresh_from_db()
    assert case.business_status == S.SUBMITTED


# --- moves --------------------------------------------------------------------------------------------------


def test_accepting_starts_the_clock_and_the_second_officer_is_told(world, case):
    other = make.hat("Lê Thị Hai", world.counter, "Công chức tiếp nhận", "counter_officer")
    unseen = press(enter(world.counter_officer), case, "accept")
    assert "Còn 2 giấy tờ bắt buộc chưa kiểm tra: Tờ khai; Giấy chứng sinh" in text(unseen)
    checks = {component.pk: {"state": "ok"} for component in components(case)}
    actions.check_components(case.pk, actor=world.counter_officer, checks=checks)
    assert "Đã tiếp nhận" in text(press(enter(world.counter_officer), case, "accept"))
    case.refresh_from_db()
    assert (case.business_status, case.received_at is not None) == (S.ACCEPTED, True)
    late = press(enter(other), case, "accept")
    assert "hiện ở trạng thái «Đã tiếp nhận»" in text(late)
    assert case.forms.filter(form_no="01").count() == 1


def test_nobody_accepts_what_he_has_not_looked_at(world, case):
    """The rule stands in the action itself: no other door passes it by."""
    with pytest.raises(RuleError, match="Còn 2 giấy tờ bắt buộc chưa kiểm tra: Tờ khai; Giấy chứng sinh"):
        actions.accept(case.pk, actor=world.counter_officer)
    case.refresh_from_db()
    assert (case.business_status, case.received_at) == (S.SUBMITTED, None)
    assert not AuditEvent.objects.filter(event="case.accept").exists()
    actions.accept(make.looked_at(case, world.counter_officer).pk, actor=world.counter_officer)
    assert AuditEvent.objects.filter(event="case.accept").count() == 1


def test_a_refused_form_is_a_page_of_its_own_with_what_was_typed(world, case):
    """Post, redirect, get: «Back» and «Reload» ask nobody whether to send the form again."""
    browser, address = enter(world.counter_officer), f"/lam-viec/ho-so/{case.code}/return_intake/"
    sent = browser.post(address, {"note": "Thiếu bản sao hộ chiếu của mẹ"})
    assert sent.status_code == 302
    assert sent["Location"].startswith(f"{address}?nhap=")
    for _look in range(2):
        page = text(browser.get(sent["Location"]))
        assert "Thiếu bản sao hộ chiếu của mẹ" in page
        assert "error-summary" in page
    assert "Thiếu bản sao" not in text(browser.get(address))
    assert "Thiếu bản sao" not in text(enter(world.counter_officer).get(sent["Location"]))
    session = str(dict(browser.session))
    assert "Thiếu bản sao" not in session
    case.refresh_from_db()
    assert case.business_status == S.SUBMITTED


def test_what_a_rule_said_stands_on_that_page_too(world):
    handed = make.case(world, S.COMPLETED)
    browser, address = enter(world.counter_officer), f"/lam-viec/ho-so/{handed.code}/return_result/"
    sent = browser.post(address, {"receiver": "", "identity": ""})
    assert "nhap=" in sent["Location"]
    assert "error-summary" in text(browser.get(sent["Location"]))


def test_asking_for_more_needs_a_paper_and_a_reason(world, case, reason):
    client = enter(world.counter_officer)
    first, _second = components(case)
    assert "Chọn ít nhất một giấy tờ" in text(press(client, case, "return_intake"))
    lacking = text(press(client, case, "return_intake", **{f"pick-{first.pk}": "on"}))
    assert "Chọn lý do cho «Tờ khai»" in lacking
    assert "checked" in lacking
    press(
        client,
        case,
        "return_intake",
        **{
            f"pick-{first.pk}": "on",
            f"reason-{first.pk}": reason.pk,
            "text-x1": "Số điện thoại",
            "more-x1": "chưa khai",
        },
    )
    case.refresh_from_db()
    assert (case.business_status, case.supplement_count) == (S.INTAKE_RETURNED, 1)
    assert list(case.supplement_items.values_list("text", "reason")) == [
        ("Tờ khai", "Bản chụp mờ, không đọc được"),
        ("Số điện thoại", "chưa khai"),
    ]
    assert case.forms.get().form_no == "02"


def test_missing_papers_come_over_the_counter(world, case, reason):
    client = enter(world.counter_officer)
    first, _second = components(case)
    press(client, case, "return_intake", **{f"pick-{first.pk}": "on", f"reason-{first.pk}": reason.pk})
    item = case.supplement_items.get()
    press(client, case, "resubmit", **{f"file-{item.pk}": photo()})
    case.refresh_from_db()
    assert case.business_status == S.SUBMITTED
    assert case.files.get().component == first


def test_refusing_intake_takes_a_reason_of_the_list(world, case):
    client = enter(world.counter_officer)
    listed = make.reject_reason()
    assert "Chọn một lý do trong danh mục" in text(press(client, case, "reject_intake", note="không thích"))
    press(client, case, "reject_intake", reason=listed.pk)
    case.refresh_from_db()
    assert case.business_status == S.INTAKE_REJECTED
    assert case.forms.get().form_no == "03"


def test_handing_over_and_assigning(world):
    case = make.case(world, S.ACCEPTED, handling_unit=None, handler=None)
    assert "theo quy trình" in text(
        enter(world.counter_officer).get(f"/lam-viec/ho-so/{case.code}/hand_over/")
    )
    press(enter(world.counter_officer), case, "hand_over", unit=world.office.pk)
    case.refresh_from_db()
    assert (case.business_status, case.handling_unit) == (S.FORWARDED, world.office)
    assert case.hand_overs.get().taker_unit == world.office
    head = enter(world.unit_head)
    assert "đang giữ 0 hồ sơ" in text(head.get(f"/lam-viec/ho-so/{case.code}/assign/"))
    press(head, case, "assign", officer=world.case_officer.pk, note="làm trước")
    case.refresh_from_db()
    assert (case.business_status, case.handler) == (S.APPRAISING, world.case_officer)


def test_the_officer_proposes_and_the_head_asks(world, reason):
    case = make.case(world, S.APPRAISING, due_at=timezone.now() + timedelta(days=5))
    first, _second = components(case)
    press(
        enter(world.case_officer),
        case,
        "propose_supplement",
        **{f"pick-{first.pk}": "on", f"reason-{first.pk}": reason.pk},
    )
    head = enter(world.unit_head)
    assert "Người thụ lý đề nghị" in text(head.get(f"/lam-viec/ho-so/{case.code}/request_supplement/"))
    press(head, case, "request_supplement", note="Chụp lại rõ bốn góc")
    case.refresh_from_db()
    assert case.business_status == S.SUPPLEMENT_REQUIRED
    assert case.pauses.get().ended_at is None
    assert "tạm dừng" in text(head.get(f"/lam-viec/ho-so/{case.code}/"))


def test_a_move_out_of_turn_says_what_the_status_is(world, case):
    answer = enter(world.counter_officer).get(f"/lam-viec/ho-so/{case.code}/hand_over/", follow=True)
    assert "hiện ở trạng thái «Mới nộp, chờ tiếp nhận»" in text(answer)


def test_a_move_of_somebody_else_says_so(world):
    case = make.case(world, S.APPRAISING)
    answer = press(enter(world.leader), case, "propose_supplement", note="x")
    case.refresh_from_db()
    assert case.business_status == S.APPRAISING
    assert "Chức vụ hiện tại không được làm việc này" in text(answer)


def test_an_unknown_verb_does_not_exist(world, case):
    assert enter(world.counter_officer).get(f"/lam-viec/ho-so/{case.code}/xoa/").status_code == 404
    assert (
        enter(world.counter_officer).post(f"/lam-viec/ho-so/{case.code}/collect_online/").status_code == 404
    )


def test_the_result_is_handed_to_a_named_person(world):
    case = make.case(world, S.COMPLETED)
    press(
        enter(world.counter_officer),
        case,
        "return_result",
        receiver="Lê Văn Tám",
        stands_as="authorised",
        proof="giấy ủy quyền 12",
    )
    case.refresh_from_db()
    assert case.business_status == S.RETURNED
    event = AuditEvent.objects.get(event="case.return_result")
    assert event.note == "Người nhận: Lê Văn Tám (người được ủy quyền). Đã đối chiếu: giấy ủy quyền 12."


def test_withdrawal_is_agreed_to(world):
    case = make.case(world, S.WITHDRAWAL_REQUESTED)
    press(enter(world.unit_head), case, "agree_withdrawal")
    case.refresh_from_db()
    assert case.business_status == S.WITHDRAWN


# --- intake -------------------------------------------------------------------------------------------------


def paper_form(procedure, key=None, **changes):
    return {
        "key": key or uuid.uuid4(),
        "channel": "1",
        "agency": "",
        "full_name": "Bùi Thị Nga",
        "number": "031 168 001 234",
        "birth_on": "12/04/1968",
        "phone": "0912345678",
        "address": "68 Máy Tơ",
        "return_way": "counter",
        **changes,
    }


def test_paper_applications_become_one_case_with_scans_and_counts(world):
    procedure = make.procedure(online=False)
    first = procedure.versions.get().components.order_by("seq").first()
    client = enter(world.counter_officer)
    assert procedure_page.short_name(procedure.name) in text(
        client.get("/lam-viec/tiep-nhan/", {"q": procedure.code})
    )
    key = uuid.uuid4()
    for _press in range(2):
        posted = paper_form(
            procedure,
            key,
            agency=world.ubnd.pk,
            **{f"originals-{first.pk}": "1", f"file-{first.pk}": photo()},
        )
        answer = client.post(f"/lam-viec/tiep-nhan/{procedure.slug}/", posted, follow=True)
    case = Case.objects.get()
    assert answer.redirect_chain[-1][0] == f"/lam-viec/ho-so/{case.code}/"
    assert (case.business_status, case.applicant, case.channel) == (S.SUBMITTED, None, "1")
    assert case.parties.get().number == "031168001234"
    assert case.files.count() == 1
    assert case.checks.get().originals == 1
    assert "Tiếp nhận" in text(answer)


def test_intake_keeps_what_was_typed_and_says_what_is_wrong(world):
    procedure = make.procedure(online=False)
    posted = paper_form(
        procedure, agency=world.ubnd.pk, number="03116800123", birth_on="31/02/1968", is_other="on"
    )
    page = text(enter(world.counter_officer).post(f"/lam-viec/tiep-nhan/{procedure.slug}/", posted))
    for words in ("bạn đã nhập 11", "31/02/1968", "Nhập họ và tên người nộp", "Bùi Thị Nga", "chỗ cần sửa"):
        assert words in page
    assert not Case.objects.exists()


def test_only_the_counter_takes_in(world):
    answer = enter(world.leader).get("/lam-viec/tiep-nhan/", follow=True)
    assert "bộ phận Một cửa" in text(answer)


def test_intake_for_another_commune_is_not_offered(world):
    procedure = make.procedure(online=False)
    other = make.commune("phường Khác")
    posted = paper_form(procedure, agency=other.ubnd.pk)
    answer = enter(world.counter_officer).post(f"/lam-viec/tiep-nhan/{procedure.slug}/", posted)
    assert answer.status_code == 200
    assert not Case.objects.exists()
    assert not told(answer)
