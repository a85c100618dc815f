"""How a private key is kept: PKCS#8 under a random data key, the data key under a PIN or the master key.

A PIN has six digits, so a PIN alone would fall to a copy of the database in minutes. The wrapping key therefore
mixes the PIN (scrypt) with the master key, which is not in the database. Every box names the key it belongs to
(AES-GCM, associated data): a swapped box does not open.
"""

import base64
import hashlib
import hmac
import json
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

NONCE = 12
DEK_BYTES = 32
SALT_BYTES = 16
# 16 MiB and some 40 ms a try: dear for a guesser, unnoticed by a signer. The count of wrong tries does the rest.
SCRYPT = {"n": 2**14, "r": 8, "p": 1, "maxmem": 32 * 1024 * 1024, "dklen": 32}


class DoesNotOpen(Exception):
    """Wrong key, wrong box or changed bytes; AES-GCM does not tell which."""


def new_dek() -> bytes:
    return os.urandom(DEK_BYTES)


def lock_box(plain: bytes, *, key: bytes, label: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, label.encode())


def open_box(box: bytes, *, key: bytes, label: str) -> bytes:
    """DoesNotOpen: not this key, not this label, or damaged."""
    try:
        return AESGCM(key).decrypt(bytes(box[:NONCE]), bytes(box[NONCE:]), label.encode())
    except (InvalidTag, ValueError) as error:
        raise DoesNotOpen from error


@cache
def _derived(master: str, use: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"haiphong-egov signing {use}".encode()).derive(
        master.encode()
    )


def master_key(use: str) -> bytes:
    """A key for one use, derived from SIGNING_MASTER_KEY."""
    return _derived(settings.SIGNING_MASTER_KEY, use)


def pin_key(pin: str, salt: bytes) -> bytes:
    stretched = hashlib.scrypt(pin.encode(), salt=bytes(salt), **SCRYPT)
    return hmac.new(master_key("pin"), stretched, hashlib.sha256).digest()


def wrap_private_key(private_key: PrivateKey, *, dek: bytes, uid: str) -> bytes:
    der = private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return lock_box(der, key=dek, label=f"key:{uid}")


def unwrap_private_key(box: bytes, *, dek: bytes, uid: str) -> PrivateKey:
    """The key, ready to sign. It was checked when it was made or imported, so OpenSSL's 50 ms check is skipped."""
    der = open_box(box, key=dek, label=f"key:{uid}")
    key = serialization.load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise DoesNotOpen
    return key


def seal_unlock(dek: bytes, *, uid: str, user_id: int | None, expires_at: float) -> bytes:
    """The one-time hand-over from the web process, where the PIN was typed, to the worker."""
    body = json.dumps({"dek": base64.b64encode(dek).decode(), "user": user_id, "expires": expires_at})
    return lock_box(body.encode(), key=master_key("unlock"), label=f"unlock:{uid}")


def open_unlock(box: bytes, *, uid: str, user_id: int | None, now: float) -> bytes:
    """The data key. DoesNotOpen: another key, another person, or too old."""
    body = json.loads(open_box(box, key=master_key("unlock"), label=f"unlock:{uid}"))
    if body["user"] != user_id or body["expires"] < now:
        raise DoesNotOpen
    return base64.b64decode(body["dek"])
