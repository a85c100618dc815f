"""Golden answers of `manage.py successor`, over the loaded files."""

import json
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from org import succession
from org.models import AdminUnit

pytestmark = pytest.mark.django_db  # so that a database is made when the file runs alone
BEFORE, LAST, NOW = "2017-12-31", "2025-06-30", "2026-11-20"


@pytest.fixture(scope="module", autouse=True)
def reference(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Loaded once for the module and rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _unblocked(reference: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def ask(code: str, as_of: str = BEFORE, on: str = NOW) -> dict[str, Any]:
    out = StringIO()
    call_command("successor", "--code", code, "--as-of", as_of, "--on", on, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def heirs(code: str, as_of: str = BEFORE, on: str = NOW) -> list[tuple[str, str, str]]:
    return sorted((row["code"], row["name"], row["extent"]) for row in ask(code, as_of, on)["successors"])


def test_a_reused_code_11344() -> None:
    """Phường Lương Khánh Thiện went into Cầu Đất in 2020 (which took its code); Cầu Đất was divided in 2025."""
    assert heirs("11344", on="2019-06-01") == [("11344", "Phường Lương Khánh Thiện", "whole")]
    assert heirs("11344", on="2020-01-31") == [("11344", "Phường Lương Khánh Thiện", "whole")]
    assert heirs("11344", on="2020-02-01") == [("11344", "Phường Cầu Đất", "whole")]
    assert heirs("11344") == [
        ("11359", "Phường Gia Viên", "part"),
        ("11383", "Phường Lê Chân", "part"),
    ]
    assert heirs("11344", LAST) == heirs("11344")  # then it is Cầu Đất's
    hops = ask("11344")["hops"]
    assert [(hop["date"], hop["from"]["name"], hop["to"]["name"], hop["extent"]) for hop in hops] == [
        ("2020-02-01", "Phường Lương Khánh Thiện", "Phường Cầu Đất", "whole"),
        ("2025-07-01", "Phường Cầu Đất", "Phường Gia Viên", "part"),
        ("2025-07-01", "Phường Cầu Đất", "Phường Lê Chân", "part"),
    ]
    assert hops[0]["legal_basis"] == "NQ 872/NQ-UBTVQH14"


def test_a_code_that_vanished_11353() -> None:
    assert heirs("11353", on="2025-06-30") == [("11344", "Phường Cầu Đất", "whole")]
    with pytest.raises(CommandError, match=r"không có đơn vị nào mang mã 11353.*Phường Cầu Đất"):
        ask("11353", LAST)


def test_three_lives_of_11560() -> None:
    assert heirs("11560", on="2024-12-31") == [("11560", "Xã Thủy Sơn", "whole")]
    assert heirs("11560", on="2025-01-01") == [("11560", "Phường Thủy Đường", "whole")]
    assert heirs("11560") == [("11560", "Phường Thủy Nguyên", "whole")]
    assert [row["valid_from"] for row in ask("11560")["successors"]] == ["2025-07-01"]


def test_a_piece_given_away_by_a_unit_that_went_on_11410() -> None:
    """The file calls Đông Hải 1 unchanged and whole, and gives 7,27 km² of it to Thủy Hà: never whole."""
    assert heirs("11410", on="2024-12-31") == [("11410", "Phường Đông Hải 1", "whole")]
    assert heirs("11410", on="2025-01-01") == [
        ("11410", "Phường Đông Hải 1", "part"),
        ("11530", "Phường Thủy Hà", "part"),
    ]
    assert {extent for _code, _name, extent in heirs("11410")} == {"part"}
    # Whoever asks for the unit of 30/6/2025 asks for what it was then: the piece was gone.
    assert "Phường Thủy Nguyên" not in {name for _code, name, _extent in heirs("11410", LAST)}


def test_every_old_commune_ends_somewhere_and_71_of_374_are_divided() -> None:
    day, on = date(2025, 6, 30), date(2025, 7, 1)
    walks = [
        succession.territory_walk(unit, on, as_of=day)
        for unit in AdminUnit.objects.valid_on(day).filter(level=3)
    ]
    assert len(walks) == 374
    assert all(walk.heirs and walk.is_complete for walk in walks)
    divided = [walk for walk in walks if len(walk.heirs) > 1]
    assert len(divided) == 71
    assert sum(len(walk.heirs) for walk in divided) == 147
    assert all(heir.extent == "part" for walk in divided for heir in walk.heirs)
    assert all(walk.heirs[0].extent == "whole" for walk in walks if len(walk.heirs) == 1)
    assert sum(any(heir.has_all_residents for heir in walk.heirs) for walk in divided) == 14


def test_every_commune_of_2017_ends_somewhere() -> None:
    day = date(2017, 12, 31)
    units = AdminUnit.objects.valid_on(day).filter(level=3)
    walks = [succession.territory_walk(unit, date(2026, 11, 20), as_of=day) for unit in units]
    assert len(walks) == 488
    assert all(walk.heirs and walk.is_complete for walk in walks)


def test_islands_and_districts() -> None:
    assert heirs("318", LAST) == [("11948", "Đặc khu Bạch Long Vĩ", "whole")]
    assert heirs("318") == heirs("318", LAST)
    quarter = heirs("305", LAST)  # quận Lê Chân
    assert {name for _code, name, _extent in quarter} >= {"Phường Lê Chân", "Phường An Biên"}
    assert {extent for _code, _name, extent in quarter} == {"part"}
    assert heirs("311", on=LAST) == [("311", "Thành phố Thủy Nguyên", "whole")]
    assert {name for _code, name, _extent in heirs("312", on=LAST)} == {"Quận An Dương", "Quận Hồng Bàng"}
    assert heirs("30", LAST) == [("31", "Thành phố Hải Phòng", "whole")]
    assert heirs("31") == [("31", "Thành phố Hải Phòng", "whole")]


@pytest.mark.parametrize(
    ("code", "as_of", "on", "words"),
    [
        ("99999", BEFORE, NOW, "Không có đơn vị hành chính nào mang mã «99999»"),
        ("11344", "31-12-2017", NOW, "Không đọc được ngày «31-12-2017»"),
        ("11344", "2016-12-31", NOW, "Dữ liệu bắt đầu từ 01/01/2017"),
        ("11344", LAST, BEFORE, "trước ngày của mã"),
        ("11948", BEFORE, NOW, "Mã này thuộc: Đặc khu Bạch Long Vĩ từ 01/07/2025"),
    ],
)
def test_refusals(code: str, as_of: str, on: str, words: str) -> None:
    with pytest.raises(CommandError, match=words) as caught:
        ask(code, as_of, on)
    assert caught.value.returncode == 1


def test_in_words() -> None:
    out = StringIO()
    call_command("successor", "--code", "11344", "--as-of", "31/12/2017", "--on", "20/11/2026", stdout=out)
    assert "11383 Phường Lê Chân, Thành phố Hải Phòng: một phần" in out.getvalue()
    assert "từ 01/07/2025, NQ 1669/NQ-UBTVQH15" in out.getvalue()
