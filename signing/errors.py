"""What can go wrong with keys, certificates and authorities."""

from core.errors import RuleError


class WrongPin(RuleError):
    """The PIN did not open the key. The try is counted, also when the caller rolls back."""


class KeyLocked(RuleError):
    """Too many wrong PINs; an administrator has to unlock the key."""


class CertificateProblem(RuleError):
    """The certificate must not sign: expired, not yet valid, revoked, unknown authority, wrong holder or use."""


class StandingUnknown(CertificateProblem):
    """Nobody answered whether the certificate is revoked. Worth another try later."""


class NotSignable(RuleError):
    """This file or field cannot take the signature (damaged, or the field is signed already)."""


class AuthorityAway(Exception):
    """An outside authority (timestamp, OCSP, CRL) did not answer properly. Worth another try later."""
