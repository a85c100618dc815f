"""How often one sender may ask: counters in the cache, which counts on in memory while the broker is away."""

import hashlib

from django.core.cache import cache

from core.audit import request_ip


def spent(what: str, *, who: str = "", most: int, seconds: int) -> bool:
    """Count one try of `what` by `who` (default: the sender's address). True: there have been too many."""
    name = hashlib.sha256(f"{what}:{who or request_ip.get() or ''}".encode()).hexdigest()[:32]
    key = f"onecase:limit:{name}"
    if cache.add(key, 1, seconds):
        return False
    try:
        return cache.incr(key) > most
    except ValueError:  # it expired between the two calls
        cache.set(key, 1, seconds)
        return False
