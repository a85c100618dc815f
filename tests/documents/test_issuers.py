"""The office of a committee writes in the committee's name or in its own: chosen once, and everything follows."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.search import fold
from documents.models import Document
from org.choices import OrganizationKind, Role
from tests import factories as people

HOME = "/lam-viec/van-ban/"


@pytest.fixture
def city(world: Any) -> SimpleNamespace:
    """Committee, its office (an agency with a seal of its own) and a division of the office."""
    committee = people.organization("Ủy ban nhân dân thành phố", OrganizationKind.COMMITTEE, symbol="UBND")
    office = people.organization(
        "Văn phòng UBND thành phố", OrganizationKind.OFFICE, symbol="VP", parent=committee
    )
    for one in (committee, office):
        one.agency, one.folded = one, fold(one.name)
        one.save(update_fields=["agency", "folded"])
        people.mirror_back(one)
    division = people.organization(
        "Phòng Tổng hợp", OrganizationKind.DIVISION, symbol="TH", parent=office, agency=office
    )
    writer = people.hat("Mai Thị Viết", division, "Chuyên viên", Role.CASE_OFFICER)
    return SimpleNamespace(committee=committee, office=office, division=division, writer=writer)


def draft(**more: Any) -> dict[str, Any]:
    return {
        "type": "CV",
        "title": "phối hợp kiểm tra",
        "urgency": "0",
        "body_html": "<p>Kính gửi.</p>",
        **more,
    }


def test_in_the_committees_name_or_in_its_own(world: Any, city: Any, client: Any) -> None:
    client.force_login(city.writer)
    page = client.get(f"{HOME}di/moi/").content.decode()
    assert "Ban hành với danh nghĩa" in page
    assert f'<option value="{city.committee.pk}" selected>' in page
    client.post(f"{HOME}di/moi/", draft(agency=city.committee.pk))
    first = Document.objects.get()
    assert (first.agency, first.notation) == (city.committee, "{n}/UBND-TH")
    client.post(f"{HOME}di/moi/", draft(agency=city.office.pk))
    own = Document.objects.latest("pk")
    assert (own.agency, own.notation) == (city.office, "{n}/VP-TH")
    assert "Ban hành với danh nghĩa" not in client.get(f"{HOME}di/{own.pk}/sua/").content.decode()


def test_the_picker_offers_who_is_not_the_issuer(world: Any, city: Any, client: Any) -> None:
    client.force_login(city.writer)
    asked = {"q-noi-nhan": "uy ban nhan dan thanh pho", "tim-noi-nhan": "1"}
    as_office = client.post(f"{HOME}di/noi-nhan/", {**asked, "agency": city.office.pk}).content.decode()
    as_committee = client.post(f"{HOME}di/noi-nhan/", {**asked, "agency": city.committee.pk}).content.decode()
    assert f":u:{city.committee.pk}" in as_office and f":u:{city.committee.pk}" not in as_committee
    whole = client.post(f"{HOME}di/moi/", draft(**asked, agency=city.office.pk)).content.decode()
    assert f":u:{city.committee.pk}" in whole and f'<option value="{city.office.pk}" selected>' in whole


def test_nobody_writes_in_a_strangers_name(world: Any, city: Any, client: Any) -> None:
    client.force_login(city.writer)
    answer = client.post(f"{HOME}di/moi/", draft(agency=world.b.agency.pk))
    assert answer.status_code == 200 and not Document.objects.exists()
    client.force_login(world.b.officer)
    assert "Ban hành với danh nghĩa" not in client.get(f"{HOME}di/moi/").content.decode()
    client.post(f"{HOME}di/moi/", draft(agency=city.committee.pk))
    assert Document.objects.get().agency == world.b.agency
