"""Work files, decisions about deadlines and rights by name of somebody who leaves (NĐ 30/2020/NĐ-CP, art. 31).

Files go to the named successor where he serves the unit, else to its head (tasks: documents/keeping_tasks.py). A directive stays signed by who
gave it; what still waits for his decision is put before those who may decide.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from documents import links, rules
from documents.actions import access
from documents.choices import ExtensionState, FileState
from documents.models import DocumentGrant, TaskExtension, WorkFile
from notices import services as notices
from org import services as org
from org.choices import Role
from org.handing_over import Keeper, Passed

KEPT = [FileState.OPEN, FileState.CLOSED]


def _files(user: Any) -> Any:
    return WorkFile.objects.filter(keeper=user, state__in=KEPT)


def _undecided(user: Any) -> Any:
    return TaskExtension.objects.filter(task__directive__by=user, state=ExtensionState.ASKED)


def _grants(user: Any) -> Any:
    return DocumentGrant.objects.filter(user=user, ended_at__isnull=True)


def open_of(user: Any) -> int:
    return sum(found(user).count() for found in (_files, _undecided, _grants))


def pass_on(user: Any, successor: Any, actor: Any, reason: str) -> list[Passed]:
    """Call inside `atomic`. What a remaining post still lets him do stays with him; twice changes nothing."""
    takers = _Takers(user, successor)
    return [
        *_give(_files(user), "keeper", _("hồ sơ công việc"), "work_file.pass_on", takers, actor, reason),
        *_put_before_others(user, takers, actor, reason),
        *_end_grants(user, actor, reason),
    ]


class _Takers:
    """Who takes the work of a unit over; asked once per unit."""

    def __init__(self, user: Any, successor: Any) -> None:
        self.user, self.successor = user, successor
        self._known: dict[int, tuple[bool, Any]] = {}

    def of(self, unit_id: int) -> tuple[bool, Any]:
        """(he still serves the unit himself, who takes over there)."""
        if unit_id not in self._known:
            serving = {
                pk
                for role in rules.DRAFTERS
                for pk in org.people_serving(role, unit_id).values_list("pk", flat=True)
            }
            heir = self.successor if self.successor is not None and self.successor.pk in serving else None
            head = next((one for one in org.heads_of(unit_id) if one != self.user), None)
            self._known[unit_id] = (self.user.pk in serving, heir or head)
        return self._known[unit_id]


def _give(
    found: Any, column: str, what: str, event: str, takers: _Takers, actor: Any, reason: str
) -> list[Passed]:
    given: Counter[str] = Counter()
    for record in found.select_for_update(of=("self",)).order_by("pk"):
        stays, taker = takers.of(record.unit_id)
        if stays:
            continue
        if taker is None:
            given[""] += 1
            continue
        setattr(record, column, taker)
        record.save(update_fields=[column])
        note = _("%(old)s → %(new)s: %(reason)s") % {
            "old": takers.user.full_name,
            "new": taker.full_name,
            "reason": reason,
        }
        audit.record(event, actor=actor, subject=record, note=note)
        given[taker.full_name] += 1
    return [Passed(what, count, name) for name, count in given.items()]


def _put_before_others(user: Any, takers: _Takers, actor: Any, reason: str) -> list[Passed]:
    """Requests for more time that waited for him: leaders of the agency may decide, and are told."""
    given: Counter[str] = Counter()
    waiting = _undecided(user).select_related("task__incoming").order_by("pk")
    for extension in waiting:
        agency = extension.task.incoming.agency_id
        if takers.of(agency)[0]:
            continue
        leaders = [one for one in org.people_serving(Role.LEADER, agency) if one != user]
        heir = takers.successor if takers.successor in leaders else (leaders[0] if leaders else None)
        if heir is None:
            given[""] += 1
            continue
        audit.record(
            "directive.pass_on",
            actor=actor,
            subject=extension.task,
            note=f"{user.full_name} → {heir.full_name}: {reason}",
        )
        notices.tell_inbox(
            recipient=heir,
            kind="directive.pass_on",
            title=_("Đề nghị gia hạn chờ quyết định"),
            text=_("Bàn giao từ %(name)s.") % {"name": user.full_name},
            url=links.incoming(extension.task.incoming_id),
            subject=extension.task,
        )
        given[heir.full_name] += 1
    return [Passed(_("đề nghị gia hạn chờ duyệt"), count, name) for name, count in given.items()]


def _end_grants(user: Any, actor: Any, reason: str) -> list[Passed]:
    """Rights by name of an agency where he holds no post any more end; nobody takes them over."""
    homes = {hat.organization.agency_id or hat.organization_id for hat in _posts_now(user)}
    ended = access.end_grants_of(user, actor=actor, reason=reason, keeping=homes)
    return [Passed(_("quyền xem riêng (đã kết thúc)"), ended, user.full_name)] if ended else []


def _posts_now(user: Any) -> list[Any]:
    """Read anew: the account at hand may remember posts that have just ended."""
    fresh = type(user).objects.get(pk=user.pk)
    posts: Callable[[], Any] = fresh._posts_today
    return list(posts().select_related("organization"))


KEEPER = Keeper(gettext_lazy("hồ sơ công việc, việc theo văn bản đến, quyền xem riêng"), open_of, pass_on)
