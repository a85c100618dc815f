"""How a unit is named at the head of a paper, and who signs there in what capacity (NĐ 30/2020/NĐ-CP, Phụ lục I)."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from org.choices import DelegationKind, OrganizationKind, SignsAs
from org.models import Assignment, Delegation, Organization

CITY = "Hải Phòng"
LINE = 23  # capitals that fit the 62 mm column of the header
_COMMITTEE = "ỦY BAN NHÂN DÂN"
# Title of the one who heads an agency, for «KT. …» and «TL. …»; others: by the words of the name.
_HEADS = {
    OrganizationKind.COMMITTEE: "CHỦ TỊCH",
    OrganizationKind.COUNCIL: "CHỦ TỊCH",
    OrganizationKind.DEPARTMENT: "GIÁM ĐỐC",
    OrganizationKind.OFFICE: "CHÁNH VĂN PHÒNG",
    OrganizationKind.INSPECTORATE: "CHÁNH THANH TRA",
    OrganizationKind.MANAGEMENT_BOARD: "TRƯỞNG BAN",
    OrganizationKind.SUBDEPARTMENT: "CHI CỤC TRƯỞNG",
    OrganizationKind.DIVISION: "TRƯỞNG PHÒNG",
}
# Who signs under a delegation prints its form before the title of the head; «phân công» keeps the signer's own form.
_BY_DELEGATION = {
    DelegationKind.MANDATE: "TUQ",
    DelegationKind.BY_ORDER: "TL",
    DelegationKind.FOR_HEAD: "KT",
}
# «Chủ tịch UBND phường …» is printed «CHỦ TỊCH»: the header already names the agency.
_TAIL = re.compile(r"\s+(UBND|Ủy ban nhân dân|HĐND|Hội đồng nhân dân|Sở|Trung tâm)\b.*$", re.IGNORECASE)


@dataclass(frozen=True)
class Letterhead:
    superior: list[str]  # plain lines; UBND papers have none
    lines: list[str]  # bold lines
    place: str  # địa danh

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class SignerBlock:
    """`lines` in capitals from authority to post; `name` below the signature."""

    lines: list[str]
    name: str

    def post_words(self, title: str) -> str:
        """In running text: «Chánh Văn phòng, TUQ. Chủ tịch»."""
        sign, dot, head = self.lines[0].partition(". ")
        return f"{title}, {sign}. {head.capitalize()}" if dot else title

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def letterhead(unit: Organization) -> Letterhead:
    """For papers that `unit` issues under its own name."""
    if unit.kind == OrganizationKind.COMMITTEE:
        return Letterhead([], _committee_lines(unit.name), place_of(unit))
    above = _named_above(unit)
    return Letterhead(
        wrapped(_abbreviated(above.name).upper()) if above else [],
        wrapped(_own_name(unit).upper()),
        place_of(unit),
    )


def place_of(unit: Organization) -> str:
    """The commune's name without its kind, or the city's."""
    for candidate in (unit, unit.agency):
        if candidate is not None and candidate.territory is not None and candidate.territory.level == 3:
            return candidate.territory.name
    return CITY


def head_title(agency: Organization) -> str:
    """«CHỦ TỊCH», «GIÁM ĐỐC» …"""
    return _HEADS.get(OrganizationKind(agency.kind), "GIÁM ĐỐC")


def signer_block(hat: Assignment, delegation: Delegation | None = None) -> SignerBlock:
    """Authority and post of this hat when it signs for its agency, or under a delegation for the giver's."""
    post = _TAIL.sub("", hat.position.title).upper()
    if delegation is not None and (sign := _BY_DELEGATION.get(DelegationKind(delegation.kind))):
        giver = delegation.giver.organization
        return SignerBlock([f"{sign}. {head_title(giver.agency or giver)}", post], hat.person.full_name)
    agency = hat.organization.agency or hat.organization
    head = head_title(agency)
    lines = {
        SignsAs.FOR_COLLECTIVE: [f"TM. {_collective(agency)}", post],
        SignsAs.FOR_HEAD: [f"KT. {head}", post],
        SignsAs.BY_ORDER: [f"TL. {head}", post],
    }.get(SignsAs(hat.position.signs_as), [post])
    return SignerBlock(lines, hat.person.full_name)


def expected_block(agency: Organization) -> SignerBlock:
    """For a draft: the post that would sign, without a name."""
    return SignerBlock([head_title(agency)], "")


def wrapped(text: str, width: int = LINE) -> list[str]:
    """Lines of about equal length, broken between words."""
    count = -(-len(text) // width)
    target = len(text) / count if count > 1 else width
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        over = abs(len(longer) - target) > abs(len(lines[-1]) - target) or len(longer) > width
        if lines[-1] and ((over and len(lines) < count) or len(longer) > width):
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _committee_lines(name: str) -> list[str]:
    upper = name.upper()
    if upper.startswith(_COMMITTEE):
        return [_COMMITTEE, *wrapped(upper.removeprefix(_COMMITTEE).strip())]
    return wrapped(upper)


def _collective(agency: Organization) -> str:
    return _COMMITTEE if agency.kind == OrganizationKind.COMMITTEE else _own_name(agency).upper()


def _named_above(unit: Organization) -> Organization | None:
    """The line above: the agency of a part, else the parent. An office or centre of a commune stands under its UBND."""
    if unit.agency_id and unit.agency_id != unit.pk:
        return unit.agency
    return unit.parent


def _abbreviated(name: str) -> str:
    return name.replace("Ủy ban nhân dân", "UBND").replace("Hội đồng nhân dân", "HĐND")


def _own_name(unit: Organization) -> str:
    """Without the territory that the line above already names."""
    name = re.sub(rf"\s+thành phố {CITY}$", "", unit.name, flags=re.IGNORECASE)
    territory = unit.agency.territory if unit.agency is not None else None
    if territory is not None:
        name = re.sub(rf"\s+{re.escape(territory.full_name)}$", "", name, flags=re.IGNORECASE)
    return name
