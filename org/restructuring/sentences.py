"""How timelines say what a restructuring did."""

from typing import Final

from django.utils.translation import gettext_lazy as _

SENTENCES: Final = {
    "restructuring.create": _("Lập phương án sắp xếp"),
    "restructuring.edit": _("Sửa phương án sắp xếp"),
    "restructuring.check": _("Chạy thử phương án sắp xếp"),
    "restructuring.approve": _("Duyệt phương án sắp xếp"),
    "restructuring.send_back": _("Trả lại phương án sắp xếp"),
    "restructuring.withdraw": _("Rút phương án sắp xếp"),
    "restructuring.apply": _("Áp dụng phương án sắp xếp"),
    "restructuring.not_applied": _("Chưa áp dụng được phương án sắp xếp"),
    "restructuring.settle": _("Xử lý việc còn lại sau sắp xếp"),
    "restructuring.close": _("Kết thúc đợt sắp xếp"),
    "unit.found": _("Lập đơn vị"),
    "unit.revise": _("Đổi tên hoặc cấp trên của đơn vị"),
    "unit.close": _("Đơn vị kết thúc hoạt động"),
    "assignment.move": _("Chức vụ chuyển sang đơn vị kế thừa"),
    "grant.move": _("Quyền kết thúc cùng đơn vị"),
    "delegation.end_by_move": _("Ủy quyền kết thúc do sắp xếp tổ chức"),
    "numbers.close": _("Khóa sổ số của đơn vị đã kết thúc"),
    "numbers.reopen": _("Mở lại sổ số của đơn vị được lập lại"),
}
