"""Tasks of somebody who leaves: to the named successor where he serves, else back to the unit as a whole."""

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from documents.choices import TASK_OPEN
from documents.models import Task
from org import services as org
from org.choices import Role
from org.handing_over import Keeper, Passed

SERVING = (Role.CASE_OFFICER, Role.UNIT_HEAD, Role.LEADER, Role.CLERK)


def open_of(user: Any) -> int:
    return Task.objects.open().filter(person=user).count()


def pass_on(user: Any, successor: Any, actor: Any, reason: str) -> list[Passed]:
    """Tasks of units where he still serves in another post stay with him. Without an heir the head gives them anew."""
    given: Counter[str] = Counter()
    found = Task.objects.filter(person=user, state__in=sorted(TASK_OPEN)).select_related("unit")
    for task in found.select_for_update(of=("self",)).order_by("pk"):
        if _serves(user, task.unit_id):
            continue
        heir = successor if successor is not None and _serves(successor, task.unit_id) else None
        task.person = heir
        task.save(update_fields=["person"])
        taker = heir.full_name if heir is not None else task.unit.name
        note = _("%(old)s → %(new)s: %(reason)s") % {"old": user.full_name, "new": taker, "reason": reason}
        audit.record("task.pass_on", actor=actor, subject=task, note=note[:500])
        given[taker] += 1
    return [Passed(_("việc về văn bản đến"), count, name) for name, count in given.items()]


def _serves(user: Any, unit_id: int) -> bool:
    return any(org.people_serving(role, unit_id).filter(pk=user.pk).exists() for role in SERVING)


KEEPER = Keeper(gettext_lazy("việc về văn bản đến"), open_of, pass_on)
