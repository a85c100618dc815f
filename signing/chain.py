"""From a certificate up to an anchor, and whether any certificate on the way was revoked."""

import asyncio
import itertools
from collections.abc import Coroutine, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko.sign.ades.report import AdESIndeterminate, AdESSubIndic
from pyhanko.sign.validation.generic_cms import validate_cert_usage
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy

from signing import revocation
from signing.revocation import Evidence, Standing

# A citizen's or an official's certificate signs documents with either bit; a CA or TLS certificate has neither.
MAY_SIGN = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
MAY_STAMP_TIME = KeyUsageConstraints(key_usage=set(), extd_key_usage={"time_stamping"})

T = TypeVar("T")
STRANGER = AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND
WRONG_USE = AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE


def waited(work: Coroutine[Any, Any, T]) -> T:
    """Run pyHanko's coroutines from our synchronous code; they never wait, for fetching is off."""
    return asyncio.run(work)


def context(
    roots: Iterable[bytes], others: Iterable[asn1_x509.Certificate], moment: datetime
) -> ValidationContext:
    """Chains only: revocation is asked by signing/revocation.py, so nothing here goes out to the network."""
    return ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root) for root in roots],
        other_certs=list(others),
        moment=moment,
        revinfo_policy=CertRevTrustPolicy(NO_REVOCATION),
        allow_fetching=False,
    )


def within_validity(certificate: asn1_x509.Certificate, moment: datetime) -> datetime:
    """The moment itself, or the nearest at which the certificate is valid: trust and time are judged apart."""
    return min(max(moment, certificate.not_valid_before), certificate.not_valid_after)


def path_to_anchor(
    certificate: asn1_x509.Certificate,
    *,
    others: Iterable[asn1_x509.Certificate],
    roots: Iterable[bytes],
    moment: datetime,
    usage: KeyUsageConstraints = MAY_SIGN,
) -> tuple[ValidationPath | None, AdESSubIndic | None]:
    """A valid path, or what is wrong (STRANGER, WRONG_USE, or another finding of pyHanko)."""
    about = context(roots, others, moment)
    found = waited(
        validate_cert_usage(
            certificate,
            about,
            key_usage_settings=usage,
            paths=about.path_builder.async_build_paths_lazy(certificate),
        )
    )
    return found.success_result, found.error_subindic


def pairs(path: ValidationPath) -> Iterator[tuple[x509.Certificate, x509.Certificate]]:
    """(certificate, issuer) from the anchor's first child down to the signer."""
    chain = [x509.load_der_x509_certificate(one.dump()) for one in path.iter_certs(include_root=True)]
    for issuer, certificate in itertools.pairwise(chain):
        yield certificate, issuer


def standings(
    path: ValidationPath, *, moment: datetime, evidence: Evidence | None = None, online: bool = True
) -> Iterator[tuple[x509.Certificate, Standing | None]]:
    """What is known of each certificate whose issuer declares revocation, or about which something is known."""
    for certificate, issuer in pairs(path):
        answer = revocation.standing(certificate, issuer, moment=moment, evidence=evidence, online=online)
        if answer or revocation.is_declared(certificate):
            yield certificate, answer


def name_of(certificate: x509.Certificate) -> str:
    """The common name, else the whole subject."""
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def now() -> datetime:
    return datetime.now(UTC)
