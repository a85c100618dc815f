"""Open one record in an emergency, and judge afterwards whether it was one."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowed, NoteMissing, RuleError, WrongStatus
from org import rules
from org.break_glass import DOORS, open_for
from org.models import BreakGlass
from org.models.posts import REASON_AT_LEAST
from org.serving import heads_of
from org.signals import to_tell

PAGE = "/lam-viec/truy-cap-khan/"


@transaction.atomic
def break_glass(subject_type: str, code: str, *, actor: Any, reason: str) -> BreakGlass:
    """Reading only, of this record only, for BREAK_GLASS_MINUTES. The head of its unit is told at once."""
    if not rules.may_break_glass(actor):
        raise NotAllowed(_("Chỉ quản trị hệ thống và người đứng đầu được mở khẩn một bản ghi."))
    reason = " ".join(reason.split())
    if len(reason) < REASON_AT_LEAST:
        raise RuleError(
            _("Nêu rõ lý do, ít nhất %(count)s ký tự: việc gì, ai yêu cầu, vì sao không chờ được.")
            % {"count": REASON_AT_LEAST}
        )
    door = DOORS.get(subject_type)
    record = door.find(code.strip()) if door is not None else None
    if door is None or record is None:
        raise RuleError(_("Không có bản ghi nào mang mã «%(code)s».") % {"code": code.strip()[:60]})
    if door.sees(actor, record):
        raise RuleError(_("Chức vụ hiện tại đã xem được bản ghi này; không cần mở khẩn."))
    if open_for(actor, record) is not None:
        raise RuleError(_("Bản ghi này đang mở. Hết giờ mới mở lại được."))
    now = timezone.now()
    opened = BreakGlass.objects.create(
        user=actor,
        subject_type=subject_type,
        subject_id=record.pk,
        subject_label=door.words(record)[:200],
        unit_id=door.unit_id(record),
        reason=reason,
        opened_at=now,
        closes_at=now + timedelta(minutes=settings.BREAK_GLASS_MINUTES),
    )
    audit.record(
        "break_glass.open", actor=actor, subject=record, note=reason, detail={"emergency": opened.pk}
    )
    to_tell.send(
        sender=BreakGlass,
        recipients=[head for head in heads_of(opened.unit_id) if head != actor],
        kind="break_glass.open",
        title=_("Truy cập khẩn: %(label)s") % {"label": opened.subject_label},
        text=_("%(name)s đã mở để đọc. Lý do: %(reason)s. Xem xét trong %(days)s ngày.")
        % {"name": actor.full_name, "reason": reason, "days": settings.BREAK_GLASS_REVIEW_DAYS},
        url=PAGE,
        subject=opened,
    )
    return opened


@transaction.atomic
def review(opened_id: int, *, actor: Any, is_justified: bool, note: str) -> BreakGlass:
    """Was it justified? Said once, with a note, by the head of the unit or an auditor."""
    opened = (
        BreakGlass.objects.select_for_update(of=("self",)).select_related("unit", "user").get(pk=opened_id)
    )
    if not rules.reviews_breaking(actor, opened):
        raise NotAllowed(_("Người đứng đầu đơn vị giữ bản ghi hoặc người kiểm tra nhật ký mới xem xét được."))
    if opened.reviewed_at is not None:
        raise WrongStatus(_("Lần truy cập này đã được xem xét."))
    if not note.strip():
        raise NoteMissing
    opened.reviewed_at, opened.reviewed_by = timezone.now(), actor
    opened.is_justified, opened.review_note = is_justified, note.strip()
    opened.save(update_fields=["reviewed_at", "reviewed_by", "is_justified", "review_note"])
    verdict = _("có căn cứ") if is_justified else _("không có căn cứ")
    audit.record("break_glass.review", actor=actor, subject=opened, after=verdict, note=opened.review_note)
    to_tell.send(
        sender=BreakGlass,
        recipients=[opened.user],
        kind="break_glass.review",
        title=_("Truy cập khẩn đã được xem xét: %(verdict)s") % {"verdict": verdict},
        text=f"{opened.subject_label}. {opened.review_note}",
        url=PAGE,
        subject=opened,
    )
    return opened
