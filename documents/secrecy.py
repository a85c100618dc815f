"""The stop for state secrets: nothing marked as one is entered, attached, indexed, mailed or sent (domain §6).

The law forbids to draft or keep state secrets on equipment that is connected to the Internet. What we can see is the
mark: «MẬT» standing alone as a stamp does, «TỐI MẬT» and «TUYỆT MẬT» in capitals, or «độ mật: …». Small letters inside a
sentence are no mark.
"""

import re
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import RuleError
from core.search import fold
from documents import docx_text

# «MẬT» standing alone, the two higher levels in capitals wherever they stand, and without marks on a line of their own.
_STAMP = re.compile(
    r"^[\W_]*(?:MẬT|TUYET\s+MAT|TOI\s+MAT)[\W_]*$|(?<!\w)(?:TUYỆT\s+MẬT|TỐI\s+MẬT)(?!\w)", re.MULTILINE
)
_SAID = re.compile(r"\bđộ\s+mật\s*:\s*[\W_]*(?:tuyệt\s+mật|tối\s+mật|mật)\b", re.IGNORECASE)
FIRST = 1500  # characters: a stamp stands at the head of the first page
_LEVELS = {"tuyet mat": "TUYỆT MẬT", "toi mat": "TỐI MẬT", "mat": "MẬT"}
READ_HEAD = Path(__file__).with_name("read_head.py")
HEAD_SECONDS = 8


class SecretRefused(RuleError):
    """The text or file carries the mark of a state secret. Nothing was stored."""


def level_in(text: str) -> str:
    """The level that a stamp names, in capitals; empty when there is none."""
    text = unicodedata.normalize("NFC", text)
    found = _STAMP.search(text) or _SAID.search(text)
    if found is None:
        return ""
    said = fold(found[0])
    return next(level for words, level in _LEVELS.items() if words in said)


def refuse_secret(*texts: str) -> None:
    """SecretRefused, with guidance, when one of the texts bears the mark of a state secret."""
    for text in texts:
        if level := level_in(text[:FIRST]):
            raise SecretRefused(guidance(level))


def guidance(level: str) -> str:
    return _(
        "Có dấu chỉ độ mật «%(level)s» nên hệ thống không nhận. Không soạn, lưu, gửi bí mật nhà nước trên máy có "
        "kết nối Internet: chuyển cho người được giao quản lý văn bản mật, đăng ký vào sổ riêng. "
        "Nếu tệp đã lỡ tải lên ở nơi khác, báo ngay theo trang «Sự cố bí mật nhà nước»."
    ) % {"level": level}


def refuse_secret_upload(upload: Any) -> None:
    """The same for a file that somebody brings, before anything of it is stored.

    Reads what a PDF (in a child process) or a DOCX says in letters; a scan without letters is read by OCR later
    (documents.read_texts). SecretRefused.
    """
    start = upload.read(5)
    upload.seek(0)
    if (upload.size or 0) > settings.UPLOAD_MAX_MB * 1024 * 1024:
        return  # the gate refuses it
    if start.startswith(b"PK"):
        refuse_secret(docx_text.words_in(upload.read()))
        upload.seek(0)
        return
    if start != b"%PDF-":
        return
    with tempfile.NamedTemporaryFile(suffix=".pdf") as place:
        for chunk in upload.chunks():
            place.write(chunk)
        place.flush()
        upload.seek(0)
        refuse_secret(head_of_pdf(place.name))


def head_of_pdf(path: str) -> str:
    """The words of the first page, each run on a line of its own: a stamp beside other words stands alone then.

    Empty when there are none or the child gave up.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-B", str(READ_HEAD), path],
            capture_output=True,
            timeout=HEAD_SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode("utf-8", "replace").replace("\r\n", "\n") if not done.returncode else ""
