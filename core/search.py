"""Vietnamese text for search: fold marks and case in Python, because the database has no extension for it."""

import re
import unicodedata
from typing import Any, Final

from django.db.models import Func, TextField, Value

_WORDS = re.compile(r"[0-9a-z]+")
# Vietnamese order of letters, for sorting names without a collation of the database.
_LETTERS = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfghiìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvwxyỳỷỹýỵz"
_ORDER = {letter: place for place, letter in enumerate(_LETTERS)}


def fold(text: str) -> str:
    """«Đăng ký khai sinh», «dang ky khai sinh», NFC or NFD, hoà or hòa: one spelling, lower case, single spaces."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(_WORDS.findall(plain))


def alphabetical(name: str) -> list[int]:
    """Sort key of a place's or unit's name. People go by given name: Person.sort_key."""
    return [_ORDER.get(letter, 0) for letter in name.lower() if letter.isalpha() or letter == " "]


def _marked_letters() -> tuple[str, str]:
    """Every Vietnamese letter with marks, in both cases, and the plain small letter it is found by."""
    tones = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    bases = ["a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y"]
    small = {unicodedata.normalize("NFC", base + tone): fold(base) for base in bases for tone in tones} | {
        "đ": "d"
    }
    small.update({letter.upper(): plain for letter, plain in list(small.items())})
    small.update({plain.upper(): plain for plain in "abcdefghijklmnopqrstuvwxyz"})
    marked = {letter: plain for letter, plain in small.items() if letter != plain}
    return "".join(marked), "".join(marked.values())


MARKED: Final = _marked_letters()


class Folded(Func):
    """`fold` of a short text (a name) inside the database: immutable, so that an index can hold it. NFC only."""

    function = "TRANSLATE"
    output_field = TextField()

    def __init__(self, expression: Any, **extra: Any) -> None:
        if isinstance(expression, str):
            super().__init__(expression, Value(MARKED[0]), Value(MARKED[1]), **extra)
        else:
            super().__init__(expression, **extra)
