"""A certificate authority for the demo and the tests: root, issuing CA, leaf certificates, OCSP, CRL, timestamps.

Every subject says DEMO_MARK; outside DEBUG nothing here works and its root is refused. Keys lie open in PKI_DIR.
What the server answers comes from `revoked.json`, so a certificate issued or revoked by any process counts at once.
"""

import base64
import fcntl
import hashlib
import json
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from core import files
from core.models import StoredFile
from signing import cms, demo_images, der, keys, revocation
from signing.choices import KeyKind
from signing.envelope import PrivateKey
from signing.models import SigningKey, TrustAnchor
from signing.trust import DEMO_MARK, fingerprint

if TYPE_CHECKING:
    from org.models import Organization, User

ROOT, ISSUING, TSA = "root", "issuing", "tsa"
BORN = datetime(2024, 1, 1, tzinfo=UTC)  # so that certificates of the past can be made for tests
LISTS_LAST = timedelta(days=30)
ANSWERS_LAST = timedelta(hours=6)
NAME_LIMIT = 64  # X.520: ub-common-name, ub-organization-name
TIME_POLICY = "2.25.2026112201"
StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: PrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()


# --- making the authority ---


def prepare() -> None:
    """Make what is missing: keys, certificates, revocation lists. Repeating it keeps what is there."""
    _only_in_demo()
    with _locked():
        if not _place(TSA).with_suffix(".pem").exists():
            _found_authority()
        _publish_lists()


def register_anchor() -> None:
    """Trust the demo root in this database."""
    root = authority(ROOT)
    TrustAnchor.objects.get_or_create(
        sha256=fingerprint(root.der),
        defaults={"name": keys.chain.name_of(root.certificate), "pem": root.pem, "is_demo": True},
    )


def authority(name: str) -> Authority:
    """`root`, `issuing` or `tsa`, made on first use."""
    pem = _place(name).with_suffix(".pem")
    if not pem.exists():
        prepare()
    return _loaded(str(pem), pem.stat().st_mtime_ns)


def chain_pem() -> str:
    return authority(ISSUING).pem


@lru_cache(maxsize=16)
def _loaded(pem: str, _changed: int) -> Authority:
    path = Path(pem)
    private_key = serialization.load_pem_private_key(path.with_suffix(".key").read_bytes(), password=None)
    if not isinstance(private_key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ImproperlyConfigured(f"unexpected kind of key beside {pem}")
    return Authority(x509.load_pem_x509_certificate(path.read_bytes()), private_key)


def _found_authority() -> None:
    root_key, issuing_key, time_key = (rsa.generate_private_key(65537, 2048) for _name in range(3))
    root_name = _name("Hải Phòng – Chứng thực gốc", DEMO_MARK)
    root = _build(
        root_key.public_key(), root_name, root_name, root_key, BORN, BORN + timedelta(days=365 * 20),
        [(x509.BasicConstraints(ca=True, path_length=1), True), (_usage("key_cert_sign", "crl_sign"), True)],
    )  # fmt: skip
    issuing_name = _name("Hải Phòng – Chứng thực cấp chứng thư", DEMO_MARK)
    issuing = _build(
        issuing_key.public_key(), issuing_name, root_name, root_key, BORN, BORN + timedelta(days=365 * 15),
        [
            (x509.BasicConstraints(ca=True, path_length=0), True),
            (_usage("key_cert_sign", "crl_sign", "digital_signature"), True),
            *_pointers(ROOT),
        ],
    )  # fmt: skip
    stamper = _build(
        time_key.public_key(), _name("Hải Phòng – Dấu thời gian", DEMO_MARK), issuing_name, issuing_key,
        BORN, BORN + timedelta(days=365 * 10),
        [
            (_usage("digital_signature"), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
            *_pointers(ISSUING),
        ],
    )  # fmt: skip
    for name, certificate, key in (
        (ROOT, root, root_key), (ISSUING, issuing, issuing_key), (TSA, stamper, time_key)
    ):  # fmt: skip
        _write(_place(name).with_suffix(".key"), _key_pem(key))
        _write(_place(name).with_suffix(".pem"), certificate.public_bytes(serialization.Encoding.PEM))


# --- certificates ---


def issue_certificate(
    public_key: Any,
    *,
    name: str,
    organization: str = "",
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    usage: Iterable[str] = ("digital_signature", "content_commitment"),
) -> x509.Certificate:
    """A leaf of the issuing CA, for two years from yesterday unless told otherwise."""
    _only_in_demo()
    issuer = authority(ISSUING)
    start = not_before or datetime.now(UTC) - timedelta(days=1)
    return _build(
        public_key,
        _name(name, DEMO_MARK, organization),
        issuer.certificate.subject,
        issuer.key,
        start,
        not_after or start + timedelta(days=730),
        [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_usage(*usage), True),
            *_pointers(ISSUING),
        ],
    )


@transaction.atomic
def issue_demo_key(
    *,
    owner_user: "User | None" = None,
    owner_organization: "Organization | None" = None,
    kind: KeyKind | str,
    pin: str = "",
    image: StoredFile | bool | None = True,
    holders: Iterable["User"] = (),
    algorithm: str = "ec",
    not_before: datetime | None = None,
    not_after: datetime | None = None,
) -> SigningKey:
    """A key with its certificate, as an authority would hand it over. `holders` may use a seal, each with `pin`.

    `image`: a stored picture, True to draw a specimen, None for none. ImproperlyConfigured outside DEBUG.
    """
    _only_in_demo()
    register_anchor()
    kind = KeyKind(kind)
    name, organization = _names(owner_user, owner_organization, kind)
    private_key: PrivateKey = (
        rsa.generate_private_key(65537, 2048)
        if algorithm == "rsa"
        else ec.generate_private_key(ec.SECP256R1())
    )
    certificate = issue_certificate(
        private_key.public_key(),
        name=name,
        organization=organization,
        not_before=not_before,
        not_after=not_after,
    )
    return keys.adopt(
        private_key,
        certificate,
        chain_pem(),
        kind=kind,
        owner_user=owner_user,
        owner_organization=owner_organization,
        holders=holders,
        pin=pin,
        image=_specimen(kind, name) if image is True else image or None,
    )


def _names(
    owner_user: "User | None", owner_organization: "Organization | None", kind: KeyKind
) -> tuple[str, str]:
    if kind == KeyKind.PERSONAL:
        if owner_user is None:
            raise ValueError("a personal key needs owner_user")
        unit = owner_organization or (owner_user.hat.organization if owner_user.hat else None)
        return owner_user.full_name, unit.name if unit else ""
    if owner_organization is None:
        raise ValueError("a seal needs owner_organization")
    return owner_organization.name, owner_organization.name


def _specimen(kind: KeyKind, name: str) -> StoredFile:
    drawn = demo_images.hand_signature(name) if kind == KeyKind.PERSONAL else demo_images.seal(name)
    return files.store_bytes(drawn, "image/png")


def revoke(
    certificate: x509.Certificate, *, at: datetime | None = None, reason: str = "keyCompromise"
) -> None:
    """Put a certificate on the list; OCSP and the list on disk say so at once."""
    _only_in_demo()
    issuer = ROOT if certificate.issuer == authority(ROOT).certificate.subject else ISSUING
    with _locked():
        known = _revoked()
        moment = at or datetime.now(UTC)
        known.setdefault(issuer, {})[f"{certificate.serial_number:x}"] = [moment.timestamp(), reason]
        _write(_place("revoked.json"), json.dumps(known).encode())
        _publish_lists(force=True)
    revocation.forget(certificate)


def revoke_key(key: SigningKey, *, at: datetime | None = None) -> None:
    """The authority revokes the certificate of a key; the key itself does not know, as in real life."""
    revoke(x509.load_der_x509_certificate(bytes(key.certificate)), at=at)


def _build(
    public_key: Any,
    subject: x509.Name,
    issuer_name: x509.Name,
    issuer_key: PrivateKey,
    start: datetime,
    end: datetime,
    extensions: list[tuple[x509.ExtensionType, bool]],
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
    builder = builder.add_extension(_authority_key(issuer_key), critical=False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key, hashes.SHA256())


def _authority_key(key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _name(common: str, unit: str, organization: str = "") -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, "VN"), (NameOID.LOCALITY_NAME, "Hải Phòng")]
    if organization:
        parts.append((NameOID.ORGANIZATION_NAME, organization[:NAME_LIMIT]))
    parts += [(NameOID.ORGANIZATIONAL_UNIT_NAME, unit), (NameOID.COMMON_NAME, common[:NAME_LIMIT])]
    # RFC 5280 limits characters; the library counts UTF-8 bytes, which Vietnamese names overrun.
    return x509.Name([x509.NameAttribute(oid, text, _validate=False) for oid, text in parts])


def _usage(*granted: str) -> x509.KeyUsage:
    bits = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{bit: bit in granted for bit in bits})


def _pointers(issuer: str) -> list[tuple[x509.ExtensionType, bool]]:
    base = f"http://127.0.0.1:{settings.PKI_PORT}"
    responder = x509.AccessDescription(
        AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(f"{base}/ocsp/{issuer}")
    )
    point = x509.DistributionPoint(
        [x509.UniformResourceIdentifier(f"{base}/crl/{issuer}.crl")], None, None, None
    )
    return [
        (x509.AuthorityInformationAccess([responder]), False),
        (x509.CRLDistributionPoints([point]), False),
    ]


# --- revocation ---


def _revoked() -> dict[str, dict[str, list[Any]]]:
    try:
        known: dict[str, dict[str, list[Any]]] = json.loads(_place("revoked.json").read_bytes())
    except FileNotFoundError:
        return {}
    return known


def _publish_lists(*, force: bool = False) -> None:
    """Write crl/<ca>.crl anew when something changed or half their time has passed."""
    known, now = _revoked(), datetime.now(UTC)
    for name in (ROOT, ISSUING):
        path = _place("crl") / f"{name}.crl"
        if not force and path.exists():
            current = x509.load_der_x509_crl(path.read_bytes())
            if current.next_update_utc and current.next_update_utc - now > LISTS_LAST / 2:
                continue
        ca = authority(name)
        builder = x509.CertificateRevocationListBuilder().issuer_name(ca.certificate.subject)
        builder = builder.last_update(now - timedelta(minutes=1)).next_update(now + LISTS_LAST)
        builder = builder.add_extension(_authority_key(ca.key), critical=False).add_extension(
            x509.CRLNumber(int(now.timestamp() * 1000)), critical=False
        )
        for serial, (at, reason) in known.get(name, {}).items():
            entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16))
            entry = entry.revocation_date(datetime.fromtimestamp(at, UTC))
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        _write(path, builder.sign(ca.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))


def answer_ocsp(issuer: str, query: bytes) -> bytes:
    """Good unless revoked: this authority does not remember what it issued."""
    request = ocsp.load_der_ocsp_request(query)
    ca, now = authority(issuer), datetime.now(UTC)
    at, reason = _revoked().get(issuer, {}).get(f"{request.serial_number:x}", (None, ""))
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=request.issuer_name_hash,
        issuer_key_hash=request.issuer_key_hash,
        serial_number=request.serial_number,
        algorithm=request.hash_algorithm,
        cert_status=ocsp.OCSPCertStatus.REVOKED if at else ocsp.OCSPCertStatus.GOOD,
        this_update=now - timedelta(minutes=1),
        next_update=now + ANSWERS_LAST,
        revocation_time=datetime.fromtimestamp(at, UTC) if at else None,
        revocation_reason=x509.ReasonFlags(reason) if at else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, ca.certificate)
    return builder.sign(ca.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


# --- timestamps ---


def answer_timestamp(query: bytes, *, at: datetime | None = None) -> bytes:
    """RFC 3161: a token with our certificate and the issuing CA's."""
    request = tsp.TimeStampReq.load(query, strict=True)
    info = {
        "version": "v1",
        "policy": TIME_POLICY,
        "message_imprint": request["message_imprint"],
        "serial_number": secrets.randbits(63),
        "gen_time": at or datetime.now(UTC),
    }
    if request["nonce"].native is not None:
        info["nonce"] = request["nonce"].native
    content = tsp.TSTInfo(info).dump()
    stamper = authority(TSA)
    signed = cms.attributes(hashlib.sha256(content).digest(), stamper.der, content_type=cms.TST_INFO)
    token = cms.message(
        signed,
        cms.sign_digest(stamper.key, signed.digest),
        stamper.der,
        chain=[authority(ISSUING).der],
        content_type=cms.TST_INFO,
        content=content,
    )
    return der.sequence(der.sequence(der.integer(0)), token)


# --- the server ---


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """/ocsp/<ca>, /crl/<ca>.crl, /ca/<ca>.pem, /tsa, /healthz."""
    status, kind, body = _routed(environ)
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


def _routed(environ: dict[str, Any]) -> tuple[str, str, bytes]:
    path = environ.get("PATH_INFO", "")
    head, _slash, name = path.strip("/").partition("/")
    stem = name.rpartition(".")[0] or name
    try:
        if head == "healthz":
            return "200 OK", "text/plain", b"ok"
        if head == "tsa":
            return "200 OK", "application/timestamp-reply", answer_timestamp(_body(environ))
        if head == "ocsp" and stem.split("/")[0] in {ROOT, ISSUING}:
            issuer, _slash, encoded = name.partition("/")
            query = base64.b64decode(encoded) if encoded else _body(environ)
            return "200 OK", "application/ocsp-response", answer_ocsp(issuer, query)
        if head == "crl" and stem in {ROOT, ISSUING}:
            return "200 OK", "application/pkix-crl", (_place("crl") / f"{stem}.crl").read_bytes()
        if head == "ca" and stem in {ROOT, ISSUING, TSA}:
            return "200 OK", "application/x-pem-file", authority(stem).pem.encode()
    except (ValueError, TypeError, KeyError):
        return "400 Bad Request", "text/plain", b"bad request"
    return "404 Not Found", "text/plain", b"not found"


def _body(environ: dict[str, Any]) -> bytes:
    size = min(int(environ.get("CONTENT_LENGTH") or 0), 64 * 1024)
    body: bytes = environ["wsgi.input"].read(size)
    return body


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def server_bind(self) -> None:
        """Without WSGIServer's look-up of the host name, which may wait for a name server."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
        self.setup_environ()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: one line a request would drown the demo's own log."""


def make_server(port: int | None = None) -> WSGIServer:
    """Bound to loopback; call `serve_forever()`, and `shutdown()` from another thread."""
    prepare()
    server = _Server(("127.0.0.1", settings.PKI_PORT if port is None else port), _Quiet)
    server.set_app(application)
    return server


@contextmanager
def serving(port: int | None = None) -> Iterator[int]:
    """The server in a thread of this process (tests, bench). Yields its port."""
    server = make_server(port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# --- files ---


def _only_in_demo() -> None:
    if not settings.DEBUG:
        raise ImproperlyConfigured("the demo authority works only with DEBUG on")


def _place(name: str) -> Path:
    return Path(settings.PKI_DIR) / name


@contextmanager
def _locked() -> Iterator[None]:
    """One process at a time makes or changes the authority."""
    Path(settings.PKI_DIR).mkdir(parents=True, exist_ok=True, mode=0o700)
    with _place("lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(content)
    fresh.replace(path)


def _key_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
