"""Looking a case up without an account: nothing personal, nothing to guess, not too often."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from onecase import own_page
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    where = factories.commune()
    citizen = factories.citizen(number="031190004321", phone="0912345678")
    return factories.case(where, S.APPRAISING, applicant=citizen, code="31.11359-261120-0007")


def ask(client: Client, code: str, digits: str, **headers: Any) -> tuple[int, str]:
    answer = client.post("/tra-cuu/", {"ma": code, "so_cuoi": digits}, **headers)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(
    "code", ["31.11359-261120-0007", "31113592611200007", "31.11359 261120 0007", "3111359-261120-0007"]
)
@pytest.mark.parametrize("digits", ["4321", "5678"])
def test_status_step_and_time_but_nobodys_name(client: Client, case: Case, code: str, digits: str) -> None:
    _status, page = ask(client, code, digits)
    assert "Đang thẩm định" in page
    assert "31.11359-261120-0007" in page
    for secret in (case.owner_name, "0912345678", "031190004321", "Nguyễn Thị Lan"):
        assert secret not in page


def test_unknown_code_and_wrong_digits_read_the_same(client: Client, case: Case) -> None:
    _status, wrong = ask(client, "31.11359-261120-0007", "0000")
    _status, unknown = ask(client, "31.11359-261120-0008", "4321")
    assert (
        wrong.replace("0007", "0008").split("error-summary")[1][:400]
        == unknown.split("error-summary")[1][:400]
    )
    assert "Không có hồ sơ «31.11359-261120-0007»" in wrong


def test_a_draft_is_never_found(client: Client, case: Case) -> None:
    assert own_page.found_by("", "4321") is None
    assert "Nhập mã hồ sơ" in ask(client, "", "4321")[1]
    assert "4 chữ số cuối" in ask(client, "31.1", "12")[1]


def test_ten_tries_in_ten_minutes(client: Client, case: Case) -> None:
    for _try in range(10):
        assert ask(client, "31.11359-261120-0008", "1111", REMOTE_ADDR="203.0.113.7")[0] == 200
    status, page = ask(client, "31.11359-261120-0009", "1111", REMOTE_ADDR="203.0.113.7")
    assert status == 429
    assert "Chờ 10 phút" in page
    assert ask(client, "31.11359-261120-0009", "1111", REMOTE_ADDR="203.0.113.8")[0] == 200


def test_one_code_cannot_be_guessed_from_many_places(client: Client, case: Case) -> None:
    for number in range(10):
        ask(client, str(case.code), f"{number:04d}", REMOTE_ADDR=f"203.0.113.{number}")
    assert ask(client, "31113592611200007", "4321", REMOTE_ADDR="203.0.113.99")[0] == 429
    cache.clear()
    assert ask(client, "31113592611200007", "4321", REMOTE_ADDR="203.0.113.99")[0] == 200
