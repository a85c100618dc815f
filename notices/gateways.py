"""The SMS gateway: an HTTP adapter, and files for the demo. It decides nothing: what is sent, when, and how often
again is the row's business (notices/tasks.py)."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils import timezone

TIMEOUT_SECONDS = (3, 10)
ANSWER_BYTES = 64 * 1024


class Away(OSError):
    """No answer, or none that makes sense: try again later."""


class Refused(Exception):
    """The gateway will never send this one (number not in use, text not allowed)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The gateway has taken it over; `reference` is its own number for it."""

    reference: str


class SmsGateway(Protocol):
    def send(self, phone: str, text: str, *, key: str) -> Sent:
        """`phone` as 0912345678. The same `key` twice sends once. Raises Away or Refused."""


def sms() -> SmsGateway:
    """The configured one; files only with DEBUG: in production codes must not lie about. Away: there is none."""
    if settings.SMS_URL:
        return HttpGateway(settings.SMS_URL, settings.SMS_TOKEN, settings.SMS_SENDER)
    if settings.DEBUG:
        return Files()
    raise Away("SMS_URL is not set")


def international(phone: str) -> str:
    """0912345678 → +84912345678."""
    return f"+84{phone[1:]}" if phone.startswith("0") else phone


class Files:
    """One file per number: what a telephone would show. For the demo."""

    def send(self, phone: str, text: str, *, key: str) -> Sent:
        folder = Path(settings.SMS_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{phone}.txt").open("a", encoding="utf-8") as telephone:
            telephone.write(f"[{timezone.localtime():%d/%m/%Y %H:%M:%S}] {text}\n")
        return Sent(f"file-{key}")


@dataclass(frozen=True, slots=True)
class HttpGateway:
    """POST {to, from, text}; 2xx with an id is taken over, 4xx is a refusal (but 408, 425, 429), the rest is away."""

    url: str
    token: str
    sender: str

    def send(self, phone: str, text: str, *, key: str) -> Sent:
        session = requests.Session()
        session.trust_env = False  # a proxy of the environment must not read codes
        try:
            answer = session.post(
                self.url,
                json={"to": international(phone), "from": self.sender, "text": text},
                headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": key},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
                stream=True,
            )
            body = next(answer.iter_content(ANSWER_BYTES), b"")
        except (requests.RequestException, OSError) as error:
            raise Away(f"{urlsplit(self.url).netloc}: {type(error).__name__}") from error
        finally:
            session.close()
        return self._read(answer.status_code, body)

    def _read(self, status: int, body: bytes) -> Sent:
        try:
            told = json.loads(body)
            told = told if isinstance(told, dict) else {}
        except ValueError:
            told = {}
        if 400 <= status < 500 and status not in {401, 403, 408, 425, 429}:
            raise Refused(f"HTTP {status} {str(told.get('error', ''))[:100]}".strip())
        if not 200 <= status < 300:
            raise Away(f"HTTP {status}")
        if not told.get("id"):
            raise Away("answer without an id")
        return Sent(str(told["id"])[:120])
