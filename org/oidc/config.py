"""The provider as the environment names it (settings.OIDC). Empty issuer: no provider, no button, no address."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

PROVIDER_ID = "dinh-danh"  # stands in the address that the provider sends people back to


@dataclass(frozen=True)
class Provider:
    issuer: str
    client_id: str
    secret: str
    name: str
    auth_method: str  # at the token endpoint
    scope: tuple[str, ...]
    claims: dict[str, str]
    level_claim: str
    levels: dict[str, int]


def provider() -> Provider | None:
    return Provider(**settings.OIDC) if settings.OIDC["issuer"] else None


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
