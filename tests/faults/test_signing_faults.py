"""What can go wrong around the leader's signature: nothing is lost, nothing is signed twice, and it is said why."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.urls import reverse

from core import files, jobs
from core.models import AuditEvent, IssuedNumber
from documents.choices import DocumentStatus
from haiphong_egov import processes
from onecase import actions
from onecase.choices import BusinessStatus as S
from signing import services as signing
from signing.models import PublicPaper, Signature, SignatureRequest
from tests.faults.conftest import PIN, lease_is_over, signature_of, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "http://127.0.0.1:1/tsa"


def press_sign(browser, case, pin=PIN, revision=None):
    """The leader's press on «Ký» after reading this revision."""
    document = case.result_document
    mark = f"{document.pk}:{revision or document.revision}"
    return browser.post(reverse("onecase:confirm_signing"), {"chon": mark, "pin": pin}, follow=True)


def status_of(case):
    case.refresh_from_db()
    return case.business_status


@pytest.mark.slow
def test_a_worker_killed_while_it_signs_leaves_one_signature_later(
    world, awaiting, rings, start, stamp_office
):
    stamp_office.delay_seconds = 6
    first = start(processes.WORKER, TSA_URL=stamp_office.url)
    actions.approve(awaiting.pk, actor=world.leader, pin=PIN, revision=awaiting.result_document.revision)
    wait_until(stamp_office.asked.is_set, "the worker asks for a timestamp", log=first.log)
    first.kill()

    owed = signature_of(awaiting)
    assert (owed.state, owed.result) == ("embedded", None)
    assert not Signature.objects.filter(request=owed).exists()
    assert awaiting.result_document.status == DocumentStatus.SIGNING

    stamp_office.delay_seconds = 0
    lease_is_over(SignatureRequest.objects.filter(pk=owed.pk))
    second = start(processes.WORKER, TSA_URL=stamp_office.url)
    rings.ring("signing.sweep")
    wait_until(lambda: signature_of(awaiting).done_at, "another worker signs", log=second.log)

    awaiting.result_document.refresh_from_db()
    assert awaiting.result_document.status == DocumentStatus.SIGNED
    assert Signature.objects.filter(request=owed).count() == 1
    verdict = signing.verify(files.read(awaiting.result_document.current_file))
    assert (verdict.verdict, len(verdict.signatures)) == ("valid", 1)
    numbers = IssuedNumber.objects.filter(
        subject_type="documents.document", subject_id=awaiting.result_document.pk
    )
    assert numbers.count() == 1


def test_without_timestamps_nothing_is_published_and_it_is_seen_and_tried_again(
    world, awaiting, at_desk, settings, run_woken, bell
):
    settings.TSA_URL = NOBODY
    leader = at_desk(world.leader)
    shown = press_sign(leader, awaiting)
    run_woken()
    owed = signature_of(awaiting)
    assert owed.state == "embedded"
    assert status_of(awaiting) == S.APPROVED
    assert awaiting.result_document.current_file is None
    assert not PublicPaper.objects.filter(title=awaiting.result_document.title).exists()

    progress = leader.get(
        shown.request["PATH_INFO"], {"van-ban": awaiting.result_document.pk}
    ).content.decode()
    assert "Dịch vụ cấp dấu thời gian chưa trả lời." in progress
    assert "thử lại" in progress

    settings.TSA_URL = ""
    again = leader.post(reverse("onecase:retry_signing", args=[awaiting.result_document.pk]), follow=True)
    assert "Đang thử lại" in again.content.decode()
    assert ("signing.sign", owed.pk) in bell
    run_woken()
    awaiting.result_document.refresh_from_db()
    assert awaiting.result_document.status == DocumentStatus.SIGNED
    assert Signature.objects.filter(request=owed).count() == 1


def test_five_wrong_pins_lock_the_key_and_the_right_one_no_longer_opens_it(world, awaiting, at_desk, bell):
    leader = at_desk(world.leader)
    key = signing.keys_of(world.leader)[0]
    for tries in range(1, 5):
        answer = press_sign(leader, awaiting, pin="000000").content.decode()
        assert f"Còn {5 - tries} lần thử" in answer
        assert signing.wrong_pins(key, world.leader) == tries
    assert "đã bị khóa" in press_sign(leader, awaiting, pin="000000").content.decode()
    assert signing.is_locked(key, world.leader)
    assert "đã bị khóa" in press_sign(leader, awaiting).content.decode()
    assert status_of(awaiting) == S.AWAITING_APPROVAL
    assert not bell
    assert not IssuedNumber.objects.filter(subject_type="documents.document").exists()


def test_a_right_pin_before_the_fifth_try_starts_the_count_anew(world, awaiting, at_desk):
    leader = at_desk(world.leader)
    key = signing.keys_of(world.leader)[0]
    for _try in range(4):
        press_sign(leader, awaiting, pin="000000")
    press_sign(leader, awaiting)
    assert status_of(awaiting) == S.APPROVED
    assert signing.wrong_pins(key, world.leader) == 0


def renewed(world, pki, **period):
    """The leader's only key is replaced by one with this period."""
    signing.keys_of(world.leader).update(revoked_at=datetime.now(UTC))
    return pki.issue_demo_key(owner_user=world.leader, kind="personal", pin=PIN, **period)


def test_a_revoked_certificate_is_refused_before_anything_is_signed(world, awaiting, at_desk, pki, bell):
    key = signing.keys_of(world.leader)[0]
    pki.revoke(x509.load_der_x509_certificate(bytes(key.certificate)))
    assert "thu hồi" in press_sign(at_desk(world.leader), awaiting).content.decode()
    assert status_of(awaiting) == S.AWAITING_APPROVAL
    assert not bell
    assert not IssuedNumber.objects.filter(subject_type="documents.document").exists()
    assert not AuditEvent.objects.filter(event="case.approve").exists()


def test_an_expired_certificate_is_refused_before_anything_is_signed(world, awaiting, at_desk, pki, bell):
    now = datetime.now(UTC)
    key = renewed(world, pki)
    expired = pki.issue_certificate(
        _public_key(key),
        name=world.leader.full_name,
        not_before=now - timedelta(days=30),
        not_after=now - timedelta(days=1),
    )
    key.certificate = _der(expired)
    key.valid_to = expired.not_valid_after_utc
    key.valid_from = expired.not_valid_before_utc
    key.save(update_fields=["certificate", "valid_to", "valid_from"])
    answer = press_sign(at_desk(world.leader), awaiting).content.decode()
    assert f"Chứng thư số của {world.leader.full_name} hết hạn ngày" in answer
    assert status_of(awaiting) == S.AWAITING_APPROVAL
    assert not bell


def _public_key(key):
    return x509.load_der_x509_certificate(bytes(key.certificate)).public_key()


def _der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def test_a_draft_that_changed_while_it_was_read_is_not_signed(world, awaiting, at_desk, bell):
    read = awaiting.result_document.revision
    actions.return_draft(awaiting.pk, actor=world.leader, note="Sửa họ tên.")
    actions.draft_result(
        awaiting.pk, actor=world.case_officer, title="Giấy xác nhận (đã sửa)", body_html="<p>Khác.</p>"
    )
    actions.submit_for_approval(awaiting.pk, actor=world.case_officer)
    awaiting.result_document.refresh_from_db()
    assert awaiting.result_document.revision != read
    bell.clear()
    answer = press_sign(at_desk(world.leader), awaiting, revision=read).content.decode()
    assert "đã thay đổi" in answer
    assert status_of(awaiting) == S.AWAITING_APPROVAL
    assert not bell


def test_the_bell_does_not_matter_for_a_signature(world, awaiting, start, stamp_office, rings, monkeypatch):
    """The leader signs while the broker is away; a sweep brings it to the worker once it is back."""
    monkeypatch.setattr(jobs, "ring", lambda task, *args: None)
    actions.approve(awaiting.pk, actor=world.leader, pin=PIN, revision=awaiting.result_document.revision)
    monkeypatch.setattr(jobs, "ring", rings.ring)
    worker = start(processes.WORKER, TSA_URL=stamp_office.url)
    rings.ring("signing.sweep")
    wait_until(lambda: signature_of(awaiting).done_at, "the sweep finds it", log=worker.log)
    assert Signature.objects.filter(request=signature_of(awaiting)).count() == 1
