"""The upload gate alone, for administrators and testers."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from core import gate


class Command(BaseCommand):
    help = "Kiểm tra một tệp như khi người dân tải lên. Không lưu gì."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, file: str, json: bool, **options: Any) -> None:
        inspection = gate.inspect(Path(file))
        if json:
            self.stdout.write(_as_json(inspection))
            return
        accepted = inspection.outcome == gate.Outcome.ACCEPTED
        self.stdout.write(
            _("Nhận: %(file)s") % {"file": file} if accepted else _("Không nhận: %(file)s") % {"file": file}
        )
        for reason in inspection.reasons:
            self.stdout.write(f"  {reason}")


def _as_json(inspection: gate.Inspection) -> str:
    answer = {
        "outcome": str(inspection.outcome),
        "reasons": inspection.reasons,
        "media_type": inspection.media_type,
        "pages": inspection.pages,
    }
    return json.dumps(answer, ensure_ascii=False)
