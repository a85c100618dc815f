"""Second factors: where allauth's own doors leave a question open."""

import ipaddress
from typing import Any, cast

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.views import DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, ReauthenticateWebAuthnView, RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from org.models import User


def hold(request: HttpRequest) -> User:
    """Of two second factors that are removed at the same moment one goes first, and the other is the last."""
    return User.objects.select_for_update().get(pk=cast(User, request.user).pk)


class AddPasskey(AddWebAuthnView):
    """Browsers tie a passkey to a name; at an address in figures (the demo's 127.0.0.1) they refuse it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        host = self.request.get_host().partition(":")[0]
        by_name = f"http://localhost:{self.request.get_port()}" if settings.DEBUG else settings.SITE_URL
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return found | {"needs_name": is_figures(host), "better_address": by_name}


def is_figures(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class TurnAppOff(DeactivateTOTPView):
    @transaction.atomic
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.authenticator.user = hold(request)
        return cast(HttpResponse, super().post(request, *args, **kwargs))


class RemovePasskey(RemoveWebAuthnView):
    """allauth asks whether an authenticator may go only for apps, not for keys."""

    @transaction.atomic
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user, authenticator, adapter = hold(request), self.get_object(), get_adapter()
        authenticator.user = user
        if not adapter.can_delete_authenticator(authenticator):
            messages.error(request, str(adapter.error_messages["cannot_delete_authenticator"]))
            return redirect("mfa_list_webauthn")
        return cast(HttpResponse, super().post(request, *args, **kwargs))


class ConfirmByPasskey(ReauthenticateWebAuthnView):
    """After a key that did not fit one tries again here, not on the sign-in page."""

    def form_invalid(self, form: Any) -> HttpResponse:
        super().form_invalid(form)  # says why
        return HttpResponseRedirect(self.passthrough_next_url(self.request.path))
