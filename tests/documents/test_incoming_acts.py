"""Receiving: one number each, twins, returning, paper with scans, secrets; who may and who may not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import pdf
from core.errors import NotAllowed, RuleError, WrongStatus
from core.models import StoredFile
from documents.actions import incoming as acts
from documents.choices import DeliveryState, IncomingState
from documents.models import IncomingDocument
from documents.secrecy import SecretRefused
from tests.documents import incoming_world as make
from tests.documents.conftest import department
from tests.factories import again
from tests.samples import pdf_bytes

pytestmark = pytest.mark.django_db


def as_(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_returned_with_a_reason_that_the_sender_reads(world: SimpleNamespace, work: Any) -> None:
    make.sent(world.a, [world.b.agency], work)
    one = make.arrival_at(world.b.agency)
    client = as_(world.b.clerk)
    address = f"/lam-viec/van-ban/den/{one.pk}/ly-do/tra-lai/"
    assert "Nhập lý do" in client.post(address, {"note": ""}).content.decode()
    client.post(address, {"note": "Không đúng thẩm quyền"})
    one.refresh_from_db()
    row = one.recipient
    assert one.state == IncomingState.RETURNED and one.arrival_number is None
    assert row.state == DeliveryState.REFUSED and row.reason == "Không đúng thẩm quyền"
    assert row.events.latest("pk").code == "02"
    with pytest.raises(WrongStatus):
        acts.receive(one.pk, actor=again(world.b.clerk))


def test_strangers_find_nothing_and_the_wrong_role_does_nothing(world: SimpleNamespace, work: Any) -> None:
    make.sent(world.a, [world.b.agency], work)
    one = make.arrival_at(world.b.agency)
    for who in (world.c.clerk, world.c.leader, world.b.officer, world.a.clerk):
        assert as_(who).get(f"/lam-viec/van-ban/den/{one.pk}/").status_code == 404
        assert (
            as_(who).post(f"/lam-viec/van-ban/den/{one.pk}/tiep-nhan/", {"lam": "vao-so"}).status_code == 404
        )
        file = one.files.get()
        assert as_(who).get(f"/lam-viec/van-ban/den/{one.pk}/tep/{file.pk}/").status_code == 404
    page = as_(world.b.leader).get(f"/lam-viec/van-ban/den/{one.pk}/").content.decode()
    assert "Tiếp nhận và trình" not in page
    with pytest.raises(NotAllowed):
        acts.receive(one.pk, actor=again(world.b.leader))
    one.refresh_from_db()
    assert one.state == IncomingState.ARRIVED


def test_not_before_the_signatures_were_checked(world: SimpleNamespace, work: Any) -> None:
    make.sent(world.a, [world.b.agency], work)
    one = make.arrival_at(world.b.agency)
    assert one.verdict == "none" and one.legal_value == "information"
    IncomingDocument.objects.filter(pk=one.pk).update(checked_at=None)
    with pytest.raises(RuleError, match="chữ ký"):
        acts.receive(one.pk, actor=again(world.b.clerk))
    client = as_(world.b.clerk)
    assert "Kiểm tra ngay" in client.get(f"/lam-viec/van-ban/den/{one.pk}/").content.decode()
    client.post(f"/lam-viec/van-ban/den/{one.pk}/kiem-tra/")
    assert "Tiếp nhận và trình" in client.get(f"/lam-viec/van-ban/den/{one.pk}/").content.decode()


def test_a_twin_is_warned_with_a_link_and_taken_when_it_was_seen(world: SimpleNamespace, work: Any) -> None:
    document = make.issued(world.a, to=[world.b.agency])
    paper = as_(world.b.clerk)
    facts = {
        "lam": "vao-so",
        "issuer_printed": world.a.ubnd.name,
        "number_printed": document.number_printed.lower(),
        "title": "Bản giấy tới trước",
        "urgency": "0",
    }
    assert paper.post("/lam-viec/van-ban/den/moi/", facts).status_code == 302
    from documents.actions import dispatch as sending

    work(sending.send_issued, document, actor=again(world.a.clerk))
    one = make.arrival_at(world.b.agency)
    first = acts.twins(one).get()
    address = f"/lam-viec/van-ban/den/{one.pk}/tiep-nhan/"
    page = paper.post(address, {"lam": "vao-so"}).content.decode()
    assert f"/lam-viec/van-ban/den/{first.pk}/" in page and "Trùng với văn bản" in page
    one.refresh_from_db()
    assert one.state == IncomingState.ARRIVED
    assert paper.post(address, {"lam": "vao-so", "seen_twins": "on"}).status_code == 302
    one.refresh_from_db()
    assert one.arrival_number == 2


def test_double_click_gives_one_number(world: SimpleNamespace, work: Any) -> None:
    make.sent(world.a, [world.b.agency], work)
    one = make.arrival_at(world.b.agency)
    client = as_(world.b.clerk)
    sent = {"lam": "trinh", "leader": world.b.leader.pk}
    client.post(f"/lam-viec/van-ban/den/{one.pk}/tiep-nhan/", sent)
    second = client.post(f"/lam-viec/van-ban/den/{one.pk}/tiep-nhan/", sent)
    assert "Chưa thực hiện được" in second.content.decode()
    assert acts.next_number(world.b.agency.pk) == 2


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_take_one_number(world: SimpleNamespace) -> None:
    now = timezone.now()
    one = IncomingDocument.objects.create(
        agency=world.b.agency, source="mail", issuer_printed="X", title="Y", arrived_at=now, checked_at=now
    )

    def press(_n: int) -> str:
        try:
            acts.receive(one.pk, actor=again(world.b.clerk))
            return "done"
        except RuleError:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(press, range(2)))
    assert answers == ["done", "refused"]
    assert acts.next_number(world.b.agency.pk) == 2


def test_paper_with_a_hostile_name_and_the_district_that_wrote_it(world: SimpleNamespace) -> None:
    from org.choices import OrganizationKind
    from org.models import Organization
    from tests import factories

    district = factories.organization(
        "Ủy ban nhân dân huyện Tiên Lãng", OrganizationKind.COMMITTEE, valid_from=date(2000, 1, 1)
    )
    Organization.objects.filter(pk=district.pk).update(
        valid_to=date(2025, 7, 1), folded="uy ban nhan dan huyen tien lang"
    )
    client = as_(world.b.clerk)
    scan = SimpleUploadedFile("../../" + "\u202e" + "q" * 300 + ".pdf", pdf_bytes(3), "application/pdf")
    answer = client.post(
        "/lam-viec/van-ban/den/moi/",
        {
            "lam": "trinh",
            "leader": world.b.leader.pk,
            "issuer_printed": district.name,
            "number_printed": "88/UBND-NV",
            "dated_on": "27/06/2024",
            "title": "Bàn giao hồ sơ",
            "urgency": "0",
            "paper_copies": "1",
            "files": scan,
        },
    )
    assert answer.status_code == 302
    one = make.arrival_at(world.b.agency)
    assert one.issuer_id == district.pk and one.state == IncomingState.SUBMITTED
    name = one.files.get().name
    assert "/" not in name and "\u202e" not in name and len(name) <= 120
    assert "đến 30/6/2025" in client.get("/lam-viec/van-ban/den/").content.decode()
    assert client.get(f"/lam-viec/van-ban/den/{one.pk}/").status_code == 200


def test_a_secret_is_refused_in_words_and_in_files_and_nothing_is_kept(world: SimpleNamespace) -> None:
    clerk = again(world.b.clerk)
    facts = acts.Facts(title="MẬT", issuer_printed="X")
    with pytest.raises(SecretRefused):
        acts.register_paper(actor=clerk, agency=world.b.agency, facts=facts)
    marked = stamped_pdf()
    files_before = StoredFile.objects.count()
    answer = as_(world.b.clerk).post(
        "/lam-viec/van-ban/den/moi/",
        {
            "lam": "vao-so",
            "issuer_printed": "X",
            "title": "Không có gì",
            "urgency": "0",
            "files": SimpleUploadedFile("a.pdf", marked, "application/pdf"),
        },
    )
    assert "độ mật" in answer.content.decode()
    assert not IncomingDocument.objects.exists() and StoredFile.objects.count() == files_before
    assert acts.next_number(world.b.agency.pk) == 1


def stamped_pdf() -> bytes:
    """A page headed by the stamp, as an office prints it."""
    from weasyprint import HTML

    assert pdf
    return HTML(string="<p>TUYỆT MẬT</p><p>Nội dung thường</p>").write_pdf()


def test_the_list_costs_the_same_for_one_and_fifty(world: SimpleNamespace) -> None:
    client = as_(world.b.clerk)
    now = timezone.now()

    def put(count: int) -> None:
        IncomingDocument.objects.bulk_create(
            IncomingDocument(
                agency=world.b.agency,
                source="mail",
                issuer=world.a.ubnd,
                issuer_printed="Nơi gửi",
                title=f"Văn bản {n}",
                arrived_at=now - timedelta(days=1),
            )
            for n in range(count)
        )

    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    addresses = ("/lam-viec/van-ban/den/", "/lam-viec/van-ban/", "/lam-viec/")
    put(1)
    one = [cost(address) for address in addresses]
    put(55)
    assert [cost(address) for address in addresses] == one
    page = client.get("/lam-viec/van-ban/den/").content.decode()
    assert page.count("data-row") == 50 and "Cũ hơn" in page
    assert "56 văn bản" in page
    other = department("Sở Khác", "SK")
    assert as_(other.clerk).get("/lam-viec/van-ban/den/").content.decode().count("data-row") == 0
