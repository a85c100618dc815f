"""Commands on sessions and second factors: one's own, and those of an account that is closed or locked out."""

from typing import Any

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowed
from org import devices, sessions
from org.models import User


@transaction.atomic
def end_session(session_id: int, *, actor: Any, keep: str) -> int:
    """One of the actor's own, not the present one. 0: there is none such any more."""
    session = UserSession.objects.filter(pk=session_id, user=actor).exclude(session_key=keep).first()
    if session is None:
        return 0
    session.end()
    audit.record(
        "user.end_sessions",
        actor=actor,
        subject=actor,
        detail={"count": 1, "why": "chosen", "device": devices.device(session.user_agent)},
    )
    return 1


@transaction.atomic
def end_other_sessions(*, actor: Any, keep: str, why: str = "chosen") -> int:
    """All but the present one."""
    count = sessions.end_sessions(actor, keep=keep)
    if count:
        audit.record("user.end_sessions", actor=actor, subject=actor, detail={"count": count, "why": why})
    return count


@transaction.atomic
def close_sessions(user: User, *, actor: Any) -> int:
    """The account is switched off."""
    count = sessions.end_sessions(user)
    audit.record("user.end_sessions", actor=actor, subject=user, detail={"count": count, "why": "closed"})
    return count


@transaction.atomic
def reset_second_factors(user_id: int, *, actor: Any) -> int:
    """Telephone or key lost, recovery codes too: the owner, whom the administrator knows, sets up new ones at the next
    sign-in. Never one's own, else the second factor of an administrator would be his password again."""
    if not actor.is_superuser or actor.pk == user_id:
        raise NotAllowed(_("Chỉ quản trị hệ thống khác gỡ được lớp bảo vệ của người này."))
    user = User.objects.select_for_update().get(pk=user_id)
    count = sessions.forget_second_factors(user)
    sessions.end_sessions(user)
    audit.record("user.reset_second_factors", actor=actor, subject=user, detail={"count": count})
    return count
