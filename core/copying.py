"""Many new rows at once: COPY instead of INSERT, several times as fast. Inside the caller's transaction, without ids back."""

import io
import json
from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from django.db import connection, models

SHEET: Final = 5000
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})


def copy_in(rows: Iterable[models.Model]) -> int:
    """Write new rows of one model. The database gives the ids; `pre_save` (auto_now_add) is honoured, signals are not."""
    source, written = iter(rows), 0
    while sheet := list(islice(source, SHEET)):
        meta = sheet[0]._meta
        fields = [f for f in meta.concrete_fields if not f.primary_key and not getattr(f, "generated", False)]
        text = io.StringIO()
        for row in sheet:
            text.write("\t".join(_text(field, field.pre_save(row, add=True)) for field in fields) + "\n")
        text.seek(0)
        columns = ", ".join(f'"{field.column}"' for field in fields)
        with connection.cursor() as cursor:
            cursor.copy_expert(f'COPY "{meta.db_table}" ({columns}) FROM STDIN', text)
        written += len(sheet)
    return written


def _text(field: Any, value: Any) -> str:
    if isinstance(field, models.JSONField):
        return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return rf"\\x{bytes(value).hex()}"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value).translate(_ESCAPES)
