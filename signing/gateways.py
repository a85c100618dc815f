"""Outside authorities: timestamps (RFC 3161), OCSP, CRL. Short timeouts, small answers, own errors."""

import os
import secrets
import threading
import time
from urllib.parse import urlsplit

import requests
from asn1crypto import tsp
from asn1crypto.algos import DigestAlgorithm
from django.conf import settings
from django.utils.translation import gettext as _

from signing.errors import AuthorityAway

TIMEOUT_SECONDS = (2, 3)
PATIENT_TIMEOUT_SECONDS = (2, 10)  # a timestamp authority under load; only the worker waits for it
ANSWER_BYTES = 8 * 1024 * 1024
QUIET_SECONDS = 20.0  # a host that did not answer is not asked again for so long
_local = threading.local()
_quiet_until: dict[str, float] = {}


def timestamp_url() -> str:
    """The configured authority, else the demo one while DEBUG is on."""
    if settings.TSA_URL:
        return str(settings.TSA_URL)
    if settings.DEBUG:
        return f"http://127.0.0.1:{settings.PKI_PORT}/tsa"
    raise AuthorityAway(_("Chưa cấu hình tổ chức cấp dấu thời gian (TSA_URL)."))


def timestamp(digest: bytes) -> bytes:
    """A timestamp token (DER) over a SHA-256 digest. AuthorityAway: no answer, refused, or about something else."""
    nonce = secrets.randbits(63)
    imprint = tsp.MessageImprint(
        {"hash_algorithm": DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": digest}
    )
    query = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "nonce": nonce, "cert_req": True})
    try:
        answer = _fetch(
            timestamp_url(), body=query.dump(), content_type="application/timestamp-query", patient=True
        )
    except AuthorityAway as away:
        raise AuthorityAway(_("Dịch vụ cấp dấu thời gian chưa trả lời.")) from away
    try:
        reply = tsp.TimeStampResp.load(answer, strict=True)
        status = reply["status"]["status"].native
        if status not in {"granted", "granted_with_mods"}:
            raise AuthorityAway(
                _("Tổ chức cấp dấu thời gian từ chối yêu cầu (%(status)s).") % {"status": status}
            )
        token = reply["time_stamp_token"]
        info = token["content"]["encap_content_info"]["content"].parsed
        same = info["message_imprint"]["hashed_message"].native == digest and info["nonce"].native == nonce
        encoded: bytes = token.dump()
    except (ValueError, TypeError, KeyError) as error:
        raise AuthorityAway(_("Tổ chức cấp dấu thời gian trả lời không đọc được.")) from error
    if not same:
        raise AuthorityAway(_("Tổ chức cấp dấu thời gian trả lời cho một yêu cầu khác."))
    return encoded


def ocsp(url: str, request: bytes) -> bytes:
    """The responder's answer, unchecked. AuthorityAway: none."""
    return _fetch(url, body=request, content_type="application/ocsp-request")


def crl(url: str) -> bytes:
    """A revocation list, unchecked. AuthorityAway: none."""
    return _fetch(url)


def forget_silence() -> None:
    """Ask every host again at once (tests, and a person who presses «try again»)."""
    _quiet_until.clear()


def _session() -> requests.Session:
    session: requests.Session | None = getattr(_local, "session", None)
    if session is None or _local.pid != os.getpid():  # a fork must not share its parent's sockets
        session, _local.pid = requests.Session(), os.getpid()
        session.trust_env = False
        _local.session = session
    return session


def _fetch(url: str, *, body: bytes | None = None, content_type: str = "", patient: bool = False) -> bytes:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise AuthorityAway(_("Địa chỉ không hỗ trợ: %(url)s") % {"url": url[:200]})
    host = parts.netloc
    if not patient and time.monotonic() < _quiet_until.get(host, 0):
        raise AuthorityAway(_("Không kết nối được %(host)s.") % {"host": host})
    try:
        with _session().request(
            "POST" if body is not None else "GET",
            url,
            data=body,
            headers={"Content-Type": content_type} if content_type else {},
            timeout=PATIENT_TIMEOUT_SECONDS if patient else TIMEOUT_SECONDS,
            allow_redirects=False,
            stream=True,
        ) as reply:
            if reply.status_code != requests.codes.ok:
                raise AuthorityAway(
                    _("%(host)s trả lời mã %(code)s.") % {"host": host, "code": reply.status_code}
                )
            return _small(reply, host)
    except (requests.RequestException, OSError) as error:
        _quiet_until[host] = time.monotonic() + QUIET_SECONDS
        raise AuthorityAway(_("Không kết nối được %(host)s.") % {"host": host}) from error


def _small(reply: requests.Response, host: str) -> bytes:
    content = bytearray()
    for chunk in reply.iter_content(64 * 1024):
        content += chunk
        if len(content) > ANSWER_BYTES:
            raise AuthorityAway(_("%(host)s trả lời quá lớn.") % {"host": host})
    return bytes(content)
