"""Send an issued document to its recipients: one row each, delivered by Celery (domain/documents.md §8, §13)."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import audit, jobs
from documents.choices import Channel, DeliveryState
from documents.models import Dispatch, DispatchRecipient, Document, Recipient
from org.models import Organization

MOST_RECIPIENTS = 500  # of one sending


def units_of(document: Document) -> Iterator[tuple[Organization, str]]:
    """Every unit that is named, by itself or in a group, with the purpose; each once, «Kính gửi» before «Nơi nhận»."""
    seen: set[int] = set()
    lines = document.recipients.select_related("unit", "group").prefetch_related("group__members")
    for line in lines.order_by("-purpose", "ordinal", "id"):
        members = (
            [line.unit] if line.unit is not None else list(line.group.members.all()) if line.group else []
        )
        for unit in members:
            if unit.pk not in seen and unit.pk != document.agency_id:
                seen.add(unit.pk)
                yield unit, line.purpose


@transaction.atomic
def send_issued(document: Document, *, actor: Any = None) -> Dispatch | None:
    """Owe the delivery of an issued document to everybody it names. None: it names nobody. Twice changes nothing.

    A unit of the system is reached through its agency (`documents.deliver`); a name outside is sent on paper.
    """
    if (sent := document.dispatches.order_by("id").first()) is not None:
        return sent
    units = list(units_of(document))
    outside = list(document.recipients.exclude(text=""))
    if not units and not outside:
        return None
    now = timezone.now()
    dispatch = Dispatch.objects.create(
        document=document,
        agency=document.agency,
        urgency=document.urgency,
        due_on=document.reply_by,
        sent_by=actor,
        sent_at=now,
        total=len(units) + len(outside),
        done_at=None if units else now,
    )
    rows = [
        DispatchRecipient(dispatch=dispatch, unit=unit, name_printed=unit.name, purpose=purpose)
        for unit, purpose in units
    ]
    rows += [_on_paper(dispatch, line) for line in outside]
    DispatchRecipient.objects.bulk_create(rows)
    audit.record("document.send", actor=actor, subject=document, detail={"recipients": len(rows)})
    if units:
        jobs.wake_on_commit("documents.deliver", dispatch.pk)
    return dispatch


def _on_paper(dispatch: Dispatch, line: Recipient) -> DispatchRecipient:
    return DispatchRecipient(
        dispatch=dispatch,
        name_printed=line.text,
        purpose=line.purpose,
        channel=Channel.PAPER,
        state=DeliveryState.QUEUED,
    )
