"""Let one person read one document, beside unit and role; end it again. Who handles it may, and the clerk and leaders."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowed, RuleError
from documents import links, rules
from documents.actions import indexing
from documents.models import Document, DocumentGrant, IncomingDocument
from notices import services as notices

Record = Document | IncomingDocument


def _column(record: Record) -> str:
    return "incoming" if isinstance(record, IncomingDocument) else "document"


@transaction.atomic
def give_grant(record: Record, person: Any, *, reason: str, actor: Any) -> DocumentGrant:
    """«Cho xem». RuleError: no reason, not an officer, or the right is there already."""
    record = type(record).objects.select_for_update(of=("self",)).get(pk=record.pk)
    if not rules.grants_reading(actor, record):
        raise NotAllowed
    if not reason.strip():
        raise RuleError(_("Ghi lý do cho xem."))
    if not person.is_active or not person.hats:
        raise RuleError(
            _("%(name)s không còn giữ vị trí công tác nào nên không cho xem được.")
            % {"name": person.full_name}
        )
    if person == actor:
        raise RuleError(_("Ông/bà đã xem được văn bản này."))
    if record.grants.filter(user=person, ended_at__isnull=True).exists():
        raise RuleError(_("%(name)s đã được cho xem văn bản này.") % {"name": person.full_name})
    grant = DocumentGrant.objects.create(
        user=person, given_by=actor, reason=reason.strip()[:300], **{_column(record): record}
    )
    audit.record(
        "reading.give",
        actor=actor,
        subject=record,
        after=person.full_name,
        note=reason,
        detail={"user": person.pk, "grant": grant.pk},
    )
    notices.tell_inbox(
        recipient=person,
        kind="reading.give",
        title=_("Được cho xem một văn bản"),
        text=_("%(who)s cho xem: %(reason)s") % {"who": actor.full_name, "reason": reason.strip()},
        url=links.of(record),
        subject=record,
    )
    indexing.access_changed(record)
    return grant


@transaction.atomic
def end_grant(grant_id: int, *, actor: Any) -> DocumentGrant:
    grant = (
        DocumentGrant.objects.select_for_update(of=("self",))
        .select_related("incoming", "document", "user")
        .get(pk=grant_id)
    )
    record = grant.incoming or grant.document
    if grant.given_by_id != actor.pk and not rules.grants_reading(actor, record):
        raise NotAllowed
    return _ended(grant, actor=actor, note="")


def _ended(grant: DocumentGrant, *, actor: Any, note: str) -> DocumentGrant:
    if grant.ended_at is None:
        grant.ended_at = timezone.now()
        grant.save(update_fields=["ended_at"])
        record = grant.incoming or grant.document
        assert record is not None
        audit.record(
            "reading.end",
            actor=actor,
            subject=record,
            before=grant.user.full_name,
            note=note,
            detail={"grant": grant.pk},
        )
        indexing.access_changed(record)
    return grant


@transaction.atomic
def end_grants_of(user: Any, *, actor: Any, reason: str, keeping: Collection[int] = ()) -> int:
    """Somebody leaves: what was given to him by name ends, but for records of the agencies in `keeping`."""
    open_ones = DocumentGrant.objects.select_for_update(of=("self",)).filter(user=user, ended_at__isnull=True)
    found = list(open_ones.select_related("incoming", "document", "user").order_by("pk"))
    gone = [grant for grant in found if _agency_of(grant) not in keeping]
    for grant in gone:
        _ended(grant, actor=actor, note=reason)
    return len(gone)


def _agency_of(grant: DocumentGrant) -> int | None:
    record = grant.incoming or grant.document
    return record.agency_id if record else None
