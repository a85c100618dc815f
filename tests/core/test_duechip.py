"""What the due chip says: two cells, words first, never «0 ngày»."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import duechip, office_calendar
from core.calendar import VIETNAM
from core.duechip import ChipState

CALENDAR = office_calendar.shipped()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def chip(now: str, due: str | None = "2026-03-13 16:50", **facts: Any) -> duechip.Chip:
    facts.setdefault("started_at", at("2026-03-02 09:00"))
    return duechip.chip(due_at=at(due) if due else None, now=at(now), calendar=CALENDAR, **facts)


# fmt: off
RUNNING = [
    ("2026-03-02 09:00", ChipState.NORMAL,  "còn 9 ngày làm việc"),
    ("2026-03-06 16:50", ChipState.NORMAL,  "còn 5 ngày làm việc"),
    ("2026-03-06 17:00", ChipState.NORMAL,  "còn 4 ngày 7 giờ làm việc"),
    ("2026-03-10 09:50", ChipState.NORMAL,  "còn 3 ngày 5 giờ làm việc"),
    ("2026-03-11 16:50", ChipState.NORMAL,  "còn 2 ngày làm việc"),
    ("2026-03-12 16:49", ChipState.NORMAL,  "còn 1 ngày làm việc"),
    ("2026-03-12 16:50", ChipState.SOON,    "còn 1 ngày làm việc"),
    ("2026-03-12 16:51", ChipState.SOON,    "còn 7 giờ 50 làm việc"),
    ("2026-03-13 14:36", ChipState.SOON,    "còn 2 giờ 10 làm việc"),
    ("2026-03-13 14:50", ChipState.SOON,    "còn 2 giờ làm việc"),
    ("2026-03-13 16:05", ChipState.SOON,    "còn 40 phút làm việc"),
    ("2026-03-13 16:45", ChipState.SOON,    "còn dưới 10 phút làm việc"),
    ("2026-03-13 16:50", ChipState.SOON,    "còn dưới 10 phút làm việc"),
    ("2026-03-13 16:51", ChipState.OVERDUE, "quá hạn dưới 10 phút"),
    ("2026-03-16 07:20", ChipState.OVERDUE, "quá hạn 30 phút"),
    ("2026-03-17 09:00", ChipState.OVERDUE, "quá hạn 1 ngày 2 giờ"),
    ("2026-03-31 09:00", ChipState.OVERDUE, "quá hạn 11 ngày"),
]
# fmt: on


@pytest.mark.parametrize(("now", "state", "words"), RUNNING)
def test_running(now, state, words):
    assert (chip(now).state, chip(now).words) == (state, words)


def test_the_parts_and_the_accessible_name():
    shown = chip("2026-03-10 09:50")
    assert (shown.lead, shown.strong, shown.tail) == ("còn", "3 ngày 5 giờ", "làm việc")
    assert shown.label == "hạn 16:50 thứ Sáu 13/03/2026"


def test_the_pie_shows_what_is_left():
    assert chip("2026-03-02 09:00").pie == 8
    assert chip("2026-03-09 07:00").pie == 4
    assert chip("2026-03-13 16:40").pie == 0
    assert chip("2026-03-02 09:00", started_at=None).pie == 8


def test_at_rest():
    assert chip("2026-03-10 09:00", paused_since=at("2026-03-09 14:00")).words == "tạm dừng từ 14:00 09/03"
    assert chip("2026-03-10 09:00", not_started=True).words == "chưa tính hạn"
    assert chip("2026-03-10 09:00", due=None).words == "không đặt hạn"
    assert chip("2026-03-10 09:00", not_started=True).state == ChipState.NONE
    assert chip("2026-03-10 09:00", paused_since=at("2026-03-09 14:00")).state == ChipState.PAUSED


# fmt: off
DONE = [
    ("2026-03-12 16:50", "xong, sớm 1 ngày"),
    ("2026-03-09 09:00", "xong, sớm 4 ngày"),
    ("2026-03-13 09:00", "xong, đúng hạn"),
    ("2026-03-13 16:59", "xong, đúng hạn"),  # by the date, not by the hour
    ("2026-03-16 09:00", "xong, muộn 2 giờ 10"),
    ("2026-03-18 09:00", "xong, muộn 2 ngày 2 giờ"),
]
# fmt: on


@pytest.mark.parametrize(("finished", "words"), DONE)
def test_done(finished, words):
    shown = chip("2026-06-01 09:00", finished_at=at(finished))
    assert (shown.state, shown.words) == (ChipState.DONE, words)


def test_a_limit_in_hours_is_late_on_the_day_itself():
    assert (
        chip("2026-06-01 09:00", finished_at=at("2026-03-13 17:00"), by_hour=True).words
        == "xong, muộn 10 phút"
    )
    assert chip("2026-06-01 09:00", due=None, finished_at=at("2026-03-13 17:00")).words == "xong"


# fmt: off
PUBLIC = [
    ("2026-03-10 09:50", "còn 3 ngày làm việc"),
    ("2026-03-12 16:50", "còn 1 ngày làm việc"),
    ("2026-03-13 09:00", "hạn hôm nay, 13/03"),
    ("2026-03-12 17:00", "hạn ngày 13/03"),
    ("2026-03-13 16:55", "quá hạn dưới 1 ngày"),
    ("2026-03-17 09:00", "quá hạn 1 ngày"),
]
# fmt: on


@pytest.mark.parametrize(("now", "words"), PUBLIC)
def test_public_pages_show_days_only(now, words):
    assert chip(now, public=True).words == words


def test_public_pauses_show_the_day():
    assert (
        chip("2026-03-10 09:00", paused_since=at("2026-03-09 14:00"), public=True).words
        == "tạm dừng từ 09/03"
    )


@given(st.integers(-40_000, 40_000), st.booleans())
def test_never_zero_days(minutes, public):
    due = at("2026-03-13 16:50")
    shown = duechip.chip(
        due_at=due, now=due + timedelta(minutes=minutes), started_at=None, calendar=CALENDAR, public=public
    )
    assert not any(word.startswith("0 ") for word in (shown.strong, shown.words))
    assert " 0 " not in shown.words
    assert 0 <= shown.pie <= 8
