"""The page of components: every part in every state, beside the words that say when to use it."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import office_calendar
from core.duechip import Chip, ChipState, chip
from core.forms import CheckBoxes, DateField, PinField, RadioBoxes, SpeakingForm, UploadField
from org.views.doors import staff_only

SWATCHES = [
    ("navy-900", "#0E2238"), ("navy-700", "#1B4069"), ("navy-600", "#235488"), ("navy-200", "#C3D2E1"),
    ("navy-50", "#EEF3F8"), ("paper", "#FAF7F2"), ("paper-2", "#F3EEE5"), ("edge", "#857C6D"), ("red", "#B42A17"),
    ("red-50", "#FCEDE9"), ("amber", "#8A4B00"), ("amber-50", "#FDF0DC"), ("green", "#1D6142"), ("gold-400", "#D9A92E"),
]  # fmt: skip

STATUSES = [
    ("ring", _("Mới tiếp nhận")),
    ("half", _("Đang thẩm định")),
    ("diamond", _("Chờ người dân bổ sung")),
    ("done", _("Đã trả kết quả")),
    ("refused", _("Từ chối tiếp nhận")),
    ("overdue", _("Quá hạn (bản đồ, chú giải)")),
]


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=timezone.get_default_timezone())


def sample(due_at: datetime | None, **facts: Any) -> Chip:
    """The chip of the pictures: Monday 23 November 2026, 09:20."""
    return chip(
        due_at=due_at,
        now=local(23, 9, 20),
        started_at=local(19, 10, 20),
        calendar=office_calendar.shipped(),
        **facts,
    )


class SampleForm(SpeakingForm):
    child_birth_on = DateField(label=_("Ngày sinh của trẻ"))
    mother_number = forms.CharField(
        label=_("Số định danh của mẹ"), widget=forms.TextInput(attrs={"size": "18"})
    )

    def clean_mother_number(self) -> str:
        number = self.cleaned_data["mother_number"]
        if len(number) != 12:
            message = _("Số định danh có 12 chữ số; bạn đã nhập %(count)d.") % {"count": len(number)}
            raise forms.ValidationError(message)
        return number


class MoreFieldsForm(SpeakingForm):
    commune = forms.ChoiceField(
        label=_("Xã, phường"),
        choices=[("", _("Chọn xã, phường")), ("1", "phường Ngô Quyền"), ("2", "phường Gia Viên")],
    )
    reason = forms.CharField(label=_("Lý do"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    channel = forms.ChoiceField(
        label=_("Bạn muốn nhận kết quả ở đâu?"),
        choices=[("online", _("Bản điện tử")), ("counter", _("Tại quầy")), ("post", _("Bưu chính về nhà"))],
        widget=RadioBoxes(hints={"online": _("Có ngay khi ký, 0 đồng"), "counter": _("Mang theo căn cước")}),
    )
    papers = forms.MultipleChoiceField(
        label=_("Giấy tờ còn thiếu"),
        choices=[("a", _("Giấy chứng sinh")), ("b", _("Tờ khai"))],
        widget=CheckBoxes,
        required=False,
    )
    agree = forms.BooleanField(label=_("Tôi cam đoan nội dung khai là đúng sự thật."))
    paper = UploadField(label=_("Giấy chứng sinh"), required=False)


class ConfirmForm(SpeakingForm):
    pin = PinField()


TIMELINE = [
    {
        "state": "now",
        "title": _("Thẩm định"),
        "text": " – Nguyễn Thị Lan",
        "meta": "từ 08:31 hôm nay · bước 3 trên 5",
    },
    {
        "state": "done",
        "title": _("Công dân bổ sung"),
        "text": ", hạn dời 10:20 → 16:50 ngày 27/11",
        "meta": "08:30 23/11",
    },
    {
        "state": "paused",
        "title": _("Yêu cầu bổ sung lần 1"),
        "text": " (mẫu 02)",
        "meta": "14:00 20/11 · tạm dừng tính hạn",
    },
    {"state": "todo", "title": _("Trả kết quả"), "meta": "16:50 thứ Sáu 27/11/2026"},
]
WHY = [
    {"words": "Tiếp nhận đủ hồ sơ", "value": "10:20 thứ Năm 19/11"},
    {"words": "Thứ Ba 24/11 không tính: Ngày Văn hóa Việt Nam", "value": "nghỉ", "sure": False},
    {"words": "Cộng 5 ngày làm việc: 20, 23, 25, 26, 27/11", "value": "10:20 thứ Sáu 27/11"},
    {"words": "Tạm dừng chờ bổ sung, 14:00 20/11 đến 08:30 23/11", "value": "+ 4 giờ 30 làm việc"},
]
JOBS = [
    {"kind": "done", "title": "Cải chính hộ tịch – Trần Đức Long", "meta": "127/QĐ-UBND"},
    {"kind": "half", "title": "Khai sinh – Hoàng An Nhiên"},
    {
        "kind": "refused",
        "title": "Trích lục khai tử – Phạm Văn Mưu",
        "note": _("Máy chủ dấu thời gian chưa trả lời. Tự thử lại lúc 09:24."),
    },
]
WEEK = [
    {"name": "T2", "number": 23, "words": "6 hạn", "today": True},
    {"name": "T3", "number": 24, "words": "nghỉ", "off": True},
    {"name": "T4", "number": 25, "words": "1 hạn"},
    {"name": "T5", "number": 26, "words": "2 hạn"},
    {"name": "T6", "number": 27, "words": "3 hạn"},
]
CHECKS = [
    {
        "ok": True,
        "strong": "Nội dung không đổi",
        "text": "từ khi ký",
        "meta": "cả 2 trang nằm trong vùng ký",
    },
    {
        "ok": False,
        "strong": "Chữ ký của Đặng Thu Phương",
        "text": "không còn giá trị",
        "meta": "vì nội dung đã đổi",
    },
    {"ok": None, "strong": "Dấu thời gian", "text": "chưa kiểm tra được"},
]
HAT = {
    "pk": 1,
    "position": {"title": "Công chức tư pháp – hộ tịch"},
    "organization": {"name": "VP HĐND và UBND phường Ngô Quyền"},
}
DAYS = [
    {
        "title": _("Hôm nay"),
        "notices": [
            {
                "text": "Hồ sơ H24.86-261120-0027 đã bổ sung đủ.",
                "meta": "08:30 · hồ sơ",
                "href": "#",
                "is_new": True,
            },
            {"text": "Đã ký 4 văn bản.", "meta": "08:12 · văn bản", "href": "#"},
        ],
    }
]


def _chips() -> list[tuple[Chip, Any]]:
    return [
        (sample(local(27, 16, 50)), _("bình thường: trên 1 ngày làm việc")),
        (sample(local(23, 11, 30)), _("sắp hết: từ 8 giờ làm việc trở xuống")),
        (sample(local(20, 9)), _("đồng hồ chạy, đã qua hạn")),
        (sample(local(27, 9), paused_since=local(20, 14)), _("chờ người dân hoặc phí")),
        (sample(local(27, 9), finished_at=local(20, 9)), _("có kết quả")),
        (sample(None, not_started=True), _("chưa tiếp nhận, hoặc không đặt hạn")),
    ]


def _desk_rows() -> list[dict[str, Any]]:
    return [
        {
            "href": "#", "icon": "journal-text", "kind": _("Hồ sơ"), "title": "Đăng ký lại khai sinh – Đỗ Văn Thắng",
            "meta": "H24.86-261112-0031 · cần văn bản xin lỗi trước khi trả", "verb": _("Ký phiếu trình"),
            "chip": sample(local(20, 9)),
        },
        {
            "href": "#", "icon": "file-earmark-text", "kind": _("Văn bản"), "title": "V/v rà soát dữ liệu hộ tịch",
            "meta": "1284/STP-HCTP · Sở Tư pháp · số đến 3.107", "verb": _("Cho ý kiến"),
            "chip": sample(local(23, 15)),
        },
    ]  # fmt: skip


def _forms() -> dict[str, Any]:
    """A field that is right, one that is wrong, every kind, and the page of the PIN."""
    return {
        "sample": SampleForm(
            {"child_birth_on": "05/11/2026", "mother_number": "03118400220"}, auto_id="s_%s"
        ),
        "wrong": MoreFieldsForm({"channel": ""}, auto_id="w_%s"),
        "kinds": MoreFieldsForm(auto_id="m_%s"),
        "confirm": ConfirmForm(auto_id="c_%s"),
    }


ACTIONS = {
    "actions": [
        {"words": _("Trình lãnh đạo ký"), "href": "#"},
        {"words": _("Yêu cầu bổ sung…"), "href": "#"},
    ],
    "rest": [{"words": _("Chuyển hồ sơ…"), "href": "#"}, {"words": _("In phiếu kiểm soát"), "href": "#"}],
    "crumbs": [(_("Hồ sơ"), "#"), (_("Tôi thụ lý"), "#")],
    "facts": [
        (_("Người nộp"), "Phạm Thị Thu Hà"),
        (_("Nơi tiếp nhận"), "Trung tâm Phục vụ hành chính công phường Ngô Quyền"),
        (_("Lệ phí"), "0 đồng"),
    ],
}


@staff_only
def components(request: HttpRequest) -> HttpResponse:
    context = {
        **_forms(), **ACTIONS, "chips": _chips(), "rows": _desk_rows(), "swatches": SWATCHES, "statuses": STATUSES,
        "pies": [Chip(ChipState.NORMAL, lead=f"{n}/8", pie=n) for n in range(9)], "timeline": TIMELINE, "why": WHY,
        "jobs": JOBS, "week": WEEK, "checks": CHECKS, "days": DAYS, "hat": HAT, "sample_name": "Nguyễn Thị Lan",
        "waiting_count": 14, "unread_count": 3, "nav_path": "/lam-viec/",
        "signing_items": ["Cải chính hộ tịch – Trần Đức Long"],
        "receipt_chip": Chip(ChipState.NONE, lead="Chưa tính hạn:", strong="chờ tiếp nhận"),
    }  # fmt: skip
    return render(request, "components/index.html", context)
