"""The list of outgoing documents: what the filter sentence says, and one keyset page of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from documents import rules
from documents.choices import DocumentStatus as S
from documents.models import Document
from documents.querysets import DocumentQuerySet
from org.choices import Role

PAGE: Final = 50
COUNT_UP_TO: Final = 1000
STATES: Final[dict[str, tuple[Any, list[str]]]] = {
    "du-thao": (gettext_lazy("dự thảo"), [S.DRAFT]),
    "dang-trinh": (gettext_lazy("đang trình"), [S.REVIEW, S.CHECKING, S.SUBMITTED, S.SIGNING]),
    "cho-dong-dau": (gettext_lazy("đã ký, chờ đóng dấu"), [S.SIGNED, S.SEALING]),
    "da-phat-hanh": (gettext_lazy("đã phát hành"), [S.ISSUED]),
    "da-bo": (gettext_lazy("đã bỏ"), [S.CANCELLED]),
}
SCOPES: Final[dict[str, Any]] = {
    "toi": gettext_lazy("tôi soạn"),
    "cho-toi": gettext_lazy("chờ tôi làm"),
    "don-vi": gettext_lazy("đơn vị tôi soạn"),
    "co-quan": gettext_lazy("cả cơ quan"),
}


@dataclass(frozen=True)
class Filter:
    """Unknown values in the address count as «everything»."""

    state: str = ""
    scope: str = ""
    kind: str = ""
    year: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filter":
        year = query.get("nam", "")
        return cls(
            state=query.get("trang-thai", "") if query.get("trang-thai") in STATES else "",
            scope=query.get("pham-vi", "") if query.get("pham-vi") in SCOPES else "",
            kind=query.get("loai", "").replace("\x00", "")[:20],
            year=year if year.isdecimal() and len(year) == 4 else "",
        )

    def address(self, **extra: Any) -> str:
        parts = {
            "trang-thai": self.state,
            "pham-vi": self.scope,
            "loai": self.kind,
            "nam": self.year,
            **extra,
        }
        return "?" + urlencode({name: value for name, value in parts.items() if value not in ("", None)})

    def with_(self, **parts: str) -> "Filter":
        return replace(self, **parts)

    @property
    def is_empty(self) -> bool:
        return self == Filter()


def found(user: Any, wanted: Filter) -> DocumentQuerySet:
    documents = Document.objects.official().visible_to(user)
    if wanted.state:
        documents = documents.filter(status__in=STATES[wanted.state][1])
    if wanted.kind:
        documents = documents.filter(type__code=wanted.kind)
    if wanted.year:
        year = int(wanted.year)
        documents = documents.filter(Q(dated_on__year=year) | Q(dated_on__isnull=True, created_at__year=year))
    return _scoped(documents, user, wanted.scope).distinct()


def waiting(user: Any) -> Q:
    """Drafts of one's own, and what the present hat has to initial, check, sign or seal."""
    return (
        Q(drafter=user, status=S.DRAFT)
        | (rules.serving(user, "unit", Role.UNIT_HEAD) & Q(status=S.REVIEW))
        | (rules.serving(user, "agency", Role.CLERK) & Q(status__in=[S.CHECKING, S.SIGNED]))
        | (rules.serving(user, "agency", Role.LEADER) & Q(status=S.SUBMITTED))
    )


def _scoped(documents: DocumentQuerySet, user: Any, scope: str) -> DocumentQuerySet:
    unit = user.hat.organization
    if scope == "toi":
        return documents.filter(drafter=user)
    if scope == "cho-toi":
        return documents.filter(waiting(user))
    if scope == "don-vi":
        return documents.filter(unit=unit)
    if scope == "co-quan":
        return documents.filter(agency=unit.agency_id or unit.pk)
    return documents


def years() -> list[int]:
    this = timezone.localdate().year
    return [this, this - 1, this - 2]
