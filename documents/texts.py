"""What stored files say: words of PDF and office files, recognition of scans by tesseract. The files are only read.

A scan is recognised when Debian's `tesseract` with Vietnamese is installed; without it the file counts as without words.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import files
from core.models import StoredFile
from documents import searching, secrecy
from documents.choices import DocumentKind, TextSource
from documents.models import Document, FileText, IncomingDocument
from notices import services as notices
from org import services as org
from org.choices import Role

log = structlog.get_logger()
READER: Final = Path(__file__).resolve().parent / "read_words.py"
CHARACTERS_MAX: Final = 200_000
PAGES_MAX: Final = 20  # of a scan
READ_SECONDS: Final = 60
PAGE_SECONDS: Final = 60
LEASE: Final = timedelta(minutes=25)  # longer than all pages of a scan may take
TRIES: Final = 4
OFFICE: Final = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.oasis.opendocument.text",
}
PICTURES: Final = {"image/png", "image/jpeg"}


def read(row: FileText) -> None:
    """Read the file of a leased row and keep what it says. A failed reading becomes due again, some times."""
    try:
        text, source = words_of(row.stored)
    except (files.StoreDamaged, subprocess.SubprocessError, OSError, ValueError) as error:
        _failed(row, error)
        return
    level = secrecy.level_in(text[: secrecy.FIRST])
    with transaction.atomic():
        row.text, row.source = ("", TextSource.NONE) if level else (text, source)
        row.done_at, row.last_error = timezone.now(), ""
        row.save(update_fields=["text", "source", "done_at", "last_error"])
        if level:
            on_secret(row.stored)
            return
        for record in records_of(row.stored):
            searching.index_text(record)


def _failed(row: FileText, error: Exception) -> None:
    row.last_error = f"{type(error).__name__}: {error}"[:500]
    if row.attempts >= TRIES:
        row.given_up_at, row.source = timezone.now(), TextSource.NONE
    else:
        row.next_try_at = timezone.now() + timedelta(minutes=5) * row.attempts
    row.save(update_fields=["last_error", "given_up_at", "source", "next_try_at"])


def words_of(stored: StoredFile) -> tuple[str, str]:
    """The text of a file and where it comes from. Raises when the file is missing, or its reader died."""
    path = files.path_of(stored)
    if not path.exists():
        raise files.StoreDamaged(f"stored file {stored.pk} is missing")
    with tempfile.TemporaryDirectory(prefix="words-") as folder:
        if stored.media_type in PICTURES:
            text = recognised([path]) if can_recognise() else ""
            return text, TextSource.OCR if text else TextSource.NONE
        if stored.media_type != "application/pdf" and stored.media_type not in OFFICE:
            return "", TextSource.NONE
        answer = _read_apart(path, stored.media_type, folder if can_recognise() else "")
        if text := clean(answer["text"]):
            return text, TextSource.PDF
        text = recognised([Path(name) for name in answer["drawn"]]) if answer["drawn"] else ""
        return text, TextSource.OCR if text else TextSource.NONE


def _read_apart(path: Path, media_type: str, folder: str) -> dict[str, Any]:
    """In a process with limits: a file that was made to harm harms nobody."""
    done = subprocess.run(
        [sys.executable, "-I", "-B", str(READER), str(path), media_type, str(CHARACTERS_MAX), str(PAGES_MAX), folder],
        capture_output=True,
        timeout=READ_SECONDS,
        check=True,
        env={},
        preexec_fn=_step_back,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def recognised(pictures: list[Path]) -> str:
    """Words of pictures of pages, by tesseract. A page that takes too long counts as empty."""
    found = []
    for picture in pictures:
        try:
            done = subprocess.run(
                [tesseract(), str(picture), "stdout", "-l", "vie", "--psm", "3"],
                capture_output=True,
                timeout=PAGE_SECONDS,
                check=True,
                env={"OMP_THREAD_LIMIT": "1", "PATH": os.environ.get("PATH", "")},
                preexec_fn=_step_back,
            )
        except (subprocess.SubprocessError, OSError) as error:
            log.warning("page_not_recognised", error=type(error).__name__)
            continue
        found.append(done.stdout.decode("utf-8", "replace"))
    return clean("\n".join(found))


def clean(text: str) -> str:
    """NFC, without control characters, not longer than is kept; nothing when there is hardly a letter in it."""
    text = unicodedata.normalize("NFC", text).replace("\x00", "")
    text = "".join(char if char.isprintable() or char == "\n" else " " for char in text)[:CHARACTERS_MAX]
    return text.strip() if sum(char.isalpha() for char in text) >= 20 else ""


@cache
def tesseract() -> str:
    """The program, when it knows Vietnamese; else empty."""
    program = shutil.which("tesseract")
    if program is None:
        return ""
    try:
        told = subprocess.run([program, "--list-langs"], capture_output=True, timeout=20, check=False)
    except (subprocess.SubprocessError, OSError):
        return ""
    return program if b"\nvie" in told.stdout + told.stderr else ""


def can_recognise() -> bool:
    return bool(tesseract())


def _step_back() -> None:
    """Whoever waits for a page goes first."""
    os.nice(15)


def records_of(stored: StoredFile) -> list[Document | IncomingDocument]:
    """Every record that links to the file."""
    incoming = IncomingDocument.objects.filter(files__stored=stored).distinct()
    made = Document.objects.filter(kind=DocumentKind.OFFICIAL)
    documents = (
        made.filter(current_file=stored)
        | made.filter(unsigned_file=stored)
        | made.filter(attachments__stored=stored)
    )
    return [*incoming, *documents.distinct().select_related("type", "agency")]


def on_secret(stored: StoredFile) -> None:
    """The text bears the mark of a state secret: nothing of it is kept for search, and the clerks are told."""
    FileText.objects.filter(stored=stored).update(text="", source=TextSource.NONE)
    title = _("Nghi có bí mật nhà nước trong tệp")
    words = _(
        "Máy đọc thấy dấu chỉ độ mật trong tệp của văn bản. Nội dung không được đưa vào tìm kiếm. "
        "Mở văn bản, kiểm tra và xử lý theo trang «Sự cố bí mật nhà nước»."
    )
    for record in records_of(stored):
        searching.index_text(record)
        for clerk in org.people_to_tell(Role.CLERK, record.agency_id):
            notices.tell_inbox(
                recipient=clerk,
                kind="document.secret_found",
                title=title,
                text=words,
                url=searching.address_of(record),
                subject=record,
            )
