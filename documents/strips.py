"""The dispatch strip: one cell per recipient, rows by kind of unit, in Vietnamese order (component 25)."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.search import alphabetical
from documents.choices import Channel, DeliveryState
from documents.models import Dispatch, DispatchRecipient

KINDS: Final[dict[str, Any]] = {
    "phuong": _("phường"),
    "xa": _("xã"),
    "dac_khu": _("đặc khu"),
    "": _("cơ quan khác"),
    "paper": _("bản giấy"),
}
WORDS: Final[dict[str, Any]] = {
    "read": _("đã mở"),
    "got": _("đã đến, chưa mở"),
    "sending": _("đang gửi"),
    "failed": _("gửi lỗi, từ chối"),
}


@dataclass
class Line:
    kind: str
    words: Any
    cells: list[str] = field(default_factory=list)


@dataclass
class Strip:
    """`lines` of cells; `counts` in the order of the legend; the failed by name."""

    dispatch: Dispatch
    lines: list[Line]
    counts: list[tuple[str, int, Any]]
    failed: list[DispatchRecipient]
    unopened: int
    total: int

    @property
    def settled(self) -> int:
        return self.total - next(count for key, count, _words in self.counts if key == "sending")


def cell_of(row: DispatchRecipient) -> str:
    if row.state in {DeliveryState.FAILED, DeliveryState.REFUSED, DeliveryState.RECALLED}:
        return "failed"
    if row.channel == Channel.PAPER:
        return "sending" if row.state == DeliveryState.QUEUED else "read" if row.received_at else "got"
    if row.state == DeliveryState.QUEUED:
        return "sending"
    return "read" if row.opened_at else "got"


def kind_of(row: DispatchRecipient) -> str:
    if row.channel == Channel.PAPER or row.unit is None:
        return "paper"
    territory = row.unit.territory
    return territory.kind if territory is not None and territory.kind in KINDS else ""


def recipients_of(dispatch: Dispatch) -> list[DispatchRecipient]:
    """All rows with what strip and table show, in Vietnamese order of names: one query."""
    rows = dispatch.recipients.select_related("unit__territory", "delivered_to", "incoming")
    return sorted(rows, key=lambda row: (list(KINDS).index(kind_of(row)), alphabetical(row.name_printed)))


def strip_of(dispatch: Dispatch, rows: list[DispatchRecipient] | None = None) -> Strip:
    rows = recipients_of(dispatch) if rows is None else rows
    lines = {kind: Line(kind, words) for kind, words in KINDS.items()}
    found: Counter[str] = Counter()
    for row in rows:
        cell = cell_of(row)
        found[cell] += 1
        lines[kind_of(row)].cells.append(cell)
    return Strip(
        dispatch,
        [line for line in lines.values() if line.cells],
        [(key, found[key], words) for key, words in WORDS.items()],
        [row for row in rows if cell_of(row) == "failed"],
        found["got"] - sum(row.channel == Channel.PAPER and cell_of(row) == "got" for row in rows),
        len(rows),
    )
