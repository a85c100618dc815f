"""What every page of a document offers beside its own work: rights, the log of readings, marked prints, stars."""

from typing import Any

import pytest
from django.core.cache import cache

from core import files
from documents import reading
from documents.models import Document, IncomingDocument, IncomingFile, SavedView, Star
from tests.documents import factories as make
from tests.samples import pdf_bytes

HOME = "/lam-viec/van-ban/"


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    cache.clear()


def with_file(agency: Any, data: bytes, media_type: str, name: str) -> tuple[IncomingDocument, IncomingFile]:
    one = make.incoming(agency, "Có tệp")
    stored = files.store_bytes(data, media_type, pages=1 if media_type == "application/pdf" else None)
    return one, IncomingFile.objects.create(incoming=one, stored=stored, name=name)


def test_pages_of_documents_lead_to_rights_log_and_work_files(world: Any, client: Any) -> None:
    a = world.a
    made, came = make.issued(a.ubnd, a.office, a.case_officer), make.incoming(a.ubnd, "Đến A")
    client.force_login(a.clerk)
    for kind, record in (("di", made), ("den", came)):
        page = client.get(f"{HOME}{kind}/{record.pk}/").content.decode()
        assert "Quyền xem, nhật ký, hồ sơ" in page and "Đưa vào hồ sơ" in page
        for address in (
            f"quyen/{kind}/{record.pk}/",
            f"quyen/{kind}/{record.pk}/da-mo/",
            f"mat/bao/{kind}/{record.pk}/",
        ):
            assert f'href="{HOME}{address}"' in page


def test_each_reader_stands_in_the_log_once(world: Any, client: Any) -> None:
    a = world.a
    made = make.issued(a.ubnd, a.office, a.case_officer)
    came, file = with_file(a.ubnd, pdf_bytes(1), "application/pdf", "den.pdf")
    client.force_login(a.clerk)
    client.get(f"{HOME}di/{made.pk}/")
    client.get(f"{HOME}di/{made.pk}/giay/")
    client.get(f"{HOME}den/{came.pk}/tep/{file.pk}/")
    client.get(f"{HOME}den/{came.pk}/")
    client.force_login(a.leader)
    client.get(f"{HOME}den/{came.pk}/")
    assert reading.counts(made) == {"times": 1, "people": 1}
    assert reading.counts(came) == {"times": 2, "people": 2}


def test_a_print_says_who_printed_it_and_what_is_no_pdf_says_so(world: Any, client: Any) -> None:
    a = world.a
    came, file = with_file(a.ubnd, pdf_bytes(1), "application/pdf", "den.pdf")
    photo, picture = with_file(a.ubnd, b"\x89PNG\r\n", "image/png", "anh.png")
    client.force_login(a.clerk)
    page = client.get(f"{HOME}den/{came.pk}/").content.decode()
    assert f"tep/{file.pk}/?in" in page
    marked = client.get(f"{HOME}den/{came.pk}/tep/{file.pk}/?in")
    assert marked["Content-Type"] == "application/pdf" and marked.content != pdf_bytes(1)
    assert "?in" not in client.get(f"{HOME}den/{photo.pk}/").content.decode()
    refused = client.get(f"{HOME}den/{photo.pk}/tep/{picture.pk}/?in", follow=True)
    assert refused.redirect_chain[-1][0] == f"{HOME}den/{photo.pk}/"
    assert "không phải PDF" in refused.content.decode()
    client.force_login(world.b.officer)
    assert client.get(f"{HOME}den/{came.pk}/tep/{file.pk}/?in").status_code == 404


def test_the_star_of_a_page(world: Any, client: Any) -> None:
    a = world.a
    one = make.incoming(a.ubnd, "Đáng nhớ")
    client.force_login(a.clerk)
    there = f"{HOME}den/{one.pk}/"
    assert "Đánh dấu sao" in client.get(there).content.decode()
    answer = client.post(f"{HOME}tim/sao/", {"van-ban": f"den-{one.pk}", "ve": there})
    assert answer.url == there and Star.objects.get().incoming_id == one.pk
    assert "Bỏ dấu sao" in client.get(there).content.decode()


def test_an_arrival_leads_to_its_answer_and_copy_and_back(world: Any, client: Any) -> None:
    a = world.a
    came, _file = with_file(a.ubnd, pdf_bytes(1), "application/pdf", "den.pdf")
    reply = make.issued(a.ubnd, a.office, a.case_officer)
    Document.objects.filter(pk=reply.pk).update(answers=came, number_printed="09/BC-UBND")
    client.force_login(a.clerk)
    page = client.get(f"{HOME}den/{came.pk}/").content.decode()
    assert f'href="{HOME}di/moi/?tra-loi={came.pk}"' in page
    assert f'href="{HOME}ban-sao/lap/?van-ban-den={came.pk}"' in page
    assert f'<a href="{HOME}di/{reply.pk}/">09/BC-UBND</a>' in page
    assert f'href="{HOME}den/{came.pk}/"' in client.get(f"{HOME}di/{reply.pk}/").content.decode()
    client.force_login(a.leader)
    assert "ban-sao/lap" not in client.get(f"{HOME}den/{came.pk}/").content.decode()


def test_a_filter_of_each_list_is_kept_under_a_name(world: Any, client: Any) -> None:
    a = world.a
    client.force_login(a.clerk)
    for key, address, query in (
        ("den", "den/", "trang-thai=chua-trinh"),
        ("di", "di/", "pham-vi=toi&nam=2026"),
    ):
        assert "Lưu bộ lọc" not in client.get(f"{HOME}{address}").content.decode()
        assert "Lưu bộ lọc" in client.get(f"{HOME}{address}?{query}").content.decode()
        sent = {"danh-sach": key, "ten": "Của tôi", "bo-loc": f"?{query}&truoc=9"}
        answer = client.post(f"{HOME}tim/bo-loc/", sent)
        assert answer.url == f"{HOME}{address}?{query}"
        page = client.get(f"{HOME}{address}").content.decode()
        assert "Của tôi" in page and f'href="?{query.replace("&", "&amp;")}"' in page
    kept = SavedView.objects.get(list_name="den")
    client.force_login(a.leader)
    assert client.post(f"{HOME}tim/bo-loc/{kept.pk}/bo/").status_code == 404
    client.force_login(a.clerk)
    client.post(f"{HOME}tim/bo-loc/{kept.pk}/bo/")
    assert SavedView.objects.get().list_name == "di"
