"""What the trail says about search."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {"document.export_list": _("Tải danh sách văn bản tìm được")}
