"""How the audit trail says what happens to registers, work files, rights and incidents."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "register.print": _("In sổ đăng ký"),
    "register.export": _("Xuất sổ đăng ký"),
    "register.close": _("Khóa sổ đăng ký"),
    "register.seal": _("Gửi ký số sổ đã khóa"),
    "register.sealed": _("Đã ký số cơ quan trên sổ"),
}
