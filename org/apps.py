"""Units through time, people, posts, roles, sign-in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrgConfig(AppConfig):
    name = "org"
    verbose_name = "Tổ chức"

    def ready(self) -> None:
        from core import audit

        audit.register_sentences({"user.switch_hat": _("Đổi chức vụ làm việc")})
