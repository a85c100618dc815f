"""Open cases of an officer who leaves: to the named successor where he serves, else to the head of the unit."""

from collections import Counter
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from onecase.choices import OPEN
from onecase.models import Case
from org import services as org
from org.choices import Role
from org.handing_over import Keeper, Passed


def open_of(user: Any) -> int:
    return _in_hand(user).count()


def pass_on(user: Any, successor: Any, actor: Any, reason: str) -> list[Passed]:
    """What he may still handle in another post of his stays with him."""
    given: Counter[str] = Counter()
    remaining = type(user).objects.get(pk=user.pk)
    kept = _served_today(remaining)
    takers: dict[int, Any] = {}
    cases = _in_hand(user).exclude(handling_unit__in=kept).select_for_update(of=("self",)).order_by("pk")
    for case in cases:
        unit_id = case.handling_unit_id
        assert unit_id is not None  # of the query
        if unit_id not in takers:
            takers[unit_id] = _taker(unit_id, successor, user)
        taker = takers[unit_id]
        case.handler = taker
        case.save(update_fields=["handler"])
        audit.record(
            "case.pass_on",
            actor=actor,
            subject=case,
            note=_("%(old)s → %(new)s: %(reason)s")
            % {
                "old": user.full_name,
                "new": taker.full_name if taker else _("chưa có người nhận"),
                "reason": reason,
            },
        )
        given[taker.full_name if taker else ""] += 1
    return [Passed(_("hồ sơ đang thụ lý"), count, name) for name, count in given.items()]


def _in_hand(user: Any) -> Any:
    return Case.objects.filter(Q(handling_unit__isnull=False), handler=user, business_status__in=sorted(OPEN))


def _served_today(user: Any) -> set[int]:
    found: set[int] = set()
    for hat in user.hats:
        user.hat = hat
        found |= user.own_units_as(Role.CASE_OFFICER, Role.UNIT_HEAD)
    return found


def _taker(unit_id: int, successor: Any, leaver: Any) -> Any:
    if (
        successor is not None
        and org.people_serving(Role.CASE_OFFICER, unit_id).filter(pk=successor.pk).exists()
    ):
        return successor
    return next((head for head in org.heads_of(unit_id) if head != leaver), None)


KEEPER = Keeper(gettext_lazy("hồ sơ đang thụ lý"), open_of, pass_on)
