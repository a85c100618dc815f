"""Drafts of somebody who leaves: to the named successor where he drafts, else to the head of the unit."""

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from documents.choices import DocumentStatus
from documents.models import Document
from org import services as org
from org.choices import Role
from org.handing_over import Keeper, Passed

UNFINISHED = [DocumentStatus.DRAFT, DocumentStatus.REVIEW, DocumentStatus.CHECKING, DocumentStatus.SUBMITTED]


def open_of(user: Any) -> int:
    return Document.objects.filter(drafter=user, status__in=UNFINISHED).count()


def pass_on(user: Any, successor: Any, actor: Any, reason: str) -> list[Passed]:
    """Drafts of units where he still drafts in another post stay with him."""
    given: Counter[str] = Counter()
    found = Document.objects.filter(drafter=user, status__in=UNFINISHED)
    for document in found.select_for_update(of=("self",)).order_by("pk"):
        drafting = org.people_serving(Role.CASE_OFFICER, document.unit_id)
        if drafting.filter(pk=user.pk).exists():
            continue
        heir = successor if successor is not None and drafting.filter(pk=successor.pk).exists() else None
        taker = heir or next((head for head in org.heads_of(document.unit_id) if head != user), None)
        if taker is None:
            given[""] += 1
            continue
        document.drafter = taker
        document.save(update_fields=["drafter"])
        note = _("%(old)s → %(new)s: %(reason)s") % {
            "old": user.full_name,
            "new": taker.full_name,
            "reason": reason,
        }
        audit.record("document.pass_on", actor=actor, subject=document, note=note)
        given[taker.full_name] += 1
    return [Passed(_("dự thảo văn bản"), count, name) for name, count in given.items()]


KEEPER = Keeper(gettext_lazy("dự thảo văn bản"), open_of, pass_on)
