"""A person's copy of all that is kept about him: JSON for machines, PDF to read, and both with the files as one ZIP.

The JSON (docs/own-data.md): `{"format", "version", "made_at", "site", "person", "sections": [{"name", "title", "data", "labels"}]}`.
"""

import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from core import files, own_data
from core.models import StoredFile
from org import copy_paper
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
    as_pdf = copy_paper.render(content)
    step(steps() - 1)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "goi.zip"
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(JSON_NAME, as_json)
            archive.writestr(PDF_NAME, as_pdf.data)
            for holding in own_data.holdings():
                for file in holding.files(user):
                    archive.write(files.path_of(file.stored), file.path)
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
        "person": user.full_name,
        "sections": sections,
    }
