"""A print that says who printed it: «tên · đơn vị · lúc in», across each page and at its foot.

Made on the fly; the stored file stays byte for byte. Such a copy carries no valid signature any more, and says so.
"""

from io import BytesIO
from typing import Any

import pikepdf
from django.http import HttpResponse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _

from core import files, pdf
from core.models import StoredFile


class NotPrintable(Exception):
    """The file is no PDF, or one that cannot be opened: it is handed out as it is, or not at all."""


def marked(stored: StoredFile, user: Any) -> bytes:
    """The PDF with the mark on every page. NotPrintable: no PDF."""
    if stored.media_type != "application/pdf":
        raise NotPrintable
    try:
        with pikepdf.open(BytesIO(files.read(stored))) as opened:
            marks: dict[tuple[int, int], pikepdf.Pdf] = {}
            try:
                for page in opened.pages:
                    _mark(page, marks, user)
                # What is left of a signature would only say «changed»: the fields stay as pictures without a claim.
                if "/AcroForm" in opened.Root:
                    opened.flatten_annotations("all")
                for name in ("/AcroForm", "/DSS", "/Perms"):
                    if name in opened.Root:
                        del opened.Root[name]
                made = BytesIO()
                opened.save(made)
            finally:
                for mark in marks.values():
                    mark.close()
    except pikepdf.PdfError as error:
        raise NotPrintable from error
    return made.getvalue()


def response(stored: StoredFile, user: Any, *, name: str) -> HttpResponse:
    """For the address `?in`: the marked copy to print. The caller has checked rights and noted the reading."""
    answer = HttpResponse(marked(stored, user), content_type="application/pdf")
    answer["Content-Disposition"] = (
        f'inline; filename="{files.cleaned_name(name).encode("ascii", "ignore").decode()}"'
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = files.PDF_POLICY
    answer["Cache-Control"] = "private, no-store"
    return answer


def _mark(page: pikepdf.Page, marks: dict[tuple[int, int], pikepdf.Pdf], user: Any) -> None:
    box = page.mediabox
    size = (round(float(box[2]) - float(box[0])), round(float(box[3]) - float(box[1])))
    if size not in marks:
        marks[size] = pikepdf.open(BytesIO(_sheet(size, user)))
    page.add_overlay(marks[size].pages[0], pikepdf.Rectangle(box))


def _sheet(size: tuple[int, int], user: Any) -> bytes:
    hat = getattr(user, "hat", None)
    unit = hat.organization.name if hat else ""
    at = f"{timezone.localtime():%H:%M %d/%m/%Y}"
    who = escape(" · ".join(part for part in (user.full_name, unit, at) if part))
    said = escape(_("Bản in từ hệ thống, không mang chữ ký số; đối chiếu với bản gốc trên hệ thống."))
    width, height = size
    html = (
        f'<!DOCTYPE html><html lang="vi"><head><title>in</title><style>@page {{ size: {width}pt {height}pt; margin: 0; '
        "@top-center { content: none } }"
        f"body {{ margin: 0; width: {width}pt; height: {height}pt; font: 8pt Tinos; color: #666 }}"
        f".across {{ position: absolute; left: 0; width: {width}pt; top: {round(height * 0.46)}pt; text-align: center; "
        "font-size: 17pt; color: #000; opacity: .13; transform: rotate(-32deg) }"
        f".foot {{ position: absolute; left: 0; width: {width}pt; bottom: 6pt; text-align: center; margin: 0 }}"
        f'</style></head><body><p class="across">{who}</p><p class="foot">{who}. {said}</p></body></html>'
    )
    return pdf.render_html(html, profile=None).data
