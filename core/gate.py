"""The upload gate: what a stranger sends is looked at before anything else touches it.

Type by content, size, then a look inside in a process of its own with hard limits (core/probe.py), then clamd when
it is configured. pyHanko signs a hostile PDF without complaint, so the gate stands before signing. No database.
"""

import json
import os
import socket
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

log = structlog.get_logger()

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
CITIZEN_TYPES = frozenset({PDF, JPEG, PNG})
STAFF_TYPES = CITIZEN_TYPES | {DOCX, XLSX, ODT}

# Together under 15 seconds, whatever the file.
PROBE_SECONDS = 7.0
PROBE_CPU_SECONDS = 6
PROBE_MEMORY_MB = 1024
CLAMD_SECONDS = 4.0
PROBE = Path(__file__).resolve().parent / "probe.py"


class Outcome(TextChoices):
    ACCEPTED = "accepted", gettext_lazy("nhận")
    REFUSED = "refused", gettext_lazy("không nhận")


@dataclass(frozen=True)
class Inspection:
    """The gate's answer. `reasons` are whole Vietnamese sentences that say what to do; empty when accepted."""

    outcome: Outcome
    reasons: list[str] = field(default_factory=list)
    media_type: str = ""
    pages: int | None = None
    scanned: bool = False


def inspect(
    path: Path, *, types: frozenset[str] = CITIZEN_TYPES, rewrite_to: Path | None = None
) -> Inspection:
    """Look at the file. With `rewrite_to`, an accepted photo is written there upright and without its notes."""
    problem = _unreadable(path)
    if problem:
        return _refused([problem])
    with path.open("rb") as source:
        head = source.read(4096)
    media_type = media_type_of(head)
    if media_type not in types:
        return _refused([_wrong_type(head, media_type, types)], media_type)
    seen = _probe(path, media_type, rewrite_to)
    pages = seen.get("pages")
    if seen["findings"]:
        return _refused([_in_words(finding, pages) for finding in seen["findings"]], media_type, pages)
    virus = _scan(path) if settings.CLAMD else None
    if virus:
        return _refused([virus], media_type, pages)
    return Inspection(Outcome.ACCEPTED, [], media_type, pages, scanned=bool(settings.CLAMD))


def too_big() -> str:
    return _("Tệp lớn hơn %(cap)s MB. Nén nhỏ lại, chia thành nhiều tệp, hoặc chụp ảnh từng trang.") % {
        "cap": settings.UPLOAD_MAX_MB
    }


def media_type_of(head: bytes) -> str:
    """The type by content, from the first 4 kB; empty when it is none that the gate knows."""
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"PK\x03\x04"):
        if head[30:].startswith(b"mimetypeapplication/vnd.oasis.opendocument.text"):
            return ODT
        if b"word/" in head:
            return DOCX
        if b"xl/" in head:
            return XLSX
    return ""


def _refused(reasons: list[str], media_type: str = "", pages: int | None = None) -> Inspection:
    return Inspection(Outcome.REFUSED, list(dict.fromkeys(reasons)), media_type, pages)


def _unreadable(path: Path) -> str:
    """Why the file cannot even be opened, or is too big to look at; empty when it can. Never waits on a pipe."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return _("Không tìm thấy tệp. Kiểm tra lại đường dẫn.")
    except (OSError, ValueError):
        return _("Không mở được tệp. Kiểm tra lại đường dẫn và quyền đọc.")
    if not stat.S_ISREG(found.st_mode):
        return _("Đây không phải một tệp thường (thư mục, ống dẫn hoặc thiết bị). Chọn một tệp.")
    if found.st_size == 0:
        return _("Tệp rỗng, không có nội dung. Chọn lại tệp.")
    if found.st_size > settings.UPLOAD_MAX_MB * 1024 * 1024:
        return too_big()
    if not os.access(path, os.R_OK):
        return _("Không có quyền đọc tệp.")
    return ""


def _wrong_type(head: bytes, media_type: str, types: frozenset[str]) -> str:
    if head.startswith((b"MZ", b"\x7fELF")):
        found = _("Nội dung tệp là một chương trình máy tính.")
    elif b"%PDF-" in head[:1024]:
        return _(
            "Tệp PDF có dữ liệu lạ ở đầu nên không mở được đúng chuẩn. Xuất lại thành PDF mới, hoặc chụp ảnh tờ giấy."
        )
    elif media_type in (DOCX, XLSX, ODT) or head.startswith(b"\xd0\xcf\x11\xe0"):
        found = _("Đây là tệp văn phòng (Word, Excel). Lưu thành PDF rồi tải lại.")
    elif head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftyphevc"):
        found = _(
            "Đây là ảnh HEIC. Đổi sang JPG, hoặc chọn «Tương thích nhất» trong cài đặt máy ảnh rồi chụp lại."
        )
    elif head.startswith((b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        found = _("Đây là tệp nén. Giải nén rồi tải từng tệp.")
    else:
        found = _("Nội dung tệp không đúng loại, dù tên tệp có thể ghi khác.")
    accepted = (
        _("Nhận PDF, JPG, PNG.") if types == CITIZEN_TYPES else _("Nhận PDF, JPG, PNG, DOCX, XLSX, ODT.")
    )
    return f"{found} {accepted}"


def _in_words(finding: str, pages: int | None) -> str:
    script = _("Tệp PDF chứa mã lệnh JavaScript. In lại thành PDF thường, hoặc chụp ảnh tờ giấy.")
    action = _(
        "Tệp PDF chứa lệnh tự mở hoặc gửi dữ liệu ra ngoài. In lại thành PDF thường, hoặc chụp ảnh tờ giấy."
    )
    sentences = {
        "password": _("Tệp có mật khẩu nên không mở được. Bỏ mật khẩu rồi tải lại, hoặc chụp ảnh tờ giấy."),
        "owner_password": _(
            "Tệp bị khóa bằng mật khẩu chủ sở hữu. Bỏ khóa rồi tải lại, hoặc chụp ảnh tờ giấy."
        ),
        "damaged": _("Tệp bị hỏng hoặc thiếu nội dung. Xuất lại tệp, hoặc chụp ảnh tờ giấy."),
        "no_pages": _("Tệp PDF không có trang nào. Chọn lại tệp."),
        "too_many_pages": _(
            "Tệp có %(pages)s trang, nhiều hơn mức %(cap)s trang. Chia thành nhiều tệp nhỏ hơn."
        )
        % {"pages": f"{pages or 0:,}".replace(",", "."), "cap": settings.UPLOAD_MAX_PAGES},
        "javascript": script,
        "launch": action,
        "import_data": action,
        "submit_form": action,
        "goto_embedded": action,
        "rich_media": _("Tệp PDF chứa phim hoặc nội dung chạy được. In lại thành PDF thường."),
        "xfa": _("Tệp PDF là biểu mẫu XFA, nội dung có thể đổi khi mở. In lại thành PDF thường."),
        "embedded_program": _("Trong tệp có đính kèm chương trình máy tính. Bỏ phần đính kèm rồi tải lại."),
        "macros": _("Tệp có macro. Lưu thành tệp không có macro, hoặc thành PDF."),
        "too_many_pixels": _("Ảnh quá lớn (hơn 50 triệu điểm ảnh). Chụp lại ở độ phân giải thấp hơn."),
        "too_complex": _(
            "Tệp quá phức tạp, không kiểm tra xong trong thời gian cho phép. Xuất lại tệp đơn giản hơn, hoặc chụp ảnh tờ giấy."
        ),
    }
    return sentences[finding]


def _probe(path: Path, media_type: str, rewrite_to: Path | None) -> dict[str, Any]:
    """Look inside in a process with limits on time and memory. If it dies, the file is too complex, not the gate."""
    order = {
        "path": str(path.absolute()),
        "media_type": media_type,
        "max_pages": settings.UPLOAD_MAX_PAGES,
        "cpu_seconds": PROBE_CPU_SECONDS,
        "memory_mb": PROBE_MEMORY_MB,
        "rewrite_to": str(rewrite_to.absolute()) if rewrite_to else "",
    }
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-B", str(PROBE)],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        log.warning("gate_probe_timeout", media_type=media_type)
        return {"findings": ["too_complex"]}
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        # Killed by a limit, or crashed inside a library: either way this file is not let in.
        log.warning(
            "gate_probe_died",
            media_type=media_type,
            code=done.returncode,
            said=done.stderr[-300:].decode("utf-8", "replace"),
        )
        return {"findings": ["too_complex"]}
    return answer


def _scan(path: Path) -> str:
    """Ask clamd (INSTREAM). Empty: clean. A scanner that does not answer refuses the file: no unscanned file enters."""
    try:
        answer = _clamd_answer(path)
    except OSError as error:
        log.warning("clamd_away", error=type(error).__name__)
        return _("Chưa quét được vi-rút vì máy quét không trả lời. Thử tải lại sau ít phút.")
    if answer.endswith("OK"):
        return ""
    if answer.endswith("FOUND"):
        virus = answer.removeprefix("stream:").removesuffix("FOUND").strip()
        return _("Máy quét báo tệp có mã độc (%(virus)s). Quét vi-rút trên máy, rồi gửi tệp khác.") % {
            "virus": virus
        }
    log.warning("clamd_error", answer=answer[:200])
    return _("Máy quét vi-rút không kiểm tra được tệp. Thử tải lại sau ít phút.")


def _clamd_answer(path: Path) -> str:
    deadline = time.monotonic() + CLAMD_SECONDS
    with _clamd_connection() as line, path.open("rb") as source:
        line.sendall(b"zINSTREAM\0")
        while chunk := source.read(65536):
            line.settimeout(_left(deadline))
            line.sendall(len(chunk).to_bytes(4, "big") + chunk)
        line.sendall(b"\0\0\0\0")
        said = b""
        while not said.endswith(b"\0"):
            line.settimeout(_left(deadline))
            part = line.recv(4096)
            if not part:
                break
            said += part
    return said.rstrip(b"\0\n").decode("utf-8", "replace").strip()


def _clamd_connection() -> socket.socket:
    address = urlsplit(settings.CLAMD)
    if address.scheme == "unix":
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(2)
        try:
            line.connect(address.path)
        except OSError:
            line.close()
            raise
        return line
    return socket.create_connection((address.hostname or "127.0.0.1", address.port or 3310), timeout=2)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("clamd did not answer in time")
    return left
