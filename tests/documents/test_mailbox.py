"""The official mailbox, read from a real IMAP server: good mails become arrivals, bad ones stop nobody."""

import tempfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from documents.actions import mail
from documents.choices import IncomingSource, IncomingState, MailState
from documents.models import IncomingDocument, Mailbox, MailItem
from org import crypto
from tests.documents import imap_server
from tests.samples import pdf_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server() -> Iterator[SimpleNamespace]:
    with tempfile.TemporaryDirectory(prefix="imap-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with imap_server.running(Path(folder)) as running:
            yield running


@pytest.fixture
def box(world: SimpleNamespace, server: SimpleNamespace) -> Mailbox:
    for old in (server.place / "mail").rglob("*.test*"):
        old.unlink()
    return Mailbox.objects.create(
        agency=world.b.agency,
        host="127.0.0.1",
        port=server.port,
        use_tls=False,
        user_name=imap_server.USER,
        password_sealed=crypto.seal(imap_server.PASSWORD),
    )


def letter(subject: str, *parts: tuple[str, bytes], number: int = 1) -> bytes:
    message = EmailMessage()
    message["From"] = "Ban Quản lý dự án <bql@example.org>"
    message["To"] = "vanthu@example.org"
    message["Subject"] = subject
    message["Date"] = "Mon, 23 Nov 2026 08:00:00 +0700"
    message["Message-ID"] = f"<{number}-{abs(hash(subject))}@example.org>"
    message.set_content("Kính gửi quý cơ quan.")
    for name, data in parts:
        message.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


def poll(box: Mailbox, work: Any) -> None:
    Mailbox.objects.filter(pk=box.pk).update(next_poll_at=None)
    work(mail.poll, box.pk)
    box.refresh_from_db()


def test_good_mails_arrive_and_bad_ones_stop_nobody(
    world: SimpleNamespace, box: Mailbox, server: SimpleNamespace, work: Any, settings: Any
) -> None:
    settings.MAIL_MAX_MB = 1
    long_name = "a/../" + "\u202e" + "x" * 300 + ".pdf"
    server.put(letter("Báo cáo tiến độ", (long_name, pdf_bytes()), number=1))
    server.put(b"\xff\xfe\x00garbage without any header" * 50)
    server.put(
        b"From: =?utf-9?Q?=ff=ff?= <x@example.org>\r\nSubject: =?koi-99?B?////?=\r\nContent-Type: multipart/mixed; boundary\r\n\r\n--\r\n"
    )
    server.put(letter("Thư lớn", ("lon.pdf", b"%PDF-1.4 " + b"0" * 2_000_000), number=4))
    server.put(letter("Thư có mã độc", ("hop-dong.pdf.exe", b"MZ" + b"\x00" * 500), number=5))
    server.put(letter("MẬT", ("m.pdf", pdf_bytes()), number=6))
    server.put(letter("Thư cuối", ("cuoi.pdf", pdf_bytes(2)), number=7))
    poll(box, work)
    assert box.last_error == ""
    states = list(MailItem.objects.order_by("uid").values_list("state", flat=True))
    assert states[0] == MailState.TAKEN and states[-1] == MailState.TAKEN and len(states) == 7
    assert states[1] in {MailState.UNREADABLE, MailState.REFUSED}
    assert states[2] in {MailState.UNREADABLE, MailState.REFUSED}
    assert states[3:6] == [MailState.TOO_BIG, MailState.REFUSED, MailState.SECRET]
    first = IncomingDocument.objects.get(title="Báo cáo tiến độ")
    assert first.source == IncomingSource.MAIL and first.state == IncomingState.ARRIVED
    assert first.verdict == "none" and first.issuer_printed == "Ban Quản lý dự án"
    name = first.files.get().name
    assert "/" not in name and "\u202e" not in name and len(name) <= 120 and name.endswith(".pdf")
    secret = MailItem.objects.get(state=MailState.SECRET)
    assert "MẬT" not in secret.subject and secret.incoming is None
    assert not IncomingDocument.objects.filter(title__contains="MẬT").exists()
    client = Client()
    client.force_login(world.b.clerk)
    page = client.get("/lam-viec/van-ban/thu/").content.decode()
    assert "Quá lớn" in page and "hop-dong.pdf.exe" in page
    item = MailItem.objects.get(state=MailState.TOO_BIG)
    client.post(f"/lam-viec/van-ban/thu/{item.pk}/da-xem/")
    item.refresh_from_db()
    assert item.settled_at is not None
    stranger = Client()
    stranger.force_login(world.c.clerk)
    assert stranger.post(f"/lam-viec/van-ban/thu/{item.pk}/da-xem/").status_code == 404


def test_twice_and_counted_anew_change_nothing(box: Mailbox, server: SimpleNamespace, work: Any) -> None:
    server.put(letter("Một lần", ("a.pdf", pdf_bytes()), number=21))
    poll(box, work)
    poll(box, work)
    assert IncomingDocument.objects.filter(title="Một lần").count() == 1
    Mailbox.objects.filter(pk=box.pk).update(uid_validity=1)  # as if the server had counted otherwise before
    MailItem.objects.update(uid_validity=1)
    poll(box, work)
    assert box.uid_validity != 1
    assert IncomingDocument.objects.filter(title="Một lần").count() == 1


def test_a_dead_server_is_asked_less_often_and_told(world: SimpleNamespace, box: Mailbox, work: Any) -> None:
    Mailbox.objects.filter(pk=box.pk).update(port=9)
    poll(box, work)
    assert "không nối được" in box.last_error and box.failures == 1
    first = box.next_poll_at
    poll(box, work)
    assert box.failures == 2 and box.next_poll_at - timezone.now() > first - timezone.now()
    client = Client()
    client.force_login(world.b.clerk)
    assert "không nối được máy chủ thư" in client.get("/lam-viec/van-ban/thu/").content.decode()


def test_a_wrong_password_says_so(box: Mailbox, work: Any) -> None:
    Mailbox.objects.filter(pk=box.pk).update(password_sealed=crypto.seal("sai"))
    poll(box, work)
    assert "mật khẩu" in box.last_error
