"""How a case ends, by the applicant's wish or otherwise."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowed, RuleError
from onecase import rules, steps
from onecase.actions.base import take, tell_applicant, tell_staff
from onecase.actions.forms import owe_form
from onecase.choices import BusinessStatus as S
from onecase.choices import FormNo
from onecase.models import Case, Rating


@transaction.atomic
def collect_online(case_id: int, *, actor: Any) -> Case:
    """The applicant takes the electronic result (T17)."""
    return take(case_id, "collect_online", actor=actor, returned_at=timezone.now())


@transaction.atomic
def request_withdrawal(case_id: int, *, actor: Any, note: str) -> Case:
    """Xin rút hồ sơ (T16). The clock keeps running until the agency agrees."""
    case = take(case_id, "request_withdrawal", actor=actor, note=note)
    if case.handler_id:
        tell_staff(case, case.handler, kind="case.request_withdrawal", title=_("Người dân xin rút hồ sơ"))
    return case


@transaction.atomic
def agree_withdrawal(case_id: int, *, actor: Any) -> Case:
    now = timezone.now()
    case = take(case_id, "agree_withdrawal", actor=actor, now=now, finished_at=now)
    _stopped(case, actor, _("Theo đề nghị rút hồ sơ của người nộp."))
    return case


@transaction.atomic
def stop(case_id: int, *, actor: Any, note: str) -> Case:
    """Dừng giải quyết (T16, Form 05). `note` is the ground, printed as written."""
    now = timezone.now()
    case = take(case_id, "stop", actor=actor, note=note, now=now, finished_at=now)
    _stopped(case, actor, note)
    return case


def _stopped(case: Case, actor: Any, ground: str) -> None:
    steps.end(case, at=timezone.now())
    owe_form(case, FormNo.STOP, actor=actor, note=ground, at=case.finished_at)
    tell_applicant(
        case,
        kind="case.stop",
        title=_("Hồ sơ %(code)s dừng giải quyết") % {"code": case.code},
        text=ground,
    )


@transaction.atomic
def rate(case_id: int, *, actor: Any, level: int, comment: str = "") -> Rating:
    """Once per case, by the applicant, after the result."""
    case = Case.objects.get(pk=case_id)
    if not rules.is_applicant(actor, case):
        raise NotAllowed
    if case.business_status not in {S.COMPLETED, S.RETURNED, S.REFUSED}:
        raise RuleError(_("Đánh giá được khi hồ sơ đã có kết quả."))
    try:
        with transaction.atomic():
            rating = Rating.objects.create(case=case, level=level, comment=comment.strip())
    except IntegrityError as error:
        raise RuleError(_("Hồ sơ này đã được đánh giá.")) from error
    audit.record("case.rate", actor=actor, subject=case, detail={"level": level})
    return rating
