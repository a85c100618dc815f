"""The shared parts: due chips, the Vietnamese date, uploads, text size, the page of components."""

from datetime import date, datetime

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context
from django.test import Client
from django.utils import timezone

from core.forms import DateField, SpeakingForm, UploadField
from core.templatetags import ui
from org.templatetags.organisation import ORG_LINKS
from tests import factories as make

AT = datetime(2026, 11, 27, 16, 50, tzinfo=timezone.get_default_timezone())


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


@pytest.mark.django_db
def test_the_page_of_components_is_for_staff(client: Client) -> None:
    assert client.get("/lam-viec/mau/").status_code == 302
    client.force_login(make.citizen())
    assert client.get("/lam-viec/mau/").status_code == 403
    client.force_login(make.commune().clerk)
    page = client.get("/lam-viec/mau/").content.decode()
    for state in ("normal", "soon", "overdue", "paused", "done", "none"):
        assert f"chip-{state}" in page
    for shape in ("ring", "half", "diamond", "done", "refused", "overdue"):
        assert f"status-{shape}" in page
    assert "Còn 3 chỗ cần sửa" in page


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/lam-viec/", "Bàn làm việc"),
        ("/lam-viec/ho-so/", "Hồ sơ"),
        ("/lam-viec/don-vi/", "Tổ chức"),
        ("/lam-viec/don-vi/phuong-x/quyen/", "Tổ chức"),
        ("/lam-viec/danh-ba/12/", "Tổ chức"),
        ("/lam-viec/nhan-su/them/", "Tổ chức"),
        ("/lam-viec/quyen/cho-duyet/", "Tổ chức"),
        ("/lam-viec/uy-quyen/truc/", "Tổ chức"),
        ("/lam-viec/sap-xep/3/", "Tổ chức"),
        ("/lam-viec/truy-cap-khan/", "Tổ chức"),
        ("/lam-viec/nhat-ky/7/", "Tổ chức"),
    ],
)
def test_the_bar_marks_where_one_is(path: str, marked: str) -> None:
    """The same entries make the bar above and the one below on telephones."""
    apps = ui.staff_apps(Context({"nav_path": path}))
    assert [str(app["words"]) for app in apps if app["current"]] == [marked]


def test_every_page_of_the_organisation_is_marked_as_such() -> None:
    """A page that is added to the sub-navigation belongs under «Tổ chức», not under the desk, or has a place of its own."""
    own = {path for (_words, path, _icon), _may in ui.STAFF_PLACES}
    for path in {path for _words, path, _icon, _may in ORG_LINKS} - own:
        (current,) = [app for app in ui.staff_apps(Context({"nav_path": path})) if app["current"]]
        assert current["path"] == "/lam-viec/don-vi/", path
