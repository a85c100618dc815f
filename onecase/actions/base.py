"""What every move of a case shares: lock, check, status, clock, audit, in this order."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.workflow import Move
from notices import services as notices
from onecase import clock
from onecase.models import Case
from onecase.workflow import MOVES
from org import services as org

# What nearly every move reads: one row instead of a query each.
WHOLE = ("procedure", "version", "procedure_case", "agency__territory", "receiving_unit")


def take(
    case_id: int, verb: str, *, actor: Any, note: str = "", now: datetime | None = None, **changes: Any
) -> Case:
    """Lock the case, check the move, set the status and `changes`, turn the clock, write the audit event.

    Call inside `atomic`. NotAllowed, WrongStatus or NoteMissing: nothing is saved.
    """
    now = now or timezone.now()
    case = Case.objects.select_for_update(of=("self",)).select_related(*WHOLE).get(pk=case_id)
    move = MOVES.require(verb, case, actor, note)
    if actor is not None:
        actor.act_by(move.who, case)
    before, case.business_status = case.business_status, move.target
    for name, value in changes.items():
        setattr(case, name, value)
    turned = clock.turn(case, move.clock, at=now, reason=note)
    case.save(update_fields=["business_status", *changes, *turned])
    detail = {}
    if "due_at" in turned and case.due_at is not None:
        detail = {"due": case.due_at.isoformat(), "due_before": turned.get("due_at")}
    audit.record(
        f"case.{verb}",
        actor=actor,
        subject=case,
        before=before,
        after=move.target,
        note=note,
        detail=detail,
        at=now,
    )
    return case


def open_moves(actor: Any, case: Case) -> list[Move]:
    """The moves that this person may make now: what the page draws as buttons."""
    return MOVES.open_to(actor, case)


def tell_applicant(case: Case, *, kind: str, title: str, text: str) -> None:
    """Into the applicant's inbox and by e-mail; people without an account get the e-mail of the submitter's party."""
    if case.applicant_id:
        notices.tell(
            recipient=case.applicant,
            kind=kind,
            title=title,
            text=text,
            url=f"/ho-so/{case.code}/",
            subject=case,
        )
        return
    party = case.parties.exclude(email="").first()
    if party is not None:
        notices.tell(
            recipient=None,
            email=party.email,
            kind=kind,
            title=title,
            text=text,
            url="/tra-cuu/",
            subject=case,
        )


def tell_unit(case: Case, role: Any, unit_id: int | None, *, kind: str, title: str) -> None:
    """An inbox line for everybody who serves in `role` there (no e-mail: the desk is where staff look)."""
    if unit_id is None:
        return
    for user in org.people_to_tell(role, unit_id)[:20]:
        tell_staff(case, user, kind=kind, title=title)


def tell_staff(case: Case, user: Any, *, kind: str, title: str) -> None:
    text = _("%(code)s · %(procedure)s · %(owner)s") % {
        "code": case.code,
        "procedure": case.procedure.name,
        "owner": case.owner_name,
    }
    notices.tell_inbox(
        recipient=user, kind=kind, title=title, text=text, url=f"/lam-viec/ho-so/{case.code}/", subject=case
    )
