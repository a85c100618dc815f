"""Codes by mail and SMS: a row that is its own queue, a gateway that may be away, and nothing left lying about."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from notices import gateways, tasks
from notices.actions import send_out
from notices.models import Message
from tests.simulators import sms_gateway

pytestmark = pytest.mark.django_db
CODE = "Cổng Hải Phòng: mã xác thực 135790."


@pytest.fixture
def gateway(settings):
    with sms_gateway.serving() as server:
        settings.SMS_URL, settings.SMS_TOKEN, settings.SMS_SENDER = server.url, "thu", "HAIPHONG"
        yield server


@pytest.fixture
def message():
    return send_out(channel="sms", address="0912345678", kind="sign-in.code", text=CODE)


def run(message):
    Message.objects.filter(pk=message.pk).update(next_try_at=timezone.now())
    tasks.send_message(message.pk)
    message.refresh_from_db()
    return message


def test_the_row_wakes_its_job_and_keeps_the_text_sealed(bell, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        message = send_out(channel="sms", address="0912345678", kind="sign-in.code", text=CODE)
    assert ("notices.send_message", message.pk) in bell
    assert "135790" not in message.text_sealed and message.text == CODE


def test_an_sms_leaves_once_and_its_text_is_forgotten(gateway, message):
    run(message)
    assert message.done_at and message.reference == f"sms-message-{message.pk}" and message.text_sealed == ""
    run(message)
    assert gateway.to("+84912345678") == [CODE] and gateway.asked == 1


@pytest.mark.parametrize("fault", ["500", "429", "drop", "garbage", "no_id"])
def test_a_gateway_in_trouble_is_asked_again_and_sends_once(gateway, message, fault):
    gateway.order(fault)
    run(message)
    assert message.done_at is None and message.last_error and message.next_try_at > timezone.now()
    run(message)
    assert message.done_at and gateway.to("+84912345678") == [CODE]


def test_a_gateway_that_hangs_holds_nobody_up(gateway, message, monkeypatch):
    monkeypatch.setattr(gateways, "TIMEOUT_SECONDS", (0.3, 0.3))
    gateway.order("hang")
    assert run(message).done_at is None
    assert run(message).done_at


def test_a_gateway_that_is_not_there(settings, message):
    settings.SMS_URL = "http://127.0.0.1:9/"
    assert "127.0.0.1:9" in run(message).last_error


def test_a_number_that_is_not_in_use_is_given_up(gateway, message):
    gateway.not_in_use.add("+84912345678")
    run(message)
    assert message.given_up_at and message.text_sealed == "" and "422" in message.last_error


def test_a_wrong_token_is_our_trouble_not_the_numbers(gateway, message, settings):
    settings.SMS_TOKEN = "khac"
    assert run(message).given_up_at is None


def test_a_code_grown_old_is_not_sent(gateway, message):
    Message.objects.filter(pk=message.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    run(message)
    assert message.given_up_at and not gateway.asked and message.text_sealed == ""


def test_one_gives_up_in_the_end(gateway, message):
    gateway.order("500", times=99)
    Message.objects.filter(pk=message.pk).update(attempts=tasks.MAX_ATTEMPTS - 1)
    assert run(message).given_up_at


def test_the_demo_writes_files(settings, message):
    from pathlib import Path

    settings.DEBUG = True
    run(message)
    assert CODE in (Path(settings.SMS_FILE_PATH) / "0912345678.txt").read_text()


def test_production_without_a_gateway_writes_no_files(settings, message):
    from pathlib import Path

    settings.DEBUG = False
    assert run(message).last_error == "SMS_URL is not set" and message.given_up_at is None
    assert not Path(settings.SMS_FILE_PATH).exists()


def test_a_mail_goes_the_same_way():
    message = send_out(channel="email", address="ha@example.org", kind="sign-in.x", title="Mã", text="135790")
    run(message)
    assert message.done_at and mail.outbox[0].to == ["ha@example.org"] and mail.outbox[0].body == "135790"


def test_the_sweep_finds_what_the_bell_missed(message, monkeypatch):
    called = []
    monkeypatch.setattr(tasks.send_message, "delay", called.append)
    tasks.sweep()
    assert called == [message.pk]
