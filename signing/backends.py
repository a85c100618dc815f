"""Where a private key lives. A request goes prepare → sign → embed → validate; only «sign» differs between backends.

`software` answers at once. A PKCS#11 token or a remote provider is another `Backend` under its own name in BACKENDS:
it gets the same digest and returns the same raw value; one that must ask its owner first raises `AuthorityAway`
until the answer is there, and the row waits in state `prepared`.
"""

from typing import Protocol

from signing import cms, envelope, keys
from signing.models import SignatureRequest


class Backend(Protocol):
    def sign(self, request: SignatureRequest, digest: bytes) -> bytes:
        """The raw signature of a SHA-256 digest. DoesNotOpen, CertificateProblem: final; AuthorityAway: later."""


class Software:
    """The key is in our database, wrapped; the request carries a one-time pass (signing/envelope.py)."""

    def sign(self, request: SignatureRequest, digest: bytes) -> bytes:
        key = request.key
        dek = keys.data_key(key, request.sealed_unlock, user_id=request.requested_by_id)
        private_key = envelope.unwrap_private_key(bytes(key.wrapped_key or b""), dek=dek, uid=str(key.uid))
        return cms.sign_digest(private_key, digest)


BACKENDS: dict[str, Backend] = {"software": Software()}
