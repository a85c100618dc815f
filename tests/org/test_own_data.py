"""«Dữ liệu của tôi»: who looked, the whole copy, correction and deletion; and the officer who answers."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core import audit, files, own_data
from core.errors import NotAllowed, NoteMissing, RuleError, WrongStatus
from core.models import AuditEvent, StoredFile
from notices.models import Notice
from onecase.choices import BusinessStatus as S
from onecase.models import Case, CaseFile
from org import copies, copy_paper, rules
from org.actions import own_data as actions
from org.choices import DataRequestStatus, IdentityLevel, OrganizationKind, Role
from org.models import CitizenIdentity, DataCopy, DataRequest, User
from tests import factories as make
from tests.onecase.staff_doors import enter, text
from tests.org.test_step_up import age

pytestmark = pytest.mark.django_db
NUMBER = "031190123456"


@pytest.fixture
def world():
    return make.commune()


@pytest.fixture
def citizen():
    return make.citizen("Phạm Thị Thu Hà", NUMBER)


@pytest.fixture
def centre(settings):
    unit = make.organization("Trung tâm Phục vụ hành chính công thành phố", OrganizationKind.ADMIN_UNIT)
    settings.DATA_OFFICER_UNIT = unit.slug
    return unit


@pytest.fixture
def officer(centre):
    return make.hat("Lê Thị Dữ", centre, "Công chức dữ liệu", Role.UNIT_ADMIN)


@pytest.fixture
def case(world, citizen):
    made = make.case(world, S.APPRAISING, applicant=citizen)
    made.answers = {"applicant_full_name": "Phạm Thị Thu Hà", "applicant_citizen_id": NUMBER}
    made.save(update_fields=["answers_sealed"])
    stored = files.store_bytes(b"%PDF-1.4 giay", "application/pdf", pages=1)
    CaseFile.objects.create(case=made, stored=stored, name="giay.pdf")
    return made


def ask(citizen, kind="correction", words="Nơi cư trú ghi sai, đúng là số 8 Máy Tơ.") -> DataRequest:
    return actions.submit_request(actor=citizen, kind=kind, text=words)


# --- who looked -----------------------------------------------------------------------------------------------


def test_the_citizen_reads_who_looked_when_in_which_post_and_why(world, citizen, case):
    staff = enter(world.case_officer)
    staff.get(f"/lam-viec/ho-so/{case.code}/")
    staff.post(f"/lam-viec/ho-so/{case.code}/hien-so/", {"ly-do": "lien-he"})
    page = text(enter(citizen).get(reverse("org:own_data")))
    assert "Mở hồ sơ" in page and case.code in page
    assert "Nguyễn Thị Lan, Công chức tư pháp - hộ tịch, Văn phòng HĐND và UBND phường Thử Nghiệm" in page
    assert "Liên hệ người nộp về hồ sơ" in page


def test_nobody_elses_readings_are_shown(world, citizen, case):
    other = make.case(world, S.APPRAISING)
    enter(world.case_officer).get(f"/lam-viec/ho-so/{other.code}/")
    page = text(enter(citizen).get(reverse("org:who_looked")))
    assert other.code not in page
    assert "Chưa ai" in page


def test_a_file_and_a_paper_case_under_a_proven_number_count(world, citizen, case):
    paper_case = make.case(world, S.APPRAISING, applicant=make.user("Người khác"))
    Case.objects.filter(pk=paper_case.pk).update(applicant=None)
    party = paper_case.parties.get()
    party.number = NUMBER
    party.save()
    enter(world.case_officer).get(f"/lam-viec/ho-so/{paper_case.code}/")
    assert paper_case.code not in text(enter(citizen).get(reverse("org:who_looked")))
    CitizenIdentity.objects.filter(user=citizen).update(level=IdentityLevel.PROVEN)
    assert paper_case.code in text(enter(citizen).get(reverse("org:who_looked")))


def test_own_reading_is_called_so_and_the_number_stays_masked(citizen):
    client = enter(citizen)
    client.post(reverse("org:reveal_number"))
    page = text(client.get(reverse("org:who_looked")))
    assert "chính bạn" in page
    assert NUMBER not in page


def test_the_list_is_paged_and_costs_the_same_for_one_and_for_many(world, citizen, case):
    client = enter(citizen)
    audit.record_read(world.case_officer, case, "case.read")
    client.get(reverse("org:who_looked"))
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(reverse("org:who_looked"))
    for number in range(40):
        audit.record_read(world.case_officer, case, "case.read_form", f"Phiếu {number}")
    with CaptureQueriesContext(connection) as many:
        page = text(client.get(reverse("org:who_looked")))
    assert len(many) == len(one)
    assert page.count("Xem phiếu") == 30
    assert "Cũ hơn" in page
    last = AuditEvent.objects.filter(event="case.read_form").order_by("-id")[29].pk
    older = text(client.get(f"{reverse('org:who_looked')}?truoc={last}"))
    assert older.count("Xem phiếu") == 10 and older.count("Mở hồ sơ") == 1
    assert "Cũ hơn" not in older


def test_each_look_says_why_and_which_paper(world, citizen, case, officer):
    """The ground is the duty of the post, or the typed reason; the owner of a file reads the name he gave it."""
    file = case.files.get()
    staff = enter(world.case_officer)
    staff.get(f"/lam-viec/ho-so/{case.code}/tep/{file.pk}/")
    enter(world.leader).get(f"/lam-viec/ho-so/{case.code}/")
    request = ask(citizen)
    enter(officer).get(reverse("org:staff_data_request", args=[request.pk]))
    page = text(enter(citizen).get(reverse("org:who_looked")))
    assert f"Xem giấy tờ «giay.pdf», hồ sơ {case.code}" in page and "giấy tờ khác" not in page
    assert f"<b>Mở hồ sơ {case.code}</b>" in page
    assert page.count(f"Vì sao: để giải quyết hồ sơ {case.code}") == 2
    assert "Vì sao: để trả lời yêu cầu của bạn" in page


def test_the_same_look_within_an_hour_is_one_line_and_the_trail_stays_whole(world, citizen, case):
    for hours in (3, 2.5, 0.3, 0.2, 0.1):
        at = timezone.now() - timedelta(hours=hours)
        audit.sealed("case.read", actor=world.case_officer, subject=case, kind="read", at=at).save()
    audit.record_read(world.leader, case, "case.read")
    page = text(enter(citizen).get(reverse("org:who_looked")))
    assert page.count("Mở hồ sơ") == 3
    assert "3 lần, lần cuối" in page and "2 lần, lần cuối" in page
    assert own_data.readings(citizen).count() == 6


# --- the copy -------------------------------------------------------------------------------------------------


def test_a_copy_holds_everything_in_json_pdf_and_zip(citizen, case, work):
    copy = work(actions.request_copy, actor=citizen)
    copy.refresh_from_db()
    assert copy.done_at and copy.job.done == copy.job.total
    content = json.loads(files.read(copy.as_json))
    assert (content["format"], content["version"]) == ("haiphong.own-data", 1)
    sections = {section["name"]: section["data"] for section in content["sections"]}
    assert sections["org"]["identity"]["number"] == NUMBER
    assert sections["onecase"]["cases"][0]["code"] == case.code
    assert files.read(copy.as_pdf).startswith(b"%PDF")
    with zipfile.ZipFile(io.BytesIO(files.read(copy.as_zip))) as archive:
        assert any(name.startswith(f"tep/ho-so/{case.code}/") for name in archive.namelist())
        assert archive.read("du-lieu-cua-toi.json") == files.read(copy.as_json)
        (named,) = sections["onecase"]["cases"][0]["files"]
        assert archive.read(named["path"]) == b"%PDF-1.4 giay"
    assert Notice.objects.filter(recipient=citizen, kind="data_copy.make").exists()
    told = AuditEvent.objects.filter(subject_type="org.datacopy").order_by("id")
    assert [event.event for event in told] == ["data_copy.request", "data_copy.make"]


def test_every_key_of_the_copy_has_a_label_and_every_app_is_in(citizen, case):
    content = copies.collected(citizen)
    for section in content["sections"]:
        list(copy_paper.groups(section))  # KeyError: a key without words
    assert {section["name"] for section in content["sections"]} == {"org", "notices", "onecase"}


def test_the_readable_copy_says_one_thing_a_row_and_prints_no_codes(world, citizen, case):
    """What the JSON holds in codes for machines is said in words; empty facts take no room."""
    identity = citizen.identity
    identity.level, identity.proven_by = IdentityLevel.PROVEN, ""
    identity.save()
    audit.record_read(world.case_officer, case, "case.read")
    audit.record_read(citizen, identity, "identity.read_number")
    content = copies.collected(citizen)
    groups = {group.title: group for section in content["sections"] for group in copy_paper.groups(section)}
    rows = [row for group in groups.values() for row in group.rows]
    assert ("Họ, chữ đệm, tên người yêu cầu", "Phạm Thị Thu Hà") in groups["Nội dung đã khai"].rows
    (looked,) = groups["Việc người khác làm, xem trên dữ liệu của bạn"].rows
    assert looked[1].startswith(f"Nguyễn Thị Lan: Mở hồ sơ {case.code}; Công chức tư pháp")
    assert looked[1].endswith(f"để giải quyết hồ sơ {case.code}")
    assert "Xác minh bởi" not in {left for left, _right in rows}
    assert all(right not in {"", "–"} for _left, right in rows)
    printed = json.dumps(rows, ensure_ascii=False)
    assert not [code for code in ("case.read", "identity.read_number", "dinh-danh") if code in printed]
    assert "case.read" in json.dumps(content)
    drawn = copy_paper.render(content)
    assert drawn.pages <= 3


def test_the_copy_of_an_officer_does_not_name_the_files_of_others(world, citizen, case):
    CaseFile.objects.filter(case=case).update(name="Phạm Thị Thu Hà khai sinh.pdf")
    enter(world.case_officer).get(f"/lam-viec/ho-so/{case.code}/tep/{case.files.get().pk}/")
    content = copies.collected(world.case_officer)
    acts = content["sections"][0]["data"]["own_acts"]
    assert [act["event"] for act in acts] == ["case.read_file"]
    assert "khai sinh.pdf" not in json.dumps(content, ensure_ascii=False)


# Columns that point to an account and are about the person; every other one names who acted in office.
ABOUT_THE_PERSON = {
    "org.CitizenIdentity.user", "org.Person.user", "org.DataRequest.user", "org.DataCopy.user", "notices.Notice.recipient",
    "onecase.Case.applicant", "account.EmailAddress.user", "mfa.Authenticator.user", "usersessions.UserSession.user",
    "socialaccount.SocialAccount.user", "core.Job.owner",
}  # fmt: skip
ACTED = {
    "core.AuditEvent.actor", "onecase.Case.handler", "onecase.CaseFile.added_by", "onecase.ComponentCheck.checked_by",
    "onecase.HandOver.giver", "onecase.HandOver.taker", "onecase.LegalForm.made_by", "org.RoleGrant.granted_by",
    "org.DataRequest.officer", "admin.LogEntry.user",
}  # fmt: skip


def test_whoever_adds_a_column_about_people_says_where_it_appears():
    """Apps that hold something about citizens register it; documents and signing know staff only."""
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if field.is_relation and field.related_model is User
    }
    offices = {
        name
        for name in found
        if name.split(".")[0] in {"documents", "signing", "org", "core", "admin", "onecase"}
    }
    assert found >= ABOUT_THE_PERSON
    assert found - offices <= ABOUT_THE_PERSON | ACTED, "say in ABOUT_THE_PERSON or ACTED what this column is"
    registered = {holding.name for holding in own_data.holdings()}
    assert {name.split(".")[0] for name in ABOUT_THE_PERSON} - registered <= {
        "account", "mfa", "usersessions", "socialaccount", "core",
    }  # fmt: skip


def test_a_copy_of_one_holds_nothing_of_another(world, citizen, case):
    other = make.case(world, S.APPRAISING)
    content = json.dumps(copies.collected(citizen), ensure_ascii=False)
    assert other.code not in content
    assert other.applicant.email not in content


def test_pressing_twice_makes_one_copy_and_a_day_has_its_limit(citizen, work):
    first = actions.request_copy(actor=citizen)
    assert actions.request_copy(actor=citizen) == first
    DataCopy.objects.update(done_at=timezone.now())
    for _n in range(actions.COPIES_A_DAY - 1):
        actions.request_copy(actor=citizen)
        DataCopy.objects.filter(done_at=None).update(done_at=timezone.now())
    with pytest.raises(RuleError, match="Mỗi ngày"):
        actions.request_copy(actor=citizen)


def test_making_it_twice_does_no_harm(citizen, work):
    copy = work(actions.request_copy, actor=citizen)
    actions.make_copy(copy.pk)
    assert AuditEvent.objects.filter(event="data_copy.make").count() == 1


def test_fetching_is_noted_and_only_the_owner_fetches(citizen, work):
    copy = work(actions.request_copy, actor=citizen)
    copy.refresh_from_db()
    actions.fetch_copy(copy, "zip", actor=citizen)
    event = AuditEvent.objects.get(event="data_copy.read")
    assert (event.actor, event.note, event.kind) == (citizen, "zip", "read")
    with pytest.raises(NotAllowed):
        actions.fetch_copy(copy, "zip", actor=make.citizen())
    answer = enter(citizen).get(reverse("org:fetch_copy", args=[copy.pk, "zip"]))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert enter(make.citizen()).get(reverse("org:fetch_copy", args=[copy.pk, "zip"])).status_code in {
        302,
        404,
    }


def test_an_expired_copy_is_erased_and_cannot_be_fetched(citizen, work):
    copy = work(actions.request_copy, actor=citizen)
    copy.refresh_from_db()
    places = [files.path_of(one) for one in (copy.as_json, copy.as_pdf, copy.as_zip)]
    numbers = [copy.as_json_id, copy.as_pdf_id, copy.as_zip_id]
    assert actions.expire_copies(now=timezone.now()) == 0
    assert work(actions.expire_copies, now=timezone.now() + timedelta(days=8)) == 1
    copy.refresh_from_db()
    assert copy.as_zip is None
    assert not StoredFile.objects.filter(pk__in=numbers).exists()
    assert not any(place.exists() for place in places)
    with pytest.raises(RuleError, match="quá hạn"):
        actions.fetch_copy(copy, "zip", actor=citizen)


# --- requests -------------------------------------------------------------------------------------------------


def test_a_request_reaches_the_officer_sealed(citizen, officer):
    request = ask(citizen)
    assert request.unit == officer.hat.organization
    with connection.cursor() as cursor:
        cursor.execute("SELECT text_sealed FROM org_datarequest")
        assert "Máy Tơ" not in cursor.fetchone()[0]
    assert Notice.objects.filter(recipient=officer, kind="data_request.submit").exists()
    assert AuditEvent.objects.get(event="data_request.submit").actor == citizen
    page = text(enter(officer).get(reverse("org:staff_data_requests")))
    assert citizen.full_name in page


def test_a_request_waits_on_the_officers_desk_and_in_his_bar(world, citizen, officer):
    request = ask(citizen)
    client = enter(officer)
    address = reverse("org:staff_data_request", args=[request.pk])
    desk = text(client.get("/lam-viec/"))
    assert f'href="{address}"' in desk and "Yêu cầu sửa dữ liệu – Phạm Thị Thu Hà" in desk
    assert "1 việc chờ bạn" in desk and "chờ trả lời" in desk
    actions.take_up_request(request.pk, actor=officer)
    place = '<a href="/lam-viec/du-lieu-ca-nhan/" aria-current="page">Dữ liệu cá nhân</a>'
    bar = text(client.get(address)).partition("</header>")[0]
    assert place in bar
    actions.refuse_request(request.pk, actor=officer, note="Giấy tờ không chứng minh.")
    assert address not in text(client.get("/lam-viec/"))
    assert "du-lieu-ca-nhan" not in text(enter(world.case_officer).get("/lam-viec/"))


def test_too_short_and_twice_are_refused(citizen, officer):
    with pytest.raises(RuleError, match="Viết rõ"):
        ask(citizen, words="sai")
    ask(citizen)
    with pytest.raises(RuleError, match="cùng loại"):
        ask(citizen)
    ask(citizen, kind="deletion")


@pytest.mark.parametrize("verb", ["take_up_request", "refuse_request", "correct_request", "erase_request"])
def test_nobody_else_answers(world, citizen, officer, verb):
    request = ask(citizen)
    extra = {} if verb == "take_up_request" else {"note": "x"}
    extra |= {"changes": {}} if verb == "correct_request" else {}
    for person in (world.case_officer, world.leader, citizen, make.citizen()):
        with pytest.raises(NotAllowed):
            getattr(actions, verb)(request.pk, actor=person, **extra)
    for person in (world.case_officer, world.leader):
        assert enter(person).get(reverse("org:staff_data_request", args=[request.pk])).status_code == 404
    request.refresh_from_db()
    assert request.status == DataRequestStatus.SUBMITTED


def test_the_list_rule_and_the_object_rule_agree(world, citizen, officer):
    own = ask(officer)
    other = ask(citizen)
    for person in (officer, citizen, world.leader, world.counter_officer):
        listed = set(DataRequest.objects.filter(rules.requests_to_answer(person)))
        assert listed == {one for one in (own, other) if rules.answers_requests(person, one)}


def test_an_officer_does_not_answer_himself(officer):
    request = ask(officer)
    with pytest.raises(NotAllowed):
        actions.take_up_request(request.pk, actor=officer)


def test_a_correction_is_written_told_and_noted(citizen, officer):
    request = ask(citizen)
    actions.take_up_request(request.pk, actor=officer)
    changes = {
        "address": "số 8 Máy Tơ",
        "phone": "0987654321",
        "full_name": "",
        "birth_on": None,
        "number": "",
    }
    actions.correct_request(request.pk, actor=officer, note="Đã sửa theo giấy tờ.", changes=changes)
    request.refresh_from_db()
    citizen.refresh_from_db()
    assert request.status == DataRequestStatus.FULFILLED
    assert request.outcome == {"changed": ["phone", "address"]}
    assert (citizen.identity.address, citizen.phone) == ("số 8 Máy Tơ", "0987654321")
    event = AuditEvent.objects.get(event="data_request.correct")
    assert (event.actor, event.detail) == (officer, {"changed": ["phone", "address"]})
    page = text(enter(citizen).get(reverse("org:data_request", args=[request.pk])))
    assert "Đã sửa theo giấy tờ." in page and "Số điện thoại, Nơi cư trú" in page
    assert Notice.objects.filter(recipient=citizen, kind="data_request.fulfilled").exists()


@pytest.mark.parametrize("name", ["full_name", "number", "birth_on"])
def test_what_a_proof_vouches_for_is_not_corrected_here(citizen, officer, name):
    CitizenIdentity.objects.filter(user=citizen).update(level=IdentityLevel.PROVEN, proven_by="VNeID")
    request = ask(citizen)
    actions.take_up_request(request.pk, actor=officer)
    values = {"full_name": "Tên Khác", "number": "031190999999", "birth_on": timezone.localdate()}
    with pytest.raises(RuleError, match="VNeID"):
        actions.correct_request(request.pk, actor=officer, note="x", changes={name: values[name]})
    request.refresh_from_db()
    assert request.status == DataRequestStatus.IN_HAND


def test_neither_form_offers_what_is_not_corrected_here(citizen, officer):
    CitizenIdentity.objects.filter(user=citizen).update(level=IdentityLevel.PROVEN, proven_by="VNeID")
    words = "Họ tên, ngày sinh và số định danh đã được VNeID xác minh"
    asking = text(enter(citizen).get(reverse("org:ask", args=["sua"])))
    assert "bị sai: nơi cư trú, số điện thoại." in asking and words in asking
    request = ask(citizen)
    actions.take_up_request(request.pk, actor=officer)
    client = enter(officer)
    address = reverse("org:staff_data_request", args=[request.pk])
    page = text(client.get(address))
    assert words in page and 'name="address"' in page
    assert not [name for name in ("full_name", "number", "birth_on") if f'name="{name}' in page]
    forged = client.post(address, {"viec": "correct", "full_name": "Tên Khác", "note": "Đã sửa."})
    assert "ít nhất một giá trị" in text(forged)


def test_a_correction_that_changes_nothing_is_refused(citizen, officer):
    request = ask(citizen)
    actions.take_up_request(request.pk, actor=officer)
    with pytest.raises(RuleError, match="ít nhất một"):
        actions.correct_request(
            request.pk, actor=officer, note="x", changes={"address": citizen.identity.address}
        )


def test_a_deletion_erases_what_no_law_keeps_and_says_why_the_rest_stays(world, citizen, case, officer, work):
    draft = make.case(world, S.DRAFT, applicant=citizen, of=make.procedure())
    draft.parties.all().delete()  # a draft has none before it is submitted
    stored = files.store_bytes(b"%PDF-1.4 chi co trong ban nhap", "application/pdf", pages=1)
    CaseFile.objects.create(case=draft, stored=stored, name="nhap.pdf")
    request = ask(citizen, kind="deletion")
    actions.take_up_request(request.pk, actor=officer)
    work(actions.erase_request, request.pk, actor=officer, note="Đã xóa phần được xóa.")
    assert not Case.objects.filter(pk=draft.pk).exists()
    assert Case.objects.filter(pk=case.pk).exists()
    assert not files.path_of(stored).exists()
    citizen = User.objects.get(pk=citizen.pk)
    assert citizen.phone == "" and not hasattr(citizen, "identity")
    request.refresh_from_db()
    assert any("Bản nháp" in words for words in request.outcome["erased"])
    assert any("1 hồ sơ đã nộp" in what for what, _why in request.outcome["kept"])
    page = text(enter(citizen).get(reverse("org:data_request", args=[request.pk])))
    assert "Còn giữ, và vì sao" in page and "quy định về lưu trữ" in page


def test_an_erasure_is_confirmed_and_asks_for_the_second_factor(citizen, officer, settings):
    request = ask(citizen, kind="deletion")
    actions.take_up_request(request.pk, actor=officer)
    client = enter(officer)
    address = reverse("org:staff_data_request", args=[request.pk])
    answer = {"viec": "erase", "note": "Đã xóa phần được xóa."}
    age(client, settings.STEP_UP_MINUTES + 1)
    asked = client.post(address, answer | {"understood": "on"})
    request.refresh_from_db()
    assert (asked.status_code, request.status) == (302, DataRequestStatus.IN_HAND)
    age(client, 0)
    assert "Đánh dấu xác nhận trước khi xóa" in text(client.post(address, answer))
    request.refresh_from_db()
    assert request.status == DataRequestStatus.IN_HAND
    client.post(address, answer | {"understood": "on"})
    request.refresh_from_db()
    assert request.status == DataRequestStatus.FULFILLED


def test_a_proven_number_stays(citizen, officer):
    CitizenIdentity.objects.filter(user=citizen).update(level=IdentityLevel.PROVEN)
    request = ask(citizen, kind="deletion")
    actions.take_up_request(request.pk, actor=officer)
    actions.erase_request(request.pk, actor=officer, note="Xong.")
    assert CitizenIdentity.objects.get(user=citizen).number == NUMBER


def test_bytes_that_another_case_holds_are_not_erased(world, citizen, case, officer, work):
    stored = case.files.get().stored
    draft = make.case(world, S.DRAFT, applicant=citizen, of=make.procedure())
    draft.parties.all().delete()  # a draft has none before it is submitted
    CaseFile.objects.create(case=draft, stored=stored, name="nhap.pdf")
    request = ask(citizen, kind="deletion")
    actions.take_up_request(request.pk, actor=officer)
    work(actions.erase_request, request.pk, actor=officer, note="Xong.")
    assert files.read(stored)


def test_a_refusal_needs_words_and_is_told(citizen, officer):
    request = ask(citizen)
    actions.take_up_request(request.pk, actor=officer)
    with pytest.raises(NoteMissing):
        actions.refuse_request(request.pk, actor=officer, note=" ")
    actions.refuse_request(request.pk, actor=officer, note="Giấy tờ không chứng minh.")
    with pytest.raises(WrongStatus):
        actions.refuse_request(request.pk, actor=officer, note="lần nữa")
    assert Notice.objects.filter(recipient=citizen, kind="data_request.refused").exists()


def test_the_citizen_takes_it_back(citizen, officer):
    request = ask(citizen)
    enter(citizen).post(reverse("org:data_request", args=[request.pk]))
    request.refresh_from_db()
    assert request.status == DataRequestStatus.WITHDRAWN
    assert enter(make.citizen()).get(reverse("org:data_request", args=[request.pk])).status_code == 404


def test_the_officers_page_masks_and_each_look_is_noted(citizen, officer):
    request = ask(citizen)
    client = enter(officer)
    address = reverse("org:staff_data_request", args=[request.pk])
    page = text(client.get(address))
    assert NUMBER not in page and citizen.phone not in page and "Máy Tơ" in page
    shown = text(client.post(reverse("org:reveal_requester", args=[request.pk]), {"ly-do": "doi-chieu"}))
    assert NUMBER in shown and citizen.phone in shown
    found = AuditEvent.objects.filter(kind="read").order_by("id")
    assert [event.event for event in found] == ["data_request.read", "data_request.read_number"]
    refused = client.post(reverse("org:reveal_requester", args=[request.pk]), follow=True)
    assert NUMBER not in text(refused)


def test_the_officer_answers_in_the_browser(citizen, officer):
    request = ask(citizen)
    client = enter(officer)
    address = reverse("org:staff_data_request", args=[request.pk])
    client.post(address, {"viec": "take_up"})
    wrong = text(client.post(address, {"viec": "correct", "number": "123", "note": "Đã sửa."}))
    assert "12 chữ số" in wrong and "Đã sửa." in wrong
    client.post(address, {"viec": "correct", "address": "số 8 Máy Tơ", "note": "Đã sửa."})
    request.refresh_from_db()
    assert request.status == DataRequestStatus.FULFILLED


def test_the_list_costs_the_same_for_one_and_for_twenty(officer):
    ask(make.citizen())
    client = enter(officer)
    client.get(reverse("org:staff_data_requests"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("org:staff_data_requests"))
    for _n in range(19):
        ask(make.citizen())
    with CaptureQueriesContext(connection) as twenty:
        client.get(reverse("org:staff_data_requests"))
    assert len(twenty) == len(one)
