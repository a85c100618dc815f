"""Documents and signing announce, cases listen."""

from typing import Any

from django.dispatch import receiver

from core import jobs
from core.models import Job
from core.signals import working_calendar_changed
from documents.signals import document_issued, document_not_signed
from onecase import actions, sealing
from onecase.models import Case, LegalForm
from signing.signals import signature_failed, signature_made


@receiver(document_issued)
def on_document_issued(document_id: int, **kwargs: Any) -> None:
    for case in Case.objects.filter(result_document_id=document_id):
        actions.record_result(case)


@receiver(document_not_signed)
def on_document_not_signed(document_id: int, reason: str, **kwargs: Any) -> None:
    for case in Case.objects.filter(result_document_id=document_id):
        actions.record_signing_failure(case, reason)


@receiver(signature_made)
def on_signature_made(request_id: int, **kwargs: Any) -> None:
    for form in LegalForm.objects.filter(signature_request_id=request_id, done_at__isnull=True):
        sealing.form_sealed(form)


@receiver(signature_failed)
def on_signature_failed(request_id: int, **kwargs: Any) -> None:
    for form in LegalForm.objects.filter(signature_request_id=request_id, done_at__isnull=True):
        sealing.form_not_sealed(form)


@receiver(working_calendar_changed)
def on_working_calendar_changed(actor: Any, **kwargs: Any) -> None:
    """A row of work: the bell may be missed, the sweep finds it."""
    job = Job.objects.create(kind="onecase.recalculate", owner=actor)
    jobs.wake_on_commit("onecase.recalculate_open", job.pk)
