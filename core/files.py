"""Stored files: bytes addressed by their SHA-256. A record links to a file; rights come from the record."""

import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import ProtectedError
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from core import gate
from core.errors import RuleError
from core.models import StoredFile
from core.models.files import ScanState

CHUNK = 1024 * 1024
NAME_CHARS = 120
SUFFIXES = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.text": ".odt",
}
SHOWN_IN_BROWSER = {"application/pdf", "image/jpeg", "image/png"}
# Browsers refuse to start their PDF viewer in a sandboxed document, so PDFs get the same wall without that word.
POLICY = "default-src 'none'; frame-ancestors 'self'; sandbox"
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


class UploadRefused(RuleError):
    """The gate refused the upload. The text names the file in «» and says what to do; nothing was stored."""


class StoreDamaged(Exception):
    """The bytes on disk are missing or no longer those that were stored. An operator must look."""


# --- storing ----------------------------------------------------------------------------------------------


def store_bytes(data: bytes, media_type: str, *, pages: int | None = None) -> StoredFile:
    """Keep `data` and return its row. Idempotent: the same bytes give the same row.

    The bytes are on disk before the row exists; a rollback leaves an orphan file, never a row without bytes.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if not _is_whole(_place(sha256), len(data)):
        with _landing(sha256) as target:
            target.write(data)
    return _row(sha256, len(data), media_type, pages)


def store_path(path: Path, media_type: str, *, pages: int | None = None) -> StoredFile:
    """Keep a copy of the file at `path`; memory use does not grow with its size."""
    with path.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
        size = source.tell()
        if not _is_whole(_place(sha256), size):
            source.seek(0)
            with _landing(sha256) as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
    return _row(sha256, size, media_type, pages)


def forget(stored: StoredFile) -> bool:
    """Erase a file for ever, bytes and row. False: a record still links to it, and everything stays."""
    try:
        with transaction.atomic():
            stored.delete()
    except ProtectedError:
        return False
    transaction.on_commit(lambda: _place(stored.sha256).unlink(missing_ok=True), robust=True)
    return True


def receive_upload(uploaded: UploadedFile, *, types: frozenset[str] = gate.CITIZEN_TYPES) -> StoredFile:
    """Pass an upload through the gate, then keep it. UploadRefused: nothing is stored.

    Photos are re-encoded (position and camera data removed); a PDF is kept byte for byte, for it may be signed.
    """
    name = cleaned_name(uploaded.name or "")
    with tempfile.TemporaryDirectory(prefix="upload-", dir=_inbox()) as folder:
        arrived, rewritten = Path(folder) / "arrived", Path(folder) / "rewritten"
        if (uploaded.size or 0) > settings.UPLOAD_MAX_MB * 1024 * 1024:
            raise UploadRefused(refusal(name, [gate.too_big()]))
        with arrived.open("wb") as target:
            for chunk in uploaded.chunks():
                target.write(chunk)
        inspection = gate.inspect(arrived, types=types, rewrite_to=rewritten)
        if inspection.outcome == gate.Outcome.REFUSED:
            raise UploadRefused(refusal(name, inspection.reasons))
        kept = rewritten if rewritten.exists() else arrived
        stored = store_path(kept, inspection.media_type, pages=inspection.pages)
    if inspection.scanned and stored.scan_state != ScanState.CLEAN:
        stored.scan_state = ScanState.CLEAN
        stored.save(update_fields=["scan_state"])
    return stored


def refusal(name: str, reasons: list[str]) -> str:
    """One sentence for the sender: which file, why, what to do."""
    return _("Không nhận «%(name)s». %(reasons)s") % {"name": name, "reasons": " ".join(reasons)}


# --- reading ----------------------------------------------------------------------------------------------


def path_of(stored: StoredFile) -> Path:
    """Where the bytes lie. For reading only; the file is write-protected."""
    return _place(stored.sha256)


def read(stored: StoredFile) -> bytes:
    """The bytes, hashed again on the way out. StoreDamaged: missing or changed on disk."""
    try:
        data = path_of(stored).read_bytes()
    except FileNotFoundError as error:
        raise StoreDamaged(f"stored file {stored.pk} is missing: {stored.sha256}") from error
    if hashlib.sha256(data).hexdigest() != stored.sha256:
        raise StoreDamaged(f"stored file {stored.pk} no longer has its bytes: {stored.sha256}")
    return data


def response(stored: StoredFile, *, name: str, inline: bool = True) -> HttpResponseBase:
    """Send the file under `name`. The caller has already checked the reader's rights on the linking record."""
    answer: HttpResponseBase
    if settings.FILE_ACCEL_PREFIX:
        answer = HttpResponse(content_type=stored.media_type)
        answer["X-Accel-Redirect"] = settings.FILE_ACCEL_PREFIX.rstrip("/") + "/" + _key(stored.sha256)
    else:
        try:
            answer = FileResponse(path_of(stored).open("rb"), content_type=stored.media_type)
        except FileNotFoundError as error:
            raise StoreDamaged(f"stored file {stored.pk} is missing: {stored.sha256}") from error
    shown = inline and stored.media_type in SHOWN_IN_BROWSER
    shown_name = cleaned_name(name, media_type=stored.media_type)
    answer["Content-Disposition"] = str(content_disposition_header(not shown, shown_name))
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = (
        PDF_POLICY if shown and stored.media_type == "application/pdf" else POLICY
    )
    answer["Cache-Control"] = "private, no-cache"
    return answer


def cleaned_name(name: str, *, media_type: str = "") -> str:
    """A file name fit for a header, a page and any disk: no folders, no control or direction marks, ≤ 120 characters.

    With `media_type` the ending follows the content, so that a photo sent as `don.exe` leaves as `don.jpg`.
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(" " if letter.isspace() else letter for letter in name if not _is_invisible(letter))
    name = re.sub(r'[<>:"|?*]', "_", " ".join(name.split())).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot or not re.fullmatch(r"[A-Za-z0-9]{1,5}", ending):
        stem, ending = name, ""
    suffix = f".{ending.lower()}" if ending else ""
    wanted = SUFFIXES.get(media_type, suffix)
    if wanted == ".jpg" and suffix == ".jpeg":
        wanted = suffix
    return (stem[: NAME_CHARS - len(wanted)].strip(". ") or "tep") + wanted


# --- on disk ----------------------------------------------------------------------------------------------


def _is_invisible(letter: str) -> bool:
    """Control, format (bidi marks, zero width), surrogate and private characters; ordinary spaces are kept."""
    return unicodedata.category(letter)[0] == "C" and letter not in "\t\n\r"


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _place(sha256: str) -> Path:
    return Path(settings.FILE_STORE) / _key(sha256)


def _inbox() -> Path:
    """Uploads wait here for the gate, on the store's own disk."""
    inbox = Path(settings.FILE_STORE) / "inbox"
    inbox.mkdir(parents=True, exist_ok=True, mode=0o750)
    return inbox


def _is_whole(place: Path, size: int) -> bool:
    try:
        return place.stat().st_size == size
    except FileNotFoundError:
        return False


@contextmanager
def _landing(sha256: str) -> Iterator[IO[bytes]]:
    """Write beside the final place, reach the disk, then appear under the final name at once or not at all."""
    place = _place(sha256)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    handle, name = tempfile.mkstemp(prefix=".new-", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as target:
            yield target
            target.flush()
            os.fchmod(target.fileno(), 0o440)
            os.fsync(target.fileno())
        os.rename(name, place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _row(sha256: str, size: int, media_type: str, pages: int | None) -> StoredFile:
    stored, _created = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"size": size, "media_type": media_type, "pages": pages}
    )
    if pages is not None and stored.pages is None:
        stored.pages = pages
        stored.save(update_fields=["pages"])
    return stored
