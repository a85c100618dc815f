"""An official document from the first word to its issue, in the browser and by the actions behind it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core import files
from core.errors import NotAllowed, RuleError
from core.models import AuditEvent, IssuedNumber
from documents import pdf_text, secrecy
from documents.actions import approvals, drafts, opinions
from documents.choices import ApprovalKind, DocumentStatus, OpinionVerdict
from documents.models import DispatchRecipient, Document
from notices.models import Notice
from signing import services as signing
from tests.documents import outgoing_world as out
from tests.documents.conftest import PIN

HOME = "/lam-viec/van-ban/"
S = DocumentStatus
MINUS = "\N{MINUS SIGN}"


def press(client: Any, user: Any, address: str, **data: Any) -> Any:
    client.force_login(user)
    answer = client.post(address, data)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return answer


def test_a_letter_is_written_signed_sealed_and_sent_in_the_browser(keys: Any, client: Any, work: Any) -> None:
    a, b = keys.a, keys.b
    client.force_login(a.case_officer)
    assert client.get(f"{HOME}di/moi/").status_code == 200
    form = {
        "type": "CV",
        "title": "phối hợp kiểm tra an toàn thực phẩm",
        "urgency": "1",
        "circulation": "",
        "reply_by": "",
        "for_organ": "",
        "body_html": out.BODY,
        "noi-nhan": [f"to:u:{b.agency.pk}", "copy:t:Hiệp hội Doanh nghiệp"],
        "trinh": "1",
    }
    answer = press(client, a.case_officer, f"{HOME}di/moi/", **form)
    document = Document.objects.official().get()
    here = f"{HOME}di/{document.pk}/"
    assert answer.url == f"{here}buoc/propose/"
    assert client.get(answer.url).status_code == 200
    press(client, a.case_officer, f"{here}buoc/propose/", ban="1")
    press(client, a.unit_head, f"{here}buoc/initial/", ban="1", note="Đồng ý")
    client.force_login(a.clerk)
    assert client.get(f"{here}buoc/pass_form/").status_code == 200
    press(client, a.clerk, f"{here}buoc/pass_form/", ban="1")
    client.force_login(a.leader)
    queue = client.get(f"{HOME}trinh-ky/").content.decode()
    assert "an toàn thực phẩm" in queue and "Khẩn" in queue
    work(press, client, a.leader, f"{HOME}trinh-ky/xac-nhan/", chon=f"{document.pk}:1", pin=PIN)
    document.refresh_from_db()
    assert (document.status, document.number_printed) == (S.SIGNED, "01/UBND-VP")
    assert "đã cấp số" in client.get(f"{HOME}trinh-ky/tien-do/?van-ban={document.pk}").content.decode()
    client.force_login(a.clerk)
    assert "Đặng Thu Phương" in client.get(f"{HOME}dong-dau/").content.decode()
    work(press, client, a.clerk, f"{HOME}dong-dau/xac-nhan/", chon=f"{document.pk}:1", pin=PIN)
    document.refresh_from_db()
    assert document.status == S.ISSUED
    assert document.current_file is not None
    text = pdf_text.first_page(document.current_file)
    assert "Số: 01/UBND-VP" in text and "V/v phối hợp" in text and "Lưu: VT, VP." in text and "KHẨN" in text
    verdict = signing.verify_stored(document.current_file)
    assert verdict.verdict == "valid" and len(verdict.signatures) == 2
    assert {one.name_printed for one in DispatchRecipient.objects.all()} == {
        b.agency.name,
        "Hiệp hội Doanh nghiệp",
    }
    page = client.get(here).content.decode()
    assert "Đã gửi 2 nơi" in page and "Phát hành văn bản" in page
    events = list(AuditEvent.objects.filter(subject_id=document.pk, kind="act", event__startswith="document.").values_list("event", flat=True).order_by("id"))  # fmt: skip
    assert [event.split(".")[1] for event in events] == [
        "create", "propose", "initial", "pass_form", "sign", "record_signature", "seal", "issue", "send",
    ]  # fmt: skip
    told = set(
        Notice.objects.filter(kind="documents.outgoing").values_list("recipient__full_name", flat=True)
    )
    assert {a.unit_head.full_name, a.clerk.full_name, a.leader.full_name, a.case_officer.full_name} <= told


def test_an_approval_names_the_version_that_was_read(world: Any) -> None:
    a = world.a
    document = out.begun(a, world.b.agency)
    drafts.edit(
        document.pk,
        actor=out.fresh(a.case_officer),
        words=out.words(world.b.agency, title="đổi rồi"),
        revision=1,
    )
    with pytest.raises(RuleError, match="bản thứ 2"):
        approvals.propose(document.pk, actor=out.fresh(a.case_officer), revision=1)
    approvals.propose(document.pk, actor=out.fresh(a.case_officer), revision=2)
    approvals.return_draft(document.pk, actor=out.fresh(a.unit_head), note="Sửa câu đầu")
    drafts.edit(
        document.pk,
        actor=out.fresh(a.case_officer),
        words=out.words(world.b.agency, title="đổi nữa"),
        revision=2,
    )
    approvals.propose(document.pk, actor=out.fresh(a.case_officer), revision=3)
    with pytest.raises(RuleError, match="bản thứ 3"):
        approvals.initial(document.pk, actor=out.fresh(a.unit_head), revision=2)
    assert list(document.approvals.values_list("kind", "revision")) == [
        (ApprovalKind.DRAFTER, 2),
        (ApprovalKind.DRAFTER, 3),
    ]


def test_two_who_edit_at_once_do_not_lose_a_word(world: Any, client: Any) -> None:
    a = world.a
    document = out.begun(a, world.b.agency)
    drafts.edit(
        document.pk,
        actor=out.fresh(a.case_officer),
        words=out.words(world.b.agency, title="bản kia"),
        revision=1,
    )
    client.force_login(a.case_officer)
    form = {
        "type": "CV",
        "title": "bản này",
        "urgency": "0",
        "body_html": "<p>Chữ của tôi</p>",
        "revision": "1",
    }
    answer = client.post(f"{HOME}di/{document.pk}/sua/", form).content.decode()
    assert "Người khác đã lưu bản thứ 2" in answer and "Chữ của tôi" in answer
    document.refresh_from_db()
    assert document.title == "bản kia"


def test_a_leader_signs_only_what_was_initialled(keys: Any) -> None:
    """However it came to his table: the version must bear the initials of head and clerk."""
    document = out.begun(keys.a, keys.b.agency)
    Document.objects.filter(pk=document.pk).update(status=S.SUBMITTED)
    with pytest.raises(RuleError, match="chưa có đủ ký nháy"):
        out.sign(keys.a, document)
    assert not IssuedNumber.objects.filter(subject_type="documents.document").exists()


def test_versions_show_what_changed(world: Any, client: Any) -> None:
    a = world.a
    document = out.begun(a, world.b.agency)
    changed = out.BODY.replace("năm 2026", "quý IV năm 2026")
    drafts.edit(
        document.pk, actor=out.fresh(a.case_officer), words=out.words(world.c.ubnd, body=changed), revision=1
    )
    client.force_login(a.unit_head)
    page = client.get(f"{HOME}di/{document.pk}/ban/").content.decode()
    assert "<ins>[+quý IV" in page
    assert (
        f"<del>[{MINUS}{world.b.agency.name}{MINUS}]</del>" in page
        and f"<ins>[+{world.c.ubnd.name}+]</ins>" in page
    )


def test_nothing_saved_is_no_new_version(world: Any) -> None:
    document = out.begun(world.a, world.b.agency)
    drafts.edit(
        document.pk, actor=out.fresh(world.a.case_officer), words=out.words(world.b.agency), revision=1
    )
    assert document.versions.count() == 1


class TestOpinions:
    def asked(self, world: Any, **more: Any) -> tuple[Document, Any]:
        document = out.begun(world.a, world.c.ubnd)
        due = more.pop("due_at", timezone.now() + timedelta(days=2))
        actor = out.fresh(world.a.case_officer)
        made = opinions.ask(document.pk, actor=actor, units=[world.b.division], question="Mục 2", due_at=due)
        return document, made[0]

    def test_another_agency_answers_and_the_drafter_explains(self, world: Any, client: Any) -> None:
        document, opinion = self.asked(world)
        client.force_login(world.b.unit_head)
        assert "an toàn thực phẩm" in client.get(f"{HOME}y-kien/").content.decode()
        assert client.get(f"{HOME}y-kien/{opinion.pk}/").status_code == 200
        press(
            client,
            world.b.unit_head,
            f"{HOME}y-kien/{opinion.pk}/",
            verdict="changes",
            text="Bỏ mục 2",
            revision="1",
        )
        opinion.refresh_from_db()
        assert (
            opinion.verdict == OpinionVerdict.AGREE_WITH_CHANGES and "Bùi Văn Trưởng" in opinion.given_printed
        )
        press(client, world.a.case_officer, f"{HOME}y-kien/{opinion.pk}/tiep-thu/", text="Đã bỏ mục 2")
        page = client.get(f"{HOME}di/{document.pk}/").content.decode()
        assert "Bỏ mục 2" in page and "Đã bỏ mục 2" in page

    def test_a_draft_waits_for_those_who_still_have_time(self, world: Any) -> None:
        document, _opinion = self.asked(world)
        with pytest.raises(RuleError, match="Phòng Nghiệp vụ"):
            approvals.propose(document.pk, actor=out.fresh(world.a.case_officer), revision=1)

    def test_silence_past_the_deadline_is_recorded(self, world: Any) -> None:
        document, opinion = self.asked(world)
        type(opinion).objects.filter(pk=opinion.pk).update(due_at=timezone.now() - timedelta(minutes=1))
        approvals.propose(document.pk, actor=out.fresh(world.a.case_officer), revision=1)
        opinion.refresh_from_db()
        assert opinion.text == "Không trả lời đúng hạn"
        assert AuditEvent.objects.filter(event="document.opinion_missing", subject_id=document.pk).exists()

    def test_withdrawn_asked_twice_and_read_too_early(self, world: Any) -> None:
        document, opinion = self.asked(world)
        actor = out.fresh(world.a.case_officer)
        with pytest.raises(RuleError, match="đang được hỏi"):
            opinions.ask(
                document.pk, actor=actor, units=[world.b.division], question="", due_at=opinion.due_at
            )
        drafts.edit(document.pk, actor=actor, words=out.words(world.c.ubnd, title="khác"), revision=1)
        with pytest.raises(RuleError, match="bản thứ 2"):
            opinions.give(
                opinion.pk, actor=out.fresh(world.b.unit_head), verdict="agree", text="", revision=1
            )
        with pytest.raises(NotAllowed):
            opinions.give(
                opinion.pk, actor=out.fresh(world.c.unit_head), verdict="agree", text="", revision=2
            )
        opinions.withdraw(opinion.pk, actor=actor)
        approvals.propose(document.pk, actor=actor, revision=2)

    def test_who_was_not_asked_sees_nothing(self, world: Any, client: Any) -> None:
        document, opinion = self.asked(world)
        client.force_login(world.c.unit_head)
        for path in (
            f"di/{document.pk}/",
            f"di/{document.pk}/giay/",
            f"y-kien/{opinion.pk}/",
            f"di/{document.pk}/ban/",
        ):
            assert client.get(f"{HOME}{path}").status_code == 404, path


class TestRefusals:
    @pytest.mark.parametrize("where", ["title", "body"])
    def test_what_bears_the_mark_of_a_secret_is_not_stored(self, world: Any, where: str) -> None:
        text = {"title": "Độ mật: Tối mật", "body": "<p>MẬT</p><p>Nội dung</p>"}
        with pytest.raises(secrecy.SecretRefused):
            out.begun(world.a, world.b.agency, **{where: text[where]})
        assert not Document.objects.official().exists()

    def test_scripts_and_pictures_do_not_reach_a_draft(self, world: Any) -> None:
        body = '<p onclick="x()">Chữ<img src="http://x/y.png"></p><script>alert(1)</script>'
        document = out.begun(world.a, world.b.agency, body=body)
        assert document.body_html == "<p>Chữ</p>"

    def test_a_recipient_dissolved_yesterday(self, world: Any) -> None:
        type(world.b.agency).objects.filter(pk=world.b.agency.pk).update(
            valid_to=timezone.localdate() - timedelta(days=1)
        )
        with pytest.raises(RuleError, match="đã kết thúc hoạt động"):
            out.begun(world.a, world.b.agency)

    def test_internal_papers_stay_inside(self, world: Any) -> None:
        with pytest.raises(RuleError, match="nội bộ"):
            out.begun(world.a, world.b.agency, circulation="internal")
        out.begun(world.a, world.a.counter, circulation="internal")

    def test_a_citizen_and_a_stranger(self, world: Any, client: Any) -> None:
        document = out.begun(world.a, world.b.agency)
        client.force_login(world.b.officer)
        assert client.get(f"{HOME}di/{document.pk}/").status_code == 404
        assert (
            client.post(f"{HOME}di/{document.pk}/buoc/cancel/", {"note": "x", "ban": "1"}).status_code == 404
        )
        with pytest.raises(NotAllowed):
            approvals.propose(document.pk, actor=out.fresh(world.b.officer), revision=1)

    def test_only_a_note_sends_back(self, world: Any, client: Any) -> None:
        document = out.begun(world.a, world.b.agency)
        approvals.propose(document.pk, actor=out.fresh(world.a.case_officer), revision=1)
        client.force_login(world.a.unit_head)
        assert (
            "Nhập lý do"
            in client.post(f"{HOME}di/{document.pk}/buoc/send_back/", {"ban": "1"}).content.decode()
        )
        press(
            client, world.a.unit_head, f"{HOME}di/{document.pk}/buoc/send_back/", ban="1", note="Thiếu căn cứ"
        )
        document.refresh_from_db()
        assert document.status == S.DRAFT
        assert Notice.objects.filter(recipient=world.a.case_officer, text__contains="Thiếu căn cứ").exists()


def test_the_picker_finds_without_marks_and_only_agencies(world: Any, client: Any) -> None:
    client.force_login(world.a.case_officer)
    type(world.b.agency).objects.filter(pk=world.b.agency.pk).update(
        folded="so thu nghiem thanh pho hai phong"
    )
    type(world.b.division).objects.filter(pk=world.b.division.pk).update(
        folded="phong nghiep vu so thu nghiem"
    )
    answer = client.post(
        f"{HOME}di/noi-nhan/", {"tim-noi-nhan": "1", "q-noi-nhan": "so thu nghiem", "ghi-o": "to"}
    )
    page = answer.content.decode()
    assert f"to:u:{world.b.agency.pk}" in page and f"u:{world.b.division.pk}" not in page
    page = client.post(f"{HOME}di/noi-nhan/", {"them": f"to:u:{world.b.agency.pk}"}).content.decode()
    assert world.b.agency.name in page and 'name="noi-nhan"' in page


def test_correction_and_replacement_begin_from_the_issued_one(world: Any, client: Any) -> None:
    old = out.begun(world.a, world.b.agency)
    data = files.store_bytes(b"%PDF-1.4 old", "application/pdf")
    number = IssuedNumber.objects.create(
        series=_series(), value=7, subject_type="documents.document", subject_id=old.pk
    )
    Document.objects.filter(pk=old.pk).update(
        status=S.ISSUED, number=number, number_printed="07/UBND-VP", current_file=data, issued_at=timezone.now(), dated_on=timezone.localdate()
    )  # fmt: skip
    client.force_login(world.a.case_officer)
    page = client.get(f"{HOME}di/moi/?thay-the={old.pk}").content.decode()
    assert old.title in page and "07/UBND-VP" in page
    old.refresh_from_db()
    new = drafts.begin(actor=out.fresh(world.a.case_officer), words=out.words(world.b.agency, replaces=old))
    fix = drafts.begin(
        actor=out.fresh(world.a.case_officer),
        words=out.words(world.b.agency, corrects=old, title="đính chính"),
    )
    assert (new.replaces, fix.corrects) == (old, old)
    with pytest.raises(RuleError, match="đã phát hành"):
        drafts.begin(actor=out.fresh(world.a.case_officer), words=out.words(world.b.agency, replaces=new))


def _series() -> Any:
    from core.models import NumberSeries

    return NumberSeries.objects.create(key="thu", last=7)


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_asks_the_same_few_questions(
    world: Any, client: Any, rows: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(rows):
        out.begun(world.a, world.b.agency, title=f"văn bản {number}")
    client.force_login(world.a.clerk)
    client.get(f"{HOME}di/")
    with django_assert_max_num_queries(22):
        page = client.get(f"{HOME}di/?trang-thai=du-thao").content.decode()
    assert page.count("data-row") == rows
