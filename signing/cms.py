"""CMS SignedData as PAdES wants it (ETSI EN 319 142-1): content type, digest, signing-certificate-v2; no signing time.

The same two steps serve every kind of key: `Attributes.encoded` is what gets hashed and signed, by whoever holds
the key; `message` packs the returned value.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from signing import der
from signing.envelope import PrivateKey

DATA = der.oid("1.2.840.113549.1.7.1")
SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = der.oid("1.2.840.113549.1.9.16.2.47")
_TIMESTAMP_TOKEN = der.oid("1.2.840.113549.1.9.16.2.14")
SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.null)
_RSA_SHA256 = der.sequence(der.oid("1.2.840.113549.1.1.11"), der.null)
_ECDSA_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))
_PREHASHED = Prehashed(hashes.SHA256())


@dataclass(frozen=True)
class Attributes:
    """The signed attributes: a SET in DER. `digest` goes to the key, wherever it lives."""

    encoded: bytes

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.encoded).digest()


def attributes(document_digest: bytes, certificate: bytes, *, content_type: bytes = DATA) -> Attributes:
    """Bind the document's SHA-256 to this one certificate (DER)."""
    certificate_id = der.sequence(der.octets(hashlib.sha256(certificate).digest()))
    return Attributes(
        der.set_of(
            [
                _attribute(_CONTENT_TYPE, content_type),
                _attribute(_MESSAGE_DIGEST, der.octets(document_digest)),
                _attribute(_SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(certificate_id))),
            ]
        )
    )


def message(
    signed: Attributes,
    value: bytes,
    certificate: bytes,
    *,
    chain: Iterable[bytes] = (),
    timestamp_token: bytes = b"",
    content_type: bytes = DATA,
    content: bytes = b"",
) -> bytes:
    """The whole ContentInfo. `timestamp_token` (DER) lifts it from B-B to B-T; `content` makes it attached."""
    issuer_and_serial, algorithm = _signer_facts(certificate)
    info = [
        der.integer(1),
        issuer_and_serial,
        SHA256,
        b"\xa0" + signed.encoded[1:],
        algorithm,
        der.octets(value),
    ]
    if timestamp_token:
        info.append(der.set_of([_attribute(_TIMESTAMP_TOKEN, timestamp_token)], tag=0xA1))
    encapsulated = der.sequence(content_type, der.context(0, der.octets(content)) if content else b"")
    return der.sequence(
        SIGNED_DATA,
        der.context(
            0,
            der.sequence(
                der.integer(1 if content_type == DATA else 3),
                der.set_of([SHA256]),
                encapsulated,
                der.set_of({certificate, *chain}, tag=0xA0),
                der.set_of([der.sequence(*info)]),
            ),
        ),
    )


def sign_digest(key: PrivateKey, digest: bytes) -> bytes:
    """The raw signature of a SHA-256 digest: RSA PKCS #1 v1.5 or ECDSA."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(digest, padding.PKCS1v15(), _PREHASHED)
    return key.sign(digest, ec.ECDSA(_PREHASHED))


def value_matches(certificate: bytes, digest: bytes, value: bytes) -> bool:
    """Was `value` made over `digest` by the key of this certificate? Asked of every backend before embedding."""
    public = x509.load_der_x509_certificate(certificate).public_key()
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(value, digest, padding.PKCS1v15(), _PREHASHED)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(value, digest, ec.ECDSA(_PREHASHED))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _attribute(kind: bytes, value: bytes) -> bytes:
    return der.sequence(kind, der.tlv(der.SET, value))


@lru_cache(maxsize=256)
def _signer_facts(certificate: bytes) -> tuple[bytes, bytes]:
    """Issuer and serial as they stand in the certificate, and the algorithm its key signs with."""
    parsed = asn1_x509.Certificate.load(certificate)
    issuer_and_serial = der.sequence(parsed.issuer.dump(), der.integer(parsed.serial_number))
    is_rsa = parsed.public_key.algorithm == "rsa"
    return issuer_and_serial, _RSA_SHA256 if is_rsa else _ECDSA_SHA256
