"""Check the digital signatures of PDF files, ours or anybody's."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from signing import checking, validate
from signing.choices import VerdictKind
from signing.verdict import SignatureReport, Verdict


class Command(BaseCommand):
    help = _("Kiểm tra chữ ký số của tệp PDF. Mã thoát là 0 với mọi kết luận; khác 0 chỉ khi gọi sai.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        parser.add_argument(
            "--trust",
            action="append",
            metavar="PEM",
            type=Path,
            help=_("chỉ tin các chứng thư gốc trong tệp này"),
        )
        parser.add_argument("--json", action="store_true", dest="as_json")
        parser.add_argument("--offline", action="store_true", help=_("không hỏi OCSP, CRL qua mạng"))

    def handle(
        self, *, files: list[Path], trust: list[Path] | None, as_json: bool, offline: bool, **options: Any
    ) -> None:
        pems = _roots(trust) if trust else None
        found = [(path, _checked(path, pems, online=not offline)) for path in files]
        if as_json:
            listed = [{"file": str(path), **verdict.to_json()} for path, verdict in found]
            self.stdout.write(json.dumps(listed, ensure_ascii=False, indent=2))
            return
        for path, verdict in found:
            self._tell(path, verdict)

    def _tell(self, path: Path, verdict: Verdict) -> None:
        self.stdout.write(f"{path}: {VerdictKind(verdict.verdict).label}")
        for reason in verdict.reasons:
            self.stdout.write(f"  {reason}")
        for one in verdict.signatures:
            self.stdout.write(f"  - {_line(one)}")
            for reason in one.reasons:
                self.stdout.write(f"      {reason}")


def _roots(paths: list[Path]) -> list[str]:
    """The PEM texts. CommandError: not there, not PEM, or no certificate inside."""
    pems = []
    for path in paths:
        try:
            pem = path.read_text()
            if not checking.trust.certificates_in(pem):
                raise ValueError
        except (OSError, ValueError) as error:
            raise CommandError(_("Không đọc được chứng thư gốc (PEM): %(path)s") % {"path": path}) from error
        pems.append(pem)
    return pems


def _checked(path: Path, pems: list[str] | None, *, online: bool) -> Verdict:
    try:
        if path.stat().st_size > validate.MAX_BYTES:
            return Verdict(VerdictKind.UNKNOWN, reasons=[_("Tệp quá lớn để kiểm tra.")])
        content = path.read_bytes()
    except OSError as error:
        return Verdict(VerdictKind.NONE, reasons=[_("Không đọc được tệp: %(why)s") % {"why": error.strerror}])
    return checking.verify(content, trust_pems=pems, online=online)


def _line(one: SignatureReport) -> str:
    who = one.signer or one.field
    unit = f", {one.organization}" if one.organization and one.organization != one.signer else ""
    when = f", {one.signed_at or one.timestamp}" if one.signed_at or one.timestamp else ""
    return f"{who}{unit}{when} [{one.level or one.kind}] {VerdictKind(one.verdict).label}"
