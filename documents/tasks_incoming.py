"""Background work of arrivals: delivery, checking of signatures, reminders, mailboxes. The row is the queue."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.utils import timezone

from documents import reminding
from documents.actions import delivery, directives, incoming, mail
from documents.choices import IncomingState
from documents.models import Dispatch, IncomingDocument, Mailbox

log = structlog.get_logger()
UNCHECKED = timedelta(minutes=2)


@shared_task(name="documents.deliver", acks_late=True)
def deliver(dispatch_id: int) -> None:
    """Make the arrivals of one dispatch. Killed in the midst, the next run goes on with what is still queued."""
    if not Dispatch.objects.lease(dispatch_id, lease=delivery.LEASE):
        return
    try:
        delivery.deliver(dispatch_id, then=directives.hand_over)
    except Exception as error:
        delivery.put_off(dispatch_id, f"{type(error).__name__}: {error}")
        raise


@shared_task(name="documents.check_arrivals", acks_late=True)
def check_arrivals(dispatch_id: int) -> None:
    incoming.check_arrivals(dispatch_id)


@shared_task(name="documents.check_arrival", acks_late=True)
def check_arrival(incoming_id: int) -> None:
    incoming.check_signatures(incoming_id)


@shared_task(name="documents.sweep_arrivals")
def sweep_arrivals() -> None:
    """Find dispatches and unchecked arrivals that the bell missed."""
    now = timezone.now()
    for pk in Dispatch.objects.due(now).order_by("pk").values_list("pk", flat=True)[:50]:
        deliver.delay(pk)
    waiting = IncomingDocument.objects.filter(
        state=IncomingState.ARRIVED, checked_at__isnull=True, arrived_at__lt=now - UNCHECKED
    )
    dispatches = waiting.filter(recipient__isnull=False).values_list("recipient__dispatch", flat=True)
    for pk in dispatches.distinct()[:50]:
        check_arrivals.delay(pk)
    for pk in waiting.filter(recipient__isnull=True).values_list("pk", flat=True)[:100]:
        check_arrival.delay(pk)


@shared_task(name="documents.remind")
def remind() -> None:
    """Hourly in working time: due soon, late, and told to those above."""
    reminding.remind(timezone.now())


@shared_task(name="documents.poll_mailboxes")
def poll_mailboxes() -> None:
    """Each mailbox that is due in a job of its own: a dead server keeps nobody waiting."""
    for pk in Mailbox.objects.due(timezone.now()).values_list("pk", flat=True):
        poll_mailbox.delay(pk)


@shared_task(name="documents.poll_mailbox", acks_late=True)
def poll_mailbox(mailbox_id: int) -> None:
    mail.poll(mailbox_id)
