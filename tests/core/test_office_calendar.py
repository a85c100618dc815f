"""The calendar on file, and the clock on the command line."""

import json
from datetime import date, datetime, time

import pytest
from django.core.management import CommandError, call_command

from core import office_calendar
from core.calendar import VIETNAM
from core.models import OfficeHours, WorkingDay
from core.models.calendar import DayKind


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.fixture
def planted(db: None) -> None:
    """The shipped days as rows."""
    WorkingDay.objects.all().delete()
    WorkingDay.objects.bulk_create(
        WorkingDay(date=day.date, name=day.name, kind=day.kind, status=day.status)
        for day in office_calendar.shipped_days()
    )


def due_date(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    call_command("due_date", *arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_the_shipped_list_is_whole():
    days = office_calendar.shipped_days()
    assert len({day.date for day in days}) == len(days) == 60
    kinds = [day.kind for day in days]
    assert set(kinds) <= set(DayKind.values)
    assert kinds.count("swap_off") == kinds.count("swap_workday")


@pytest.mark.django_db
def test_an_empty_database_means_the_shipped_days():
    WorkingDay.objects.all().delete()
    assert not office_calendar.load().is_working_day(date(2026, 2, 17))


@pytest.mark.django_db
def test_confirming_a_day_takes_the_doubt_away(planted):
    assert office_calendar.load().due(at("2026-11-19 10:20"), 5).provisional
    WorkingDay.objects.filter(date=date(2026, 11, 24)).update(status="official")
    assert not office_calendar.load().due(at("2026-11-19 10:20"), 5).provisional


@pytest.mark.django_db
def test_a_changed_day_counts_at_once_and_costs_one_query(planted, django_assert_num_queries):
    assert office_calendar.load().due(at("2026-06-01 09:00"), 1).at == at("2026-06-02 09:00")
    WorkingDay.objects.create(
        date=date(2026, 6, 2), name="Bão | lũ", kind=DayKind.LOCAL_CLOSURE, status="official"
    )
    with django_assert_num_queries(1):
        calendars = office_calendar.Calendars()
        due = calendars.of().due(at("2026-06-01 09:00"), 1)
        assert calendars.of(4711).due(at("2026-06-01 09:00"), 1).at == due.at
    assert due.at == at("2026-06-03 09:00")
    assert "Bão / lũ" in due.lines[1].text


@pytest.mark.django_db
def test_own_hours_stand_before_the_common_ones():
    OfficeHours.objects.all().delete()
    OfficeHours.objects.create(opens=time(8), closes=time(16), valid_from=date(2026, 1, 1))
    office = office_calendar.load(4711)
    assert office.due(at("2026-03-02 07:00"), 1).at == at("2026-03-03 08:00")
    # Before the rows begin, the product's own hours hold.
    assert office.due(at("2025-03-03 07:00"), 1).at == at("2025-03-04 07:00")


@pytest.mark.django_db
def test_the_command_gives_the_due_time_and_its_reasons(capsys):
    answer = due_date(capsys, "--from", "2026-02-13 09:00", "--working-days", "3")
    assert answer["due"] == "2026-02-25T09:00:00+07:00"
    assert answer["explanation"][0] == "Tiếp nhận đủ hồ sơ → 09:00 thứ Sáu 13/02"
    pause = "2026-11-20 14:00/2026-11-23 08:30"
    answer = due_date(capsys, "--from", "2026-11-19T10:20", "--working-days", "5", "--pause", pause)
    assert answer["due"] == "2026-11-27T16:50:00+07:00"
    assert (
        due_date(capsys, "--from", "2026-03-02 07:00", "--working-hours", "4.5")["due"]
        == "2026-03-02T11:30:00+07:00"
    )


@pytest.mark.django_db
def test_the_command_says_when_the_clock_stands(capsys):
    answer = due_date(
        capsys, "--from", "2026-03-02 09:00", "--working-days", "3", "--pause", "2026-03-03 09:00/"
    )
    assert answer["paused_since"] == "2026-03-03T09:00:00+07:00"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from", "13/02/2026", "--working-days", "3"], "Không đọc được thời điểm «13/02/2026»"),
        (["--from", "2026-02-13", "--working-days", "3"], "Thiếu giờ"),
        (["--from", "2026-02-30 09:00", "--working-days", "3"], "Không đọc được"),
        (["--from", "2026-02-13 09:00", "--working-days", "ba"], "«ba» không phải là số"),
        (["--from", "2026-02-13 09:00", "--working-days", "1.5"], "số nguyên lớn hơn 0"),
        (["--from", "2026-02-13 09:00", "--working-days", "0"], "lớn hơn 0"),
        (["--from", "2026-02-13 09:00", "--working-hours=-4"], "lớn hơn 0"),
        (["--from", "2026-02-13 09:00", "--working-hours", "nan"], "lớn hơn 0"),
        (["--from", "2026-02-13 09:00", "--working-days", "1e9"], "lớn hơn mức"),
        (["--from", "2026-02-13 09:00", "--working-days", "3", "--pause", "sáng mai"], "TỪ/ĐẾN"),
        (
            [
                "--from",
                "2026-02-13 09:00",
                "--working-days",
                "3",
                "--pause",
                "2026-02-13 10:00/2026-02-12 10:00",
            ],
            "kết thúc trước",
        ),
        (["--from", "1800-02-13 09:00", "--working-days", "3"], "1990 đến 2199"),
    ],
)
def test_the_command_refuses_in_plain_words(arguments, sentence):
    with pytest.raises(CommandError, match=sentence.replace("(", r"\(")):
        call_command("due_date", *arguments)
