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
                "audit.read": _("Xem nhật ký"),
                "audit.read_event": _("Xem một sự kiện của nhật ký"),
                "audit.export": _("Trích nhật ký ra tệp"),
                "audit.fetch_export": _("Tải tệp trích nhật ký"),
                "audit.erase": _("Xóa nội dung có dữ liệu cá nhân của một dòng nhật ký"),
            }
        )
