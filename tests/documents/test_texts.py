"""Words of files for search: PDF, DOCX, scans; what cannot be read; the file itself never changes."""

import hashlib
import io
import zipfile
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from core import files, pdf
from documents import searching, texts
from documents.actions import indexing
from documents.choices import TextSource
from documents.models import FileText, IncomingDocument, IncomingFile, SearchEntry
from documents.searching import Filters
from documents.tasks import read_texts, sweep_texts
from notices.models import Notice
from tests import factories as make

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WORDS = "Rà soát trụ nước chữa cháy tại các khu dân cư, hoàn thành trước mùa khô."


def paper(words: str = WORDS) -> bytes:
    return pdf.render_html(f"<!doctype html><html lang='vi'><title>x</title><p>{words}</p></html>").data


def docx(xml: str = "", name: str = "word/document.xml") -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = xml or f'<w:document xmlns:w="{space}"><w:p><w:r><w:t>{WORDS}</w:t></w:r></w:p></w:document>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(name, body)
    return out.getvalue()


def scan() -> bytes:
    """A page as a scanner gives it: a picture inside a PDF, without a single letter of text."""
    page = Image.new("L", (1240, 700), 255)
    font = ImageFont.truetype(str(pdf.FONTS / "Tinos-Regular.ttf"), 44)
    draw = ImageDraw.Draw(page)
    for line, words in enumerate(["Rà soát trụ nước chữa cháy", "tại các khu dân cư của phường"]):
        draw.text((80, 120 + 90 * line), words, font=font, fill=0)
    out = io.BytesIO()
    page.save(out, "PDF", resolution=150)
    return out.getvalue()


def received(world: SimpleNamespace, data: bytes, media_type: str = "application/pdf") -> IncomingDocument:
    made = IncomingDocument.objects.create(
        agency=world.a.ubnd, source="paper", title="Kèm tệp", issuer_printed="Sở", arrived_at=timezone.now()
    )
    stored = files.store_bytes(data, media_type)
    IncomingFile.objects.create(incoming=made, stored=stored, name="tep", is_main=True)
    return made


def found(user: Any, text: str) -> int:
    return len(searching.find(make.again(user), text, Filters()).entries)


@pytest.mark.parametrize(("data", "media_type"), [(paper, "application/pdf"), (docx, DOCX)])
def test_words_of_a_file_are_found(world: SimpleNamespace, work: Any, data: Any, media_type: str) -> None:
    record = received(world, data(), media_type)
    before = files.read(record.files.get().stored)
    work(indexing.touch, record)
    row = FileText.objects.get()
    assert row.source == TextSource.PDF and row.done_at and "trụ nước" in row.text
    assert found(world.a.clerk, "tru nuoc chua chay") == found(world.a.clerk, '"trụ nước"') == 1
    stored = record.files.get().stored
    assert files.read(stored) == before
    assert hashlib.sha256(files.path_of(stored).read_bytes()).hexdigest() == stored.sha256
    record.refresh_from_db()
    assert record.text_read_at
    page = searching.find(world.a.clerk, "trụ nước", Filters())
    from documents.found_rows import rows_of

    (shown,) = rows_of(page.entries, page.question.words, world.a.clerk)
    assert "<mark>trụ</mark> <mark>nước</mark>" in shown.snippet


@pytest.mark.skipif(not texts.can_recognise(), reason="tesseract with Vietnamese is not installed")
def test_a_scan_is_recognised(world: SimpleNamespace, work: Any) -> None:
    record = received(world, scan())
    work(indexing.touch, record)
    assert FileText.objects.get().source == TextSource.OCR
    assert found(world.a.clerk, "chua chay khu dan cu") == 1


def test_without_tesseract_a_scan_has_no_words(
    world: SimpleNamespace, work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "can_recognise", lambda: False)
    work(indexing.touch, received(world, scan()))
    row = FileText.objects.get()
    assert (row.source, row.get_source_display(), row.text) == (TextSource.NONE, "không có chữ", "")
    assert row.done_at and found(world.a.clerk, "kèm tệp") == 1


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"%PDF-1.7 garbage", "application/pdf"),
        (b"PK\x03\x04 garbage", DOCX),
        (docx("<a><b></a>"), DOCX),
        (docx('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), DOCX),
        (docx(name="other.xml"), DOCX),
        (b"\x00" * 10, "application/zip"),
    ],
)
def test_garbage_ends_quietly(world: SimpleNamespace, work: Any, data: bytes, media_type: str) -> None:
    work(indexing.touch, received(world, data, media_type))
    for _try in range(texts.TRIES):
        FileText.objects.update(next_try_at=timezone.now())
        read_texts()
    row = FileText.objects.get()
    assert row.text == "" and (row.done_at or row.given_up_at) and row.source == TextSource.NONE
    assert found(world.a.clerk, "kèm tệp") == 1


def test_the_mark_of_a_secret_is_not_kept(world: SimpleNamespace, work: Any) -> None:
    work(indexing.touch, received(world, paper("<p>TỐI MẬT</p><p>Phương án số bảy, khu vực cửa biển</p>")))
    row = FileText.objects.get()
    assert row.text == "" and row.done_at
    assert found(world.a.clerk, "cửa biển") == 0
    assert not SearchEntry.objects.exclude(body=None).filter(vector__fits="'bien'").exists()
    notice = Notice.objects.get(kind="document.secret_found")
    assert notice.recipient == world.a.clerk and "biển" not in notice.text


def test_a_file_of_many_records_is_read_once(world: SimpleNamespace, work: Any) -> None:
    data = paper()
    one, two = received(world, data), received(world, data)
    work(indexing.touch, one)
    work(indexing.touch, two)
    assert FileText.objects.get().attempts == 1
    assert found(world.a.clerk, "trụ nước") == 2


def test_the_sweep_finds_what_the_bell_missed(world: SimpleNamespace, bell: list[Any]) -> None:
    record = received(world, paper())
    indexing.owe_text(record.files.get().stored)
    IncomingDocument.objects.update(created_at=timezone.now() - timedelta(hours=1))
    sweep_texts()
    assert ("documents.read_texts",) in bell
    read_texts()
    assert found(world.a.clerk, "trụ nước") == 1
    bell.clear()
    sweep_texts()
    assert bell == []
