"""Three agencies that write to one another: phường A, sở B and xã C, each with its clerk, head, officer and leader."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from documents import loading
from org.choices import OrganizationKind, Role
from signing import envelope, gateways
from tests import factories as make
from tests.authority import in_place

PIN = "246810"


@pytest.fixture(autouse=True)
def cheap_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PIN costs 40 ms otherwise, in every test several times."""
    monkeypatch.setitem(envelope.SCRYPT, "n", 2**8)


@pytest.fixture
def authority(pki_place: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """The certificate authority of the tests, with timestamps and OCSP on loopback."""
    gateways.forget_silence()
    with in_place(pki_place):
        yield pki_place


def department(name: str = "Sở Thử Nghiệm thành phố Hải Phòng", symbol: str = "STN") -> SimpleNamespace:
    """An agency with one division, and one person per role."""
    agency = make.organization(name, OrganizationKind.DEPARTMENT, symbol=symbol)
    agency.agency = agency
    agency.save(update_fields=["agency"])
    make.mirror_back(agency)
    division = make.organization(
        "Phòng Nghiệp vụ", OrganizationKind.DIVISION, symbol="NV", parent=agency, agency=agency
    )
    return SimpleNamespace(
        agency=agency,
        division=division,
        officer=make.hat("Lý Thị Soạn", division, "Chuyên viên", Role.CASE_OFFICER),
        unit_head=make.hat("Bùi Văn Trưởng", division, "Trưởng phòng", Role.UNIT_HEAD),
        leader=make.hat("Đỗ Thị Giám", agency, "Giám đốc", Role.LEADER),
        clerk=make.hat("Hồ Văn Thư", division, "Văn thư", Role.CLERK, on=agency),
    )


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    """`a` a ward, `b` a department, `c` a commune; the types of documents are loaded. No keys: see `keys`."""
    loading.load()
    return SimpleNamespace(a=make.commune("phường A"), b=department(), c=make.commune("xã C"))


@pytest.fixture
def keys(world: SimpleNamespace, authority: Any) -> SimpleNamespace:
    """Personal keys of the leaders and seals of the three agencies, all with the same PIN."""
    from signing import demo_pki

    for place, agency in ((world.a, world.a.ubnd), (world.b, world.b.agency), (world.c, world.c.ubnd)):
        demo_pki.issue_demo_key(owner_user=place.leader, kind="personal", pin=PIN)
        demo_pki.issue_demo_key(owner_organization=agency, kind="seal", pin=PIN, holders=[place.clerk])
    return world
