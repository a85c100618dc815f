"""How the trail says what was done to outgoing documents and copies."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "document.create": _("Soạn dự thảo"),
    "document.propose": _("Ký nháy, trình người đứng đầu đơn vị"),
    "document.initial": _("Người đứng đầu đơn vị ký nháy"),
    "document.pass_form": _("Đạt thể thức, trình lãnh đạo"),
    "document.ask_opinion": _("Xin ý kiến phối hợp"),
    "document.give_opinion": _("Cho ý kiến phối hợp"),
    "document.withdraw_question": _("Thôi hỏi ý kiến"),
    "document.answer_opinion": _("Tiếp thu, giải trình ý kiến"),
    "document.opinion_missing": _("Không trả lời ý kiến đúng hạn"),
    "document.send": _("Gửi tới nơi nhận"),
    "copy.make": _("Lập bản sao, cấp số"),
    "copy.issue": _("Ký số bản sao"),
    "copy.fail": _("Không ký được bản sao; số được hủy"),
}
