"""The administrators' site: same sign-in as everybody (rate limits, second factor), Vietnamese throughout."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

# Second factors, sessions and addresses belong to their owner; an account is tied to an outside identity by its holder
# alone, and the provider comes from the environment.
LEFT_OUT = {
    "mfa.Authenticator",
    "usersessions.UserSession",
    "account.EmailAddress",
    "account.EmailConfirmation",
    "socialaccount.SocialAccount",
    "socialaccount.SocialApp",
    "socialaccount.SocialToken",
}


class PortalAdminSite(AdminSite):
    site_header = _("Quản trị hệ thống")
    site_title = _("Quản trị")
    index_title = _("Danh mục và cấu hình")
    site_url = "/lam-viec/"
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, *args: Any, **options: Any) -> None:
        """Third-party pages that would show secrets, or let sign-in be changed by hand: org shows what may be seen."""
        models = model_or_iterable if isinstance(model_or_iterable, list | tuple) else [model_or_iterable]
        shown = [model for model in models if model._meta.label not in LEFT_OUT]
        if shown:
            super().register(shown, *args, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Rights without a second factor are none (SecondFactorMiddleware leads to the set-up)."""
        return super().has_permission(request) and not request.user.one_factor

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """No door of its own: strangers go to the portal's sign-in; who is signed in without the right reads so (403)."""
        wanted = request.GET.get("next", "")
        if not request.user.is_authenticated:
            return redirect_to_login(wanted or "/quan-tri/")
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect("admin:index")
