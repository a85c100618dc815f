"""Those who keep the signed roots outside: what they hold cannot be changed by whoever rules the database.

Two are configurable: a folder (AUDIT_HOLDER_DIR; files are written once and never again, as in an object store with a
lock) and an HTTPS address (AUDIT_HOLDER_URL). The folder also gets the list of events and leaves of each batch (numbers
and hashes only), so that verification can name the very event that was changed. Each holder has an owed row: all
batches after `held_to`.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.translation import gettext as _

from core.models import AuditBatch, AuditEntry, AuditHolder, AuditTimestamp
from core.transparency import leaves
from core.transparency.headers import Header, header_of

log = structlog.get_logger()

LEASE = timedelta(minutes=2)  # longer than one round takes
ROUND = 100  # batches a round
RETRY_SECONDS = (5, 15, 60, 300, 900)
HTTP_TIMEOUT_SECONDS = (3, 10)
ANSWER_BYTES = 16 * 1024 * 1024
SHELF = 1000  # batches a subfolder


class HolderAway(Exception):
    """The holder did not take or tell it. The text is Vietnamese."""


class Disputed(Exception):
    """The holder keeps another version of a batch: somebody has rewritten the log (or the holder)."""


@dataclass(frozen=True)
class Kept:
    """One batch as a holder has it."""

    header: Header
    signature: bytes


class Holder(Protocol):
    name: str

    @property
    def label(self) -> str:
        """For people."""

    def put(self, batches: list[AuditBatch], stamps: list[AuditTimestamp]) -> None:
        """Keep these. HolderAway, Disputed."""

    def kept(self, first: int, last: int) -> Iterator[Kept]:
        """What is kept of batches `first` to `last`, in order; missing ones are left out. HolderAway."""

    def last(self) -> int:
        """The highest batch kept; 0: none. HolderAway."""


def signed_json(batch: AuditBatch) -> dict[str, Any]:
    """One batch as everybody outside gets it."""
    return {"header": batch.header.as_json(), "signature": bytes(batch.signature).hex()}


def _kept(told: Any) -> Kept:
    return Kept(header_of(told["header"]), bytes.fromhex(told["signature"]))


# ── a folder ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Folder:
    """`0000000/0000000042.json`, beside it `.leaves` (event numbers and leaves) and, for some, `.tst` (RFC 3161)."""

    name = "folder"

    def __init__(self, root: str) -> None:
        self.root = Path(root)

    @property
    def label(self) -> str:
        return str(_("thư mục chỉ ghi một lần"))

    def path(self, number: int, suffix: str) -> Path:
        return self.root / f"{number // SHELF:07d}" / f"{number:010d}.{suffix}"

    def put(self, batches: list[AuditBatch], stamps: list[AuditTimestamp]) -> None:
        try:
            for batch in batches:
                self._write_once(self.path(batch.number, "leaves"), self._leaves(batch))
                text = leaves.canonical(signed_json(batch)) + "\n"
                self._write_once(self.path(batch.number, "json"), text.encode())
            for stamp in stamps:
                self._write_once(self.path(stamp.batch_id, "tst"), bytes(stamp.token))
        except OSError as error:
            raise HolderAway(
                _("Không ghi được vào thư mục: %(error)s") % {"error": error.strerror}
            ) from error

    def kept(self, first: int, last: int) -> Iterator[Kept]:
        for number in range(first, last + 1):
            with suppress(FileNotFoundError):
                try:
                    yield _kept(_loaded(self.path(number, "json").read_bytes()))
                except (OSError, ValueError, KeyError, TypeError) as error:
                    if isinstance(error, FileNotFoundError):
                        raise
                    raise HolderAway(_("Không đọc được lô %(number)d.") % {"number": number}) from error

    def last(self) -> int:
        shelves = sorted((one for one in self.root.glob("[0-9]*") if one.is_dir()), reverse=True)
        for shelf in shelves:
            numbers = [int(one.stem) for one in shelf.glob("*.json")]
            if numbers:
                return max(numbers)
        return 0

    def stamped(self, first: int, last: int) -> Iterator[int]:
        """Batches `first` to `last` of which a timestamp is kept, by the names of the files alone."""
        for shelf in range(first // SHELF, last // SHELF + 1):
            for one in self.path(shelf * SHELF, "tst").parent.glob("*.tst"):
                if one.stem.isdecimal() and first <= int(one.stem) <= last:
                    yield int(one.stem)

    def leaves_of(self, number: int) -> list[tuple[int, bytes]] | None:
        """(event number, leaf) of each entry as it was when the batch was exported. None: not kept."""
        try:
            lines = self.path(number, "leaves").read_text().splitlines()
            return [(int(event), bytes.fromhex(leaf)) for event, leaf in (line.split() for line in lines)]
        except (OSError, ValueError):
            return None

    @staticmethod
    def _leaves(batch: AuditBatch) -> bytes:
        rows = AuditEntry.objects.filter(seq__gte=batch.first_seq, seq__lte=batch.last_seq).order_by("seq")
        found = rows.values_list("event_id", "leaf")
        return "".join(f"{event_id} {bytes(leaf).hex()}\n" for event_id, leaf in found).encode()

    def _write_once(self, path: Path, content: bytes) -> None:
        """The file appears whole or not at all. Disputed: it exists with other content."""
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(draft, 0o444)
            os.link(draft, path)
        except FileExistsError:
            if path.read_bytes() != content:
                raise Disputed(path.name) from None
        finally:
            os.unlink(draft)


def _loaded(text: bytes) -> Any:
    return json.loads(text)


# ── an address ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Address:
    """POST {"batches": […], "stamps": […]} → 200; 409: it keeps another version. GET ?from=&to= tells what it keeps."""

    name = "https"

    def __init__(self, url: str, token: str = "") -> None:
        if urlsplit(url).scheme != "https" and not settings.DEBUG:
            raise ImproperlyConfigured("AUDIT_HOLDER_URL must be https")
        self.url, self.token = url, token

    @property
    def label(self) -> str:
        return urlsplit(self.url).netloc

    def put(self, batches: list[AuditBatch], stamps: list[AuditTimestamp]) -> None:
        told = {
            "batches": [signed_json(batch) for batch in batches],
            "stamps": [{"number": stamp.batch_id, "token": bytes(stamp.token).hex()} for stamp in stamps],
        }
        self._ask("POST", json=told)

    def kept(self, first: int, last: int) -> Iterator[Kept]:
        while first <= last:
            page = self._ask("GET", params={"from": first, "to": min(last, first + SHELF - 1)})
            try:
                yield from (_kept(one) for one in page["batches"])
            except (ValueError, KeyError, TypeError) as error:
                raise HolderAway(_("Câu trả lời không đọc được.")) from error
            first += SHELF

    def last(self) -> int:
        try:
            return int(self._ask("GET", params={"from": 1, "to": 0})["last"])
        except (ValueError, KeyError, TypeError) as error:
            raise HolderAway(_("Câu trả lời không đọc được.")) from error

    def _ask(self, method: str, **asked: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            with requests.Session() as session:
                session.trust_env = False
                with session.request(
                    method, self.url, headers=headers, timeout=HTTP_TIMEOUT_SECONDS, allow_redirects=False,
                    stream=True, **asked,
                ) as reply:  # fmt: skip
                    return self._answer(reply)
        except (requests.RequestException, OSError) as error:
            raise HolderAway(_("Không kết nối được %(host)s.") % {"host": self.label}) from error

    def _answer(self, reply: requests.Response) -> Any:
        if reply.status_code == requests.codes.conflict:
            raise Disputed(self.label)
        if reply.status_code != requests.codes.ok:
            words = _("%(host)s trả lời mã %(code)s.") % {"host": self.label, "code": reply.status_code}
            raise HolderAway(words)
        content = bytearray()
        for chunk in reply.iter_content(64 * 1024):
            content += chunk
            if len(content) > ANSWER_BYTES:
                raise HolderAway(_("%(host)s trả lời quá lớn.") % {"host": self.label})
        try:
            return _loaded(bytes(content))
        except ValueError as error:
            raise HolderAway(_("Câu trả lời không đọc được.")) from error


# ── exporting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def folder() -> Folder | None:
    return Folder(settings.AUDIT_HOLDER_DIR) if settings.AUDIT_HOLDER_DIR else None


def configured() -> list[Holder]:
    found: list[Holder] = []
    if settings.AUDIT_HOLDER_DIR:
        found.append(Folder(settings.AUDIT_HOLDER_DIR))
    if settings.AUDIT_HOLDER_URL:
        found.append(Address(settings.AUDIT_HOLDER_URL, settings.AUDIT_HOLDER_TOKEN))
    return found


def export() -> int:
    """Bring every configured holder up to date; the others' rows wait. How many batches were handed over."""
    return sum(_serve(holder) for holder in configured())


def _serve(holder: Holder) -> int:
    """Rounds until this holder has all. Killed anywhere, the next round gives the same again: holders write once."""
    row, _created = AuditHolder.objects.get_or_create(name=holder.name)
    given = 0
    while _is_owed(row) and AuditHolder.objects.lease(row.pk, lease=LEASE):
        row.refresh_from_db()
        batches, stamps = _owed(row)
        try:
            holder.put(batches, stamps)
        except (HolderAway, Disputed) as error:
            _postpone(row, error)
            return given
        _note(row, batches, stamps)
        given += len(batches)
    return given


def _owed(row: AuditHolder) -> tuple[list[AuditBatch], list[AuditTimestamp]]:
    batches = list(AuditBatch.objects.filter(number__gt=row.held_to).order_by("number")[:ROUND])
    reached = batches[-1].number if batches else row.held_to
    stamps = AuditTimestamp.objects.filter(pk__gt=row.stamps_to, batch__lte=reached).order_by("pk")[:ROUND]
    return batches, list(stamps)


def _is_owed(row: AuditHolder) -> bool:
    return any(_owed(row))


def _note(row: AuditHolder, batches: Iterable[AuditBatch], stamps: Iterable[AuditTimestamp]) -> None:
    now = timezone.now()
    row.held_to = max([row.held_to, *(batch.number for batch in batches)])
    row.stamps_to = max([row.stamps_to, *(stamp.pk for stamp in stamps)])
    row.held_at, row.next_try_at, row.attempts, row.last_error, row.is_disputed = now, now, 0, "", False
    row.save(
        update_fields=[
            "held_to", "stamps_to", "held_at", "next_try_at", "attempts", "last_error", "is_disputed",
        ]
    )  # fmt: skip


def _postpone(row: AuditHolder, error: Exception) -> None:
    """Try again later, and say why. A dispute is an alarm that only a person can settle; it is repeated until then."""
    row.is_disputed = isinstance(error, Disputed)
    row.last_error = (
        str(_("Nơi giữ có bản khác với sổ này: %(what)s") % {"what": error})
        if row.is_disputed
        else str(error)
    )
    wait = RETRY_SECONDS[min(row.attempts, len(RETRY_SECONDS)) - 1]
    row.next_try_at = timezone.now() + timedelta(seconds=wait)
    row.save(update_fields=["is_disputed", "last_error", "next_try_at"])
    log.warning("audit_export_failed", holder=row.name, error=str(error), attempts=row.attempts)
