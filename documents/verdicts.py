"""What the check of the signatures says about an arrival, and the legal value that follows (QĐ 28/2018/QĐ-TTg, art. 4)."""

from collections.abc import Iterable
from typing import Any

from core.models import StoredFile
from documents.choices import IncomingSource, LegalValue
from signing import services as signing
from signing.choices import VerdictKind

PDF = "application/pdf"
_ORDER = (VerdictKind.INVALID, VerdictKind.UNKNOWN, VerdictKind.NONE, VerdictKind.VALID)


def check(files: Iterable[tuple[StoredFile, str, bool]], *, checked_by: Any = None) -> dict[str, Any]:
    """One report per file: {"files": [{name, is_main, report}]}. Reports not older than an hour are used again."""
    found = []
    for stored, name, is_main in files:
        if stored.media_type != PDF:
            continue
        report = signing.verify_stored(stored, checked_by=checked_by).to_json()
        found.append({"name": name, "is_main": is_main, "sha256": stored.sha256, "report": report})
    return {"files": found}


def kind_of(report: dict[str, Any]) -> str:
    """The verdict of the whole: a broken signature anywhere spoils it; the main file decides otherwise."""
    verdicts = [_of_file(one) for one in report.get("files", ())]
    if VerdictKind.INVALID in verdicts:
        return VerdictKind.INVALID
    mains = [_of_file(one) for one in report.get("files", ()) if one["is_main"]]
    return min(mains, key=_ORDER.index, default=VerdictKind.NONE)


def _of_file(one: dict[str, Any]) -> VerdictKind:
    report = one["report"]
    signed = [signature for signature in report.get("signatures", ()) if signature.get("kind") == "signature"]
    if not signed and report["verdict"] != VerdictKind.INVALID:
        return VerdictKind.NONE
    return VerdictKind(report["verdict"])


def legal_value(report: dict[str, Any], source: str) -> str:
    """Signed by a person and by the agency, both valid: worth the paper original. Anything less informs only.

    A paper arrival is its own original; its scan has no value to compute.
    """
    if source == IncomingSource.PAPER:
        return ""
    if kind_of(report) != VerdictKind.VALID:
        return LegalValue.FOR_INFORMATION
    mains = [one["report"] for one in report["files"] if one["is_main"]]
    signed = [s for main in mains for s in main.get("signatures", ()) if s.get("kind") == "signature"]
    return LegalValue.ORIGINAL if len(signed) >= 2 else LegalValue.FOR_INFORMATION
