"""Words of Vietnamese text as lexemes of a `tsvector`, and questions as a `tsquery`. Pure: no database, no configuration.

A word stands twice at one place: as written («quyêt1»: letters, then the tone, so that hoà and hòa are one word) and
folded («quyet»). A word typed with marks means itself; a word typed without them means every word it could be.
Weights: A and B in the head of a document (as written, folded), C and D in the text of its files.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from core.search import fold

LONGEST = 60  # letters of a word that are kept
POSITIONS_MAX = 16_383
PER_WORD_MAX = 200  # positions kept of one word in one part
BODY_BYTES_MAX = 700_000  # a tsvector holds one megabyte
CONTINUATIONS_MAX = 60  # words that a begun word may go on to
WORDS_MAX = 12  # of one question
_WORD: Final = re.compile(r"[^\W_]+")
_CHUNK: Final = re.compile(r'"[^"]*"|“[^”]*”|«[^»]*»|\S+')
_NUMBERED: Final = re.compile(r"(?=.*[\d/])[^\W_]+(?:[/-][^\W_]+)+|[^\W\d_]{1,6}(?:-[^\W\d_]{1,8})+")
_TONES: Final = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}


@lru_cache(maxsize=50_000)
def exact(word: str) -> str:
    """«Quyết» → quyêt1, «hoà» and «hòa» → hoa2: the tone behind the letters, wherever it was written."""
    letters, tone = [], ""
    for char in unicodedata.normalize("NFD", word.lower()):
        if char in _TONES:
            tone = _TONES[char]
        else:
            letters.append(char)
    return unicodedata.normalize("NFC", "".join(letters))[:LONGEST] + tone


@lru_cache(maxsize=50_000)
def folded(word: str) -> str:
    return fold(word).replace(" ", "")[:LONGEST]


def number_key(number: str) -> str:
    """«05/QĐ-UBND» → 5/qd-ubnd: one spelling of a number, without marks and leading zeros."""
    parts = [fold(part) for part in re.split(r"([/-])", unicodedata.normalize("NFC", number).strip())]
    seps = re.findall(r"[/-]", number)
    words = [part.replace(" ", "").lstrip("0") or part for part in parts[::2]]
    text = words[0] + "".join(sep + word for sep, word in zip(seps, words[1:], strict=False))
    return text[:LONGEST].strip("/-")


def number_lexemes(number: str) -> Iterator[str]:
    """Every beginning of a number, and its notation: 15 · 15/qd · 15/qd-ubnd · qd-ubnd · qd."""
    whole = number_key(number)
    for text in {whole, whole.partition("/")[2]} - {""}:
        for end in [m.start() for m in re.finditer(r"[/-]", text)] + [len(text)]:
            yield f"n:{text[:end]}"


# --- vectors ----------------------------------------------------------------------------------------------


@dataclass
class Vector:
    """A tsvector on its way: words at their places, and facts without a place."""

    weights: tuple[str, str] = ("A", "B")
    bytes_max: int = BODY_BYTES_MAX
    _at: dict[str, dict[int, str]] = field(default_factory=dict)
    _place: int = 0
    _bytes: int = 0

    def say(self, text: str) -> None:
        """Words of one field; a phrase never runs on into the next field."""
        for match in _WORD.finditer(unicodedata.normalize("NFC", text)):
            self._place += 1
            if self._place > POSITIONS_MAX:
                return
            word = match.group()
            self._put(exact(word), self.weights[0])
            if plain := folded(word):
                self._put(plain, self.weights[1])
        self._place += 5

    def fact(self, *lexemes: str) -> None:
        for lexeme in lexemes:
            self._at.setdefault(lexeme, {})

    def _put(self, lexeme: str, weight: str) -> None:
        places = self._at.get(lexeme)
        if places is None:
            if self._bytes > self.bytes_max:
                return
            places = self._at[lexeme] = {}
            self._bytes += len(lexeme.encode()) + 8
        if len(places) < PER_WORD_MAX and self._bytes <= self.bytes_max:
            places.setdefault(self._place, weight)
            self._bytes += 2

    @property
    def words(self) -> list[str]:
        """Words that a question may be completed to: no facts, no bare numbers."""
        return sorted(word for word in self._at if ":" not in word and word[0].isalpha() and len(word) > 1)

    def __str__(self) -> str:
        return " ".join(
            _quoted(lexeme) + (":" + ",".join(f"{n}{w}" for n, w in places.items()) if places else "")
            for lexeme, places in self._at.items()
        )


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


# --- questions --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """What was typed, as clauses of a tsquery. `phrase`: the same words side by side, when there are two or more."""

    clauses: tuple[str, ...] = ()
    phrase: str = ""
    in_head: str = ""
    number: str = ""
    words: tuple[str, ...] = ()  # folded, for the marks in the page

    @property
    def is_empty(self) -> bool:
        return not self.clauses


def ask(text: str, continuations: Callable[[str], list[str]] = lambda begun: []) -> Question:
    """Read what somebody typed. The last word may be begun only; words in quotation marks stand side by side."""
    text = unicodedata.normalize("NFC", text).replace("\x00", "")
    chunks: list[str] = _CHUNK.findall(text)
    clauses: list[str] = []
    plain: list[str] = []  # one lexeme a word, for the phrase
    numbers: list[str] = []
    marks: list[str] = []
    begun: list[str] = []  # the last word, and what it may go on to
    last = len(chunks) - 1
    for place, chunk in enumerate(chunks):
        words = [match.group() for match in _WORD.finditer(chunk)][:WORDS_MAX]
        if not words or len(plain) >= WORDS_MAX:
            continue
        marks += [folded(word) for word in words]
        lexemes = [lexeme_of(word) for word in words]
        side_by_side = " <-> ".join(_quoted(one) for one in lexemes)
        key = number_key(chunk.strip(",.;:()"))
        if chunk[0] in '"“«':
            clauses.append(f"({side_by_side})" if len(words) > 1 else side_by_side)
        elif _NUMBERED.fullmatch(chunk.strip(",.;:()")):
            clauses.append(f"({_quoted('n:' + key)} | ({side_by_side}))")
            numbers.append(_quoted("n:" + key))
        elif chunk.strip(",.;:()").isdigit():
            clauses.append(f"({_quoted('n:' + key)} | {side_by_side})")
            numbers.append(_quoted("n:" + key))
        else:
            found = list(lexemes)
            if place == last and not text[-1].isspace():
                found = [one for one in continuations(lexemes[-1]) if one != lexemes[-1]][:CONTINUATIONS_MAX]
                begun = [lexemes[-1], *found]
                clauses += [_quoted(one) for one in lexemes[:-1]]
                clauses.append(either(begun))
            else:
                clauses += [_quoted(one) for one in lexemes]
        plain += lexemes
    ways = [[one] for one in plain]
    if begun:
        ways[-1] = begun
    return Question(
        tuple(clauses),
        f"({' <-> '.join(map(either, ways))})" if len(plain) > 1 else "",
        " & ".join("(" + " | ".join(f"{_quoted(one)}:AB" for one in way) + ")" for way in ways),
        " & ".join(numbers),
        tuple(dict.fromkeys(mark for mark in marks if mark)),
    )


def words_of(text: str) -> list[str]:
    return [match.group() for match in _WORD.finditer(unicodedata.normalize("NFC", text))]


def lexeme_of(word: str) -> str:
    """A word with marks as it is written, without them folded."""
    written = exact(word)
    plain = folded(word)
    return plain if written == plain or not plain else written


def either(lexemes: Iterable[str]) -> str:
    found = [_quoted(one) for one in lexemes]
    return f"({' | '.join(found)})" if len(found) > 1 else found[0] if found else ""


def both(*clauses: str) -> str:
    return " & ".join(clause for clause in clauses if clause)
