"""One signature, whatever happens to the worker or to the authorities."""

import os
import signal
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.db import connections
from django.utils import timezone

from core import files
from core.errors import RuleError, WrongStatus
from core.models import AuditEvent
from signing import demo_pki, gateways, services, steps, tasks
from signing.errors import AuthorityAway, CertificateProblem
from signing.models import Signature, SignatureRequest
from signing.signals import signature_failed, signature_made
from tests.signing.conftest import PIN, new_source


@pytest.fixture
def told() -> Any:
    """What was announced, in order."""
    heard: list[tuple[str, int]] = []

    def made(request_id: int, **kwargs: Any) -> None:
        heard.append(("made", request_id))

    def failed(request_id: int, **kwargs: Any) -> None:
        heard.append(("failed", request_id))

    signature_made.connect(made)
    signature_failed.connect(failed)
    yield heard
    signature_made.disconnect(made)
    signature_failed.disconnect(failed)


def due_again(request: SignatureRequest) -> None:
    """The lease or the pause is over."""
    SignatureRequest.objects.filter(pk=request.pk).update(next_try_at=timezone.now())


@pytest.mark.django_db
def test_a_request_becomes_a_signature_with_evidence(
    ask, told, bell, office, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        request = ask()
    assert bell == [("signing.sign", request.pk)]
    steps.run(request.pk)
    request.refresh_from_db()
    assert request.state == "validated"
    assert request.sealed_unlock is None
    assert request.done_at
    assert told == [("made", request.pk)]
    evidence = request.signature
    assert evidence.signed_sha256 == request.result.sha256
    assert evidence.source_sha256 == request.source.sha256
    assert evidence.signer_post == "Chủ tịch"
    assert evidence.report["signatures"][0]["level"] == "B-T"
    assert AuditEvent.objects.get(event="signing.signed").actor == office.leader
    assert services.progress(request.pk).percent == 100


@pytest.mark.django_db
def test_a_second_run_does_nothing(make_signed, told):
    request = make_signed()
    due_again(request)
    steps.run(request.pk)
    assert Signature.objects.count() == 1
    assert len(told) == 1


@pytest.mark.django_db
def test_a_leased_request_is_left_alone(ask):
    request = ask()
    assert SignatureRequest.objects.lease(request.pk, lease=steps.LEASE)
    steps.run(request.pk)
    request.refresh_from_db()
    assert request.state == "queued"


@pytest.mark.django_db
def test_the_system_seals_without_a_pin(make_signed, office):
    request = make_signed(key=office.system, actor=office.clerk, field="DauMotCua")
    assert services.verify(files.read(request.result)).is_valid


@pytest.mark.django_db
def test_a_person_needs_a_pin(office):
    with pytest.raises(RuleError, match="PIN"):
        services.request_signature(
            source=new_source(), key=office.key, field_name="A", box=None, appearance={}, requested_by=office.leader,
            subject=office.ubnd, purpose="approve", unlock=None, signer_label={},
        )  # fmt: skip


@pytest.mark.django_db
def test_the_same_field_is_not_asked_for_twice(ask):
    request = ask()
    with pytest.raises(RuleError, match="đang được ký"):
        ask(request.source)


@pytest.mark.django_db
def test_a_signed_field_is_refused(ask, make_signed, told):
    first = make_signed()
    again = ask(first.result)
    steps.run(again.pk)
    again.refresh_from_db()
    assert (again.state, told[-1]) == ("failed", ("failed", again.pk))
    assert "đã có chữ ký" in again.last_error


@pytest.mark.django_db
def test_a_file_that_is_no_pdf_fails_with_a_sentence(ask, told):
    request = ask(files.store_bytes(b"%PDF-1.7 khong phai PDF", "application/pdf"))
    steps.run(request.pk)
    request.refresh_from_db()
    assert request.state == "failed"
    assert "Không ký được tệp này" in request.last_error
    assert request.sealed_unlock is None


@pytest.mark.django_db
def test_a_certificate_revoked_meanwhile_is_refused_by_the_worker(ask, office):
    request = ask()
    demo_pki.revoke_key(office.key)
    steps.run(request.pk)
    request.refresh_from_db()
    assert request.state == "failed"
    assert "thu hồi" in request.last_error
    assert not request.prepared


@pytest.mark.django_db
def test_revoked_is_refused_before_the_request(ask, office):
    demo_pki.revoke_key(office.key)
    with pytest.raises(CertificateProblem):
        ask()
    assert not SignatureRequest.objects.exists()


@pytest.mark.django_db
class TestTimestampAuthorityDown:
    def test_nothing_is_published_and_it_heals_by_itself(self, ask, settings, told, bell):
        request = ask()
        settings.TSA_URL = "http://127.0.0.1:9/tsa"
        steps.run(request.pk)
        request.refresh_from_db()
        assert request.state == "embedded"
        assert request.result is None
        assert not told
        assert "Dịch vụ cấp dấu thời gian chưa trả lời." in request.last_error
        assert request.next_try_at > timezone.now()
        shown = services.progress(request.pk)
        assert (shown.percent, shown.is_open, bool(shown.error)) == (70, True, True)
        settings.TSA_URL = ""
        due_again(request)
        tasks.sweep()
        assert ("signing.sign", request.pk) in bell
        steps.run(request.pk)
        request.refresh_from_db()
        assert request.state == "validated"
        assert request.last_error == ""
        assert Signature.objects.count() == 1

    def test_a_person_may_press_try_again_without_a_pin(self, ask, settings, office):
        request = ask()
        settings.TSA_URL = "http://127.0.0.1:9/tsa"
        steps.run(request.pk)
        settings.TSA_URL = ""
        services.retry(request.pk, office.leader)
        steps.run(request.pk)
        request.refresh_from_db()
        assert request.state == "validated"

    def test_pauses_grow(self, ask, settings):
        request = ask()
        settings.TSA_URL = "http://127.0.0.1:9/tsa"
        waits = []
        for _try in range(3):
            due_again(request)
            before = timezone.now()
            steps.run(request.pk)
            request.refresh_from_db()
            waits.append((request.next_try_at - before).total_seconds())
        assert waits[0] < waits[1] < waits[2]

    def test_after_three_days_it_stops_and_says_so(self, ask, settings, told):
        request = ask()
        settings.TSA_URL = "http://127.0.0.1:9/tsa"
        SignatureRequest.objects.filter(pk=request.pk).update(
            created_at=timezone.now() - steps.AUTHORITY_MAY_BE_AWAY * 2
        )
        steps.run(request.pk)
        request.refresh_from_db()
        assert (request.state, told) == ("failed", [("failed", request.pk)])

    def test_a_lying_authority_is_not_believed(self, ask, monkeypatch):
        request = ask()
        monkeypatch.setattr(
            demo_pki, "answer_timestamp", lambda query: real_answer(query.replace(query[20:30], bytes(10), 1))
        )
        steps.run(request.pk)
        request.refresh_from_db()
        assert request.state == "embedded"


real_answer = demo_pki.answer_timestamp


@pytest.mark.django_db
def test_a_failed_request_starts_anew_with_a_new_pin(ask, office, monkeypatch):
    request = ask()
    SignatureRequest.objects.filter(pk=request.pk).update(sealed_unlock=b"x" * 60)
    steps.run(request.pk)
    request.refresh_from_db()
    assert request.state == "failed"
    assert services.progress(request.pk).needs_pin
    with pytest.raises(RuleError, match="PIN"):
        services.retry(request.pk, office.leader)
    services.retry(request.pk, office.leader, unlock=services.unlock(office.key, PIN, actor=office.leader))
    steps.run(request.pk)
    request.refresh_from_db()
    assert request.state == "validated"


@pytest.mark.django_db
def test_a_cancelled_request_is_not_signed_and_a_signed_one_not_cancelled(ask, make_signed):
    request = ask()
    services.cancel(request.pk, "Gửi nhầm")
    steps.run(request.pk)
    request.refresh_from_db()
    assert (request.state, request.sealed_unlock) == ("cancelled", None)
    with pytest.raises(WrongStatus):
        services.cancel(make_signed().pk, "muộn")
    with pytest.raises(WrongStatus):
        services.retry(request.pk, None)


@pytest.mark.django_db
def test_cancelled_while_a_worker_holds_it(ask):
    """The worker is between two steps when somebody cancels: what it made is dropped."""
    request = ask()

    def cancel_first(digest: bytes) -> bytes:
        services.cancel(request.pk, "Gửi nhầm")
        raise AuthorityAway("x")

    with mock.patch.object(gateways, "timestamp", cancel_first):
        steps.run(request.pk)
    request.refresh_from_db()
    assert request.state == "cancelled"
    assert not Signature.objects.exists()


@pytest.mark.django_db
def test_a_bug_is_tried_again_and_then_given_up(ask, told):
    request = ask()
    with mock.patch.object(gateways, "timestamp", side_effect=ZeroDivisionError):
        for _try in range(steps.MAX_CRASHES):
            due_again(request)
            with pytest.raises(ZeroDivisionError):
                steps.run(request.pk)
    request.refresh_from_db()
    assert (request.state, told) == ("failed", [("failed", request.pk)])


def killed_at(target: str, calls: int, when: str) -> Callable[[], Any]:
    """Patch `target` so that its n-th call kills this very process, before or after doing its work."""
    seen = 0

    def start() -> Any:
        module, _dot, name = target.rpartition(".")
        real = getattr(__import__(module, fromlist=[name]), name)

        def deadly(*args: Any, **kwargs: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == calls and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = real(*args, **kwargs)
            if seen == calls:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return mock.patch(target, deadly)

    return start


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("target", "calls", "when"),
    [
        ("signing.pades.prepare", 1, "before"),
        ("signing.pades.prepare", 1, "after"),
        ("signing.steps._advance", 1, "after"),
        ("signing.cms.sign_digest", 1, "after"),
        ("signing.steps._advance", 2, "after"),
        ("signing.gateways.timestamp", 1, "after"),
        ("signing.steps._save", 1, "before"),
        ("signing.steps._advance", 3, "after"),
        ("signing.steps._save", 1, "after"),
    ],
)
def test_a_killed_worker_leaves_one_signature_later(ask, target, calls, when):
    """A real process, really killed; then the lease ends and another worker comes."""
    request = ask()
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            with killed_at(target, calls, when)():
                steps.run(request.pk)
        finally:
            os._exit(7)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the worker was not killed where it should"
    due_again(request)
    steps.run(request.pk)
    request.refresh_from_db()
    assert request.state == "validated"
    assert Signature.objects.count() == 1
    assert services.verify(files.read(request.result)).is_valid


@pytest.mark.django_db(transaction=True)
def test_of_three_racing_workers_one_signs(ask, told):
    request = ask()
    connections.close_all()
    children = []
    for _worker in range(3):
        child = os.fork()
        if child == 0:
            try:
                steps.run(request.pk)
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    assert Signature.objects.filter(request=request).count() == 1
