"""Talk to the provider: its configuration, its keys, and whether an id token is genuine and meant for us."""

import hmac
from typing import Any, Final

import jwt
import requests
from django.core.cache import cache

from org.oidc.config import Provider

KEPT_SECONDS: Final = 600
LEEWAY_SECONDS: Final = 30
# A list of our own: what the token says about itself must not choose the method (no «none», no shared secret).
ALGORITHMS: Final = ("RS256", "PS256", "ES256")
TIMEOUT_SECONDS: Final = 5


class BadToken(Exception):
    """The answer is not a genuine, fresh one for us. The text is for the log: it names no person."""


def configuration(provider: Provider) -> dict[str, Any]:
    """The discovery document. BadToken: it speaks for another issuer (OpenID Connect Discovery §4.3)."""
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    found: dict[str, Any] | None = cache.get(f"oidc:{address}")
    if found is None:
        found = _fetched(address)
        if found.get("issuer") != provider.issuer:
            raise BadToken("discovery speaks for another issuer")
        cache.set(f"oidc:{address}", found, KEPT_SECONDS)
    return found


def verified(token: str, *, provider: Provider, nonce: str) -> dict[str, Any]:
    """The claims of an id token that stands every test of OpenID Connect Core §3.1.3.7. BadToken: it does not."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key=_key_for(token, provider),
            algorithms=list(ALGORITHMS),
            issuer=provider.issuer,
            audience=provider.client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError as error:
        raise BadToken(type(error).__name__) from error
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != provider.client_id:
        raise BadToken("meant for several, and not for us")
    if not nonce or not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
        raise BadToken("nonce")
    return claims


def user_info(access_token: str, *, provider: Provider, subject: str) -> dict[str, Any]:
    """More claims. BadToken: they are about somebody else than the id token (OpenID Connect Core §5.3.2)."""
    address = configuration(provider).get("userinfo_endpoint")
    if not address:
        return {}
    found = _fetched(address, bearer=access_token)
    if found.get("sub") != subject:
        raise BadToken("userinfo about somebody else")
    return found


def _key_for(token: str, provider: Provider) -> Any:
    """The provider's public key that the token names; a key that we do not know yet is fetched once."""
    header = jwt.get_unverified_header(token)
    if header.get("alg") not in ALGORITHMS:
        raise BadToken("algorithm")
    address = configuration(provider)["jwks_uri"]
    for fresh in (False, True):
        for key in _keys(address, fresh=fresh):
            if key.get("kid") == header.get("kid") and key.get("use", "sig") == "sig":
                return jwt.PyJWK(key, algorithm=header["alg"]).key
    raise BadToken("unknown key")


def _keys(address: str, *, fresh: bool) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] | None = None if fresh else cache.get(f"oidc:{address}")
    if kept is None:
        kept = list(_fetched(address).get("keys", ()))
        cache.set(f"oidc:{address}", kept, KEPT_SECONDS)
    return kept


def _fetched(address: str, *, bearer: str = "") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    answer = requests.get(address, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise BadToken("not an object")
    return found
