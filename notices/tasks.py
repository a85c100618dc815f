"""Send what is owed. Twice is harmless up to the moment between the server's answer and our note."""

from datetime import timedelta
from email.utils import make_msgid

import structlog
from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from notices.models import Notice

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


@shared_task(name="notices.sweep")
def sweep() -> None:
    """Find what the bell missed (broker down, worker killed)."""
    for pk in Notice.objects.due(timezone.now()).values_list("pk", flat=True)[:500]:
        send.delay(pk)
