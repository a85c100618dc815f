"""Ground layer: audit trail, files, workflow mechanism, jobs, working calendar, search."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Nền tảng"

    def ready(self) -> None:
        from core import audit

        audit.register_sentences(
            {
                "admin.add": _("Thêm trong trang quản trị"),
                "admin.change": _("Sửa trong trang quản trị"),
                "admin.delete": _("Bỏ trong trang quản trị"),
            }
        )
