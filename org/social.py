"""Where allauth asks what an outside identity may open: never by an e-mail address, never a staff account."""

from typing import Any

import requests
import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

from core.errors import RuleError
from org import pending_identity
from org.actions import identities
from org.oidc import config
from org.views import identity as pages

log = structlog.get_logger()


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The one provider of the environment. Rows of the database count for nothing: nobody adds one unseen."""
        found = config.provider()
        if (
            found is None
            or provider not in {None, config.PROVIDER_ID, "openid_connect"}
            or client_id not in {None, found.client_id}
        ):
            return []
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=config.PROVIDER_ID,
                name=found.name,
                client_id=found.client_id,
                secret=found.secret,
                settings={"server_url": found.issuer},
            )
        ]

    def get_requests_session(self) -> requests.Session:
        """An answer of 500 or above is a provider in trouble, not an answer that does not hold."""
        session: requests.Session = super().get_requests_session()
        session.hooks["response"].append(_refuse_trouble)
        return session

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The claims were checked; now they are an account, or a page that says why not."""
        claims, by = sociallogin.claims, sociallogin.provider.name
        try:
            if sociallogin.state.get("process") == AuthProcess.CONNECT and request.user.is_authenticated:
                identities.link(claims, actor=request.user, by=by)
                raise ImmediateHttpResponse(pages.linked(request, by))
            user = identities.sign_in(claims, by=by)
        except identities.MustChoose:
            pending_identity.keep(request, claims, next_url=sociallogin.get_redirect_url(request))
            raise ImmediateHttpResponse(redirect("org:choose_account")) from None
        except identities.Refused as refusal:
            log.info("identity_refused", reason=type(refusal).__name__)
            raise ImmediateHttpResponse(pages.refused(request, refusal.title, str(refusal))) from None
        sociallogin.user = user
        sociallogin.account = SocialAccount.objects.get(
            provider=config.PROVIDER_ID, uid=claims.subject, user=user
        )

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Why it did not work, in words; the log gets the kind of trouble and nothing about the person."""
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect(reverse("socialaccount_login_cancelled")))
        log.warning(
            "identity_provider_trouble",
            kind=type(exception).__name__ if exception else "answer",
            error=str(error),
        )
        said = str(exception) if isinstance(exception, RuleError) else ""
        raise ImmediateHttpResponse(pages.failed(request, provider.name, exception, said))

    # Doors of allauth that stay shut: all accounts come from `identities.sign_in`.
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:
        return None

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        return reverse("org:identity")


def _refuse_trouble(answer: requests.Response, *args: Any, **kwargs: Any) -> None:
    if answer.status_code >= 500:
        answer.raise_for_status()
