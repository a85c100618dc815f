"""Public pages: home, search by people's words, what to bring, communes by old names."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from core.models import WorkingDay
from core.search import fold
from onecase import search
from onecase.choices import BusinessStatus as S
from onecase.choices import LimitUnit
from onecase.loading import load as load_catalogue
from onecase.models import Component, Fee, ProcedureCase, Rating
from org import places
from org.models import AdminUnit, AdminUnitSuccession
from tests import factories
from tests.onecase.citizen_world import birth_procedure

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue() -> None:
    load_catalogue()


# --- search -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("khai sinh", "1.001193"),
        ("lam giay khai sinh", "1.001193"),
        ("làm giấy khai sinh", "1.001193"),
        ("KHAI SINH", "1.001193"),
        ("con mới sinh", "1.001193"),
        ("mat giay khai sinh", "1.004884"),
        ("kết hôn", "1.000894"),
        ("đăng kí kết hôn", "1.000894"),
        ("tam tru", "1.004194"),
        ("sổ đỏ", "1.013978"),
        ("tiền người già", "1.014027"),
        ("ban gas", "2.001283"),
        ("1.001193", "1.001193"),
    ],
)
def test_peoples_words_find_the_procedure(catalogue: None, typed: str, first: str) -> None:
    assert search.find(typed).procedures[0].code == first


def test_a_slip_of_the_finger_is_mended_and_said(catalogue: None, client: Client) -> None:
    page = client.get("/thu-tuc/?q=khai sin").content.decode()
    assert "Không có thủ tục nào tên «khai sin». Có phải: <b>khai sinh</b>?" in page
    assert "/thu-tuc/dang-ky-khai-sinh/" in page


def test_nothing_found_offers_a_way_on(catalogue: None, client: Client) -> None:
    page = client.get("/thu-tuc/?q=zzzz<script>").content.decode()
    assert "Không có thủ tục nào khớp." in page
    assert "<script>" not in page.split("</head>")[1].replace("<script type", "")


def test_facets_narrow_the_list(catalogue: None, client: Client) -> None:
    page = client.get("/thu-tuc/?doi-song=sinh-con").content.decode()
    assert "6 thủ tục" in page
    assert 'aria-current="true"' in page
    assert "17 thủ tục" in client.get("/thu-tuc/?linh-vuc=ho-tich").content.decode()


def test_the_list_costs_the_same_for_few_and_many(
    catalogue: None, client: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        client.get("/thu-tuc/")


# --- one procedure ------------------------------------------------------------------------------------------


def test_every_procedure_has_a_page(catalogue: None, client: Client) -> None:
    for procedure in search.find().procedures:
        page = client.get(f"/thu-tuc/{procedure.slug}/").content.decode()
        assert "general knowledge" not in page
        assert "cần xác minh" not in page.split("<main")[1]


def test_the_page_answers_in_the_order_of_the_questions(client: Client) -> None:
    birth_procedure()
    page = client.get("/thu-tuc/dang-ky-khai-sinh/").content.decode()
    order = [
        "Thời hạn",
        "Lệ phí",
        "Cần nộp",
        "Giấy chứng sinh",
        "Không phải nộp",
        "Giấy tờ tùy thân",
        "Lệ phí theo cách nộp",
        "Làm thế nào",
    ]
    places = [page.index(f">{words}<") for words in order]
    assert places == sorted(places)
    assert "đang xác minh" in page


def test_staff_see_what_is_to_be_confirmed(client: Client) -> None:
    procedure = birth_procedure()
    procedure.versions.update(contradictions="cổng ghi số không kèm đơn vị")
    assert "không kèm đơn vị" not in client.get("/thu-tuc/dang-ky-khai-sinh/").content.decode()
    client.force_login(factories.commune().counter_officer)
    page = client.get("/thu-tuc/dang-ky-khai-sinh/").content.decode()
    assert "không kèm đơn vị" in page
    assert "cần xác minh" in page


def test_an_unknown_fee_is_not_nought(client: Client) -> None:
    procedure = factories.procedure()
    Fee.objects.create(version=procedure.versions.get(), channel="1", amount_vnd=None)
    page = client.get(f"/thu-tuc/{procedure.slug}/").content.decode()
    assert "Mức thu đang xác minh" in page
    assert "0 đồng" not in page


def test_work_of_the_police_has_no_button(client: Client) -> None:
    procedure = factories.procedure(online=False)
    procedure.decided_by, procedure.agency_text = "ngoai_he_thong", "Công an cấp xã"
    procedure.save()
    page = client.get(f"/thu-tuc/{procedure.slug}/").content.decode()
    assert "Công an cấp xã giải quyết việc này, không qua hệ thống của thành phố." in page
    assert "/nop/" not in page


def test_variants_list_their_own_papers(client: Client) -> None:
    procedure = factories.procedure()
    version = procedure.versions.get()
    variant = ProcedureCase.objects.create(
        version=version, code="nha_o", name="Nhà ở riêng lẻ", limit_unit="working_day", limit_quantity=15
    )
    Component.objects.create(
        version=version, procedure_case=variant, seq=9, name="Bản vẽ", kind="ban_chinh", required="yes"
    )
    page = client.get(f"/thu-tuc/{procedure.slug}/").content.decode()
    assert "Nhà ở riêng lẻ" in page
    assert "Bản vẽ" in page
    assert "15 ngày làm việc" in page


def test_an_unpublished_procedure_is_404(client: Client) -> None:
    procedure = factories.procedure()
    procedure.is_published = False
    procedure.save()
    assert client.get(f"/thu-tuc/{procedure.slug}/").status_code == 404


# --- home ---------------------------------------------------------------------------------------------------


def test_the_four_figures_are_counted(client: Client) -> None:
    where, now = factories.commune(), timezone.now()
    same_day = factories.procedure(unit=LimitUnit.WITHIN_DAY, days=1)
    hour = timedelta(hours=1)
    done: dict[str, Any] = {"received_at": now - 5 * hour, "due_at": now, "finished_at": now - 2 * hour}
    case = factories.case(where, S.RETURNED, of=same_day, **done)
    factories.case(where, S.RETURNED, **{**done, "due_at": now - 3 * hour})
    factories.case(where, S.APPRAISING, due_at=now - hour)
    Rating.objects.create(case=case, level=3)
    cache.clear()
    page = client.get("/").content.decode()
    for figure in ("50\u00a0%", ">1<", "3 giờ", "100\u00a0%"):
        assert figure in page


def test_without_cases_no_figure_is_invented(client: Client) -> None:
    page = client.get("/").content.decode()
    assert page.count("chưa có<") == 3


def test_the_home_page_is_cheap_when_warm(client: Client, django_assert_max_num_queries: object) -> None:
    client.get("/")
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        client.get("/")


def test_coming_days_off_are_told_and_uncertain_ones_marked(client: Client) -> None:
    day = timezone.localdate() + timedelta(days=3)
    WorkingDay.objects.create(
        date=day, name="Ngày Văn hóa Việt Nam", kind="holiday", status="needs_confirmation"
    )
    page = client.get("/").content.decode()
    assert "nghỉ: Ngày Văn hóa Việt Nam" in page
    assert "Dự kiến, chưa có văn bản chính thức." in page


# --- communes -----------------------------------------------------------------------------------------------


@pytest.fixture
def split() -> SimpleNamespace:
    """«Phường Cầu Đất» was divided between two wards."""

    def unit(code: str, name: str, since: date, until: date | None) -> AdminUnit:
        return AdminUnit.objects.create(
            code=code, level=3, kind="phuong", name=name, full_name=f"Phường {name}", valid_from=since, valid_to=until,
            folded=f"phuong {fold(name)}",
        )  # fmt: skip

    change = date(2025, 7, 1)
    old = unit("11344", "Cầu Đất", date(2017, 1, 1), change)
    new = [unit("11359", "Gia Viên", change, None), unit("11407", "Lê Chân", change, None)]
    for heir in new:
        AdminUnitSuccession.objects.create(
            old=old, new=heir, relation="split_part", extent="part", effective_on=change
        )
    return SimpleNamespace(old=old, new=new)


def test_an_old_name_is_answered_in_words(client: Client, split: SimpleNamespace) -> None:
    page = " ".join(client.get("/?xa=cau dat").content.decode().split())
    assert 'Phường Cầu Đất</a> <span class="then">(đến 30/6/2025)</span> nay chia về' in page
    assert (
        '<a href="/don-vi/dia-gioi/11359/2025-07-01/">phường Gia Viên</a> và '
        '<a href="/don-vi/dia-gioi/11407/2025-07-01/">phường Lê Chân</a>, từ 1/7/2025' in page
    )


def test_a_near_name_is_offered(split: SimpleNamespace) -> None:
    assert places.ask("Cầu Đấtt").near == "Cầu Đất"
    assert places.ask("không đâu cả").findings == []


def test_a_current_name_leads_to_its_page(client: Client, split: SimpleNamespace) -> None:
    address = "/don-vi/dia-gioi/11359/2025-07-01/"
    assert client.get("/don-vi/?xa=phường gia viên")["Location"] == address
    page = client.get(address).content.decode()
    assert "Phường Cầu Đất" in page
    assert "một phần" in page
    assert client.get("/don-vi/11359/")["Location"] == address  # addresses were codes once
    assert client.get("/don-vi/11344/")["Location"] == "/don-vi/dia-gioi/11344/2017-01-01/"
    assert client.get("/don-vi/99999/").status_code == 404


def test_a_search_for_a_procedure_leads_on_from_an_old_name(client: Client, split: SimpleNamespace) -> None:
    for words in ("phường Cầu Đất", "khai sinh ở phuong cau dat", "Cầu Đất"):
        page = client.get("/thu-tuc/", {"q": words}).content.decode()
        assert "nay chia về" in page and "phường Gia Viên" in page
    assert "nay chia về" not in client.get("/thu-tuc/", {"q": "cầu đường"}).content.decode()
