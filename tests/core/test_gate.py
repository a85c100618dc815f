"""What the upload gate lets in, and what it says to those it sends back."""

import json
import os
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from django.core.management import call_command
from PIL import Image

from core import gate
from core.gate import Outcome
from tests.core.conftest import (
    action,
    attach,
    form_of_the_old_kind,
    launch_by_reference,
    office_file,
    pdf_bytes,
    phone_photo,
    picture,
    script_by_name,
    script_on_opening,
)

PACKED = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def xref_bomb() -> bytes:
    """A small file whose table of objects unpacks to a gigabyte."""
    table = zlib.compress(bytes(2**30), 9)
    body = (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    )
    head = (
        b"3 0 obj<</Type/XRef/W[1 4 2]/Size 150000000/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n"
        % len(table)
    )
    return body + head + table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % len(body)


@pytest.mark.parametrize(
    ("content", "media_type", "pages"),
    [
        (pdf_bytes(), gate.PDF, 1),
        (pdf_bytes(500), gate.PDF, 500),
        (pdf_bytes(1, attach("hoadon.xml", b"<x/>")), gate.PDF, 1),
        (pdf_bytes(1, lambda pdf: pdf.docinfo.__setitem__("/Title", "Về /JavaScript và /JS")), gate.PDF, 1),
        (phone_photo(), gate.JPEG, 1),
        (picture("PNG"), gate.PNG, 1),
    ],
    ids=["pdf", "500 pages", "xml attached", "words in a title", "photo", "png"],
)
def test_let_in(sent, content, media_type, pages):
    seen = gate.inspect(sent(content))
    assert (seen.outcome, seen.reasons, seen.media_type, seen.pages) == (
        Outcome.ACCEPTED,
        [],
        media_type,
        pages,
    )


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (pdf_bytes(1, encryption=pikepdf.Encryption(user="x", owner="y")), "có mật khẩu"),
        (pdf_bytes(1, encryption=pikepdf.Encryption(user="", owner="y")), "mật khẩu chủ sở hữu"),
        (pdf_bytes(1, script_on_opening), "JavaScript"),
        (pdf_bytes(1, script_by_name), "JavaScript"),
        (pdf_bytes(1, script_by_name, **PACKED), "JavaScript"),
        (pdf_bytes(1, action("Launch")), "lệnh tự mở"),
        (pdf_bytes(1, action("Launch"), **PACKED), "lệnh tự mở"),
        (pdf_bytes(1, launch_by_reference), "lệnh tự mở"),
        (pdf_bytes(1, action("ImportData")), "lệnh tự mở"),
        (pdf_bytes(1, action("SubmitForm")), "lệnh tự mở"),
        (pdf_bytes(1, action("GoToE")), "lệnh tự mở"),
        (pdf_bytes(1, form_of_the_old_kind), "XFA"),
        (pdf_bytes(1, attach("anh.txt", b"MZ\x90\0" + bytes(500))), "chương trình"),
        (pdf_bytes(1, attach("anh.exe", b"chu thuong")), "chương trình"),
        (pdf_bytes(5000), "5.000 trang"),
        (pdf_bytes(0), "không có trang"),
        (pdf_bytes()[:-200], "bị hỏng"),
        (b"%PDF-1.7\n" + bytes(1000), "bị hỏng"),
        (b"\n" + pdf_bytes(), "dữ liệu lạ ở đầu"),
        (b"MZ" + bytes(500), "chương trình máy tính"),
        (b"PK\x03\x04" + bytes(500), "tệp nén"),
        (office_file(), "Lưu thành PDF"),
        (b"\0\0\0\x18ftypheic" + bytes(500), "HEIC"),
        (b"<html><script>", "không đúng loại"),
        (EICAR, "không đúng loại"),
        (b"", "rỗng"),
        (phone_photo()[:-300], "bị hỏng"),
        (b"\xff\xd8\xff" + bytes(500), "bị hỏng"),
        (picture("GIF"), "không đúng loại"),
    ],
)
def test_sent_back(sent, content, word):
    seen = gate.inspect(sent(content))
    assert seen.outcome == Outcome.REFUSED
    assert word in " ".join(seen.reasons)
    assert all(reason.endswith(".") for reason in seen.reasons)


def test_a_picture_of_nothing_but_size_is_not_unpacked(sent, tmp_path):
    place = tmp_path / "bom.png"
    Image.new("1", (30_000, 30_000)).save(place)
    assert "điểm ảnh" in gate.inspect(place).reasons[0]


def test_over_the_cap_nobody_looks_inside(tmp_path, settings):
    place = tmp_path / "lon.pdf"
    with place.open("wb") as target:
        target.write(b"%PDF-1.7\n")
        target.truncate(200 * 1024 * 1024)
    started = time.monotonic()
    assert gate.inspect(place).reasons == [gate.too_big()]
    assert time.monotonic() - started < 1
    settings.UPLOAD_MAX_MB = 1
    assert "1 MB" in gate.too_big()


def test_a_bomb_ends_in_time(sent):
    bomb = sent(xref_bomb())
    started = time.monotonic()
    assert gate.inspect(bomb).outcome == Outcome.REFUSED
    assert time.monotonic() - started < 15


def test_a_probe_that_hangs_or_dies_refuses(sent, monkeypatch):
    place = sent(pdf_bytes())
    probe = place.with_name("probe.py")
    monkeypatch.setattr(gate, "PROBE", probe)
    monkeypatch.setattr(gate, "PROBE_SECONDS", 0.3)
    for program in ("import time; time.sleep(5)", "import os; os.abort()", "print('lời lạ')"):
        probe.write_text(program)
        assert "quá phức tạp" in gate.inspect(place).reasons[0]


def test_what_is_not_a_file_is_said(tmp_path):
    pipe = tmp_path / "ong.pdf"
    os.mkfifo(pipe)
    for place, word in [
        (pipe, "tệp thường"),
        (tmp_path, "tệp thường"),
        (Path("/dev/zero"), "tệp thường"),
        (tmp_path / "khong-co.pdf", "Không tìm thấy"),
        (Path("a\0b"), "Không mở được"),
    ]:
        assert word in gate.inspect(place).reasons[0]


def test_a_photo_is_written_anew_upright_and_without_notes(sent, tmp_path):
    target = tmp_path / "moi"
    assert gate.inspect(sent(phone_photo()), rewrite_to=target).outcome == Outcome.ACCEPTED
    with Image.open(target) as image:
        assert image.size == (300, 400)
        assert not image.getexif()
    assert b"Exif" not in target.read_bytes()


def test_office_files_only_where_they_are_asked_for(sent):
    assert gate.inspect(sent(office_file()), types=gate.STAFF_TYPES).media_type == gate.DOCX
    assert (
        "macro" in gate.inspect(sent(office_file("word/vbaProject.bin")), types=gate.STAFF_TYPES).reasons[0]
    )
    assert (
        gate.inspect(sent(office_file("word/embeddings/a.exe")), types=gate.STAFF_TYPES).outcome
        == Outcome.REFUSED
    )
    assert "bị hỏng" in gate.inspect(sent(office_file()[:-30]), types=gate.STAFF_TYPES).reasons[0]


# --- the virus scanner ------------------------------------------------------------------------------------


class Clamd(threading.Thread):
    """Speaks INSTREAM on loopback and knows one virus."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self.server.getsockname()[1]}"
        self.received = b""

    def run(self) -> None:
        while True:
            try:
                line, _peer = self.server.accept()
            except OSError:
                return
            with line, line.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while size := int.from_bytes(stream.read(4), "big"):
                    content += stream.read(size)
                self.received = content
                found = b"EICAR" in content
                line.sendall(b"stream: Eicar-Test-Signature FOUND\0" if found else b"stream: OK\0")


@pytest.fixture
def clamd(settings) -> Iterator[Clamd]:
    daemon = Clamd()
    daemon.start()
    settings.CLAMD = daemon.address
    yield daemon
    daemon.server.close()


def test_the_scanner_sees_every_byte(sent, clamd):
    content = pdf_bytes(1, attach("lon.xml", os.urandom(200_000)))
    seen = gate.inspect(sent(content))
    assert (seen.outcome, seen.scanned, clamd.received == content) == (Outcome.ACCEPTED, True, True)


def test_a_virus_is_named(sent, clamd):
    reasons = gate.inspect(sent(pdf_bytes() + b"\n% " + EICAR)).reasons
    assert reasons == [
        "Máy quét báo tệp có mã độc (Eicar-Test-Signature). Quét vi-rút trên máy, rồi gửi tệp khác."
    ]


def test_without_the_scanner_nothing_enters(sent, settings):
    for address in ("tcp://127.0.0.1:1", "unix:/khong/co"):
        settings.CLAMD = address
        seen = gate.inspect(sent(pdf_bytes()))
        assert seen.outcome == Outcome.REFUSED
        assert "Thử tải lại" in seen.reasons[0]


def test_the_command_tells_the_same(sent, capsys):
    call_command("inspect_upload", str(sent(pdf_bytes(1, script_on_opening))), "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer["outcome"] == "refused"
    assert "JavaScript" in answer["reasons"][0]
    call_command("inspect_upload", str(sent(pdf_bytes())))
    assert "Nhận" in capsys.readouterr().out
