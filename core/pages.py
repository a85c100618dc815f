"""Pages of stored PDFs as pictures: phones show no PDF inside a page, and a clerk should not have to download one."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control

from core import files
from core.draw_page import NO_SUCH_PAGE
from core.models import StoredFile

log = structlog.get_logger()
DRAW = Path(__file__).with_name("draw_page.py")
SECONDS = 20
PAGE = "trang"
SHOWN = 40  # pages of one paper in a pane; beyond that the file is opened
WIDTHS = (900, 1600)  # the pane, and a sharp screen or a print


class NotDrawable(Exception):
    """The library could not draw this page within its limits. The file itself can still be opened."""


def picture(stored: StoredFile, number: int, *, width: int = WIDTHS[0]) -> Path:
    """The PNG of page `number` (from 1), drawn once per file and width. Http404: no such page. NotDrawable."""
    if width not in WIDTHS:
        raise Http404
    place = Path(settings.FILE_STORE) / "pages" / stored.sha256[:2] / f"{stored.sha256}-{number}-{width}.png"
    if place.exists():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=place.parent, suffix=".part")
    os.close(handle)
    try:
        done = subprocess.run(
            [
                sys.executable,
                "-I",
                "-B",
                str(DRAW),
                str(files.path_of(stored)),
                str(number),
                str(width),
                temporary,
            ],
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={},
        )
        if done.returncode == NO_SUCH_PAGE:
            raise Http404
        if done.returncode:
            log.warning("page_not_drawn", sha256=stored.sha256, page=number, code=done.returncode)
            raise NotDrawable
        Path(temporary).replace(place)
    except subprocess.TimeoutExpired as error:
        log.warning("page_not_drawn", sha256=stored.sha256, page=number, code="timeout")
        raise NotDrawable from error
    finally:
        Path(temporary).unlink(missing_ok=True)
    return place


def forget(stored: StoredFile) -> None:
    """Take the drawn pages off the disk when this transaction commits: the file is erased for good."""

    def gone() -> None:
        folder = Path(settings.FILE_STORE) / "pages" / stored.sha256[:2]
        for place in folder.glob(f"{stored.sha256}-*"):
            place.unlink(missing_ok=True)

    transaction.on_commit(gone, robust=True)


def response(stored: StoredFile, number: int, *, width: int = WIDTHS[0]) -> HttpResponseBase:
    """The picture for a reader whose rights the caller has checked. 404 when it cannot be drawn."""
    try:
        place = picture(stored, number, width=width)
    except NotDrawable as error:
        raise Http404 from error
    answer = FileResponse(place.open("rb"), content_type="image/png")
    patch_cache_control(answer, private=True, max_age=3600)
    return answer


def addresses(stored: StoredFile | None, address: str) -> list[str]:
    """The addresses of a PDF's pages under the address of the file; empty for what is no PDF."""
    if stored is None or stored.media_type != "application/pdf":
        return []
    mark = stored.sha256[:8]  # other bytes, another address: a browser never shows an older draft
    return [f"{address}?{PAGE}={number}&ban={mark}" for number in range(1, min(stored.pages or 1, SHOWN) + 1)]


def deliver(request: HttpRequest, stored: StoredFile, *, name: str) -> HttpResponseBase:
    """The file itself, one of its pages (`?trang=2`), or the file to keep (`?tai`). The caller has checked rights."""
    asked = request.GET.get(PAGE, "")
    if asked.isdecimal():
        return response(stored, int(asked))
    return files.response(stored, name=name, inline="tai" not in request.GET)
