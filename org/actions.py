"""Commands on hats."""

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import RuleError
from org.models import Assignment, User


@transaction.atomic
def switch_hat(assignment_id: int, *, actor: User) -> Assignment:
    """From now on `actor` acts in that post, which must be one of those held today. The caller keeps the choice."""
    for hat in actor.hats:
        if hat.pk == assignment_id:
            before, actor.hat = actor.hat, hat
            audit.record(
                "user.switch_hat", actor=actor, subject=actor, before=str(before)[:60], after=str(hat)[:60]
            )
            return hat
    raise RuleError(_("Chức vụ này không còn hiệu lực hôm nay. Chọn chức vụ khác."))
