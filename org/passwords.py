"""Password rules: long enough, not on a list, not one's own name. No rules about kinds of characters."""

import re
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.search import fold
from org.models import User

STAFF_LENGTH = 12
CITIZEN_LENGTH = 10
DIFFERENT_SIGNS = 5
OWN_LETTERS = 4  # what must be left when all that is easily guessed is taken away
# What people here type first, without marks and blanks. Repeats, digits and signs around them change nothing.
EASY = sorted(
    (Path(__file__).parent / "data" / "easy_passwords.txt").read_text(encoding="utf-8").split(),
    key=len,
    reverse=True,
)
EASY_WORDS = re.compile("|".join(EASY))


def letters_of(text: str) -> str:
    """Small letters without marks, and the digits that stand for letters read as letters."""
    return re.sub(r"[^a-z]", "", fold(text.translate(str.maketrans("013457@$", "oieastas"))))


def least_length(user: User | None) -> int:
    return STAFF_LENGTH if user is not None and user.pk and user.must_use_second_factor else CITIZEN_LENGTH


def is_short(password: str, user: User | None) -> bool:
    """Then that is all one is told: «123» is also easy, common and a number, but the one sentence mends all."""
    return len(password) < least_length(user)


class LengthByRole:
    """Twelve characters for staff, ten for citizens."""

    def validate(self, password: str, user: User | None = None) -> None:
        if is_short(password, user):
            raise ValidationError(
                _(
                    "Mật khẩu phải có ít nhất %(least)d ký tự; bạn đã nhập %(count)d. Một câu ngắn dễ nhớ là đủ."
                ),
                code="password_too_short",
                params={"least": least_length(user), "count": len(password)},
            )

    def get_help_text(self) -> str:
        return _(
            "Ít nhất %(citizen)d ký tự (người làm trong cơ quan: %(staff)d). Một câu ngắn dễ nhớ là đủ."
        ) % {
            "citizen": CITIZEN_LENGTH,
            "staff": STAFF_LENGTH,
        }


class NotEasy:
    """Refuses what has no letters of its own once listed words are taken away («Mậtkhẩu@2026», «haiphonghaiphong»),
    the same few signs over and over, runs of the keyboard's digits, and telephone numbers."""

    def validate(self, password: str, user: User | None = None) -> None:
        if not is_short(password, user) and self.refuses(password):
            raise ValidationError(
                _("Mật khẩu này nằm trong số những mật khẩu bị đoán đầu tiên. Chọn một câu chỉ bạn nghĩ ra."),
                code="password_too_easy",
            )

    @classmethod
    def refuses(cls, password: str) -> bool:
        return cls.is_listed(password) or cls.is_monotonous(password) or cls.is_number(password)

    @staticmethod
    def is_listed(password: str) -> bool:
        for letters in (letters_of(password), re.sub(r"[^a-z]", "", fold(password))):
            own = EASY_WORDS.sub("", letters)
            if own != letters and len(own) < OWN_LETTERS:
                return True
        return False

    @staticmethod
    def is_monotonous(password: str) -> bool:
        return len(set(password.lower())) < DIFFERENT_SIGNS

    @staticmethod
    def is_number(password: str) -> bool:
        digits = re.sub(r"[\s().+-]", "", password)
        if not digits.isdigit():
            return False
        run = "0123456789" * 4
        return digits in run or digits in run[::-1] or bool(re.fullmatch(r"(?:0|84)[235789]\d{8,9}", digits))

    def get_help_text(self) -> str:
        return _("Không dùng những từ ai cũng đoán ra như «matkhau», «haiphong».")


class NotCommon(CommonPasswordValidator):
    """Django's list, for what the two above have let through."""

    def validate(self, password: str, user: User | None = None) -> None:
        if not is_short(password, user) and not NotEasy.refuses(password):
            super().validate(password, user)


class NotOneself:
    """Refuses one's own name, telephone or address, written in either direction."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or is_short(password, user):
            return
        typed, digits = fold(password), re.sub(r"\D", "", password)
        letters = re.sub(r"[^a-z]", "", typed)
        name = fold(user.full_name or "").split()
        mail = re.sub(r"[^a-z]", "", fold((user.email or "").partition("@")[0]))
        known = ["".join(name), "".join(reversed(name)), mail]
        rest = min(
            (letters.replace(one, "") for one in known if len(one) >= OWN_LETTERS), default=letters, key=len
        )
        phone = re.sub(r"\D", "", user.phone or "")
        if (len(rest) < OWN_LETTERS and rest != letters) or (len(phone) >= 9 and phone[-9:] in digits):
            raise ValidationError(
                _("Mật khẩu giống họ tên, số điện thoại hoặc thư điện tử của bạn. Chọn một câu khác."),
                code="password_too_similar",
            )

    def get_help_text(self) -> str:
        return _("Không dùng họ tên, số điện thoại hay thư điện tử của mình.")


def check(password: str, **about: Any) -> None:
    """For somebody who has no account yet: the validators with what he typed about himself."""
    validate_password(password, User(**about))
