"""What the provider says about a person, in our terms. Names of claims and levels are settings: VNeID's are not public."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core.errors import RuleError
from org.choices import IdentityLevel
from org.oidc.config import Provider

NUMBER = re.compile(r"\d{12}")
NAME_CHARS, ADDRESS_CHARS, PHONE_CHARS, SUBJECT_CHARS = 120, 300, 15, 191


class ClaimMissing(RuleError):
    """The provider did not give what an account needs."""


@dataclass(frozen=True)
class Claims:
    subject: str
    number: str
    full_name: str
    birth_on: date | None = None
    address: str = ""
    phone: str = ""
    level: int = IdentityLevel.DECLARED

    @property
    def proves(self) -> bool:
        return self.level >= IdentityLevel.PROVEN

    @classmethod
    def read(cls, found: Mapping[str, Any], by: Provider) -> Self:
        """ClaimMissing: no 12-digit number or no name. An unknown level counts as the lowest."""
        said = {ours: _text(found.get(theirs)) for ours, theirs in by.claims.items()}
        number = re.sub(r"\s", "", said.get("number", ""))
        if not NUMBER.fullmatch(number):
            raise ClaimMissing(
                _("%(name)s không gửi số định danh có 12 chữ số nên chưa mở được tài khoản.")
                % {"name": by.name}
            )
        if not said.get("full_name"):
            raise ClaimMissing(_("%(name)s không gửi họ tên nên chưa mở được tài khoản.") % {"name": by.name})
        level = by.levels.get(_text(found.get(by.level_claim)), int(IdentityLevel.DECLARED))
        return cls(
            subject=str(found["sub"])[:SUBJECT_CHARS],
            number=number,
            full_name=said["full_name"][:NAME_CHARS],
            birth_on=_day(said.get("birth_on", "")),
            address=said.get("address", "")[:ADDRESS_CHARS],
            phone=_phone(said.get("phone", "")),
            level=level,
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"birth_on": self.birth_on.isoformat() if self.birth_on else None}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        return cls(**{**kept, "birth_on": _day(kept["birth_on"] or "")})


def _text(value: Any) -> str:
    """Addresses come as an object with `formatted` (OpenID Connect Core §5.1.1), the rest as texts."""
    if isinstance(value, Mapping):
        value = value.get("formatted", "")
    return " ".join(str(value).replace("\0", "").split()) if isinstance(value, str | int) else ""


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _phone(text: str) -> str:
    digits = re.sub(r"[\s.\-()]", "", text)
    digits = "0" + digits.removeprefix("+84") if digits.startswith("+84") else digits
    return digits if re.fullmatch(r"0\d{8,10}", digits) else ""
