"""The composition root as an app (it owns the commands that run the whole), and the Django admin behind allauth's door."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    name = "haiphong_egov"
    verbose_name = "Cổng Hải Phòng"


class PortalAdminConfig(AdminConfig):
    default_site = "haiphong_egov.admin.PortalAdminSite"
