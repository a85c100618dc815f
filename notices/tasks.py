"""Send what is owed. Twice is harmless up to the moment between the server's answer and our note."""

from datetime import timedelta
from email.utils import make_msgid

import structlog
from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from notices import gateways
from notices.models import Channel, Message, Notice

log = structlog.get_logger()
LEASE = timedelta(minutes=5)  # longer than EMAIL_TIMEOUT
MAX_ATTEMPTS = 20


@shared_task(name="notices.send", acks_late=True)
def send(notice_id: int) -> None:
    """One e-mail. On failure the row becomes due again, later each time."""
    if not Notice.objects.lease(notice_id, lease=LEASE):
        return
    notice = Notice.objects.get(pk=notice_id)
    link = f"\n\n{settings.SITE_URL}{notice.url}" if notice.url else ""
    message_id = make_msgid(idstring=f"notice-{notice.pk}", domain="haiphong.example")
    mail = EmailMessage(
        notice.title, notice.text + link, to=[notice.email], headers={"Message-ID": message_id}
    )
    try:
        mail.send()
    except OSError as error:  # smtplib's errors are OSErrors too
        wait = timedelta(minutes=min(2**notice.attempts, 120))
        notice.next_try_at, notice.last_error = timezone.now() + wait, str(error)
        if notice.attempts >= MAX_ATTEMPTS:
            notice.given_up_at = timezone.now()
        notice.save(update_fields=["next_try_at", "last_error", "given_up_at"])
        log.warning("notice_not_sent", notice=notice.pk, error=type(error).__name__)
        return
    notice.done_at, notice.message_id, notice.last_error = timezone.now(), message_id, ""
    notice.save(update_fields=["done_at", "message_id", "last_error"])


@shared_task(name="notices.send_message", acks_late=True)
def send_message(message_id: int) -> None:
    """One mail or SMS of sign-in. The gateway's key is the row, so that a second call sends no second SMS."""
    if not Message.objects.lease(message_id, lease=LEASE):
        return
    message = Message.objects.get(pk=message_id)
    now = timezone.now()
    if message.expires_at is not None and message.expires_at <= now:
        _give_up(message, "expired")
        return
    try:
        message.reference = _hand_over(message)
    except gateways.Refused as error:
        _give_up(message, str(error))
    except OSError as error:  # gateways.Away and smtplib's errors
        message.next_try_at = now + timedelta(seconds=min(5 * 2**message.attempts, 600))
        message.last_error = str(error)[:500]
        if message.attempts >= MAX_ATTEMPTS:
            message.given_up_at = now
        message.save(update_fields=["next_try_at", "last_error", "given_up_at"])
        log.warning(
            "message_not_sent", message=message.pk, channel=message.channel, error=type(error).__name__
        )
    else:
        message.done_at, message.last_error, message.text_sealed = timezone.now(), "", ""
        message.save(update_fields=["done_at", "reference", "last_error", "text_sealed"])


def _hand_over(message: Message) -> str:
    """To the mail server or the SMS gateway; what they call it."""
    if message.channel == Channel.SMS:
        return gateways.sms().send(message.address, message.text, key=f"message-{message.pk}").reference
    reference = make_msgid(idstring=f"message-{message.pk}", domain="haiphong.example")
    EmailMessage(message.title, message.text, to=[message.address], headers={"Message-ID": reference}).send()
    return reference


def _give_up(message: Message, why: str) -> None:
    """Nothing more to try; the code must not lie about."""
    message.given_up_at, message.last_error, message.text_sealed = timezone.now(), why[:500], ""
    message.save(update_fields=["given_up_at", "last_error", "text_sealed"])
    log.warning("message_given_up", message=message.pk, channel=message.channel)


@shared_task(name="notices.sweep")
def sweep() -> None:
    """Find what the bell missed (broker down, worker killed)."""
    now = timezone.now()
    for pk in Notice.objects.due(now).values_list("pk", flat=True)[:500]:
        send.delay(pk)
    for pk in Message.objects.due(now).values_list("pk", flat=True)[:500]:
        send_message.delay(pk)
