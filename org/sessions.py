"""End what somebody is signed in with, everywhere."""

from importlib import import_module
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone


def end_sessions(user: Any, *, keep: str = "") -> int:
    """All sessions of the account but `keep`, those that allauth lists and any other. Returns how many."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    keys = set(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            keys.add(session.session_key)
    keys = {key for key in keys if key != keep and store().exists(key)}
    for key in keys:
        store(key).delete()
    UserSession.objects.filter(user=user).exclude(session_key=keep).delete()
    return len(keys)


def forget_second_factors(user: Any) -> int:
    """Authenticator apps, passkeys and recovery codes; devices that were trusted because of them fall with them."""
    return int(Authenticator.objects.filter(user=user).delete()[0])
