"""Put a signature into a PDF: prepare the bytes, sign their hash elsewhere, embed the answer. Nothing is rewritten.

pyHanko writes the incremental update; the CMS message is ours (signing/cms.py). domain/signing.md §1.7, §2.1.
"""

import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from signing.errors import NotSignable

# Hex characters in the file: 8 kB of DER, enough for a certificate with its chain and one timestamp token.
RESERVED = 16_384
Box = tuple[int, float, float, float, float]  # page from 0, then x1, y1, x2, y2 in points


@dataclass(frozen=True)
class Prepared:
    """A PDF with a hole. `start` and `end` enclose the hole with its angle brackets."""

    data: bytes
    digest: bytes
    start: int
    end: int


def prepare(
    source: bytes,
    *,
    field_name: str,
    box: Box | None,
    stamp: bytes | None,
    name: str,
    reason: str = "",
    location: str = "",
    at: datetime,
    reserved: int = RESERVED,
) -> Prepared:
    """Append an increment that holds the field, its appearance and an empty signature.

    `stamp` is a one-page PDF drawn into `box`. NotSignable: damaged, encrypted, or the field is signed already.
    """
    try:
        writer = IncrementalPdfFileWriter(BytesIO(source))
        _refuse_signed_field(writer, field_name)
        return _write(writer, field_name, box, stamp, name, reason, location, at, reserved)
    except (PdfError, SigningError, ValueError, KeyError, IndexError) as error:
        raise NotSignable(
            _("Không ký được tệp này: tệp hỏng, có mật khẩu hoặc ô chữ ký không dùng được.")
        ) from error


def embed(prepared: Prepared, message: bytes) -> bytes:
    """Fill the hole. ValueError: the message is larger than the hole (then nothing can be saved)."""
    hexed = binascii.hexlify(message)
    room = prepared.end - prepared.start - 2
    if len(hexed) > room:
        raise ValueError(f"CMS of {len(hexed)} hex characters does not fit {room}")
    hole = b"<" + hexed.ljust(room, b"0") + b">"
    return prepared.data[: prepared.start] + hole + prepared.data[prepared.end :]


def digest_of(data: bytes, start: int, end: int) -> bytes:
    """SHA-256 of all but the hole; the worker asks again before it embeds."""
    view = memoryview(data)
    whole = hashlib.sha256(view[:start])
    whole.update(view[end:])
    return whole.digest()


def signed_fields(data: bytes) -> list[str]:
    """Names of the filled signature fields, in the order of the form."""
    reader = PdfFileReader(BytesIO(data))
    return [name for name, _value, _field in enumerate_sig_fields(reader, filled_status=True)]


def _refuse_signed_field(writer: IncrementalPdfFileWriter, field_name: str) -> None:
    for _name, value, _field in enumerate_sig_fields(writer.prev, with_name=field_name):
        if value is not None:
            raise NotSignable(_("Ô «%(name)s» đã có chữ ký.") % {"name": field_name})


def _write(
    writer: IncrementalPdfFileWriter,
    field_name: str,
    box: Box | None,
    stamp: bytes | None,
    name: str,
    reason: str,
    location: str,
    at: datetime,
    reserved: int,
) -> Prepared:
    page, corners = (box[0], tuple(round(side) for side in box[1:])) if box else (0, None)
    spec = SigFieldSpec(field_name, on_page=page, box=corners)  # type: ignore[arg-type]
    steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(field_name, writer)
    field = next(steps)
    if stamp and box:
        _draw(writer, field, stamp)
    placeholder = SignatureObject(
        timestamp=at,
        subfilter=SigSeedSubFilter.PADES,
        name=name or None,
        reason=reason or None,
        location=location or None,
        bytes_reserved=reserved,
    )
    steps.send(SigObjSetup(sig_placeholder=placeholder))
    hashed, output = steps.send(SigIOSetup(md_algorithm="sha256"))
    steps.close()
    start, end = hashed.reserved_region_start, hashed.reserved_region_end
    return Prepared(output.getvalue(), hashed.document_digest, start, end)


def _draw(writer: IncrementalPdfFileWriter, field: Any, stamp: bytes) -> None:
    """The stamp's page becomes the widget's appearance; viewers scale it from its box to the widget's rectangle."""
    appearance = writer.import_page_as_xobject(PdfFileReader(BytesIO(stamp)))
    widget = field.get_object()
    widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): appearance})
    writer.update_container(widget)
