"""Vietnamese mobile numbers: typed in many ways, kept in one (0912345678)."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

MOBILE = re.compile(r"0[35789]\d{8}")
LOOKS_LIKE_PHONE = re.compile(r"[+(]?\d[\d\s().+-]*")


def looks_like_phone(text: str) -> bool:
    """Digits and what people write between them; an address of mail has a letter or an @."""
    return bool(LOOKS_LIKE_PHONE.fullmatch(text.strip()))


def digits_of(text: str) -> str:
    """«+84 912 345 678», «0084912345678», «0912.345.678» → 0912345678."""
    return re.sub(r"^(?:\+84|0084|84(?=\d{9}$))0?", "0", re.sub(r"[\s().-]", "", text))


def normalised(text: str) -> str:
    """In the one spelling that is kept. ValidationError says what is wrong."""
    digits = digits_of(text)
    if not digits.isascii() or not digits.isdigit():
        raise ValidationError(
            _("Số điện thoại chỉ gồm chữ số; bạn đã nhập «%(text)s»."), params={"text": text}
        )
    if MOBILE.fullmatch(digits):
        return digits
    if len(digits) != 10:
        raise ValidationError(
            _("Số di động có 10 chữ số; bạn đã nhập %(count)d."), params={"count": len(digits)}
        )
    raise ValidationError(
        _("Số di động bắt đầu bằng 03, 05, 07, 08 hoặc 09; chỉ số di động nhận được tin nhắn.")
    )


def masked(phone: str) -> str:
    """0912345678 → 091••••678."""
    return f"{phone[:3]}••••{phone[-3:]}"


class PhoneField(forms.CharField):
    """The keys of a telephone come up on a telephone."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _lazy("Số điện thoại di động"))
        kwargs.setdefault(
            "widget",
            forms.TextInput(
                attrs={
                    "type": "tel",
                    "inputmode": "tel",
                    "autocomplete": "tel",
                    "size": "14",
                    "maxlength": "20",
                }
            ),
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        return normalised(text) if text else ""
