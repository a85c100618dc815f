"""Whom we believe, for signatures and for timestamps."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from asn1crypto import pem as asn1_pem
from asn1crypto import x509
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import RuleError
from signing.choices import AnchorPurpose
from signing.models import TrustAnchor

# Stands in the subject of every certificate of the demo authority, and nowhere else.
DEMO_MARK = "DEMO – không có giá trị pháp lý"


@dataclass(frozen=True)
class Anchors:
    """Roots (DER) per purpose."""

    signing: tuple[bytes, ...]
    timestamp: tuple[bytes, ...]

    @property
    def all(self) -> tuple[bytes, ...]:
        return tuple(dict.fromkeys((*self.signing, *self.timestamp)))


def stored_anchors() -> Anchors:
    """The active anchors of this installation. Without a usable database nothing is trusted."""
    try:
        with transaction.atomic():
            rows = list(TrustAnchor.objects.filter(active=True).values_list("purpose", "pem"))
    except DatabaseError:
        rows = []
    signing, stamps = [], []
    for purpose, pem in rows:
        roots = [root for root in certificates_in(pem) if is_admissible(root)]
        if purpose != AnchorPurpose.TIMESTAMP:
            signing += roots
        if purpose != AnchorPurpose.SIGNING:
            stamps += roots
    return Anchors(tuple(signing), tuple(stamps))


def given_anchors(pems: Iterable[str]) -> Anchors:
    """Exactly these roots, for everything. The demo root is refused outside DEBUG here too."""
    roots = tuple(root for pem in pems for root in certificates_in(pem) if is_admissible(root))
    return Anchors(roots, roots)


def certificates_in(pem: str) -> list[bytes]:
    """The certificates (DER) of a PEM text; other blocks are skipped. ValueError: not PEM."""
    return [
        body
        for kind, _headers, body in asn1_pem.unarmor(pem.encode(), multiple=True)
        if kind == "CERTIFICATE"
    ]


def is_admissible(root: bytes) -> bool:
    return settings.DEBUG or not is_demo(root)


@lru_cache(maxsize=64)
def is_demo(root: bytes) -> bool:
    return any(DEMO_MARK in str(value) for value in x509.Certificate.load(root).subject.native.values())


@transaction.atomic
def add_anchor(name: str, pem: str, *, purpose: str, actor: Any) -> TrustAnchor:
    """Believe one more root. RuleError: not exactly one CA certificate in PEM, or known already."""
    try:
        (root,) = certificates_in(pem)
        is_authority = bool(x509.Certificate.load(root).ca)
    except ValueError as error:
        raise RuleError(_("Cần đúng một chứng thư gốc dạng PEM.")) from error
    if not is_authority:
        raise RuleError(_("Đây không phải chứng thư của một tổ chức chứng thực."))
    if TrustAnchor.objects.filter(sha256=fingerprint(root)).exists():
        raise RuleError(_("Chứng thư gốc này đã có trong danh sách."))
    anchor = TrustAnchor.objects.create(
        name=name, pem=pem, purpose=purpose, sha256=fingerprint(root), is_demo=is_demo(root)
    )
    audit.record("signing.anchor_added", actor=actor, subject=anchor, note=name)
    return anchor


@transaction.atomic
def set_active(anchor: TrustAnchor, active: bool, *, actor: Any) -> None:
    """Stop or resume believing a root; signatures under it become «chưa xác định» at once."""
    anchor.active = active
    anchor.save(update_fields=["active"])
    event = "signing.anchor_resumed" if active else "signing.anchor_dropped"
    audit.record(event, actor=actor, subject=anchor, note=anchor.name)


def fingerprint(certificate: bytes) -> str:
    return hashlib.sha256(certificate).hexdigest()
