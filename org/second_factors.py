"""Codes of authenticator apps serve once (RFC 6238, 5.2), also while the cache is away."""

import time

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import transaction

from org import crypto

LAST = "last_period"


@transaction.atomic
def use_up(authenticator: Authenticator, code: str) -> bool:
    """Note the period of a code that was right. False: that one, or a later one, was used already."""
    locked = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    period = _period_of(crypto.unseal(locked.data["secret"]), normalize_user_code(code))
    if period is None or period <= locked.data.get(LAST, 0):
        return False
    locked.data[LAST] = period
    locked.save(update_fields=["data"])
    authenticator.data = locked.data
    return True


def _period_of(secret: str, code: str) -> int | None:
    """The latest period around now whose code this is."""
    now, tolerance = int(time.time()) // app_settings.TOTP_PERIOD, app_settings.TOTP_TOLERANCE
    for period in range(now + tolerance, now - tolerance - 1, -1):
        if format_hotp_value(hotp_value(secret, period)) == code:
            return period
    return None
