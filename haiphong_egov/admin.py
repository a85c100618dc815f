"""The administrators' site: same sign-in as everybody (rate limits, second factor), Vietnamese throughout."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    site_header = _("Quản trị hệ thống")
    site_title = _("Quản trị")
    index_title = _("Danh mục và cấu hình")
    site_url = "/lam-viec/"
    enable_nav_sidebar = True

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """No door of its own: strangers go to the portal's sign-in; who is signed in without the right reads so (403)."""
        wanted = request.GET.get("next", "")
        if not request.user.is_authenticated:
            return redirect_to_login(wanted or "/quan-tri/")
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect("admin:index")
