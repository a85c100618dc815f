"""Files are their content: kept once, write-protected, hashed again on the way out."""

import hashlib
import os
import stat

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import files
from core.files import StoreDamaged, UploadRefused
from core.models import StoredFile
from core.models.files import ScanState
from tests.core.conftest import pdf_bytes, phone_photo, script_on_opening

pytestmark = pytest.mark.django_db


def test_the_same_bytes_are_one_file(settings):
    first = files.store_bytes(b"%PDF-1.7 x", "application/pdf", pages=2)
    assert files.store_bytes(b"%PDF-1.7 x", "application/pdf") == first
    place = files.path_of(first)
    sha256 = hashlib.sha256(b"%PDF-1.7 x").hexdigest()
    assert place == settings.FILE_STORE / sha256[:2] / sha256[2:4] / sha256
    assert stat.S_IMODE(place.stat().st_mode) == 0o440
    assert (files.read(first), first.size, first.pages) == (b"%PDF-1.7 x", 10, 2)
    assert os.listdir(place.parent) == [sha256]


def test_a_path_and_its_bytes_are_one_file(tmp_path):
    source = tmp_path / "x"
    source.write_bytes(b"y" * 3_000_000)
    assert files.store_path(source, "text/plain") == files.store_bytes(b"y" * 3_000_000, "text/plain")
    assert source.exists()


def test_changed_or_missing_bytes_are_noticed():
    stored = files.store_bytes(b"ban dau", "text/plain")
    place = files.path_of(stored)
    place.chmod(0o600)
    place.write_bytes(b"bi sua!")
    with pytest.raises(StoreDamaged, match="no longer"):
        files.read(stored)
    place.unlink()
    with pytest.raises(StoreDamaged, match="missing"):
        files.read(stored)
    with pytest.raises(StoreDamaged, match="missing"):
        files.response(stored, name="x.txt")
    # Storing the same bytes again heals the store.
    assert files.read(files.store_bytes(b"ban dau", "text/plain")) == b"ban dau"


def test_a_crash_while_writing_leaves_nothing(settings, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError("đĩa đầy")))
    with pytest.raises(OSError, match="đĩa đầy"):
        files.store_bytes(b"x", "text/plain")
    assert not [place for place in settings.FILE_STORE.rglob("*") if place.is_file()]
    assert not StoredFile.objects.exists()


def test_a_pdf_is_kept_byte_for_byte():
    content = pdf_bytes(3)
    stored = files.receive_upload(SimpleUploadedFile("đơn.pdf", content))
    assert (files.read(stored), stored.pages, stored.media_type) == (content, 3, "application/pdf")
    assert stored.scan_state == ScanState.NOT_SCANNED


def test_a_photo_loses_its_notes_but_not_its_side(settings):
    stored = files.receive_upload(SimpleUploadedFile("ảnh.jpg", phone_photo()))
    with Image.open(files.path_of(stored)) as image:
        assert image.size == (300, 400)
        assert not image.getexif()
    assert not list((settings.FILE_STORE / "inbox").iterdir())


def test_a_refusal_names_the_file_and_keeps_nothing(settings):
    with pytest.raises(UploadRefused) as refused:
        files.receive_upload(SimpleUploadedFile("giay-chung-sinh.pdf", pdf_bytes(1, script_on_opening)))
    assert str(refused.value).startswith("Không nhận «giay-chung-sinh.pdf». Tệp PDF chứa mã lệnh JavaScript.")
    assert not StoredFile.objects.exists()
    assert not [place for place in settings.FILE_STORE.rglob("*") if place.is_file()]


def test_too_big_is_said_before_it_is_written(settings):
    settings.UPLOAD_MAX_MB = 1
    with pytest.raises(UploadRefused, match="lớn hơn 1 MB"):
        files.receive_upload(SimpleUploadedFile("x.pdf", b"%PDF-" + bytes(1024 * 1024)))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Giấy khai sinh.pdf", "Giấy khai sinh.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Lan\\đơn.PDF", "đơn.pdf"),
        ("a\u202egpj.exe", "agpj.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ("Gia\u0302\u0301y.pdf", "Giấy.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("", "tep.pdf"),
        ("…", "….pdf"),
        ("...", "tep.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("đơn xin nghỉ. ngày 2", "đơn xin nghỉ. ngày 2.pdf"),
    ],
)
def test_hostile_names(name, clean):
    assert files.cleaned_name(name, media_type="application/pdf") == clean
    assert len(files.cleaned_name(name)) <= 120


def test_sending_a_pdf():
    stored = files.store_bytes(pdf_bytes(), "application/pdf")
    answer = files.response(stored, name="Giấy khai sinh.pdf")
    assert b"".join(answer.streaming_content) == pdf_bytes() or answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''Gi%E1%BA%A5y%20khai%20sinh.pdf")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert (
        files.response(stored, name="x.pdf", inline=False)["Content-Disposition"]
        == 'attachment; filename="x.pdf"'
    )


def test_what_a_browser_might_run_is_never_shown():
    stored = files.store_bytes(b"<script>", "text/html")
    answer = files.response(stored, name="x.html")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_behind_a_proxy_the_proxy_sends(settings):
    settings.FILE_ACCEL_PREFIX = "/protected/"
    stored = files.store_bytes(b"x", "image/png")
    answer = files.response(stored, name="x.png")
    assert (
        answer["X-Accel-Redirect"] == f"/protected/{stored.sha256[:2]}/{stored.sha256[2:4]}/{stored.sha256}"
    )
    assert answer.content == b""
