"""What people really type and bring: words without an end, signs that no font has, marks of secrets, days to come."""

import unicodedata
from types import SimpleNamespace

import pytest
from django.test import Client

from core import files, pages
from core.errors import RuleError
from documents import form_check
from documents.actions import directives, drafts
from documents.actions.directives import Assignee
from documents.choices import TaskRole
from documents.models import SearchEntry
from documents.secrecy import level_in
from tests.documents import factories as make
from tests.documents import outgoing_world as out
from tests.factories import again
from tests.samples import pdf_bytes


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("MẬT", "MẬT"),
        ("«TUYỆT MẬT»", "TUYỆT MẬT"),
        ("độ mật: «TUYỆT MẬT», cấm sao chụp", "TUYỆT MẬT"),
        ("Văn bản này TỐI MẬT", "TỐI MẬT"),
        ("TUYET MAT", "TUYỆT MẬT"),
        (unicodedata.normalize("NFD", "TUYỆT MẬT"), "TUYỆT MẬT"),
        ("Độ mật: mật", "MẬT"),
        ("tập huấn về tài liệu tối mật và tuyệt mật", ""),
        ("BẢO MẬT THÔNG TIN", ""),
        ("KẾ HOẠCH BẢO VỆ BÍ MẬT", ""),
    ],
)
def test_marks_of_secrets(text: str, level: str) -> None:
    assert level_in(f"ỦY BAN NHÂN DÂN\n{text}\nSố: 01") == level


@pytest.mark.django_db
def test_a_word_of_three_hundred_letters_is_kept_and_found(world: SimpleNamespace) -> None:
    long_word = "Nguyễn" * 50
    draft = drafts.begin(actor=again(world.a.case_officer), words=out.words(world.b.agency, title=long_word))
    assert SearchEntry.objects.filter(document=draft).exists()


@pytest.mark.django_db
def test_signs_that_no_font_has_stop_at_the_form_check(world: SimpleNamespace) -> None:
    draft = out.begun(world.a, world.b.agency, body="<p>Trân trọng 🎉 cảm ơn./.</p>")
    found = {one.code: one.is_error for one in form_check.check(draft)}
    assert found["signs_not_printable"] is True
    assert "signs_not_printable" not in {
        one.code for one in form_check.check(out.begun(world.a, world.b.agency))
    }


@pytest.mark.django_db
def test_who_cooperates_needs_somebody_to_lead(world: SimpleNamespace) -> None:
    arrival = make.incoming(world.a.ubnd)
    leader = again(world.a.leader)
    with pytest.raises(RuleError, match="chủ trì"):
        directives.direct(
            arrival.pk,
            actor=leader,
            text="Phối hợp",
            assignees=[Assignee(world.a.office, TaskRole.COOPERATE)],
        )
    directives.direct(
        arrival.pk, actor=leader, text="Để biết", assignees=[Assignee(world.a.office, TaskRole.INFORM)]
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "word"), [("20/11/2090", "chưa tới"), ("01/01/1800", "Kiểm tra lại năm")])
def test_days_that_cannot_be(world: SimpleNamespace, client: Client, day: str, word: str) -> None:
    client.force_login(world.a.clerk)
    sent = {"title": "x", "issuer_printed": "Sở A", "urgency": "0", "dated_on": day, "lam": "vao-so"}
    assert word in client.post("/lam-viec/van-ban/den/moi/", sent).content.decode()


@pytest.mark.django_db
def test_two_windows_are_told_apart_from_an_empty_choice(world: SimpleNamespace, client: Client) -> None:
    client.force_login(world.a.leader)
    address = "/lam-viec/van-ban/trinh-ky/xac-nhan/"
    assert "Chọn ít nhất một" in client.get(address, follow=True).content.decode()
    gone = client.get(f"{address}?chon=987654:1", follow=True).content.decode()
    assert "không còn chờ ở đây" in gone


@pytest.mark.django_db
def test_other_bytes_have_another_address() -> None:
    one, other = (files.store_bytes(pdf_bytes(n), "application/pdf", pages=1) for n in (1, 2))
    assert pages.addresses(one, "/giay/") != pages.addresses(other, "/giay/")


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["%", "'", "& | ! ( )", "🎉"])
def test_signs_alone_find_nothing(world: SimpleNamespace, client: Client, typed: str) -> None:
    make.incoming(world.a.ubnd)
    client.force_login(world.a.clerk)
    page = client.get("/lam-viec/van-ban/tim/", {"q": typed}).content.decode()
    assert "không có chữ hay số nào để tìm" in page and "doc-found" not in page
