"""Names at the head of a paper, and the authority of its signer."""

from types import SimpleNamespace

import pytest

from org.choices import OrganizationKind, SignsAs
from org.letterhead import letterhead, signer_block, wrapped
from org.models import Assignment, Organization
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_a_ubnd_has_no_line_above() -> None:
    head = letterhead(make.commune("phường Ngô Quyền").ubnd)
    assert (head.superior, head.lines) == ([], ["ỦY BAN NHÂN DÂN", "PHƯỜNG NGÔ QUYỀN"])


def test_a_centre_stands_under_its_ubnd() -> None:
    head = letterhead(make.commune("phường Ngô Quyền").counter)
    assert head.superior == ["UBND PHƯỜNG NGÔ QUYỀN"]
    assert head.lines == ["TRUNG TÂM PHỤC VỤ", "HÀNH CHÍNH CÔNG"]


def test_a_department_stands_under_the_city() -> None:
    city = make.organization("Ủy ban nhân dân thành phố Hải Phòng", OrganizationKind.COMMITTEE)
    department = make.organization(
        "Sở Nông nghiệp và Môi trường thành phố Hải Phòng", OrganizationKind.DEPARTMENT, parent=city
    )
    head = letterhead(department)
    assert head.superior == ["UBND THÀNH PHỐ", "HẢI PHÒNG"]
    assert head.lines == ["SỞ NÔNG NGHIỆP", "VÀ MÔI TRƯỜNG"]
    assert head.place == "Hải Phòng"


@pytest.mark.parametrize(
    "name", ["A", "SỞ Y TẾ", "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG", "X" * 60, "MỘT HAI BA " * 9]
)
def test_long_names_are_broken_between_words(name: str) -> None:
    lines = wrapped(name)
    assert " ".join(lines).split() == name.split()
    assert all(len(line) <= 23 or " " not in line for line in lines)


def hat_of(
    where: SimpleNamespace, signs_as: SignsAs, title: str, unit: Organization | None = None
) -> Assignment:
    hat: Assignment = where.leader.hat
    hat.position.title, hat.position.signs_as = title, signs_as
    hat.organization = unit or where.ubnd
    return hat


def test_each_capacity_has_its_lines() -> None:
    where = make.commune()
    block = signer_block(hat_of(where, SignsAs.FOR_COLLECTIVE, "Chủ tịch Ủy ban nhân dân"))
    assert block.lines == ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]
    block = signer_block(hat_of(where, SignsAs.FOR_HEAD, "Phó Chủ tịch Ủy ban nhân dân"))
    assert (block.lines, block.name) == (["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"], "Đặng Thu Phương")
    block = signer_block(hat_of(where, SignsAs.BY_ORDER, "Chánh Văn phòng", where.office))
    assert block.lines == ["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"]
    assert signer_block(hat_of(where, SignsAs.DIRECT, "Chủ tịch")).lines == ["CHỦ TỊCH"]
