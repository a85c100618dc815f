"""Draft, sign, seal: through the browser's door, with real keys and real signatures."""

import pytest

from core import files
from documents import services as documents
from documents.choices import DocumentStatus
from documents.models import DocumentType
from onecase import actions
from onecase.choices import BusinessStatus as S
from signing import services as signing
from tests import factories as make
from tests.onecase.staff_doors import enter, press, text

pytestmark = pytest.mark.django_db
PIN = "246810"
BODY = "<p>Xác nhận cho <b>ông Thắng</b>.</p>"


@pytest.fixture
def world(pki):
    made = make.commune()
    DocumentType.objects.create(code="QĐ", name="Quyết định", abbreviation="QĐ")
    DocumentType.objects.create(code="CV", name="Công văn", abbreviation="")
    pki.issue_demo_key(owner_user=made.leader, kind="personal", pin=PIN)
    pki.issue_demo_key(owner_organization=made.ubnd, kind="seal", pin=PIN, holders=[made.clerk])
    return made


@pytest.fixture
def appraising(world):
    return make.case(world, S.APPRAISING)


@pytest.fixture
def awaiting(world, appraising):
    actions.draft_result(
        appraising.pk, actor=world.case_officer, title="Giấy xác nhận – Đỗ Văn Thắng", body_html=BODY
    )
    actions.submit_for_approval(appraising.pk, actor=world.case_officer)
    appraising.refresh_from_db()
    return appraising


def mark(case):
    return f"{case.result_document_id}:{case.result_document.revision}"


# --- the draft ----------------------------------------------------------------------------------------------


def test_the_draft_is_prefilled_cleaned_saved_and_seen_as_pdf(world, appraising):
    client = enter(world.case_officer)
    address = f"/lam-viec/ho-so/{appraising.code}/ket-qua/"
    assert f"Xác nhận cho {appraising.owner_name}" in text(client.get(address))
    posted = {"kind": "grant", "title": "Giấy xác nhận", "body_html": BODY + "<script>alert(1)</script>"}
    page = client.post(address, posted, follow=True)
    appraising.refresh_from_db()
    document = appraising.result_document
    assert (document.revision, document.body_html) == (1, BODY)
    assert "Đã lưu dự thảo lần 1" in text(page)
    preview = client.get(address + "xem-truoc/")
    assert preview["Content-Type"] == "application/pdf"
    assert preview.getvalue().startswith(b"%PDF")
    client.post(address, posted)
    document.refresh_from_db()
    assert document.revision == 2


def test_saving_may_go_on_to_submitting(world, appraising):
    client = enter(world.case_officer)
    posted = {"kind": "grant", "title": "Giấy xác nhận", "body_html": BODY, "trinh": "1"}
    answer = client.post(f"/lam-viec/ho-so/{appraising.code}/ket-qua/", posted)
    assert answer.url == f"/lam-viec/ho-so/{appraising.code}/submit_for_approval/"
    press(client, appraising, "submit_for_approval")
    appraising.refresh_from_db()
    assert appraising.business_status == S.AWAITING_APPROVAL


def test_a_refusal_has_its_own_draft(world, appraising):
    client = enter(world.case_officer)
    address = f"/lam-viec/ho-so/{appraising.code}/ket-qua/"
    assert "không giải quyết hồ sơ này vì lý do" in text(client.get(address, {"loai": "tu-choi"}))
    client.post(address, {"kind": "refuse", "title": "không giải quyết hồ sơ", "body_html": BODY})
    appraising.refresh_from_db()
    assert appraising.result_refuses is True


def test_only_the_handler_drafts(world, appraising):
    answer = enter(world.unit_head).get(f"/lam-viec/ho-so/{appraising.code}/ket-qua/", follow=True)
    assert "Chỉ người thụ lý soạn kết quả" in text(answer)


# --- signing ------------------------------------------------------------------------------------------------


def test_the_leader_reads_and_signs_and_the_clerk_seals(world, awaiting, work):
    leader = enter(world.leader)
    page = text(leader.get("/lam-viec/ky/"))
    assert "1 văn bản chờ bạn ký" in page
    assert "chứng thư số còn" in page
    assert (
        leader.get(f"/lam-viec/ky/van-ban/{awaiting.result_document_id}/")["Content-Type"]
        == "application/pdf"
    )
    confirm = text(leader.get("/lam-viec/ky/xac-nhan/", {"chon": mark(awaiting)}))
    assert "Ký 1 văn bản" in confirm
    assert "Không ký" in confirm
    answer = work(leader.post, "/lam-viec/ky/xac-nhan/", {"chon": mark(awaiting), "pin": PIN})
    progress = text(leader.get(answer.url))
    assert "01/QĐ-UBND" in progress
    assert "đã cấp số, chờ đóng dấu" in progress
    document = documents.waiting_for_seal(world.clerk).get()

    clerk = enter(world.clerk)
    assert "Đóng dấu" in text(clerk.get("/lam-viec/"))
    page = text(clerk.get("/lam-viec/dong-dau/"))
    assert "Đặng Thu Phương" in page
    assert "Đạt:" in page
    answer = work(
        clerk.post, "/lam-viec/dong-dau/xac-nhan/", {"chon": f"{document.pk}:{document.revision}", "pin": PIN}
    )
    assert "đã phát hành" in text(clerk.get(answer.url))
    awaiting.refresh_from_db()
    document.refresh_from_db()
    assert (awaiting.business_status, document.status) == (S.COMPLETED, DocumentStatus.ISSUED)
    assert signing.verify(files.read(document.current_file)).verdict == "valid"


def test_while_the_signature_is_made_progress_is_polled(world, awaiting):
    leader = enter(world.leader)
    answer = leader.post("/lam-viec/ky/xac-nhan/", {"chon": mark(awaiting), "pin": PIN})
    page = text(leader.get(answer.url))
    assert "Có thể đóng trang, việc vẫn chạy" in page
    assert 'hx-trigger="every 2s"' in page
    request = documents_of(awaiting).signature_request
    request.last_error = "Máy chủ dấu thời gian chưa trả lời."
    request.save(update_fields=["last_error"])
    page = text(leader.get(answer.url))
    assert "Máy chủ dấu thời gian chưa trả lời. Tự thử lại lúc" in page
    again = leader.post(f"/lam-viec/ky/thu-lai/{awaiting.result_document_id}/", follow=True)
    assert "Đang thử lại" in text(again)


def documents_of(case):
    case.refresh_from_db()
    return case.result_document


def test_a_wrong_pin_is_told_at_the_field_and_counted_once_for_the_batch(world, awaiting):
    other = make.case(world, S.APPRAISING)
    actions.draft_result(other.pk, actor=world.case_officer, title="Giấy xác nhận 2", body_html=BODY)
    actions.submit_for_approval(other.pk, actor=world.case_officer)
    other.refresh_from_db()
    posted = {"chon": [mark(awaiting), mark(other)], "pin": "000000"}
    page = text(enter(world.leader).post("/lam-viec/ky/xac-nhan/", posted))
    assert "Ký 2 văn bản" in page
    assert "aria-invalid" in page
    assert signing.wrong_pins(signing.keys_of(world.leader)[0], world.leader) == 1
    awaiting.refresh_from_db()
    assert awaiting.business_status == S.AWAITING_APPROVAL


def test_a_draft_that_changed_since_it_was_read_is_refused(world, awaiting, work):
    read = mark(awaiting)
    actions.return_draft(awaiting.pk, actor=world.leader, note="sửa tên")
    actions.draft_result(awaiting.pk, actor=world.case_officer, title="Giấy khác", body_html=BODY)
    actions.submit_for_approval(awaiting.pk, actor=world.case_officer)
    page = text(enter(world.leader).post("/lam-viec/ky/xac-nhan/", {"chon": read, "pin": PIN}))
    assert "Dự thảo đã thay đổi" in page
    awaiting.refresh_from_db()
    assert awaiting.business_status == S.AWAITING_APPROVAL


def test_nothing_ticked_is_said(world, awaiting):
    answer = enter(world.leader).get("/lam-viec/ky/xac-nhan/", follow=True)
    assert "Chọn ít nhất một văn bản" in text(answer)


def test_others_have_nothing_to_sign_or_seal(world, awaiting):
    for person in (world.case_officer, world.clerk, world.counter_officer):
        assert "Không có văn bản nào chờ bạn ký" in text(enter(person).get("/lam-viec/ky/"))
        posted = {"chon": mark(awaiting), "pin": PIN}
        enter(person).post("/lam-viec/ky/xac-nhan/", posted)
    awaiting.refresh_from_db()
    assert awaiting.business_status == S.AWAITING_APPROVAL
    stranger = make.commune("phường Khác").leader
    assert enter(stranger).get(f"/lam-viec/ky/van-ban/{awaiting.result_document_id}/").status_code == 404


def test_returning_a_draft_needs_a_reason(world, awaiting):
    leader = enter(world.leader)
    assert "Nhập lý do" in text(press(leader, awaiting, "return_draft"))
    press(leader, awaiting, "return_draft", note="Sai ngày sinh")
    awaiting.refresh_from_db()
    assert awaiting.business_status == S.APPRAISING
    assert "Sai ngày sinh" in text(enter(world.case_officer).get(f"/lam-viec/ho-so/{awaiting.code}/"))
