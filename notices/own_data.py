"""What notices holds about a person: his inbox, and the proof that each mail left."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import own_data
from core.own_data import Erasure
from notices.models import Notice

LABELS = {
    "notices": _("Tin báo"),
    "title": _("Tiêu đề"),
    "text": _("Nội dung"),
    "email": _("Gửi tới"),
    "created_at": _("Tạo lúc"),
    "sent_at": _("Gửi xong lúc"),
    "read_at": _("Đọc lúc"),
}


def collect(user: Any) -> dict[str, Any]:
    return {
        "notices": [
            {
                "title": one.title,
                "text": one.text,
                "email": one.email,
                "created_at": one.created_at.isoformat(),
                "sent_at": one.done_at.isoformat() if one.done_at else None,
                "read_at": one.read_at.isoformat() if one.read_at else None,
            }
            for one in Notice.objects.filter(recipient=user).order_by("pk")
        ]
    }


def subjects(user: Any) -> Iterable[tuple[str, Iterable[int]]]:
    yield "notices.notice", Notice.objects.filter(recipient=user).values_list("pk", flat=True)


def names(kind: str, ids: set[int]) -> Mapping[int, str]:
    return dict.fromkeys(ids, _t("tin báo")) if kind == "notices.notice" else {}


def erase(user: Any) -> Erasure:
    """Mail that proves that the office has told what it must tell is kept with the case."""
    if not Notice.objects.filter(recipient=user).exists():
        return Erasure()
    return Erasure(
        kept=[(_t("Tin báo về hồ sơ"), _t("Chứng minh cơ quan đã báo cho bạn điều phải báo, và lúc nào."))]
    )


def register() -> None:
    own_data.register(
        "notices",
        title=_("Tin báo"),
        collect=collect,
        labels=LABELS,
        subjects=subjects,
        names=names,
        erase=erase,
    )
