"""The administrators' site: same sign-in as everybody (rate limits, second factor), Vietnamese throughout."""

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    site_header = _("Quản trị hệ thống")
    site_title = _("Quản trị")
    index_title = _("Danh mục và cấu hình")
    site_url = "/lam-viec/"
    enable_nav_sidebar = True


PortalAdminSite.login = secure_admin_login(PortalAdminSite.login)  # type: ignore[method-assign]
