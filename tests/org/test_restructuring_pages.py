"""The wizard through the browser's door: plan by search, dry run, approval with a second factor, leftovers, undo."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from onecase.choices import BusinessStatus as S
from org.actions import restructuring
from org.choices import Role
from org.models import Organization, Restructuring
from tests import factories as make
from tests.org import restructuring_world as worlds

pytestmark = pytest.mark.django_db
HOME = "/lam-viec/sap-xep/"


@pytest.fixture
def town() -> SimpleNamespace:
    return worlds.city()


@pytest.fixture
def pair(town: SimpleNamespace) -> list[SimpleNamespace]:
    places = [worlds.commune(town, "phường Cầu Tre"), worlds.commune(town, "phường Vạn Mỹ")]
    for unit in Organization.objects.all():
        from org.actions.units import folded

        Organization.objects.filter(pk=unit.pk).update(folded=folded(unit.name, unit.short_name))
    return places


def test_nobody_else_finds_the_place(client: Client, town: Any, pair: Any) -> None:
    batch = worlds.merge(town, pair)
    for user in (
        pair[0].leader,
        town.centre and make.hat("Ai Đó", town.centre, "Chuyên viên", Role.CASE_OFFICER),
    ):
        client.force_login(user)
        for address in (
            "",
            "moi/",
            f"{batch.pk}/",
            f"{batch.pk}/buoc/",
            f"{batch.pk}/duyet/",
            f"{batch.pk}/con-lai/",
        ):
            assert client.get(HOME + address).status_code == 404


def test_a_plan_is_drafted_by_search_and_description(client: Client, town: Any, pair: Any) -> None:
    client.force_login(town.planner)
    assert "Lập phương án đầu tiên" in client.get(HOME).content.decode()
    client.post(
        HOME + "moi/",
        {
            "title": "Nhập hai phường",
            "effective_on": "01/01/2026",
            "basis_number": "NQ 9",
            "basis_issuer": "",
        },
    )
    batch = Restructuring.objects.get()
    steps = f"{HOME}{batch.pk}/buoc/"
    assert "Hợp nhất, sáp nhập" in client.get(steps).content.decode()
    found = client.get(steps, {"loai": "merge", "tim": "cau tre"}).content.decode()
    assert "Ủy ban nhân dân phường Cầu Tre" in found and "Vạn Mỹ" not in found
    chosen = {"loai": "merge", "cu": [pair[0].ubnd.slug, pair[1].ubnd.slug], "buoc": "2"}
    page = client.get(steps, chosen)
    assert "Đơn vị mới" in page.content.decode()
    address = page.wsgi_request.get_full_path()
    typed = {
        "moi-0-name": "Ủy ban nhân dân phường Hợp Nhất",
        "moi-0-short_name": "UBND phường Hợp Nhất",
        "moi-0-symbol": "UBND",
        "moi-0-kind": "ubnd",
        "moi-0-parent": "",
        "moi-0-slug": "ubnd-11999",
        "moi-0-ground": "new",
        "moi-0-ground_code": "",
        "moi-0-ground_kind": "phuong",
        "moi-0-ground_name": "Hợp Nhất",
        "moi-0-parts": "on",
        "roles": ["case_officer", "counter_officer"],
    }
    wrong = client.post(address, typed)
    assert wrong.status_code == 200 and "Nhập mã thống kê." in wrong.content.decode()
    assert client.post(address, typed | {"moi-0-ground_code": "11999"}).status_code == 302
    step = batch.steps.get()
    assert [entry["unit"] for entry in step.old] == [pair[0].ubnd.slug, pair[1].ubnd.slug]
    assert step.new[0]["territory"]["full_name"] == "Phường Hợp Nhất"
    page = client.get(f"{HOME}{batch.pk}/").content.decode()
    assert "Trước 01/01/2026" in page and "Trung tâm Phục vụ hành chính công phường Hợp Nhất" in page
    again = client.get(f"{steps}1/").content.decode()
    assert "11999" in again
    client.post(f"{HOME}{batch.pk}/chay-thu/")
    checked = client.get(f"{HOME}{batch.pk}/").content.decode()
    assert "Không có vướng mắc" in checked and "Người giữ chức vụ" in checked
    batch.refresh_from_db()
    assert batch.status == "checked"


def test_a_merger_without_a_slug_founds_one_authority_with_its_parts(
    client: Client, town: Any, pair: Any
) -> None:
    """The blank slug is made of the place; the people and the cases of both go to the same committee."""
    case = make.case(pair[0], "appraising")
    client.force_login(town.planner)
    batch = restructuring.create(actor=town.planner, title="Nhập", effective_on=date(2026, 1, 1))
    chosen = {"loai": "merge", "cu": [place.ubnd.slug for place in pair], "buoc": "2"}
    address = client.get(f"{HOME}{batch.pk}/buoc/", chosen).wsgi_request.get_full_path()
    typed = {
        "moi-0-name": "Ủy ban nhân dân phường Ngô Gia", "moi-0-short_name": "UBND phường Ngô Gia", "moi-0-symbol": "UBND",
        "moi-0-kind": "ubnd", "moi-0-parent": town.ubnd.slug, "moi-0-slug": "", "moi-0-ground": "new",
        "moi-0-ground_code": "11999", "moi-0-ground_kind": "phuong", "moi-0-ground_name": "Ngô Gia", "moi-0-parts": "on",
        "roles": ["case_officer", "counter_officer", "unit_admin"],
    }  # fmt: skip
    assert client.post(address, typed).status_code == 302
    assert batch.steps.get().new[0]["unit"] == "ubnd-phuong-ngo-gia"
    renamed = typed | {"moi-0-name": "Ủy ban nhân dân phường Gia Ngô", "moi-0-ground_name": "Gia Ngô"}
    again = f"{HOME}{batch.pk}/buoc/1/"
    shown = client.get(again, follow=True)
    assert client.post(shown.wsgi_request.get_full_path(), renamed).status_code == 302
    assert batch.steps.get().new[0]["unit"] == "ubnd-phuong-gia-ngo", "the slug follows the name"
    worlds.applied(town, batch)
    heir = Organization.objects.get(name="Ủy ban nhân dân phường Gia Ngô")
    case.refresh_from_db()
    assert (case.agency, case.handler) == (heir, pair[0].case_officer)
    assert Organization.objects.filter(parent=heir, agency=heir, slug="ttpvhcc-phuong-gia-ngo").exists()
    officer = make.again(pair[0].case_officer)
    assert officer.hat.organization.agency == heir and officer.holds("case_officer")


@pytest.mark.parametrize("day", ["01/01/1800", "01/01/9999"])
def test_a_day_out_of_the_world_is_refused(client: Client, town: Any, day: str) -> None:
    client.force_login(town.planner)
    answer = client.post(
        HOME + "moi/", {"title": "Nhập", "effective_on": day, "basis_number": "", "basis_issuer": ""}
    )
    assert answer.status_code == 200 and "Ngày có hiệu lực từ" in answer.content.decode()
    assert not Restructuring.objects.exists()


def test_approval_by_a_second_person_then_progress_and_leftovers(
    client: Client, town: Any, pair: Any, work: Any
) -> None:
    batch = worlds.merge(town, pair)
    restructuring.check(batch.pk, actor=town.planner)
    client.force_login(town.planner)
    address = f"{HOME}{batch.pk}/duyet/"
    batch.refresh_from_db()
    typed = {"basis_number": "NQ 9", "basis_issuer": "UB", "note": "Đồng ý", "read": batch.digest}
    refused = client.post(address, typed, follow=True)
    assert "không tự duyệt" in refused.content.decode()
    client.force_login(town.approver)
    shown = client.get(address).content.decode()
    assert "Trước và sau" in shown and "Ủy ban nhân dân phường Vạn Mỹ" in shown
    stale = client.post(address, typed | {"read": "khac"}).content.decode()
    assert "sau khi bạn mở trang" in stale and batch.digest in stale
    answer = work(client.post, address, typed)
    assert answer.status_code == 302
    batch.refresh_from_db()
    assert batch.status == "applied"
    assert "Đã áp dụng" in client.get(answer["Location"]).content.decode()
    page = client.get(f"{HOME}{batch.pk}/").content.decode()
    assert "Việc còn lại" in page and "Lãnh đạo cơ quan" in page
    client.force_login(town.planner)
    row = batch.leftovers.filter(kind="role").first()
    assert row is not None
    assert row.label in client.get(f"{HOME}{batch.pk}/con-lai/").content.decode()
    where = f"{HOME}{batch.pk}/con-lai/{row.pk}/"
    office = Organization.objects.get(pk=row.subject_id)
    assert f"/lam-viec/don-vi/{office.slug}/quyen/" in client.get(where).content.decode()
    assert "Ghi đã làm gì" in client.post(where, {"note": ""}).content.decode()
    client.post(where, {"note": "Đã cấp lại theo QĐ 12"})
    row.refresh_from_db()
    assert row.settled_by == town.planner
    client.post(f"{HOME}{batch.pk}/lap-lai/", {"effective_on": "01/03/2026"})
    assert Restructuring.objects.filter(undo_of=batch, status="draft").exists()


def test_the_search_offers_the_committee_of_the_very_name_first(client: Client, town: Any, pair: Any) -> None:
    batch = worlds.merge(town, pair)
    client.force_login(town.planner)
    page = client.get(f"{HOME}{batch.pk}/buoc/", {"loai": "merge", "tim": "cau tre"})
    assert [unit.kind for unit in page.context["found"]][:2] == ["ubnd", "don_vi_hanh_chinh"]


def test_send_back_and_withdraw_need_a_reason(client: Client, town: Any, pair: Any) -> None:
    batch = worlds.merge(town, pair)
    restructuring.check(batch.pk, actor=town.planner)
    client.force_login(town.approver)
    assert client.post(f"{HOME}{batch.pk}/tra-lai/", {"note": ""}).status_code == 200
    client.post(f"{HOME}{batch.pk}/tra-lai/", {"note": "Thiếu quy tắc"})
    batch.refresh_from_db()
    assert batch.status == "draft"
    client.force_login(town.planner)
    client.post(f"{HOME}{batch.pk}/rut/", {"note": "Hoãn"})
    batch.refresh_from_db()
    assert batch.status == "withdrawn"


def test_lists_ask_the_same_number_of_queries(client: Client, town: Any, pair: Any) -> None:
    client.force_login(town.planner)

    def asked(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    batch = worlds.merge(town, pair)
    one = asked(HOME)
    for _n in range(10):
        worlds.merge(town, pair)
    assert asked(HOME) == one
    case = make.case(pair[0], S.APPRAISING)
    worlds.applied(town, batch)
    rows = list(batch.leftovers.all())
    few = asked(f"{HOME}{batch.pk}/con-lai/?loai=role")
    for row in rows[:1] * 20:
        row.pk, row.kind, row.subject_id = None, "role", case.pk
        row.save(force_insert=True)
    assert asked(f"{HOME}{batch.pk}/con-lai/?loai=role") == few
