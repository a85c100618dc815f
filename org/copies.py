"""A person's copy of all that is kept about him: JSON for machines, PDF to read, and both with the files as one ZIP.

The JSON (docs/own-data.md): `{"format", "version", "made_at", "site", "sections": [{"name", "title", "data", "labels"}]}`.
"""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from core import files, own_data, paper
from core.models import StoredFile
from org.models import User

FORMAT, VERSION = "haiphong.own-data", 1
JSON_NAME, PDF_NAME = "du-lieu-cua-toi.json", "du-lieu-cua-toi.pdf"
Step = Callable[[int], Any]


def steps() -> int:
    """One for each app, then PDF and ZIP."""
    return len(list(own_data.holdings())) + 2


def pack(user: User, *, step: Step = lambda done: None) -> tuple[StoredFile, StoredFile, StoredFile]:
    """JSON, PDF, ZIP as stored files; `step` hears how far it is."""
    content = collected(user, step=step)
    as_json = json.dumps(content, ensure_ascii=False, indent=1).encode()
    as_pdf = readable(content)
    step(steps() - 1)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "goi.zip"
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(JSON_NAME, as_json)
            archive.writestr(PDF_NAME, as_pdf.data)
            for holding in own_data.holdings():
                for file in holding.files(user):
                    archive.write(files.path_of(file.stored), f"tep/{file.path}")
        packed = files.store_path(place, "application/zip")
    return (
        files.store_bytes(as_json, "application/json"),
        files.store_bytes(as_pdf.data, "application/pdf", pages=as_pdf.pages),
        packed,
    )


def collected(user: User, *, step: Step = lambda done: None) -> dict[str, Any]:
    sections = []
    for number, holding in enumerate(own_data.holdings(), start=1):
        sections.append(
            {
                "name": holding.name,
                "title": str(holding.title),
                "data": holding.collect(user),
                "labels": {key: str(words) for key, words in holding.labels.items()},
            }
        )
        step(number)
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": timezone.now().isoformat(),
        "site": settings.SITE_URL,
        "sections": sections,
    }


def readable(content: Mapping[str, Any]) -> Any:
    """The same as a paper: nothing is left out."""
    sections = [
        (section["title"], list(lines(section["data"], section["labels"]))) for section in content["sections"]
    ]
    made_at = parse_datetime(content["made_at"])
    assert made_at is not None
    return paper.render(
        "papers/own_data.html",
        {"sections": sections, "made_at": said(content["made_at"]), "site": content["site"]},
    )


def lines(data: Any, labels: Mapping[str, str], depth: int = 0) -> Iterator[dict[str, Any]]:
    """The tree as lines of a table: depth, label, value; a list gives one heading for each of its items."""
    for key, value in data.items():
        label = labels[key]
        if isinstance(value, list):
            yield {"depth": depth, "label": label, "head": True, "value": "" if value else _("không có")}
            for number, item in enumerate(value, start=1):
                yield {"depth": depth + 1, "label": f"{label} {number}", "head": True, "value": ""}
                yield from lines(item, labels, depth + 2)
        elif isinstance(value, dict):
            yield {"depth": depth, "label": label, "head": True, "value": ""}
            yield from lines(value, labels, depth + 1)
        else:
            yield {"depth": depth, "label": label, "head": False, "value": said(value)}


def said(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if value is True or value is False:
        return _("có") if value else _("không")
    text = str(value)
    if len(text) == 10 and text[4:5] == "-" and (day := _try(parse_date, text)):
        return f"{day:%d/%m/%Y}"
    if len(text) > 18 and text[10:11] == "T" and (at := _try(parse_datetime, text)):
        return f"{_local(at):%H:%M:%S %d/%m/%Y}"
    return text


def _try(parse: Callable[[str], Any], text: str) -> Any:
    try:
        return parse(text)
    except ValueError:
        return None


def _local(at: datetime) -> datetime:
    return timezone.localtime(at) if timezone.is_aware(at) else at
