"""Dates, hours and figures as papers write them."""

from datetime import UTC, date, datetime

import pytest

from core import wording


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 1, 5), "ngày 05 tháng 01 năm 2026"),
        (date(2026, 2, 28), "ngày 28 tháng 02 năm 2026"),
        (date(2026, 3, 9), "ngày 09 tháng 3 năm 2026"),
        (date(2026, 11, 23), "ngày 23 tháng 11 năm 2026"),
    ],
)
def test_days_under_ten_and_the_first_two_months_get_a_zero(day: date, words: str) -> None:
    assert wording.day_in_words(day) == words


def test_hours_are_local_and_stay_on_one_line() -> None:
    words = wording.moment_in_words(datetime(2026, 11, 23, 2, 26, tzinfo=UTC))
    assert words.replace("\N{NO-BREAK SPACE}", " ") == "09 giờ 26 phút, ngày 23/11/2026"
    assert words.count("\N{NO-BREAK SPACE}") == 3


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (105, "một trăm linh năm"),
        (1990, "một nghìn chín trăm chín mươi"),
        (2026, "hai nghìn không trăm hai mươi sáu"),
        (100_000_000, "một trăm triệu"),
        (1_005_000, "một triệu không trăm linh năm nghìn"),
    ],
)
def test_numbers_in_words(number: int, words: str) -> None:
    assert wording.number_in_words(number) == words


@pytest.mark.parametrize("written", ["12/03/2026", "12-3-2026", "2026-03-12", date(2026, 3, 12)])
def test_a_day_is_spoken_whatever_its_form(written: object) -> None:
    assert wording.day_spoken(written) == "Ngày mười hai tháng ba năm hai nghìn không trăm hai mươi sáu"


@pytest.mark.parametrize("written", ["1958", "3/1958", "", None, "31/02/2026", "không rõ"])
def test_what_is_no_whole_day_stays_as_written(written: str | None) -> None:
    assert wording.day_spoken(written) == ""
    assert wording.day_short(written) == (written or "")


def test_contacts_are_masked() -> None:
    assert wording.masked_phone("0912345678") == "09•• ••• 678"
    assert wording.masked_phone("") == ""
    assert wording.masked_email("pham.ha@example.vn") == "ph•••@example.vn"
    assert wording.masked_email("") == ""
