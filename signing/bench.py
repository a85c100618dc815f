"""Rates of signing and checking against their floor, per second of this process's CPU (domain/signing.md §4).

Needs the demo authority (DEBUG). Floors and candidates run in turns, so a busy machine slows all of them alike.
"""

import hashlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import tsp
from asn1crypto.algos import DigestAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core import pdf
from signing import cms, demo_pki, pades, trust, validate

HTML = "<html lang='vi'><title>Đo</title><body><h1>GIẤY ĐO TỐC ĐỘ</h1><p style='break-after:page'>Trang 1</p><p>Trang 2</p></body></html>"


@dataclass(frozen=True)
class Rates:
    """Per CPU second: raw RSA-2048 values, B-B and B-T signatures, full checks of one and of two signatures."""

    raw_rsa: float
    sign_b_b: float
    sign_b_t: float
    verify_one: float
    verify_two: float
    recheck_by_hash: float

    @property
    def ratios(self) -> dict[str, float]:
        """`sign_of_raw` is the one with a bar: at least 0.06."""
        return {
            "sign_of_raw": self.sign_b_b / self.raw_rsa,
            "sign_b_t_of_raw": self.sign_b_t / self.raw_rsa,
            "verify_of_sign": self.verify_one / self.sign_b_b,
            "recheck_of_verify": self.recheck_by_hash / self.verify_one,
        }


def measure(*, seconds: float = 5.0, rounds: int = 5) -> Rates:
    """Median of `rounds`, each candidate getting `seconds` in all. The B-T rate includes the demo authority's work."""
    world = _World()
    candidates: dict[str, Callable[[], object]] = {
        "raw_rsa": world.raw,
        "sign_b_b": world.sign,
        "sign_b_t": world.sign_with_timestamp,
        "verify_one": world.verify_one,
        "verify_two": world.verify_two,
        "recheck_by_hash": world.recheck,
    }
    for work in candidates.values():
        work()  # warm up
    seen: dict[str, list[float]] = {name: [] for name in candidates}
    for _round in range(rounds):
        for name, work in candidates.items():
            seen[name].append(_rate(work, seconds / rounds))
    return Rates(**{name: statistics.median(rates) for name, rates in seen.items()})


def _rate(work: Callable[[], object], seconds: float) -> float:
    done, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds or done < 2:
        work()
        done += 1
    return done / spent


class _World:
    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        certificate = demo_pki.issue_certificate(self.key.public_key(), name="Đo tốc độ")
        self.certificate = certificate.public_bytes(serialization.Encoding.DER)
        self.chain = [demo_pki.authority(demo_pki.ISSUING).der]
        root = demo_pki.authority(demo_pki.ROOT).der
        self.anchors = trust.Anchors((root,), (root,))
        self.source = pdf.render_html(HTML).data
        self.one = self.sign_with_timestamp()
        self.two = self.sign_with_timestamp(self.one, "B")
        self.digest = hashlib.sha256(b"").digest()

    def raw(self) -> bytes:
        return cms.sign_digest(self.key, self.digest)

    def sign(self, source: bytes = b"", field: str = "A", *, stamped: bool = False) -> bytes:
        prepared = pades.prepare(
            source or self.source, field_name=field, box=None, stamp=None, name="Đo", at=datetime.now(UTC)
        )
        attributes = cms.attributes(prepared.digest, self.certificate)
        value = cms.sign_digest(self.key, attributes.digest)
        token = _timestamp(hashlib.sha256(value).digest()) if stamped else b""
        message = cms.message(attributes, value, self.certificate, chain=self.chain, timestamp_token=token)
        return pades.embed(prepared, message)

    def sign_with_timestamp(self, source: bytes = b"", field: str = "A") -> bytes:
        return self.sign(source, field, stamped=True)

    def verify_one(self) -> str:
        return validate.judge(self.one, self.anchors, online=False).verdict

    def verify_two(self) -> str:
        return validate.judge(self.two, self.anchors, online=False).verdict

    def recheck(self) -> str:
        return hashlib.sha256(self.one).hexdigest()


def _timestamp(digest: bytes) -> bytes:
    """A token without the way over HTTP."""
    imprint = tsp.MessageImprint(
        {"hash_algorithm": DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": digest}
    )
    query = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "cert_req": True})
    token: bytes = tsp.TimeStampResp.load(demo_pki.answer_timestamp(query.dump()))["time_stamp_token"].dump()
    return token
