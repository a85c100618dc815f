"""Telling people: the inbox at once, the e-mail owed and sent once, whatever breaks in between."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from notices import services, tasks
from notices.models import Message, Notice
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(bell, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        return services.tell(
            recipient=make.user(),
            kind="thu",
            title="Đã tiếp nhận",
            text="Hẹn trả ngày 25/11.",
            url="/ho-so/x/",
        )


def test_the_inbox_has_it_at_once_and_the_bell_rings(notice, bell):
    assert services.unread_count(notice.recipient) == 1
    assert bell == [("notices.send", notice.pk)]
    assert services.mark_read(notice.recipient) == 1
    assert services.unread_count(notice.recipient) == 0


def test_two_runs_send_one_mail_and_keep_the_proof(notice):
    tasks.send(notice.pk)
    tasks.send(notice.pk)
    assert [letter.subject for letter in mail.outbox] == ["Đã tiếp nhận"]
    assert "/ho-so/x/" in mail.outbox[0].body
    notice.refresh_from_db()
    assert notice.done_at is not None
    assert notice.message_id


def test_a_server_that_is_down_makes_it_due_again_later(notice, monkeypatch):
    def refuses(self, *args, **kwargs):
        raise ConnectionRefusedError("no server")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuses)
    tasks.send(notice.pk)
    notice.refresh_from_db()
    assert notice.done_at is None
    assert "no server" in notice.last_error
    assert not Notice.objects.due(timezone.now()).exists()
    assert Notice.objects.due(timezone.now() + timedelta(hours=3)).exists()


def test_the_sweep_finds_what_the_bell_missed(notice, monkeypatch):
    found = []
    monkeypatch.setattr(tasks.send, "delay", found.append)
    tasks.sweep()
    assert found == [notice.pk]


def test_without_an_address_nothing_is_owed():
    made = services.tell(recipient=None, kind="thu", title="x", text="y")
    assert made.done_at is not None


def test_a_line_for_staff_owes_no_mail():
    someone = make.user()
    services.tell_inbox(recipient=someone, kind="thu", title="x", text="y", url="/", subject=someone)
    assert not Notice.objects.due(timezone.now()).exists()


def test_who_has_only_a_telephone_is_told_by_sms_without_what_it_is_about(bell):
    hers = make.user(email=None, phone="0912345678", phone_verified_at=timezone.now())
    services.tell(
        recipient=hers, kind="thu", title="Đã nhận hồ sơ 31.99", text="Cấp lại giấy", url="/ho-so/31.99/"
    )
    owed = Message.objects.get()
    assert (owed.channel, owed.address) == ("sms", "0912345678")
    assert "31.99" in owed.text and "Cấp lại giấy" not in owed.text
    assert services.unread_count(hers) == 1


def test_a_telephone_that_nobody_proved_gets_nothing():
    services.tell(recipient=make.user(email=None), kind="thu", title="Đã nhận", text="x")
    assert not Message.objects.exists()
