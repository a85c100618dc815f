"""Recompute due times when the working calendar changes: old and new are both shown, logged, never silently."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from onecase import clock
from onecase.actions.base import tell_applicant
from onecase.choices import CLOCK_RUNS
from onecase.models import Case


@transaction.atomic
def recalculate(case_id: int) -> bool:
    """One open case under today's calendar. True when its due time moved."""
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("agency", "version", "procedure_case")
        .get(pk=case_id)
    )
    if case.business_status not in CLOCK_RUNS or case.received_at is None or case.due_at is None:
        return False
    before, after = case.due_at, clock.due_of(case)
    if after is None or after.at == before:
        return False
    case.due_at = after.at
    case.save(update_fields=["due_at"])
    audit.record(
        "case.recalculate",
        actor=None,
        subject=case,
        detail={"due_before": before.isoformat(), "due": after.at.isoformat()},
        at=timezone.now(),
    )
    tell_applicant(
        case,
        kind="case.recalculate",
        title=_("Hạn trả kết quả hồ sơ %(code)s thay đổi") % {"code": case.code},
        text=_("Lịch làm việc thay đổi. Hạn trước: %(before)s; hạn mới: %(after)s.")
        % {
            "before": f"{timezone.localtime(before):%H:%M %d/%m/%Y}",
            "after": f"{timezone.localtime(after.at):%H:%M %d/%m/%Y}",
        },
    )
    return True
