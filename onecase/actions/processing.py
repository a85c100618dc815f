"""Inside the agency: who handles the case, and what it lacks."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import RuleError
from documents import services as documents
from onecase import steps
from onecase.actions.base import take, tell_applicant, tell_staff, tell_unit
from onecase.actions.counter import Item, keep_items, reply_date, wanted
from onecase.actions.forms import owe_form
from onecase.choices import FormNo
from onecase.models import Case
from org import services as org
from org.choices import Role


@transaction.atomic
def assign(case_id: int, *, actor: Any, officer: Any, note: str = "") -> Case:
    """Phân công (T7). The officer must serve in the handling unit today."""
    case = take(
        case_id,
        "assign",
        actor=actor,
        note=note or _("giao %(name)s") % {"name": officer.full_name},
        handler=officer,
    )
    assert case.handling_unit_id is not None  # heads_unit has asked for it
    if not org.people_serving(Role.CASE_OFFICER, case.handling_unit_id).filter(pk=officer.pk).exists():
        raise RuleError(_("%(name)s không thụ lý hồ sơ ở đơn vị này.") % {"name": officer.full_name})
    if case.result_document_id:
        documents.give_draft(case.result_document_id, actor=actor, drafter=officer)
    _taken(case, officer)
    tell_staff(case, officer, kind="case.assign", title=_("Hồ sơ được giao thụ lý"))
    return case


@transaction.atomic
def take_up(case_id: int, *, actor: Any) -> Case:
    """Nhận thụ lý (T7): an officer of the unit takes the case himself; a stand-in takes it for whom he covers."""
    case = take(case_id, "take_up", actor=actor)
    case.handler = actor.principal
    case.save(update_fields=["handler"])
    _taken(case, case.handler)
    return case


def _taken(case: Case, officer: Any) -> None:
    now = timezone.now()
    case.hand_overs.filter(taken_at__isnull=True).update(taken_at=now, taker=officer)
    steps.begin(case, "tham_dinh", at=now)


@transaction.atomic
def propose_supplement(case_id: int, *, actor: Any, items: list[Item], note: str = "") -> Case:
    """The officer proposes (T8); nothing reaches the citizen before the head agrees."""
    note = note or "; ".join(item["text"] for item in items)
    case = take(case_id, "propose_supplement", actor=actor, note=note)
    keep_items(case, items, case.supplement_count + 1)
    tell_unit(
        case,
        Role.UNIT_HEAD,
        case.handling_unit_id,
        kind="case.propose_supplement",
        title=_("Chờ duyệt yêu cầu bổ sung"),
    )
    return case


@transaction.atomic
def request_supplement(
    case_id: int, *, actor: Any, note: str = "", items: list[Item] | None = None, reply_by: date | None = None
) -> Case:
    """Yêu cầu bổ sung khi giải quyết (T8, Form 02): the clock pauses. `note` reaches the citizen as written."""
    proposed = Case.objects.get(pk=case_id)
    if items is None:
        items = []
        waiting = proposed.supplement_items.filter(round=proposed.supplement_count + 1)
        asked: list[Item] = [{"text": item.text, "reason": item.reason} for item in waiting]
    else:
        asked = items
    guidance, note = note, wanted(asked, note)
    case = take(case_id, "request_supplement", actor=actor, note=note)
    case.supplement_count += 1
    case.reply_by = reply_date(case, reply_by)
    case.save(update_fields=["supplement_count", "reply_by"])
    if items or not case.supplement_items.filter(round=case.supplement_count).exists():
        keep_items(case, items, case.supplement_count)
    owe_form(case, FormNo.SUPPLEMENT, actor=actor, note=guidance)
    tell_applicant(
        case,
        kind="case.request_supplement",
        title=_("Hồ sơ %(code)s cần bổ sung") % {"code": case.code},
        text=_(
            "Cần bổ sung trước ngày %(day)s: %(note)s. Thời hạn giải quyết tạm dừng cho tới khi nhận được bổ sung."
        )
        % {"day": f"{case.reply_by:%d/%m/%Y}", "note": note},
    )
    return case


@transaction.atomic
def decline_supplement(case_id: int, *, actor: Any, note: str) -> Case:
    """The head sees no need to ask: the proposal's items are dropped, the reason stands in the trail."""
    case = take(case_id, "decline_supplement", actor=actor, note=note)
    case.supplement_items.filter(round=case.supplement_count + 1).delete()
    if case.handler_id:
        tell_staff(case, case.handler, kind="case.decline_supplement", title=_("Không duyệt yêu cầu bổ sung"))
    return case
