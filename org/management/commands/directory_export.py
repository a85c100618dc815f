"""The directory for the mail server, from the command line or a timer."""

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from core.errors import RuleError
from org import directory_export


class Command(BaseCommand):
    help = (
        "Xuất danh bạ cho máy chủ thư: người, nhóm thư của đơn vị và của từng chức vụ. "
        "--since chỉ xuất phần thay đổi so với một lần xuất trước (mặc định: lần gần nhất)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", dest="kind", choices=["ldif", "csv"], default="ldif")
        parser.add_argument("--since", nargs="?", const="last", default="", metavar="YYYY-MM-DD[THH:MM]")
        parser.add_argument("--output", default="", metavar="TỆP", help="mặc định: in ra màn hình")

    def handle(self, *, kind: str, since: str, output: str, **options: Any) -> None:
        try:
            with transaction.atomic():  # a file that could not be written was never exported
                text = directory_export.for_mail_server(kind=kind, since=since)
                if output:
                    replace(Path(output), text)
        except (RuleError, OSError) as error:
            raise CommandError(str(error)) from error
        if output:
            self.stderr.write(f"{output}: {len(text.encode())} byte")
        else:
            self.stdout.write(text, ending="")


def replace(path: Path, text: str) -> None:
    """The old file stays whole until the new one is."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
