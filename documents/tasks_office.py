"""Background work of registers, work files and incidents. A task takes an id; a sweep finds what the bell missed."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.utils import timezone

from core.models import Job
from documents import filing
from documents.actions import filing as files_acts
from documents.actions import lists, registers
from documents.models import AgencyPractice, RegisterBook, WorkFile

log = structlog.get_logger()
LEASE = timedelta(minutes=15)  # longer than 5,000 rows take on a slow machine
AGAIN = timedelta(minutes=2)
GIVE_UP_AFTER = 5


@shared_task(name=registers.PRINT, acks_late=True)
def print_register(job_id: int) -> None:
    registers.make_print(job_id)


@shared_task(name=registers.DRAW_BOOK, acks_late=True)
def draw_book(book_id: int) -> None:
    """The print of a closed book: leased, so that two workers do not draw it at once."""
    if not RegisterBook.objects.lease(book_id, lease=LEASE):
        return
    try:
        registers.draw_book(book_id)
    except Exception as error:
        log.exception("register_not_drawn", book=book_id)
        book = RegisterBook.objects.get(pk=book_id)
        changes = {"last_error": str(error)[:500], "next_try_at": timezone.now() + AGAIN}
        if book.attempts >= GIVE_UP_AFTER:
            changes["given_up_at"] = timezone.now()
        RegisterBook.objects.filter(pk=book_id).update(**changes)


@shared_task(name=files_acts.EXPORT, acks_late=True)
def export_file(job_id: int) -> None:
    files_acts.make_export(job_id)


@shared_task(name="documents.warn_transfers")  # beat: every morning
def warn_transfers() -> None:
    """Files that must go to the archive soon: their keepers are told, once each."""
    today = timezone.localdate()
    own = {one.agency_id: one for one in AgencyPractice.objects.all()}
    waiting = WorkFile.objects.filter(warned_at__isnull=True)
    for practice in (*own.values(), AgencyPractice()):
        mine = (
            waiting.filter(agency=practice.agency_id)
            if practice.agency_id
            else waiting.exclude(agency__in=own)
        )
        due = filing.due_for_transfer(mine, practice, today + timedelta(days=practice.warn_days))
        for pk in due.values_list("pk", flat=True)[:500]:
            lists.warn_of_transfer(pk)


@shared_task(name="documents.sweep_office")  # beat: every half minute
def sweep_office() -> None:
    """Prints that the bell missed (broker down, worker killed)."""
    now = timezone.now()
    for pk in RegisterBook.objects.due(now).filter(frozen__isnull=False).values_list("pk", flat=True)[:20]:
        draw_book.delay(pk)
    for task in (print_register, export_file):
        late = Job.objects.filter(kind=task.name, finished_at__isnull=True, created_at__lt=now - LEASE)
        for pk in late.values_list("pk", flat=True)[:5]:
            task.delay(pk)
