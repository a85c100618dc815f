"""Commands on hats."""

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import RuleError
from org.models import Assignment, Delegation, User


@transaction.atomic
def switch_hat(assignment_id: int, *, actor: User) -> Assignment:
    """From now on `actor` acts in that post, which must be one of those held today. The caller keeps the choice."""
    for hat in actor.hats:
        if hat.pk == assignment_id:
            before, actor.hat, actor.standing_in = actor.hat, hat, None
            audit.record(
                "user.switch_hat", actor=actor, subject=actor, before=str(before)[:60], after=str(hat)[:60]
            )
            return hat
    raise RuleError(_("Chức vụ này không còn hiệu lực hôm nay. Chọn chức vụ khác."))


@transaction.atomic
def stand_in(delegation_id: int, *, actor: User) -> Delegation:
    """From now on `actor` does only what that delegation gives, under its taker's hat. The caller keeps the choice."""
    for delegation in actor.delegations:
        if delegation.pk == delegation_id:
            before = actor.hat
            actor.hat = next(hat for hat in actor.hats if hat.pk == delegation.taker_id)
            actor.standing_in = delegation
            audit.record(
                "user.stand_in",
                actor=actor,
                subject=actor,
                before=str(before)[:60],
                after=delegation.giver.person.full_name[:60],
                note=delegation.on_behalf_words,
            )
            return delegation
    raise RuleError(_("Ủy quyền này đã hết hiệu lực hoặc bị thu hồi."))
