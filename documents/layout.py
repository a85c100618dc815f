"""How each type of document is laid out and numbered (NĐ 30/2020/NĐ-CP, Phụ lục I and III). Pure: no database, no clock."""

import re
from dataclasses import dataclass
from typing import Any, Final

LETTER_CODES: Final = frozenset({"CV"})  # no name of a type: «V/v …» under the number
TO: Final = "Kính gửi:"
GROUNDS: Final = "<p><i>Căn cứ …;</i></p><p><i>Căn cứ …;</i></p><p><i>Theo đề nghị của ….</i></p>"
ARTICLES: Final = "<p><b>Điều 1.</b> …</p><p><b>Điều 2.</b> …</p>"
PARTS: Final = "<h3>I. …</h3><p>…</p><h3>II. …</h3><p>…</p>"


@dataclass(frozen=True)
class Layout:
    """`addressed` stands before the recipients of purpose «Kính gửi»; `needs_to`: without them it is not complete."""

    is_letter: bool = False
    addressed: str = TO
    needs_to: bool = False
    grounds: bool = False  # «Căn cứ …» come first
    addresses: bool = True  # a decision addresses nobody: all stand under «Nơi nhận»
    skeleton: str = "<p>…</p>"


_PLAIN: Final = Layout(skeleton=PARTS)
LAYOUTS: Final[dict[str, Layout]] = {
    "CV": Layout(is_letter=True, needs_to=True, skeleton="<p>…</p><p>…</p>"),
    "NQ": Layout(addresses=False, grounds=True, skeleton=f"{GROUNDS}<h2>QUYẾT NGHỊ:</h2>{ARTICLES}"),
    "QĐ": Layout(addresses=False, grounds=True, skeleton=f"<h2>{{authority}}</h2>{GROUNDS}<h2>QUYẾT ĐỊNH:</h2>{ARTICLES}"),
    "QC": Layout(addresses=False, 
        skeleton="<h2>Chương I<br>QUY ĐỊNH CHUNG</h2><p><b>Điều 1. Phạm vi điều chỉnh</b></p><p>…</p>"
    ),
    "QyĐ": Layout(addresses=False, 
        skeleton="<h2>Chương I<br>QUY ĐỊNH CHUNG</h2><p><b>Điều 1. Phạm vi điều chỉnh</b></p><p>…</p>"
    ),
    "TTr": Layout(needs_to=True, skeleton="<p>…</p><p>…</p>"),
    "BC": _PLAIN,
    "CĐ": Layout(addressed="{authority} điện:", needs_to=True, skeleton="<p>…</p>"),
    "GM": Layout(
        addressed="{agency} trân trọng kính mời:",
        needs_to=True,
        skeleton="<p>Tới dự ….</p><p>Chủ trì: ….</p><p>Thời gian: ….</p><p>Địa điểm: ….</p>",
    ),
    "BB": Layout(
        skeleton="<p>Thời gian bắt đầu: ….</p><p>Địa điểm: ….</p><p>Thành phần tham dự: ….</p><p>Chủ trì (chủ tọa): ….</p>"
        "<p>Thư ký (người ghi biên bản): ….</p><p>Nội dung: ….</p><p>Biên bản kết thúc vào hồi … giờ ….</p>"
    ),
    "HĐ": Layout(grounds=True, skeleton=f"{GROUNDS}{ARTICLES}"),
    "GUQ": Layout(
        grounds=True, skeleton=f"{GROUNDS}<p>Người ủy quyền: ….</p><p>Người được ủy quyền: ….</p><p>Nội dung: ….</p>"
    ),
    "GGT": Layout(skeleton="<p>Trân trọng giới thiệu ông (bà): ….</p><p>Chức vụ: ….</p><p>Được cử đến: ….</p><p>Về việc: ….</p><p>Giấy này có giá trị đến hết ngày ….</p>"),
    "GNP": Layout(skeleton="<p>Xét đơn đề nghị nghỉ phép của ông (bà) ….</p><p>Cấp cho ông (bà): ….</p><p>Thời gian nghỉ: ….</p><p>Nơi nghỉ: ….</p>"),
    "PG": Layout(skeleton="<p>Gửi kèm theo Phiếu này các văn bản, tài liệu sau:</p><p>…</p><p>Sau khi nhận được, đề nghị gửi lại Phiếu này.</p>"),
    "PC": Layout(skeleton="<p>Chuyển … để xem xét, giải quyết theo thẩm quyền.</p>"),
    "PB": Layout(skeleton="<p>…</p>"),
    "ThC": Layout(skeleton="<p>…</p>"),
}  # fmt: skip


def layout_of(code: str) -> Layout:
    return LAYOUTS.get(code, _PLAIN)


def notation(abbreviation: str, agency_symbol: str, unit_symbol: str) -> str:
    """The pattern of number and notation: «{n}/QĐ-STC»; a type without abbreviation: «{n}/STC-VP» (Phụ lục I.II.3).

    The abbreviation keeps its case («QyĐ», «CTr», «TTr»); symbols of agencies and units are capitals.
    """
    agency = _symbol(agency_symbol)
    if abbreviation:
        return f"{{n}}/{abbreviation}-{agency}"
    unit = _symbol(unit_symbol)
    return f"{{n}}/{agency}-{unit}" if unit else f"{{n}}/{agency}"


def initials(name: str) -> str:
    """«Ban Chỉ đạo Chuyển đổi số» → «BCĐCĐS»: the symbol of a body that has none of its own."""
    return "".join(word[0] for word in re.findall(r"\w+", name)).upper()


def _symbol(text: str) -> str:
    return re.sub(r"\s+", "", text).upper()


def keep_line(unit_symbol: str) -> str:
    """The last line of «Nơi nhận»: «Lưu: VT, VP.»"""
    symbol = re.sub(r"\s+", "", unit_symbol)
    return f"Lưu: VT, {symbol}." if symbol and symbol != "VT" else "Lưu: VT."


def recipient_lines(names: list[str], *, as_above: bool, kept: str) -> list[str]:
    """«Như trên;» when somebody is addressed, each name with «;», and where it is kept."""
    lines = ["Như trên;"] if as_above else []
    return [*lines, *(f"{name.rstrip(' ;.')};" for name in names), kept]


def addressed_lines(names: list[str]) -> list[str]:
    """One name stands beside «Kính gửi:»; several stand below one another, each with «;», the last with «.»."""
    if len(names) < 2:
        return names
    return [f"{name};" for name in names[:-1]] + [f"{names[-1]}."]


def is_letter(document: Any) -> bool:
    return document.type.code in LETTER_CODES
