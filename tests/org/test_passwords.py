"""Long enough, not on a list, not oneself; nothing about kinds of characters."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from org import passwords
from org.models import User
from tests import factories as make


@pytest.mark.parametrize(
    "password",
    [
        "con tau ra khoi luc nam gio",
        "bon con vit bau boi ao",
        "tôi thích ăn bánh đa cua",
        "k7#2m9!qz4$w",
        "846#19!27$05",
        "chiều qua trời mưa to",
        "x9Lr2-vQ8tNw",
    ],
)
def test_good_ones(password):
    validate_password(password, User())


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("chín ký t", "password_too_short"),
        ("matkhau123456", "password_too_easy"),
        ("Mật-Khẩu-2026!", "password_too_easy"),
        ("m@tkh4u2026", "password_too_easy"),
        ("haiphong@123", "password_too_easy"),
        ("HảiPhòngHảiPhòng", "password_too_easy"),
        ("thanhphohaiphong1", "password_too_easy"),
        ("hoaphuongdo2026", "password_too_easy"),
        ("anhyeuem1990", "password_too_easy"),
        ("Quantri@12345", "password_too_easy"),
        ("aaaaaaaaaaaa", "password_too_easy"),
        ("12345678901", "password_too_easy"),
        ("0912345678", "password_too_easy"),
        ("+84 912 345 678", "password_too_easy"),
        ("qwertyuiop", "password_too_easy"),
        ("1029384756", "password_too_common"),
    ],
)
def test_those_that_are_guessed_first(password, code):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, User())
    assert code in {one.code for one in refused.value.error_list}


@pytest.mark.parametrize(
    "password", ["phamthithuha", "Phạm Thị Thu Hà 90", "hathuthipham", "thuha.pham.1990", "so0912345699ok"]
)
def test_oneself(password):
    about = {"full_name": "Phạm Thị Thu Hà", "email": "thuha.pham@example.org", "phone": "0912345699"}
    with pytest.raises(ValidationError) as refused:
        passwords.check(password, **about)
    assert "password_too_similar" in {one.code for one in refused.value.error_list}


@pytest.mark.parametrize("password", ["123", "matkhau", "matkhau123456", "password12345", "qwertyuiop"])
def test_one_sentence_is_enough(password):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, User())
    assert len(refused.value.messages) == 1


@pytest.mark.django_db
def test_staff_need_twelve():
    officer, citizen = make.commune().leader, make.citizen()
    validate_password("bánh đa cua", citizen)
    with pytest.raises(ValidationError, match="12 ký tự"):
        validate_password("bánh đa cua", officer)
