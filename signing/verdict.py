"""What a check found, in a shape that pages, the command and the database share."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.utils import timezone

from signing.choices import VerdictKind

# A document is as good as its worst signature.
_WORSE = {VerdictKind.VALID: 0, VerdictKind.UNKNOWN: 1, VerdictKind.INVALID: 2}


def worst(kinds: Iterable[str]) -> VerdictKind:
    return max((VerdictKind(kind) for kind in kinds), key=_WORSE.__getitem__, default=VerdictKind.VALID)


@dataclass
class SignatureReport:
    """One signature or document timestamp. `reasons` are Vietnamese sentences, the grave ones first."""

    field: str
    kind: str = "signature"  # or "timestamp"
    verdict: str = VerdictKind.VALID
    signer: str = ""
    organization: str = ""
    issuer: str = ""
    serial: str = ""
    signed_at: str | None = None
    timestamp: str | None = None
    level: str = ""
    intact: bool = False
    trusted: bool = False
    coverage: str = ""
    modification: str = ""
    reasons: list[str] = dataclasses.field(default_factory=list)
    value_sha256: str = ""

    def invalid(self, reason: str) -> None:
        self.verdict = VerdictKind.INVALID
        self.reasons.insert(0, reason)

    def unknown(self, reason: str) -> None:
        self.verdict = worst([self.verdict, VerdictKind.UNKNOWN])
        self.reasons.append(reason)

    def note(self, reason: str) -> None:
        self.reasons.append(reason)


@dataclass
class Verdict:
    """The answer for one file. `paper` tells of our own issued paper with these bytes or these signatures."""

    verdict: str
    signatures: list[SignatureReport] = dataclasses.field(default_factory=list)
    reasons: list[str] = dataclasses.field(default_factory=list)
    sha256: str = ""
    checked_at: str = ""
    paper: dict[str, Any] | None = None

    @property
    def is_valid(self) -> bool:
        return self.verdict == VerdictKind.VALID

    def invalid(self, reason: str) -> None:
        self.verdict = VerdictKind.INVALID
        self.reasons.insert(0, reason)

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, report: dict[str, Any]) -> Self:
        fields = {**report, "signatures": [SignatureReport(**one) for one in report.get("signatures", ())]}
        return cls(**fields)


def moment_text(moment: datetime | None) -> str | None:
    """ISO 8601 with the offset of Asia/Ho_Chi_Minh."""
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else None
