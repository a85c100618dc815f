"""Documents owe nothing outside by themselves; their signatures do. This sweep finds announcements that were lost."""

from celery import shared_task

from documents import actions
from documents.choices import DocumentStatus
from documents.models import Document


@shared_task(name="documents.sweep")
def sweep() -> None:
    """A signature that stands while its document still waits (should not happen; harmless twice)."""
    waiting = Document.objects.filter(
        status__in=[DocumentStatus.SIGNING, DocumentStatus.SEALING], signature_request__done_at__isnull=False
    ).select_related("signature_request")
    for document in waiting[:200]:
        if document.signature_request.result_id:
            actions.signature_made(document)
