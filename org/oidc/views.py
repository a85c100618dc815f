"""Off to the provider and back. Pages around it: org.views.identity."""

from typing import Any, cast

import requests
from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse

from core.errors import RuleError
from org.oidc import tokens
from org.oidc.provider import IdentityAdapter, configured


class CallbackView(OAuth2CallbackView):
    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        """The adapter needs the nonce that was put aside; `iss` in the address must be our provider (RFC 9207)."""
        state, answer = super()._get_state(request, provider)
        cast(IdentityAdapter, self.adapter).state = state
        if state is not None and request.GET.get("iss", configured().issuer) != configured().issuer:
            return None, render_authentication_error(request, provider, exception=tokens.BadToken("issuer"))
        return state, answer

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return cast(HttpResponse, super().dispatch(request, *args, **kwargs))
        except (tokens.BadToken, requests.RequestException, RuleError) as error:
            return cast(
                HttpResponse,
                render_authentication_error(request, self.adapter.get_provider(), exception=error),
            )


@login_not_required
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _answer(OAuth2LoginView, request, provider_id)


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _answer(CallbackView, request, provider_id)


def _answer(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        return cast(HttpResponse, view.adapter_view(IdentityAdapter(request, provider_id))(request))
    except SocialApp.DoesNotExist:
        raise Http404 from None
