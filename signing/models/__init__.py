"""Keys, signature requests with their evidence, and the papers that anyone may check."""

from signing.models.keys import KeyCustody, PinAttempt, SigningKey, TrustAnchor
from signing.models.papers import PublicPaper, Verification
from signing.models.requests import Signature, SignatureRequest

__all__ = [
    "KeyCustody",
    "PinAttempt",
    "PublicPaper",
    "Signature",
    "SignatureRequest",
    "SigningKey",
    "TrustAnchor",
    "Verification",
]
