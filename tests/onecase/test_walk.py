"""The one walk that the product exists for: from an application to a signed result that anyone can check."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from core import files
from core.errors import RuleError
from core.models import IssuedNumber
from documents import services as documents
from documents.choices import DocumentStatus
from documents.models import DocumentType
from notices.models import Notice
from onecase import actions, clock, timeline
from onecase.choices import BusinessStatus as S
from onecase.models import CaseFile
from signing import services as signing
from signing.errors import WrongPin
from tests import factories as make

pytestmark = pytest.mark.django_db
PIN = "246810"


def photo(name="giay-chung-sinh.jpg"):
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), "white").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


@pytest.fixture
def world(pki):
    made = make.commune()
    DocumentType.objects.create(code="QĐ", name="Quyết định", abbreviation="QĐ")
    pki.issue_demo_key(owner_user=made.leader, kind="personal", pin=PIN)
    pki.issue_demo_key(owner_organization=made.ubnd, kind="seal", pin=PIN, holders=[made.clerk])
    pki.issue_demo_key(owner_organization=made.counter, kind="system")
    return made


@pytest.fixture
def submitted(world, work):
    citizen = make.citizen()
    case = work(actions.start, make.procedure(), actor=citizen)
    work(
        actions.save_draft,
        case.pk,
        actor=citizen,
        answers={"applicant_full_name": "Phạm Thị Thu Hà"},
        step=1,
        agency_id=world.ubnd.pk,
    )
    work(actions.attach, case.pk, actor=citizen, upload=photo())
    return work(actions.submit, case.pk, actor=citizen)


@pytest.fixture
def awaiting(world, submitted, work):
    make.looked_at(submitted, world.counter_officer)
    work(actions.accept, submitted.pk, actor=world.counter_officer)
    work(actions.hand_over, submitted.pk, actor=world.counter_officer)
    work(actions.take_up, submitted.pk, actor=world.case_officer)
    title, body = actions.result_draft(submitted)
    work(actions.draft_result, submitted.pk, actor=world.case_officer, title=title, body_html=body)
    work(actions.submit_for_approval, submitted.pk, actor=world.case_officer)
    submitted.refresh_from_db()
    return submitted


def test_from_application_to_a_result_that_anyone_can_check(world, awaiting, work):
    form = awaiting.forms.get(form_no="01")
    assert form.stored is not None
    assert signing.verify(files.read(form.stored)).verdict == "valid"

    work(
        actions.approve, awaiting.pk, actor=world.leader, pin=PIN, revision=awaiting.result_document.revision
    )
    document = documents.waiting_for_seal(world.clerk).get()
    assert document.number_printed == "01/QĐ-UBND"
    key = documents.agency_key(world.ubnd)
    work(
        documents.seal,
        document.pk,
        actor=world.clerk,
        authorisation=documents.authorise(key, PIN, actor=world.clerk),
    )
    awaiting.refresh_from_db()
    document.refresh_from_db()
    assert (awaiting.business_status, document.status) == (S.COMPLETED, DocumentStatus.ISSUED)
    assert awaiting.finished_at is not None

    verdict = signing.verify(files.read(document.current_file))
    assert (verdict.verdict, len(verdict.signatures)) == ("valid", 2)
    assert signing.find_paper(document.check_code).stored_file == document.current_file
    assert Notice.objects.filter(recipient=awaiting.applicant, kind="case.complete").exists()

    work(actions.collect_online, awaiting.pk, actor=awaiting.applicant)
    rating = work(actions.rate, awaiting.pk, actor=awaiting.applicant, level=3)
    assert rating.level == 3
    with pytest.raises(RuleError, match="đã được đánh giá"):
        actions.rate(awaiting.pk, actor=awaiting.applicant, level=1)

    told = [entry.event for entry in timeline.of(awaiting)]
    steps = [
        "case.submit",
        "case.accept",
        "case.hand_over",
        "case.take_up",
        "case.approve",
        "document.issue",
        "case.complete",
    ]
    assert [event for event in told if event in steps] == steps
    assert timeline.of(awaiting)[-1].event == "case.rate"
    assert all(not entry.who and not entry.note for entry in timeline.of(awaiting, public=True))


def test_pressing_submit_twice_makes_one_case(submitted, work):
    again = work(actions.submit, submitted.pk, actor=submitted.applicant)
    assert again.code == submitted.code
    assert IssuedNumber.objects.filter(series__key__startswith="case:").count() == 1
    assert CaseFile.objects.filter(case=submitted).count() == 1


def test_a_wrong_pin_changes_nothing_but_is_counted(world, awaiting):
    with pytest.raises(WrongPin):
        actions.approve(awaiting.pk, actor=world.leader, pin="000000", revision=1)
    awaiting.refresh_from_db()
    assert awaiting.business_status == S.AWAITING_APPROVAL
    assert signing.wrong_pins(signing.keys_of(world.leader)[0], world.leader) == 1


def test_a_draft_that_changed_meanwhile_is_not_signed(world, awaiting):
    with pytest.raises(RuleError, match="đã thay đổi"):
        actions.approve(awaiting.pk, actor=world.leader, pin=PIN, revision=99)
    awaiting.refresh_from_db()
    assert awaiting.business_status == S.AWAITING_APPROVAL


def test_a_signature_given_up_keeps_the_number_as_cancelled(world, awaiting, work, monkeypatch):
    from signing import steps
    from signing.errors import NotSignable

    def refuses(request):
        raise NotSignable("Tệp không ký được.")

    with monkeypatch.context() as patch:
        patch.setattr(steps, "prepare", refuses)
        work(
            actions.approve,
            awaiting.pk,
            actor=world.leader,
            pin=PIN,
            revision=awaiting.result_document.revision,
        )
    awaiting.refresh_from_db()
    assert awaiting.business_status == S.AWAITING_APPROVAL
    cancelled = IssuedNumber.objects.get(subject_type="documents.document")
    assert cancelled.cancel_reason == "Tệp không ký được."
    work(
        actions.approve, awaiting.pk, actor=world.leader, pin=PIN, revision=awaiting.result_document.revision
    )
    awaiting.result_document.refresh_from_db()
    assert awaiting.result_document.number_printed == "02/QĐ-UBND"
    assert awaiting.result_document.status == DocumentStatus.SIGNED


def test_a_supplement_pauses_the_clock_and_both_due_times_are_kept(world, submitted, work):
    make.looked_at(submitted, world.counter_officer)
    work(actions.accept, submitted.pk, actor=world.counter_officer)
    work(actions.hand_over, submitted.pk, actor=world.counter_officer)
    work(actions.take_up, submitted.pk, actor=world.case_officer)
    items = [{"component_id": None, "text": "Giấy chứng sinh", "reason": "Ảnh mờ", "ground": ""}]
    submitted.refresh_from_db()
    submitted.received_at = timezone.now() - timedelta(days=20)
    submitted.due_at = submitted.first_due_at = clock.due_of(submitted).at
    submitted.save(update_fields=["received_at", "due_at", "first_due_at"])
    work(actions.propose_supplement, submitted.pk, actor=world.case_officer, items=items)
    work(actions.request_supplement, submitted.pk, actor=world.unit_head, note="")
    submitted.refresh_from_db()
    first_due = submitted.due_at
    pause = submitted.pauses.get()
    assert (submitted.business_status, pause.ended_at) == (S.SUPPLEMENT_REQUIRED, None)
    assert submitted.forms.filter(form_no="02", stored__isnull=False).exists()
    pause.started_at = timezone.now() - timedelta(days=15)
    pause.save(update_fields=["started_at"])
    work(actions.attach, submitted.pk, actor=submitted.applicant, upload=photo("bo-sung.jpg"))
    work(actions.supply, submitted.pk, actor=submitted.applicant)
    submitted.refresh_from_db()
    pause.refresh_from_db()
    assert submitted.business_status == S.APPRAISING
    assert (pause.due_before, pause.due_after) == (first_due, submitted.due_at)
    assert submitted.due_at > submitted.first_due_at


def test_intake_at_the_counter_keeps_the_applicant_as_the_party(world, work):
    import uuid

    key = uuid.uuid4()
    facts = {
        "actor": world.counter_officer,
        "key": key,
        "procedure": make.procedure(online=False),
        "agency_id": world.ubnd.pk,
    }
    owner = {"full_name": "Bùi Thị Nga", "number": "031168001234", "phone": "0912345678"}
    case = work(actions.intake, **facts, channel="1", owner=owner)
    assert work(actions.intake, **facts, channel="1", owner=owner) == case
    assert case.applicant is None
    assert case.parties.get().number == "031168001234"
    make.looked_at(case, world.counter_officer)
    work(actions.accept, case.pk, actor=world.counter_officer)
    assert case.forms.get().stored is not None


def test_rejecting_leaves_form_03_with_a_listed_reason(world, submitted, work):
    work(
        actions.reject_intake, submitted.pk, actor=world.counter_officer, reason=make.reject_reason(), note=""
    )
    submitted.refresh_from_db()
    assert submitted.business_status == S.INTAKE_REJECTED
    assert submitted.forms.get(form_no="03").stored is not None


def test_withdrawal_ends_with_form_05(world, submitted, work):
    work(actions.request_withdrawal, submitted.pk, actor=submitted.applicant, note="Nộp nhầm")
    work(actions.agree_withdrawal, submitted.pk, actor=world.counter_officer)
    assert submitted.forms.get(form_no="05").stored is not None
