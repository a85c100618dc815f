"""The deadline clock: a table of worked examples, laws that always hold, and a slow counter that must agree."""

from datetime import date, datetime, time, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import office_calendar
from core.calendar import (
    HOUR,
    VIETNAM,
    WORKING_DAY_SECONDS,
    Day,
    Due,
    Hours,
    OutsideCalendar,
    Pause,
    Unit,
    WorkingCalendar,
    duration,
    listed,
)
from core.models.calendar import DayKind

SHIPPED = office_calendar.shipped()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def pauses(*texts: str) -> list[Pause]:
    found = []
    for text in texts:
        began, _slash, ended = text.partition("/")
        found.append(Pause(at(began), at(ended) if ended else None))
    return found


# fmt: off
WORKED = [
    # received            amount unit              due                 why it is here
    ("2026-02-13 09:00",  3, Unit.WORKING_DAY,  "2026-02-25 09:00"),  # across Tết Bính Ngọ
    ("2026-02-13 16:00",  4, Unit.WORKING_HOUR, "2026-02-23 10:00"),  # hours across Tết
    ("2026-02-12 09:00",  1, Unit.WORKING_DAY,  "2026-02-13 09:00"),  # the day before
    ("2026-02-14 09:00",  1, Unit.WORKING_DAY,  "2026-02-24 07:00"),  # Saturday: counts from Monday's opening
    ("2026-02-17 10:00",  1, Unit.WORKING_DAY,  "2026-02-24 07:00"),  # first day of Tết
    ("2026-02-13 17:30",  1, Unit.WORKING_DAY,  "2026-02-24 07:00"),  # after closing, before Tết
    ("2026-02-13 17:00",  1, Unit.WORKING_DAY,  "2026-02-23 17:00"),  # the closing minute is still open
    ("2026-11-19 10:20",  5, Unit.WORKING_DAY,  "2026-11-27 10:20"),  # 24/11 does not count
    ("2026-11-23 09:26",  1, Unit.WORKING_DAY,  "2026-11-25 09:26"),
    ("2026-11-24 09:00",  1, Unit.WORKING_DAY,  "2026-11-26 07:00"),  # received on 24/11
    ("2026-11-23 16:00",  2, Unit.WORKING_HOUR, "2026-11-25 08:00"),
    ("2025-11-21 09:00",  2, Unit.WORKING_DAY,  "2025-11-25 09:00"),  # in 2025 the 24th was an ordinary Monday
    ("2026-08-21 09:00",  1, Unit.WORKING_DAY,  "2026-08-22 09:00"),  # make-up Saturday 22/08 is a working day
    ("2026-08-22 09:00",  1, Unit.WORKING_DAY,  "2026-08-24 09:00"),  # received on it
    ("2026-08-22 16:00",  2, Unit.WORKING_HOUR, "2026-08-24 08:00"),
    ("2026-08-28 09:00",  1, Unit.WORKING_DAY,  "2026-09-03 09:00"),  # 31/08 swapped, 01–02/09 off
    ("2026-08-28 15:00",  4, Unit.WORKING_HOUR, "2026-09-03 09:00"),
    ("2026-01-09 09:00",  1, Unit.WORKING_DAY,  "2026-01-10 09:00"),  # make-up Saturday for 02/01
    ("2025-12-31 09:00",  1, Unit.WORKING_DAY,  "2026-01-05 09:00"),  # 01/01 and the swapped 02/01
    ("2026-01-05 09:00",  5, Unit.WORKING_DAY,  "2026-01-10 09:00"),
    ("2025-04-25 09:00",  1, Unit.WORKING_DAY,  "2025-04-26 09:00"),  # make-up for 02/05/2025
    ("2025-04-29 09:00",  1, Unit.WORKING_DAY,  "2025-05-05 09:00"),
    ("2024-05-03 09:00",  1, Unit.WORKING_DAY,  "2024-05-04 09:00"),
    ("2024-04-26 09:00",  1, Unit.WORKING_DAY,  "2024-05-02 09:00"),
    ("2024-02-07 09:00",  1, Unit.WORKING_DAY,  "2024-02-15 09:00"),  # Tết Giáp Thìn with compensation
    ("2026-04-24 09:00",  1, Unit.WORKING_DAY,  "2026-04-28 09:00"),  # Giỗ Tổ on Sunday, Monday off
    ("2026-04-29 09:00",  1, Unit.WORKING_DAY,  "2026-05-04 09:00"),
    ("2027-02-03 09:00",  1, Unit.WORKING_DAY,  "2027-02-11 09:00"),  # Tết Đinh Mùi, estimated
    ("2026-03-02 09:00",  1, Unit.WORKING_DAY,  "2026-03-03 09:00"),  # plain weeks from here
    ("2026-03-06 09:00",  1, Unit.WORKING_DAY,  "2026-03-09 09:00"),  # Friday to Monday
    ("2026-03-02 09:00",  5, Unit.WORKING_DAY,  "2026-03-09 09:00"),
    ("2026-03-02 09:00", 10, Unit.WORKING_DAY,  "2026-03-16 09:00"),
    ("2026-03-02 06:59",  1, Unit.WORKING_DAY,  "2026-03-03 07:00"),  # before opening
    ("2026-03-02 07:00",  1, Unit.WORKING_DAY,  "2026-03-03 07:00"),
    ("2026-03-02 11:30",  1, Unit.WORKING_DAY,  "2026-03-03 11:30"),
    ("2026-03-02 11:31",  1, Unit.WORKING_DAY,  "2026-03-03 13:30"),  # lunch
    ("2026-03-02 13:30",  1, Unit.WORKING_DAY,  "2026-03-03 13:30"),
    ("2026-03-02 17:01",  1, Unit.WORKING_DAY,  "2026-03-04 07:00"),  # after closing
    ("2026-03-02 23:59",  1, Unit.WORKING_DAY,  "2026-03-04 07:00"),
    ("2026-03-03 00:00",  1, Unit.WORKING_DAY,  "2026-03-04 07:00"),
    ("2026-03-07 10:00",  1, Unit.WORKING_DAY,  "2026-03-10 07:00"),  # Saturday
    ("2026-03-08 10:00",  1, Unit.WORKING_DAY,  "2026-03-10 07:00"),  # Sunday
    ("2026-03-02 07:00",  8, Unit.WORKING_HOUR, "2026-03-02 17:00"),  # a whole day ends at closing
    ("2026-03-02 07:00",  4, Unit.WORKING_HOUR, "2026-03-02 11:00"),
    ("2026-03-02 09:00",  4, Unit.WORKING_HOUR, "2026-03-02 15:00"),  # over lunch
    ("2026-03-02 07:00", Fraction(9, 2), Unit.WORKING_HOUR, "2026-03-02 11:30"),
    ("2026-03-02 12:00",  1, Unit.WORKING_HOUR, "2026-03-02 14:30"),  # received at lunch
    ("2026-03-02 16:30",  1, Unit.WORKING_HOUR, "2026-03-03 07:30"),
    ("2026-03-06 16:30",  1, Unit.WORKING_HOUR, "2026-03-09 07:30"),
    ("2026-03-02 09:00", 16, Unit.WORKING_HOUR, "2026-03-04 09:00"),
    ("2026-03-02 09:00", 40, Unit.WORKING_HOUR, "2026-03-09 09:00"),
    ("2026-03-02 09:00",  5, Unit.CALENDAR_DAY, "2026-03-09 09:00"),  # ends on Saturday, moves to Monday
    ("2026-03-02 09:00",  4, Unit.CALENDAR_DAY, "2026-03-06 09:00"),
    ("2026-08-03 09:00", 30, Unit.CALENDAR_DAY, "2026-09-03 09:00"),  # ends on Quốc khánh
    ("2026-02-02 09:00", 15, Unit.CALENDAR_DAY, "2026-02-23 09:00"),  # ends in Tết
    ("2026-08-17 09:00",  5, Unit.CALENDAR_DAY, "2026-08-22 09:00"),  # a make-up Saturday is no day off
    ("2026-03-02 18:00",  1, Unit.CALENDAR_DAY, "2026-03-04 07:00"),
    ("2026-03-02 09:00",  1, Unit.MONTH,        "2026-04-02 09:00"),
    ("2026-01-30 09:00",  1, Unit.MONTH,        "2026-03-02 09:00"),  # 28/02 is a Saturday
    ("2024-01-31 09:00",  1, Unit.MONTH,        "2024-02-29 09:00"),  # leap year
    ("2026-11-30 09:00",  3, Unit.MONTH,        "2027-03-01 09:00"),  # 28/02/2027 is a Sunday
    ("2026-12-15 09:00",  1, Unit.MONTH,        "2027-01-15 09:00"),
    ("2026-03-02 09:26",  0, Unit.WITHIN_DAY,   "2026-03-02 17:00"),
    ("2026-03-02 15:00",  0, Unit.WITHIN_DAY,   "2026-03-02 17:00"),
    ("2026-03-02 15:01",  0, Unit.WITHIN_DAY,   "2026-03-03 17:00"),
    ("2026-03-02 18:00",  0, Unit.WITHIN_DAY,   "2026-03-03 17:00"),  # after closing: counts from the next opening
    ("2026-03-06 16:00",  0, Unit.WITHIN_DAY,   "2026-03-09 17:00"),
    ("2026-03-07 09:00",  0, Unit.WITHIN_DAY,   "2026-03-09 17:00"),
    ("2026-11-23 15:30",  0, Unit.WITHIN_DAY,   "2026-11-25 17:00"),
]

PAUSED = [
    # received           days  pauses                                                    due
    ("2026-11-19 10:20", 5, ["2026-11-20 14:00/2026-11-23 08:30"],                       "2026-11-27 16:50"),
    ("2026-03-02 09:00", 1, ["2026-03-02 10:00/2026-03-02 11:00"],                       "2026-03-03 10:00"),
    ("2026-03-02 09:00", 1, ["2026-03-02 10:00/2026-03-02 10:00"],                       "2026-03-03 09:00"),
    ("2026-03-02 09:00", 1, ["2026-03-02 11:30/2026-03-02 13:30"],                       "2026-03-03 09:00"),
    ("2026-03-02 09:00", 1, ["2026-03-02 17:00/2026-03-03 07:00"],                       "2026-03-03 09:00"),
    ("2026-03-02 09:00", 5, ["2026-03-06 16:00/2026-03-09 08:00"],                       "2026-03-09 11:00"),
    ("2026-03-02 09:00", 5, ["2026-03-07 08:00/2026-03-08 20:00"],                       "2026-03-09 09:00"),
    ("2026-03-02 09:00", 5, ["2026-03-03 09:00/2026-03-04 09:00"],                       "2026-03-10 09:00"),
    ("2026-03-02 09:00", 5, ["2026-03-03 09:00/2026-03-03 11:00",
                             "2026-03-03 10:00/2026-03-03 11:30"],                       "2026-03-09 11:30"),
    ("2026-03-02 09:00", 5, ["2026-03-03 09:00/2026-03-03 11:00",
                             "2026-03-03 09:30/2026-03-03 10:00"],                       "2026-03-09 11:00"),
    ("2026-03-02 09:00", 5, ["2026-03-04 09:00/2026-03-04 10:00",
                             "2026-03-03 09:00/2026-03-03 10:00"],                       "2026-03-09 11:00"),
    ("2026-03-02 09:00", 5, ["2026-03-03 09:00/2026-03-03 10:00",
                             "2026-03-03 10:00/2026-03-03 11:00"],                       "2026-03-09 11:00"),
    ("2026-03-02 09:00", 1, ["2026-02-20 09:00/2026-03-02 10:00"],                       "2026-03-03 10:00"),
    ("2026-03-02 09:00", 1, ["2026-02-20 09:00/2026-03-01 10:00"],                       "2026-03-03 09:00"),
    ("2026-02-12 09:00", 2, ["2026-02-13 09:00/2026-02-23 09:00"],                       "2026-02-24 09:00"),
    ("2026-02-12 09:00", 1, ["2026-02-12 10:00/2026-02-12 16:00"],                       "2026-02-13 15:00"),
    ("2026-11-20 09:00", 1, ["2026-11-20 15:00/2026-11-23 15:00"],                       "2026-11-25 09:00"),
    ("2026-08-20 09:00", 1, ["2026-08-21 09:00/2026-08-22 09:00"],                       "2026-08-22 09:00"),
]
# fmt: on


@pytest.mark.parametrize(("received", "amount", "unit", "due"), WORKED)
def test_worked_examples(received, amount, unit, due):
    assert SHIPPED.due(at(received), amount, unit).at == at(due)


@pytest.mark.parametrize(("received", "days", "texts", "due"), PAUSED)
def test_pauses_give_their_working_time_back(received, days, texts, due):
    assert SHIPPED.due(at(received), days, pauses=pauses(*texts)).at == at(due)


def test_the_explanation_reads_like_the_case_page():
    due = SHIPPED.due(at("2026-11-19 10:20"), 5, pauses=pauses("2026-11-20 14:00/2026-11-23 08:30"))
    assert [(line.text, line.value) for line in due.lines] == [
        ("Tiếp nhận đủ hồ sơ", "10:20 thứ Năm 19/11"),
        ("Thứ Ba 24/11 không tính: Ngày Văn hóa Việt Nam", "nghỉ"),
        ("Cộng 5 ngày làm việc: 20, 23, 25, 26, 27/11", "10:20 thứ Sáu 27/11"),
        ("Tạm dừng chờ bổ sung, 14:00 20/11 đến 08:30 23/11", "+ 4 giờ 30 làm việc"),
        ("Hạn trả kết quả", "16:50 thứ Sáu 27/11"),
    ]
    assert [line.provisional for line in due.lines] == [False, True, False, False, False]
    assert [line.strong for line in due.lines] == [False, False, False, False, True]
    assert due.provisional
    assert str(due.lines[1]) == "Thứ Ba 24/11 không tính: Ngày Văn hóa Việt Nam (dự kiến) → nghỉ"


def test_official_days_off_make_nothing_provisional():
    due = SHIPPED.due(at("2026-02-13 09:00"), 3)
    assert not due.provisional
    assert ("16/02 đến 20/02 không tính: 29 tháng Chạp – Mùng 4 Tết", "nghỉ 5 ngày") in texts_of(due)


def test_make_up_days_and_swapped_days_are_named():
    texts = [str(line) for line in SHIPPED.due(at("2026-08-21 09:00"), 8).lines]
    assert "Thứ Bảy 22/08 là ngày làm việc: Làm bù cho 31/8/2026 (dự kiến) → làm bù" in texts
    assert any(text.startswith("31/08 đến 01/09 không tính") for text in texts)
    assert "Thứ Tư 02/09 không tính: Quốc khánh → nghỉ" in texts


def test_receipt_outside_office_hours_says_from_when_it_counts():
    due = SHIPPED.due(at("2026-03-07 10:00"), 1)
    assert due.started_at == at("2026-03-09 07:00")
    assert due.lines[1].text == "Ngoài giờ làm việc, tính từ giờ mở cửa kế tiếp"


def test_a_limit_in_plain_days_says_why_it_moved():
    due = SHIPPED.due(at("2026-08-03 09:00"), 30, Unit.CALENDAR_DAY)
    assert "Thứ Tư 02/09 là ngày nghỉ" in due.lines[-2].text
    assert not due.provisional
    assert SHIPPED.due(at("2026-10-23 09:00"), 32, Unit.CALENDAR_DAY).provisional  # lands on 24/11


def test_plain_days_give_plain_time_back():
    due = SHIPPED.due(
        at("2026-03-02 09:00"), 10, Unit.CALENDAR_DAY, pauses=pauses("2026-03-03 09:00/2026-03-05 10:00")
    )
    assert due.at == at("2026-03-16 10:00")  # 12/03 09:00 + 2 days 1 hour = Saturday 14/03, moves to Monday
    assert "+ 2 ngày 1 giờ" in [line.value for line in due.lines]


def test_an_open_pause_stops_the_clock_and_says_so():
    due = SHIPPED.due(
        at("2026-03-02 09:00"), 5, pauses=pauses("2026-03-03 09:00/2026-03-03 10:00", "2026-03-04 09:00/")
    )
    assert due.paused_since == at("2026-03-04 09:00")
    assert due.at == at("2026-03-09 10:00")
    assert due.lines[-2].text == "Đang tạm dừng từ 09:00 04/03"


def test_time_inside_an_open_pause_is_not_counted_twice():
    due = SHIPPED.due(
        at("2026-03-02 09:00"), 5, pauses=pauses("2026-03-03 09:00/", "2026-03-03 10:00/2026-03-03 11:00")
    )
    assert due.paused_since == at("2026-03-03 09:00")
    assert due.at == at("2026-03-09 09:00")


def test_years_without_a_list_are_said():
    assert "2028" in SHIPPED.due(at("2028-03-01 09:00"), 3).lines[-2].text
    assert SHIPPED.due(at("2028-03-01 09:00"), 3).provisional


@pytest.mark.parametrize(
    ("received", "amount", "wrong"),
    [("2026-03-02 09:00", -1, ValueError), ("2026-03-02 09:00", Fraction(1, 2), ValueError)],
)
def test_impossible_limits_are_refused(received, amount, wrong):
    with pytest.raises(wrong):
        SHIPPED.due(at(received), amount)


def test_moments_need_a_time_zone_and_a_year_that_is_counted():
    with pytest.raises(ValueError, match="time zone"):
        SHIPPED.due(datetime(2026, 3, 2, 9), 1)
    with pytest.raises(OutsideCalendar):
        SHIPPED.due(at("1950-03-02 09:00"), 1)
    with pytest.raises(OutsideCalendar):
        SHIPPED.due(at("2199-12-31 09:00"), 100)
    with pytest.raises(ValueError, match="ends before"):
        SHIPPED.due(at("2026-03-02 09:00"), 1, pauses=pauses("2026-03-03 09:00/2026-03-02 09:00"))


def test_seconds_do_not_count_because_papers_print_minutes():
    assert SHIPPED.due(at("2026-03-02 09:00:59"), 1).at == at("2026-03-03 09:00")


def test_other_zones_are_the_same_moment():
    assert SHIPPED.due(datetime.fromisoformat("2026-02-13T02:00:00+00:00"), 3).at == at("2026-02-25 09:00")


def test_own_hours_and_their_change_in_time():
    summer = date(2026, 6, 1)
    hours = [Hours(time(8), time(12), valid_to=summer), Hours(time(7), time(11), valid_from=summer)]
    office = WorkingCalendar([], hours)
    assert office.spans(date(2026, 5, 29)) == ((8 * HOUR, 12 * HOUR),)
    assert office.due(at("2026-05-29 11:30"), 1).at == at("2026-06-01 11:00")  # shut by then: at closing
    assert office.due(at("2026-05-29 11:00"), 2, Unit.WORKING_HOUR).at == at("2026-06-01 08:00")


def test_hours_that_overlap_count_once():
    office = WorkingCalendar([], [Hours(time(7), time(12)), Hours(time(11), time(15))])
    assert office.working_seconds_between(at("2026-03-02 00:00"), at("2026-03-03 00:00")) == 8 * HOUR


def test_a_closure_on_file_is_a_day_off():
    office = WorkingCalendar([Day(date(2026, 9, 8), "Bão số 3", DayKind.LOCAL_CLOSURE)])
    assert office.due(at("2026-09-07 09:00"), 1).at == at("2026-09-09 09:00")


def test_words():
    assert duration(4 * HOUR + 1800) == "4 giờ 30"
    assert duration(17 * HOUR) == "2 ngày 1 giờ"
    assert duration(WORKING_DAY_SECONDS + 300) == "1 ngày 5 phút"
    assert duration(0) == "0 phút"
    assert listed([date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1)]) == "27, 30/11; 01/12"


def texts_of(due: Due) -> list[tuple[str, str]]:
    return [(line.text, line.value) for line in due.lines]


# --- laws -------------------------------------------------------------------------------------------------

BASE = at("2026-01-01 00:00")
moments = st.integers(0, 600 * 24 * 60).map(lambda minutes: BASE + timedelta(minutes=minutes))
spans_of_time = st.integers(0, 60 * 24 * 20)


@given(moments, spans_of_time, st.integers(0, 30), st.sampled_from(list(Unit)))
def test_who_comes_later_is_never_due_earlier(start, later, amount, unit):
    first, second = (SHIPPED.due(start + timedelta(minutes=wait), amount, unit).at for wait in (0, later))
    if unit in {Unit.CALENDAR_DAY, Unit.MONTH}:
        # Two such limits can roll onto the same working day; there, timeliness goes by the date alone.
        first, second = first.date(), second.date()
    assert first <= second


@given(moments, st.integers(0, 30), st.integers(0, 30), st.sampled_from(list(Unit)))
def test_more_time_is_never_less(start, amount, more, unit):
    assert SHIPPED.due(start, amount, unit).at <= SHIPPED.due(start, amount + more, unit).at


@given(moments, st.integers(0, 60), st.sampled_from(list(Unit)))
def test_due_times_fall_into_office_hours(start, amount, unit):
    due = SHIPPED.due(start, amount, unit).at
    assert SHIPPED.next_opening(due) == due
    assert due >= start.replace(second=0)


@given(moments, spans_of_time, spans_of_time)
def test_time_is_the_sum_of_its_pieces(start, first, second):
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    between = SHIPPED.working_seconds_between
    assert between(start, end) == between(start, middle) + between(middle, end)
    assert between(end, start) == -between(start, end)


@given(moments, st.integers(0, 10_000))
def test_time_added_is_time_found(start, minutes):
    end = SHIPPED.add_working_time(start, minutes * 60)
    assert SHIPPED.working_seconds_between(start, end) == minutes * 60


@given(moments, st.lists(st.tuples(spans_of_time, spans_of_time), max_size=4), st.integers(1, 20))
def test_pauses_may_come_in_any_order_and_never_shorten(start, raw, days):
    stops = [
        Pause(start + timedelta(minutes=offset), start + timedelta(minutes=offset + length))
        for offset, length in raw
    ]
    due = SHIPPED.due(start, days, pauses=stops).at
    assert due == SHIPPED.due(start, days, pauses=stops[::-1]).at
    assert due >= SHIPPED.due(start, days).at
    # Cutting a pause in two changes nothing.
    halves = [half for stop in stops for half in _halves(stop)]
    assert SHIPPED.due(start, days, pauses=halves).at == due


def _halves(stop: Pause) -> list[Pause]:
    middle = stop.started_at + timedelta(
        minutes=int((stop.ended_at - stop.started_at).total_seconds() // 120)
    )
    return [Pause(stop.started_at, middle), Pause(middle, stop.ended_at)]


# --- an independent counter, minute by minute -----------------------------------------------------------------


def open_minute(moment: datetime) -> bool:
    """Does the office work during the minute that begins now? Knows only the list of days and four clock times."""
    special = next((day.kind for day in office_calendar.shipped_days() if day.date == moment.date()), None)
    if special == "swap_workday" or (special is None and moment.isoweekday() <= 5):
        clock = moment.strftime("%H:%M")
        return "07:00" <= clock < "11:30" or "13:30" <= clock < "17:00"
    return False


@pytest.fixture(scope="module")
def minutes() -> list[bool]:
    """Every minute from 01/01/2026 to 30/09/2026."""
    start = at("2026-01-01 00:00")
    by_day = [open_minute(start + timedelta(days=day, hours=10)) for day in range(273)]
    clock = [open_minute(at("2026-03-02 00:00") + timedelta(minutes=minute)) for minute in range(1440)]
    return [day and minute for day in by_day for minute in clock]


@given(st.integers(0, 200 * 1440), st.integers(0, 3000))
def test_the_slow_counter_agrees_on_hours(minutes, first, amount):
    start = at("2026-01-01 00:00") + timedelta(minutes=first)
    index, left = first, amount
    while left:
        left -= minutes[index]
        index += 1
    slow = at("2026-01-01 00:00") + timedelta(minutes=index)
    fast = SHIPPED.add_working_time(start, amount * 60)
    if amount:
        assert fast == slow
    assert SHIPPED.working_seconds_between(start, fast) == amount * 60 == 60 * sum(minutes[first:index])


@given(st.integers(0, 200 * 1440), st.integers(1, 25))
def test_the_slow_counter_agrees_on_days(minutes, first, amount):
    start = at("2026-01-01 00:00") + timedelta(minutes=first)
    index = first
    while not minutes[index] and not (index and minutes[index - 1]):
        index += 1
    day, clock = divmod(index, 1440)
    for _number in range(amount):
        day += 1
        while not any(minutes[day * 1440 : day * 1440 + 1440]):
            day += 1
    assert SHIPPED.due(start, amount).at == at("2026-01-01 00:00") + timedelta(days=day, minutes=clock)
