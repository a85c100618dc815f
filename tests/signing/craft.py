"""Signed files as others, honest or not, would make them: no database, any certificate, any time."""

import hashlib
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing import cms, demo_pki, gateways, pades

DER = serialization.Encoding.DER


class Signer:
    """A private key with its certificate and chain (DER)."""

    def __init__(self, key: Any, certificate: x509.Certificate, chain: list[bytes]) -> None:
        self.key, self.certificate, self.chain = key, certificate, chain

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(DER)


def demo_signer(name: str = "Phạm Văn Thử", **fields: Any) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = demo_pki.issue_certificate(key.public_key(), name=name, **fields)
    return Signer(key, certificate, [demo_pki.authority("issuing").der])


def stranger(
    name: str = "Tổ chức lạ", *, leaf: bool = True, **fields: Any
) -> tuple[Signer, x509.Certificate]:
    """A signer and root of an authority that nobody here knows; no revocation is published."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _key in range(2))
    root = self_made(root_key, root_key.public_key(), name, name, ca=True)
    certificate = self_made(root_key, key.public_key(), f"Người của {name}", name, ca=False)
    return Signer(key, certificate, [root.public_bytes(DER)]), root


def self_made(signing_key: Any, public_key: Any, subject: str, issuer: str, *, ca: bool) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = {"key_cert_sign": ca, "crl_sign": ca, "digital_signature": not ca, "content_commitment": not ca}
    rest = ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject, _validate=False)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer, _validate=False)]))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=300))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage, **dict.fromkeys(rest, False)), critical=True)
        .sign(signing_key, hashes.SHA256())
    )


def signed(
    source: bytes,
    signer: Signer,
    *,
    field: str = "A",
    stamped: bool = True,
    at: datetime | None = None,
    box: pades.Box | None = None,
    stamp: bytes | None = None,
) -> bytes:
    """B-T when `stamped`, else B-B; nothing is checked, as with careless software."""
    prepared = pades.prepare(
        source, field_name=field, box=box, stamp=stamp, name="x", at=at or datetime.now(UTC)
    )
    attributes = cms.attributes(prepared.digest, signer.der)
    value = cms.sign_digest(signer.key, attributes.digest)
    token = gateways.timestamp(hashlib.sha256(value).digest()) if stamped else b""
    return pades.embed(
        prepared, cms.message(attributes, value, signer.der, chain=signer.chain, timestamp_token=token)
    )


def with_text(data: bytes, text: bytes = b"BT /F1 30 Tf 100 400 Td (SUA) Tj ET") -> bytes:
    """An increment that adds to the first page's content."""
    writer = IncrementalPdfFileWriter(BytesIO(data))
    stream = generic.StreamObject(stream_data=text)
    writer.add_stream_to_page(0, writer.add_object(stream))
    return written(writer)


def with_annotation(data: bytes) -> bytes:
    """An increment that lays a free text over the first page."""
    writer = IncrementalPdfFileWriter(BytesIO(data))
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
            generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (50, 50, 300, 100))),
            generic.pdf_name("/Contents"): generic.pdf_string("Thêm sau"),
        }
    )
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    if "/Annots" in page:
        page["/Annots"].append(writer.add_object(note))
        writer.update_container(page["/Annots"])
    else:
        page[generic.pdf_name("/Annots")] = generic.ArrayObject([writer.add_object(note)])
    writer.update_container(page)
    return written(writer)


def with_other_appearance(data: bytes, field: str, stamp: bytes) -> bytes:
    """An increment that swaps what a signed field looks like."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    writer = IncrementalPdfFileWriter(BytesIO(data))
    for one in writer.root["/AcroForm"]["/Fields"]:
        widget = one.get_object()
        if widget["/T"] == field:
            drawn = writer.import_page_as_xobject(PdfFileReader(BytesIO(stamp)))
            widget[generic.pdf_name("/AP")] = generic.DictionaryObject({generic.pdf_name("/N"): drawn})
            writer.update_container(widget)
    return written(writer)


def without_form(data: bytes) -> bytes:
    """An increment that drops the form, so that no field leads to the signatures any more."""
    writer = IncrementalPdfFileWriter(BytesIO(data))
    del writer.root["/AcroForm"]
    writer.update_root()
    return written(writer)


def written(writer: IncrementalPdfFileWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
