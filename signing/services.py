"""The public face of signing for the apps above it.

A signature: `precheck` → `unlock` → `request_signature`; the result arrives by `signals.signature_made`.
A check: `verify` for bytes, `verify_stored` for a file of ours, `find_paper` for a printed code.
"""

from signing.actions import (
    blank_papers,
    cancel,
    files_of,
    find_paper,
    new_code,
    printed_code,
    publish_paper,
    request_signature,
    retry,
    signatures_in,
    withdraw_paper,
)
from signing.checking import store_verification, verify, verify_stored
from signing.errors import CertificateProblem, KeyLocked, WrongPin
from signing.keys import (
    change_pin,
    entrust,
    held_by,
    is_locked,
    keys_of,
    newest_of,
    precheck,
    seal_of,
    system_seal,
    unlock,
    wrong_pins,
)
from signing.progress import Progress, progress, progress_of
from signing.verdict import SignatureReport, Verdict

__all__ = [
    "CertificateProblem",
    "KeyLocked",
    "Progress",
    "SignatureReport",
    "Verdict",
    "WrongPin",
    "blank_papers",
    "cancel",
    "change_pin",
    "entrust",
    "files_of",
    "find_paper",
    "held_by",
    "is_locked",
    "keys_of",
    "new_code",
    "newest_of",
    "precheck",
    "printed_code",
    "progress",
    "progress_of",
    "publish_paper",
    "request_signature",
    "retry",
    "seal_of",
    "signatures_in",
    "store_verification",
    "system_seal",
    "unlock",
    "verify",
    "verify_stored",
    "withdraw_paper",
    "wrong_pins",
]
