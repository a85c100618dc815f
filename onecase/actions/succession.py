"""A case goes to the successor of its agency: by the batch (onecase/movers.py), or one by one from the list of leftovers."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import RuleError
from onecase.actions.base import WHOLE, tell_applicant
from onecase.models import Case, HandOver
from org import services as org
from org.models import Organization, Restructuring


@transaction.atomic
def place(case_id: int, agency: Organization, *, actor: Any, batch: Restructuring) -> Case:
    """The decision on a case that the plan could not place. Code, receipt and due time stay. RuleError: not open."""
    case = Case.objects.select_for_update(of=("self",)).select_related(*WHOLE).get(pk=case_id)
    if case.finished_at is not None or case.agency is None:
        raise RuleError(_("Hồ sơ này đã xong, không chuyển nữa."))
    if case.agency_id == agency.pk:
        return case
    before, now = case.agency, timezone.now()
    giver_unit = case.handling_unit or case.receiving_unit or before
    case.agency, case.receiving_unit = agency, org.counter_of(agency)
    if case.handling_unit_id:
        case.handling_unit, case.handler = (
            org.handling_unit_of(agency, case.procedure.handled_by_symbol),
            None,
        )
    case.save(update_fields=["agency", "receiving_unit", "handling_unit", "handler"])
    if case.handling_unit is not None:
        HandOver.objects.create(
            case=case,
            giver=actor,
            giver_unit=giver_unit.name,
            taker_unit=case.handling_unit,
            given_at=now,
            note=batch.title[:300],
        )
    audit.record(
        "case.move",
        actor=actor,
        subject=case,
        before=(before.short_name or before.name)[:60],
        after=(agency.short_name or agency.name)[:60],
        note=batch.title,
        detail={"batch": batch.pk},
    )
    tell_applicant(
        case,
        kind="case.move",
        title=_("Hồ sơ %(code)s nay do %(agency)s giải quyết") % {"code": case.code, "agency": agency.name},
        text=_(
            "Nơi tiếp nhận và trả kết quả: %(unit)s. Mã hồ sơ, ngày tiếp nhận và hạn trả kết quả giữ nguyên."
        )
        % {"unit": case.receiving_unit.name},
    )
    return case
