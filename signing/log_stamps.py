"""Timestamps for the transparency log of the ground layer: our gateway, and a check that is quick enough for thousands."""

import hashlib
from datetime import datetime
from functools import lru_cache

from asn1crypto import cms as asn1_cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from django.utils.translation import gettext as _

from core.transparency.stamping import StampBroken, StampRefused
from signing import chain, gateways, trust
from signing.errors import AuthorityAway

HASHES: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


def stamp(digest: bytes) -> bytes:
    try:
        return gateways.timestamp(digest)
    except AuthorityAway as away:
        raise StampRefused(str(away)) from away


def read(token: bytes, digest: bytes) -> datetime:
    """The moment that the token proves for `digest`; signed by an authority that this installation trusts."""
    try:
        signed = asn1_cms.ContentInfo.load(token, strict=True)["content"]
        content = signed["encap_content_info"]["content"]
        info, signer = content.parsed, signed["signer_infos"][0]
        imprint = info["message_imprint"]
        if (
            imprint["hashed_message"].native != digest
            or imprint["hash_algorithm"]["algorithm"].native != "sha256"
        ):
            raise StampBroken(_("Dấu thời gian cấp cho nội dung khác."))
        certificates = tuple(one.chosen.dump() for one in signed["certificates"])
        at: datetime = info["gen_time"].native
        _check_signature(content.contents, signer, _signer_among(certificates, signer))
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise StampBroken(_("Không đọc được dấu thời gian.")) from error
    if not _is_trusted(
        _signer_among(certificates, signer), certificates, at, trust.stored_anchors().timestamp
    ):
        raise StampRefused(_("Dấu thời gian không do tổ chức được tin cậy cấp."))
    return at


def _signer_among(certificates: tuple[bytes, ...], signer: asn1_cms.SignerInfo) -> bytes:
    sid = signer["sid"].chosen
    for der in certificates:
        one = asn1_x509.Certificate.load(der)
        if isinstance(sid, asn1_cms.IssuerAndSerialNumber):
            if one.serial_number == sid["serial_number"].native and one.issuer == sid["issuer"]:
                return der
        elif one.key_identifier == sid.native:
            return der
    raise ValueError("the signer's certificate is not in the token")


def _check_signature(content: bytes, signer: asn1_cms.SignerInfo, certificate: bytes) -> None:
    """The signed attributes name the content's hash, and the signature is over them."""
    algorithm = HASHES[signer["digest_algorithm"]["algorithm"].native]()
    told = next(
        one["values"][0].native for one in signer["signed_attrs"] if one["type"].native == "message_digest"
    )
    if told != hashlib.new(algorithm.name, content).digest():
        raise StampBroken(_("Dấu thời gian đã bị sửa."))
    attributes = signer["signed_attrs"].untag().dump()
    public, value = x509.load_der_x509_certificate(certificate).public_key(), signer["signature"].native
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(value, attributes, padding.PKCS1v15(), algorithm)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(value, attributes, ec.ECDSA(algorithm))
        else:
            raise StampRefused(_("Dấu thời gian dùng thuật toán chưa hỗ trợ."))
    except (InvalidSignature, UnsupportedAlgorithm) as error:
        raise StampBroken(_("Chữ ký của dấu thời gian không đúng.")) from error


def _is_trusted(
    certificate: bytes, others: tuple[bytes, ...], at: datetime, roots: tuple[bytes, ...]
) -> bool:
    loaded = asn1_x509.Certificate.load(certificate)
    return loaded.not_valid_before <= at <= loaded.not_valid_after and _has_path(certificate, others, roots)


@lru_cache(maxsize=64)
def _has_path(certificate: bytes, others: tuple[bytes, ...], roots: tuple[bytes, ...]) -> bool:
    """Up to an anchor for timestamps; asked once per certificate."""
    loaded = asn1_x509.Certificate.load(certificate)
    found, _problem = chain.path_to_anchor(
        loaded,
        others=[asn1_x509.Certificate.load(one) for one in others],
        roots=roots,
        moment=loaded.not_valid_before,
        usage=chain.MAY_STAMP_TIME,
    )
    return found is not None
