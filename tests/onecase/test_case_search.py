"""A clerk finds a case by what people tell him: an end of the code, the procedure, a telephone number."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from onecase import case_search, lists
from onecase.choices import BusinessStatus as S
from onecase.models import Case, Party
from tests import factories as make
from tests.onecase.staff_doors import enter, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Any:
    lists._procedures.cache_clear()
    return make.commune()


@pytest.fixture
def cases(world: Any) -> dict[str, Case]:
    birth, marriage = make.procedure(), make.procedure()
    for procedure, name in ((birth, "Thủ tục đăng ký khai sinh"), (marriage, "Thủ tục đăng ký kết hôn")):
        procedure.name = name
        procedure.save(update_fields=["name"])
    found = {
        "birth": make.case(
            world, S.SUBMITTED, of=birth, code="31.11344-261120-0027", owner_name="Phạm Thu Hà"
        ),
        "marriage": make.case(
            world, S.SUBMITTED, of=marriage, code="31.11344-261121-0127", owner_name="Lê Đức Anh"
        ),
    }
    for name, phone in (("birth", "0912345678"), ("marriage", "0987654321")):
        Party.objects.filter(case=found[name]).update(phone=phone)
    elsewhere = make.commune("phường Khác")
    found["foreign"] = make.case(
        elsewhere, S.SUBMITTED, of=birth, code="31.99999-261120-0027", owner_name="Phạm Thu Hà"
    )
    Party.objects.filter(case=found["foreign"]).update(phone="0912345678")
    return found


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("31.11344-261120-0027", {"birth"}),
        ("31.11344", {"birth", "marriage"}),
        ("0027", {"birth"}),
        ("27", {"birth"}),
        ("127", {"marriage"}),
        ("261120", {"birth"}),
        ("261120-00", {"birth"}),
        ("261121-0127", {"marriage"}),
        ("11344-261120-0027", {"birth"}),
        ("khai sinh", {"birth"}),
        ("Đăng ký kết", {"marriage"}),
        ("dang ky", {"birth", "marriage"}),
        ("pham thu", {"birth"}),
        ("0912345678", {"birth"}),
        ("+84 912 345 678", {"birth"}),
        ("345678", {"birth"}),
        ("0987.654.321", {"marriage"}),
        ("99999", set()),
        ("sinh", set()),
        ("45678", set()),
        ("xyz 123", set()),
        ("😀", set()),
    ],
)
def test_what_is_typed_finds_within_the_rights(world, cases, typed, wanted):
    page = text(enter(world.counter_officer).get("/lam-viec/ho-so/", {"q": typed}))
    found = {name for name, case in cases.items() if f"/lam-viec/ho-so/{case.code}/" in page}
    assert found == wanted


def test_few_and_many_hits_cost_the_same_queries(world, cases):
    browser = enter(world.counter_officer)
    browser.get("/lam-viec/ho-so/", {"q": "khai sinh"})
    counted = []
    for typed in ("khai sinh", "dang ky"):
        with CaptureQueriesContext(connection) as captured:
            browser.get("/lam-viec/ho-so/", {"q": typed})
        counted.append(len(captured))
    assert counted[0] == counted[1]


@pytest.mark.slow
def test_no_search_reads_the_whole_table(world):
    """Twenty thousand cases of fifty counters: each kind of question is answered through indexes."""
    of, owner = make.procedure(), make.citizen()
    counters = [make.organization(f"Quầy {number}", "don_vi_hanh_chinh") for number in range(50)]
    made = Case.objects.bulk_create(
        Case(
            code=f"31.{10000 + number % 50}-2611{number % 28 + 1:02d}-{number:05d}", procedure=of, version=of.versions.get(),
            channel="1", applicant=owner, owner_name=f"Nguyễn Văn {number % 977}", business_status=S.SUBMITTED,
            receiving_unit=counters[number % 50], agency=world.ubnd,
        )
        for number in range(20_000)
    )  # fmt: skip
    Party.objects.bulk_create(
        Party(case=case, role="owner", full_name=case.owner_name, phone=f"09{number * 7919 % 10**8:08d}")
        for number, case in enumerate(made)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE onecase_case")
        cursor.execute("ANALYZE onecase_party")
    clerk = make.hat("Đo Kế Hoạch", counters[7], "Công chức tiếp nhận", "counter_officer")
    names = {procedure.id: procedure.folded for procedure in lists.procedures().values()}
    wrong = []
    for typed in (
        made[7].code,
        "0057",
        "57",
        "261108-0",
        "nguyen van 12",
        "thu nghiem",
        "0900071271",
        "071271",
    ):
        with CaptureQueriesContext(connection) as captured:
            list(
                case_search.narrowed(Case.objects.at_work(clerk), typed, names)
                .order_by("-pk")
                .values_list("pk")[:51]
            )
        for query in captured.captured_queries:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
            if "Seq Scan on onecase_case" in plan or "Seq Scan on onecase_party" in plan:
                wrong.append(f"{typed}\n{plan}")
    assert not wrong, "\n\n".join(wrong)
