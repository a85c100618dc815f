"""allauth's OpenID Connect provider with the gaps closed (settings.SOCIALACCOUNT_PROVIDERS names this class)."""

import secrets
from typing import Any, cast

import requests
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse

from org.oidc import config, tokens
from org.oidc.claims import Claims
from org.oidc.config import PROVIDER_ID


def configured() -> config.Provider:
    found = config.provider()
    assert found is not None  # without one there is no app, and allauth answers 404 before it comes here
    return found


class IdentityAdapter(OpenIDConnectOAuth2Adapter):
    """`state` is what was put aside before the round trip; the view sets it."""

    state: dict[str, Any] | None = None

    def __init__(self, request: HttpRequest, provider_id: str = PROVIDER_ID) -> None:
        super().__init__(request, provider_id)

    @property
    def openid_config(self) -> dict[str, Any]:
        return tokens.configuration(configured())

    @property
    def basic_auth(self) -> bool:
        return configured().auth_method == "client_secret_basic"

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        return SocialToken(token=data["access_token"])  # used once for the claims, never kept

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """Every test of the id token, then the claims. OAuth2Error: not genuine, or not for us."""
        provider, answer = configured(), kwargs["response"]
        try:
            own = tokens.verified(
                str(answer.get("id_token", "")), provider=provider, nonce=(self.state or {}).get("nonce", "")
            )
            found = tokens.user_info(token.token, provider=provider, subject=own["sub"])
        except tokens.BadToken as error:
            raise OAuth2Error(str(error)) from error
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            # An answer in a shape that nobody expects is the provider's fault, not one of our page.
            raise OAuth2Error(f"answer without sense: {type(error).__name__}") from error
        login = cast(SocialLogin, self.get_provider().sociallogin_from_response(request, own))
        login.claims = Claims.read({**found, **own}, provider)  # the signed ones win
        return login


class IdentityProvider(OpenIDConnectProvider):
    oauth2_adapter_class = IdentityAdapter

    def get_pkce_params(self) -> dict[str, Any]:
        return dict(generate_code_challenge())  # S256, always

    def get_scope(self) -> list[str]:
        return list(configured().scope)

    # What is asked for is ours to say: nothing is taken from the address of the page.
    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        return self.get_scope()

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        return {}

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        kwargs = super().get_redirect_from_request_kwargs(request)
        if kwargs["process"] != AuthProcess.CONNECT or not request.user.is_authenticated:
            kwargs["process"] = AuthProcess.LOGIN
        return dict(kwargs)

    def redirect(self, request: HttpRequest, process: str, **kwargs: Any) -> HttpResponse:
        """Off to the provider, with a nonce that the id token must bring back."""
        nonce = secrets.token_urlsafe(24)
        kwargs["auth_params"] = {"nonce": nonce}
        try:
            return cast(HttpResponse, super().redirect(request, process, nonce=nonce, **kwargs))
        except (tokens.BadToken, requests.RequestException, KeyError) as error:
            return cast(HttpResponse, render_authentication_error(request, self, exception=error))

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["sub"])

    # Neither numbers nor names may lie in the tables of a package.
    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        return []
