"""An authenticator app in the hand of a test."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value


def give_app(user: Any) -> str:
    """The account gets an authenticator app; its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    user.__dict__.pop("has_second_factor", None)
    return secret


def code_of(secret: str, *, ago: int = 0) -> str:
    """What the app shows now, or showed `ago` seconds ago."""
    return format_hotp_value(hotp_value(secret, int(time.time() - ago) // 30))


def give_key(user: Any, name: str = "Máy bàn") -> Authenticator:
    """A passkey as the list shows it (no real key behind it: the browser journeys have those)."""
    data = {"name": name, "credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
    user.__dict__.pop("has_second_factor", None)
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)
