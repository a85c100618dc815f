"""The gateway to an official mailbox over IMAP: what is new since the last look, one mail at a time, within limits.

Nothing here decides about documents. The mailbox is only read (BODY.PEEK, no flags): whoever looks into it with a mail
program finds it as it was. Whatever a server or a mail does wrong ends as words for the clerk.
"""

import contextlib
import email
import email.policy
import imaplib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

MOST_AT_ONCE: Final = 200  # mails of one look; the rest at the next
MOST_PARTS: Final = 50  # of one mail
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_UID = re.compile(rb"UID (\d+)")


class MailServerError(Exception):
    """The server is away, refuses us, or answers nonsense. The text is for the clerk and the operator."""


@dataclass(frozen=True)
class Account:
    host: str
    port: int
    use_tls: bool
    user_name: str
    password: str
    folder: str
    timeout: float


@dataclass(frozen=True)
class Envelope:
    """One mail before it is fetched."""

    uid: int
    size: int


@dataclass
class Part:
    name: str
    data: bytes


@dataclass
class Letter:
    """A mail that could be read."""

    message_id: str = ""
    sender: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    text: str = ""
    parts: list[Part] = field(default_factory=list)


class Box:
    """An open folder. `uid_validity` changes when the server counts anew."""

    def __init__(self, connection: imaplib.IMAP4, uid_validity: int) -> None:
        self._connection = connection
        self.uid_validity = uid_validity

    def newer_than(self, uid: int) -> list[Envelope]:
        """Mails with a higher uid, oldest first, with their sizes; no content is fetched."""
        answer = _asked(self._connection.uid("SEARCH", f"UID {uid + 1}:*"))
        found = sorted({int(one) for one in (answer[0] or b"").split() if one.isdigit()})
        found = [one for one in found if one > uid][:MOST_AT_ONCE]
        if not found:
            return []
        sizes: dict[int, int] = {}
        for line in _asked(self._connection.uid("FETCH", ",".join(map(str, found)), "(RFC822.SIZE)")):
            raw = line[0] if isinstance(line, tuple) else line or b""
            at, size = _UID.search(raw), _SIZE.search(raw)
            if at and size:
                sizes[int(at[1])] = int(size[1])
        return [Envelope(one, sizes[one]) for one in found if one in sizes]

    def headers(self, uid: int) -> bytes:
        return self._fetch(uid, "(BODY.PEEK[HEADER])")[:200_000]

    def whole(self, uid: int) -> bytes:
        return self._fetch(uid, "(BODY.PEEK[])")

    def _fetch(self, uid: int, what: str) -> bytes:
        for line in _asked(self._connection.uid("FETCH", str(uid), what)):
            if isinstance(line, tuple):
                return bytes(line[1])
        return b""


@contextlib.contextmanager
def opened(account: Account) -> Iterator[Box]:
    """Sign in, open the folder for reading only, sign out whatever happens. MailServerError."""
    connection = None
    try:
        connection = _connected(account)
        _asked(connection.login(account.user_name, account.password))
        _asked(connection.select(f'"{account.folder}"', readonly=True))
        answer = connection.response("UIDVALIDITY")[1]
        validity = int(answer[0]) if answer and answer[0] else 0
        yield Box(connection, validity)
    except (imaplib.IMAP4.error, OSError, ssl.SSLError, ValueError, EOFError) as error:
        raise MailServerError(_words(error)) from error
    finally:
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.logout()


def _connected(account: Account) -> imaplib.IMAP4:
    if account.use_tls:
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(account.host, account.port, ssl_context=context, timeout=account.timeout)
    return imaplib.IMAP4(account.host, account.port, timeout=account.timeout)


def _asked(answer: Any) -> list[Any]:
    status, lines = answer
    if status != "OK":
        raise imaplib.IMAP4.error(str(lines)[:200])
    return lines


def _words(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return _("máy chủ thư không trả lời trong thời gian cho phép.")
    if isinstance(error, ssl.SSLError):
        return _("không lập được kết nối TLS tin cậy với máy chủ thư.")
    if isinstance(error, OSError):
        return _("không nối được máy chủ thư.")
    text = str(error)
    if "AUTHENTICATIONFAILED" in text.upper():
        return _("máy chủ thư không nhận tên đăng nhập hoặc mật khẩu.")
    return _("máy chủ thư trả lời không đúng: %(text)s") % {"text": text[:200]}


# --- reading a mail -------------------------------------------------------------------------------------------


class Unreadable(Exception):
    """This is no mail that could be read."""


def read_headers(raw: bytes) -> Letter:
    """Who, what, when; never raises on garbage."""
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
    except Exception:
        return Letter()
    return Letter(
        message_id=_header(message, "Message-ID", 300),
        sender=_header(message, "From", 300),
        subject=_header(message, "Subject", 500),
        sent_at=_sent(message),
    )


def read(raw: bytes) -> Letter:
    """The mail with its attachments. Unreadable: broken beyond use."""
    if not raw.strip():
        raise Unreadable(_("Thư rỗng."))
    letter = read_headers(raw)
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        for place, part in enumerate(message.walk()):
            if place > MOST_PARTS:
                raise Unreadable(_("Thư có quá nhiều phần."))
            if part.is_multipart():
                continue
            data = part.get_payload(decode=True)
            if not isinstance(data, bytes):
                continue
            name = part.get_filename() or ""
            if name or part.get_content_disposition() == "attachment":
                letter.parts.append(Part(str(name)[:4000] or _("tệp-không-tên"), data))
            elif part.get_content_type() == "text/plain" and not letter.text:
                letter.text = _decoded(data, part.get_content_charset() or "utf-8")
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(
            _("Không đọc được cấu trúc thư (%(kind)s).") % {"kind": type(error).__name__}
        ) from error
    if not (letter.sender or letter.subject or letter.parts):
        raise Unreadable(_("Không có người gửi, tiêu đề hay tệp kèm đọc được."))
    return letter


def _header(message: EmailMessage, name: str, at_most: int) -> str:
    try:
        value = str(message.get(name, "") or "")
    except Exception:
        return ""
    value = value.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c for c in value if c.isprintable()).split())[:at_most]


def _sent(message: EmailMessage) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(message.get("Date", "")))
    except Exception:
        return None
    at = timezone.make_aware(at) if timezone.is_naive(at) else at
    return at if 1990 <= at.year <= 2200 else None


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("utf-8", "replace")
