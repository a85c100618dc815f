"""The shared parts: due chips, the Vietnamese date, uploads, text size, the page of components."""

from datetime import date, datetime

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from core import due
from core.forms import DateField, SpeakingForm, UploadField
from core.templatetags import ui

AT = datetime(2026, 11, 27, 16, 50, tzinfo=timezone.get_default_timezone())


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (7 * 480 + 60, "7 ngày"),
        (3 * 480 + 300, "3 ngày 5 giờ"),
        (480, "1 ngày"),
        (139, "2 giờ 10"),
        (120, "2 giờ"),
        (38, "30 phút"),
        (4, "4 phút"),
        (0, "1 phút"),
    ],
)
def test_working_time_in_words(minutes: int, words: str) -> None:
    assert due.amount(minutes) == words


def test_a_running_clock_changes_its_state() -> None:
    assert due.running(3 * 480, 5 * 480, AT).state == "normal"
    assert due.running(480, 5 * 480, AT).state == "soon"
    late = due.running(-600, 5 * 480, AT)
    assert (late.state, late.strong) == ("overdue", "quá hạn 1 ngày 2 giờ")
    assert late.label == "hạn 16:50 thứ Sáu 27/11/2026"


def test_public_chips_say_days_only() -> None:
    assert due.running_in_days(3 * 480 + 300, 5 * 480, AT).strong == "3 ngày"
    assert due.running_in_days(100, 5 * 480, AT).strong == "dưới 1 ngày"
    assert due.running_in_days(-100, 5 * 480, AT).strong == "quá hạn trong hôm nay"


def test_the_pie_never_lies() -> None:
    assert due.running(1, 4800, AT).pie == 1
    assert due.running(4800, 4800, AT).pie == 8
    assert ui.chip_icon(due.running(130, 960, AT)) == "pie-2"


class Birth(SpeakingForm):
    born_on = DateField(label="Ngày sinh của trẻ", latest=date(2026, 11, 23))
    paper = UploadField(label="Giấy chứng sinh", required=False)
    channel = forms.ChoiceField(label="Bạn muốn nhận ở đâu?", choices=[("a", "Tại quầy")])


def test_dates_are_day_month_year() -> None:
    form = Birth({"born_on": "03/04/2026", "channel": "a"})
    assert form.is_valid()
    assert form.cleaned_data["born_on"] == date(2026, 4, 3)
    assert 'value="03/04/2026"' in str(Birth(initial={"born_on": date(2026, 4, 3)})["born_on"])


def test_wrong_dates_are_answered_with_the_own_value() -> None:
    form = Birth({"born_on": "2026/31/12", "channel": "a"})
    assert "«2026/31/12»" in form.errors["born_on"][0]
    assert (
        "không được sau 23/11/2026" in Birth({"born_on": "25/12/2026", "channel": "a"}).errors["born_on"][0]
    )


def test_missing_answers_are_named() -> None:
    form = Birth({})
    assert form.errors["born_on"] == ["Nhập ngày sinh của trẻ."]
    assert form.errors["channel"] == ["Chọn một câu trả lời."]
    assert ui.problems(form)[0] == ("#id_born_on", "Nhập ngày sinh của trẻ.")


def test_a_photo_counts_as_the_file() -> None:
    photo = SimpleUploadedFile("anh.jpg", b"x")
    form = Birth({"born_on": "03/04/2026", "channel": "a"}, {"paper-photo": photo})
    assert form.is_valid()
    assert form.cleaned_data["paper"].name == "anh.jpg"


def test_money_and_names() -> None:
    assert ui.vnd(10094700) == "10.094.700\N{NO-BREAK SPACE}đ"
    assert ui.number(18406) == "18.406"
    assert ui.initials("Nguyễn Thị Lan") == "NL"
    assert ui.file_size(1843200) == "1,8\N{NO-BREAK SPACE}MB"
    assert ui.steps(5, 3) == ["full", "full", "now", "", ""]


def test_text_size_is_kept_and_leads_back(client: Client) -> None:
    answer = client.get("/co-chu/", {"co": "137", "ve": "/thu-tuc/?q=khai"})
    assert (answer.status_code, answer["Location"]) == (302, "/thu-tuc/?q=khai")
    assert answer.cookies["co_chu"].value == "137"
    assert client.get("/co-chu/", {"co": "118", "ve": "https://ke-gian.example/"})["Location"] == "/"
    assert "co_chu" not in client.get("/co-chu/", {"co": "900"}, headers={"cookie": ""}).cookies


def test_the_page_of_components_needs_no_database(client: Client) -> None:
    page = client.get("/lam-viec/mau/").content.decode()
    for state in ("normal", "soon", "overdue", "paused", "done", "none"):
        assert f"chip-{state}" in page
    for shape in ("ring", "half", "diamond", "done", "refused", "overdue"):
        assert f"status-{shape}" in page
    assert "Còn 3 chỗ cần sửa" in page
