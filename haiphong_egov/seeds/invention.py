"""Invented names, ids and phone numbers, drawn from vn_names.json by one seeded generator."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from core.loading import read_json

NAMES = Path(__file__).parent / "vn_names.json"
OLD, YOUNG = 1975, 1995  # «Văn» and «Thị» are twice as common before, a third as common after
PLAIN_MIDDLE = {"Văn", "Thị"}
DEMO_NUMBERS = (900_000, 999_999)  # the range that vn_names.json keeps for invented ids


@dataclass(frozen=True)
class Someone:
    full_name: str
    female: bool
    birth_on: date
    number: str
    phone: str

    @property
    def family(self) -> str:
        return self.full_name.split()[0]

    @property
    def middle(self) -> str:
        return " ".join(self.full_name.split()[1:-1])

    @property
    def given(self) -> str:
        return self.full_name.split()[-1]


class Invention:
    """People out of a hat. The same generator gives the same people; nobody comes twice."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._numbers: set[str] = set()
        self._phones: set[str] = set()
        self._names: set[str] = set()

    def someone(self, *, born: tuple[int, int] = (1958, 2004), female: bool | None = None) -> Someone:
        female = self.rng.random() < 0.5 if female is None else female
        birth_on = self.day(date(born[0], 1, 1), date(born[1], 12, 31))
        return Someone(
            self._name(female, birth_on.year),
            female,
            birth_on,
            self._number(female, birth_on.year),
            self._phone(),
        )

    def child(self, family: str, *, born: tuple[date, date]) -> tuple[str, str, str, bool, date]:
        """Family, middle and given name, whether a girl, birth."""
        female = self.rng.random() < 0.5
        birth_on = self.day(*born)
        return family, self._middle(female, birth_on.year) or "An", self._given(female), female, birth_on

    def day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.rng.randrange(max(1, (last - first).days + 1)))

    def _name(self, female: bool, year: int) -> str:
        for _attempt in range(50):
            family, middle, given = self._one("family"), self._middle(female, year), self._given(female)
            name = " ".join(part for part in (family, middle, given) if part)
            if name not in self._names and given not in middle.split() and family != given:
                break
        self._names.add(name)
        return name

    def _middle(self, female: bool, year: int) -> str:
        rows = _names()["middle"]["female" if female else "male"]
        factor = 2 if year < OLD else 1 / 3 if year > YOUNG else 1
        weights = [row["weight"] * (factor if row["name"] in PLAIN_MIDDLE else 1) for row in rows]
        return str(self.rng.choices([row["name"] for row in rows], weights)[0])

    def _given(self, female: bool) -> str:
        rows = _names()["given"]["female" if female else "male"]
        return str(self.rng.choices([row["name"] for row in rows], [row["weight"] for row in rows])[0])

    def _one(self, kind: str) -> str:
        rows = _names()[kind]
        return str(self.rng.choices([row["name"] for row in rows], [row["weight"] for row in rows])[0])

    def _number(self, female: bool, year: int) -> str:
        """Province of birth, century and sex, year, six digits of the invented range."""
        while True:
            province = "030" if self.rng.random() < 0.3 else "031"
            century = (2 if year >= 2000 else 0) + (1 if female else 0)
            number = f"{province}{century}{year % 100:02d}{self.rng.randint(*DEMO_NUMBERS)}"
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def _phone(self) -> str:
        prefixes = [prefix for group in _names()["phone"]["mobile"].values() for prefix in group]
        while True:
            phone = f"{self.rng.choice(prefixes)}{self.rng.randrange(10**7):07d}"
            if phone not in self._phones:
                self._phones.add(phone)
                return phone


@cache
def _names() -> dict[str, Any]:
    names: dict[str, Any] = read_json(NAMES)
    return names
