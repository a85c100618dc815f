"""Was this certificate revoked? Asks, in this order: our memory, OCSP, lists on disk, published lists, the file itself.

Only certificates whose chain ends at an anchor come here, so an address in a stranger's certificate is never called.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, ExtensionOID
from django.conf import settings
from django.core.cache import cache

from signing import gateways
from signing.errors import AuthorityAway

SKEW = timedelta(minutes=5)
UNDATED_IS_FRESH_FOR = timedelta(hours=12)  # an answer without next_update
REMEMBER_SECONDS = 300


@dataclass(frozen=True)
class Standing:
    """What one source says. `until` is when the answer grows stale."""

    issued_at: datetime
    until: datetime
    revoked_at: datetime | None = None
    reason: str = ""

    def covers(self, moment: datetime) -> bool:
        return self.until >= moment


@dataclass(frozen=True)
class Evidence:
    """Revocation data found inside the PDF (DER)."""

    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


def is_declared(certificate: x509.Certificate) -> bool:
    """Does its issuer say where revocation can be asked?"""
    return bool(_ocsp_urls(certificate) or _crl_urls(certificate))


def standing(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    moment: datetime,
    evidence: Evidence | None = None,
    online: bool = True,
) -> Standing | None:
    """The first answer that is not stale at `moment`; None when nobody knows."""
    for answer in _answers(certificate, issuer, evidence or Evidence(), online=online):
        if answer.covers(moment):
            return answer
    return None


def forget(certificate: x509.Certificate) -> None:
    """Drop what we remember of it, e.g. because it was revoked a moment ago."""
    cache.delete(_memory_key(certificate))


def _answers(
    certificate: x509.Certificate, issuer: x509.Certificate, evidence: Evidence, *, online: bool
) -> Iterator[Standing]:
    if remembered := _remembered(certificate):
        yield remembered
    if online:
        for url in _ocsp_urls(certificate):
            if answer := _asked(url, certificate, issuer):
                _remember(certificate, answer)
                yield answer
    yield from _listed(certificate, issuer, _lists_on_disk())
    if online:
        for url in _crl_urls(certificate):
            for answer in _listed(certificate, issuer, _published(url)):
                _remember(certificate, answer)
                yield answer
    yield from _responses(certificate, issuer, evidence.ocsps)
    yield from _listed(certificate, issuer, evidence.crls)


# --- OCSP -------------------------------------------------------------------------------------------------


def _asked(url: str, certificate: x509.Certificate, issuer: x509.Certificate) -> Standing | None:
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1()).build()  # noqa: S303
    try:
        answer = gateways.ocsp(url, request.public_bytes(serialization.Encoding.DER))
    except AuthorityAway:
        return None
    return next(_responses(certificate, issuer, [answer]), None)


def _responses(
    certificate: x509.Certificate, issuer: x509.Certificate, answers: Iterable[bytes]
) -> Iterator[Standing]:
    for der in answers:
        try:
            response = ocsp.load_der_ocsp_response(der)
            found = _read_response(response, certificate, issuer)
        except (ValueError, UnsupportedAlgorithm, x509.UnsupportedGeneralNameType):
            continue
        if found:
            yield found


def _read_response(
    response: ocsp.OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> Standing | None:
    if response.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL or not _by_the_issuer(response, issuer):
        return None
    now = datetime.now(UTC)
    for single in response.responses:
        known = single.certificate_status != ocsp.OCSPCertStatus.UNKNOWN
        if not (known and _is_about(single, certificate, issuer)) or single.this_update_utc > now + SKEW:
            continue
        revoked = single.certificate_status == ocsp.OCSPCertStatus.REVOKED
        reason = single.revocation_reason if revoked else None
        return Standing(
            issued_at=single.this_update_utc,
            until=single.next_update_utc or single.this_update_utc + UNDATED_IS_FRESH_FOR,
            revoked_at=single.revocation_time_utc if revoked else None,
            reason=reason.value if reason else "",
        )
    return None


def _is_about(
    single: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> bool:
    parsed = asn1_x509.Certificate.load(issuer.public_bytes(serialization.Encoding.DER))
    key_bits = parsed.public_key["public_key"].contents[1:]  # without the count of unused bits

    def hashed(content: bytes) -> bytes:
        return hashlib.new(single.hash_algorithm.name, content, usedforsecurity=False).digest()

    return (
        single.serial_number == certificate.serial_number
        and single.issuer_name_hash == hashed(parsed.subject.dump())
        and single.issuer_key_hash == hashed(key_bits)
    )


def _by_the_issuer(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """Signed by the issuer itself, or by a responder that the issuer certified for just this."""
    signers = [issuer]
    for candidate in response.certificates:
        if candidate != issuer and _is_delegate(candidate, issuer, response.produced_at_utc):
            signers.append(candidate)
    return any(
        _verified(signer, response.signature, response.tbs_response_bytes, response.signature_hash_algorithm)
        for signer in signers
    )


def _is_delegate(candidate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    try:
        candidate.verify_directly_issued_by(issuer)
        uses = candidate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    in_time = candidate.not_valid_before_utc <= at <= candidate.not_valid_after_utc
    return in_time and ExtendedKeyUsageOID.OCSP_SIGNING in uses


def _verified(
    signer: x509.Certificate, value: bytes, body: bytes, algorithm: hashes.HashAlgorithm | None
) -> bool:
    if algorithm is None or algorithm.name in {"md5", "sha1"}:
        return False
    key = signer.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(value, body, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, body, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _ocsp_urls(certificate: x509.Certificate) -> list[str]:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [
        entry.access_location.value
        for entry in access
        if entry.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(entry.access_location, x509.UniformResourceIdentifier)
    ][:2]


# --- CRL --------------------------------------------------------------------------------------------------


def _listed(
    certificate: x509.Certificate, issuer: x509.Certificate, lists: Iterable[bytes]
) -> Iterator[Standing]:
    for der in lists:
        try:
            found = _read_list(_load_list(der), certificate, issuer)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        if found:
            yield found


def _load_list(der: bytes) -> x509.CertificateRevocationList:
    if der.startswith(b"-----BEGIN"):
        return x509.load_pem_x509_crl(der)
    return x509.load_der_x509_crl(der)


def _read_list(
    crl: x509.CertificateRevocationList, certificate: x509.Certificate, issuer: x509.Certificate
) -> Standing | None:
    issued_at, until = crl.last_update_utc, crl.next_update_utc
    if crl.issuer != certificate.issuer or issued_at > datetime.now(UTC) + SKEW or not _is_whole(crl):
        return None
    if not _verified(issuer, crl.signature, crl.tbs_certlist_bytes, crl.signature_hash_algorithm):
        return None
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    reason = ""
    if entry:
        try:
            reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
        except x509.ExtensionNotFound:
            reason = "unspecified"
    return Standing(
        issued_at=issued_at,
        until=until or issued_at + UNDATED_IS_FRESH_FOR,
        revoked_at=entry.revocation_date_utc if entry and reason != "removeFromCRL" else None,
        reason=reason,
    )


def _is_whole(crl: x509.CertificateRevocationList) -> bool:
    """Neither a delta nor a part of a list: such a list cannot prove that a certificate is good."""
    partial = {ExtensionOID.DELTA_CRL_INDICATOR, ExtensionOID.ISSUING_DISTRIBUTION_POINT}
    known = {ExtensionOID.CRL_NUMBER, ExtensionOID.AUTHORITY_KEY_IDENTIFIER}
    return all(
        extension.oid not in partial and (extension.oid in known or not extension.critical)
        for extension in crl.extensions
    )


def _lists_on_disk() -> Iterator[bytes]:
    """Lists that an operator or the demo authority put into PKI_DIR/crl."""
    folder = Path(settings.PKI_DIR) / "crl"
    for path in sorted(folder.glob("*.crl")):
        yield path.read_bytes()


def _published(url: str) -> Iterator[bytes]:
    key = "signing.crl." + hashlib.sha256(url.encode()).hexdigest()
    content = cache.get(key)
    if content is None:
        try:
            content = gateways.crl(url)
        except AuthorityAway:
            return
        cache.set(key, content, REMEMBER_SECONDS)
    yield content


def _crl_urls(certificate: x509.Certificate) -> list[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [
        name.value
        for point in points
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier) and name.value.startswith("http")
    ][:2]


# --- memory -----------------------------------------------------------------------------------------------


def _memory_key(certificate: x509.Certificate) -> str:
    return "signing.standing." + certificate.fingerprint(hashes.SHA256()).hex()


def _remember(certificate: x509.Certificate, answer: Standing) -> None:
    cache.set(_memory_key(certificate), answer, REMEMBER_SECONDS)


def _remembered(certificate: x509.Certificate) -> Standing | None:
    found: Standing | None = cache.get(_memory_key(certificate))
    return found
