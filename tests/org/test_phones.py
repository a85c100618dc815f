"""Numbers typed in many ways, kept in one."""

import pytest
from django.core.exceptions import ValidationError

from org import phones


@pytest.mark.parametrize(
    "typed",
    ["0912345678", "0912 345 678", "0912.345.678", "(091) 234-5678", "+84912345678", "+84 912 345 678", "84912345678",
     "0084912345678", "+840912345678"],
)  # fmt: skip
def test_one_spelling(typed):
    assert phones.normalised(typed) == "0912345678"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("091234567", "10 chữ số; bạn đã nhập 9"),
        ("09123456789", "bạn đã nhập 11"),
        ("0212345678", "bắt đầu bằng 03"),
        ("02253822616", "bạn đã nhập 11"),
        ("chín không một", "chỉ gồm chữ số"),
        ("٠٩١٢٣٤٥٦٧٨", "chỉ gồm chữ số"),
    ],
)
def test_what_is_wrong_is_said(typed, said):
    with pytest.raises(ValidationError, match=said):
        phones.normalised(typed)


def test_what_looks_like_one():
    assert phones.looks_like_phone(" +84 912-345.678 ")
    assert not phones.looks_like_phone("0912@example.org")
    assert not phones.looks_like_phone("ha")
