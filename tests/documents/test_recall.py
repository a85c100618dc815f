"""Recall, update and replacement are asked and answered; both copies and every reason stay."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.errors import NotAllowed, RuleError
from documents.actions import incoming as acts
from documents.actions import recalls
from documents.choices import DeliveryState, IncomingState, RecallAnswer, RecallKind, TaskState
from documents.models import IncomingDocument, Task
from notices.models import Notice
from signing import services as signing
from signing.choices import PaperStatus
from tests.documents import incoming_world as make
from tests.factories import again

pytestmark = pytest.mark.django_db


def as_(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_one_agrees_and_one_refuses(world: SimpleNamespace, work: Any) -> None:
    dispatch = make.sent(world.a, [world.b.agency, world.c.ubnd], work)
    document = dispatch.document
    signing.publish_paper(
        code=document.check_code,
        stored_file=document.current_file,
        title="x",
        unit_name="y",
        subject=document,
        issued_at=timezone.now(),
    )
    at_b, at_c = (IncomingDocument.objects.get(agency=unit) for unit in (world.b.agency, world.c.ubnd))
    clerk_b = again(world.b.clerk)
    acts.receive(at_b.pk, actor=clerk_b)
    acts.transfer(at_b.pk, actor=clerk_b, unit=world.b.division)
    sender = as_(world.a.clerk)
    address = f"/lam-viec/van-ban/gui/{dispatch.pk}/thu-hoi/"
    assert sender.get(address).status_code == 200
    work(sender.post, address, {"kind": "1", "reason": "Sai số liệu biểu 2"})
    document.refresh_from_db()
    assert document.is_frozen
    assert signing.find_paper(document.check_code).status == PaperStatus.REVOKED
    assert Notice.objects.filter(recipient=world.b.clerk, kind="incoming.recall_asked").count() == 1
    assert (
        "Sai số liệu biểu 2" in as_(world.b.clerk).get(f"/lam-viec/van-ban/den/{at_b.pk}/").content.decode()
    )

    assert (
        as_(world.b.leader)
        .post(f"/lam-viec/van-ban/den/{at_b.pk}/tra-loi-thu-hoi/", {"lam": "dong-y"})
        .status_code
        == 302
    )
    work(as_(world.b.clerk).post, f"/lam-viec/van-ban/den/{at_b.pk}/tra-loi-thu-hoi/", {"lam": "dong-y"})
    at_b.refresh_from_db()
    assert at_b.state == IncomingState.RECALLED and at_b.is_frozen and at_b.arrival_number == 1
    assert at_b.files.exists()
    assert Task.objects.get(incoming=at_b).state == TaskState.WITHDRAWN
    codes = list(at_b.recipient.events.values_list("code", flat=True))
    assert "13" in codes and "15" in codes
    page = as_(world.b.clerk).get(f"/lam-viec/van-ban/den/{at_b.pk}/").content.decode()
    assert "đã được nơi gửi thu hồi" in page and "Sai số liệu biểu 2" in page
    with pytest.raises(RuleError):
        acts.take(at_b.pk, "direct", actor=again(world.b.leader))

    refuse = as_(world.c.clerk)
    refuse.post(f"/lam-viec/van-ban/den/{at_c.pk}/tra-loi-thu-hoi/", {"lam": "khong", "note": ""})
    assert recalls.waiting_for(at_c) is not None
    refuse.post(f"/lam-viec/van-ban/den/{at_c.pk}/tra-loi-thu-hoi/", {"lam": "khong", "note": "Đã thực hiện"})
    at_c.refresh_from_db()
    assert at_c.state == IncomingState.ARRIVED and not at_c.is_frozen
    row = at_c.recipient
    assert row.events.latest("pk").code == "16" and row.state == DeliveryState.ARRIVED
    assert row.recall_answers.get().answer == RecallAnswer.REFUSED
    shown = sender.get(f"/lam-viec/van-ban/gui/{dispatch.pk}/").content.decode()
    assert "Sai số liệu biểu 2" in shown and "Đã thu hồi" in shown


def test_an_update_brings_new_files_and_keeps_the_former(world: SimpleNamespace, work: Any) -> None:
    dispatch = make.sent(world.a, [world.b.agency], work)
    newer = make.issued(world.a, to=[], pages=4)
    clerk = again(world.a.clerk)
    with pytest.raises(RuleError, match="Chọn văn bản"):
        recalls.ask(dispatch.pk, actor=clerk, kind=RecallKind.UPDATE, reason="Thiếu trang")
    with pytest.raises(RuleError, match="lý do"):
        recalls.ask(dispatch.pk, actor=clerk, kind=RecallKind.RECALL, reason=" ")
    with pytest.raises(NotAllowed):
        recalls.ask(dispatch.pk, actor=again(world.b.clerk), kind=RecallKind.RECALL, reason="x")
    recalls.ask(dispatch.pk, actor=clerk, kind=RecallKind.UPDATE, reason="Thiếu trang", replacement=newer)
    one = make.arrival_at(world.b.agency)
    asked = recalls.waiting_for(one)
    assert asked is not None
    recalls.answer(asked.pk, actor=again(world.b.clerk), agreed=True)
    with pytest.raises(RuleError):
        recalls.answer(asked.pk, actor=again(world.b.clerk), agreed=True)
    files = list(one.files.all())
    assert (len(files) == 2 and files[1].superseded_at is None) or files[0].superseded_at is None
    one.refresh_from_db()
    assert one.state == IncomingState.ARRIVED and one.checked_at is None  # to be checked anew


def test_a_replacement_links_both(world: SimpleNamespace, work: Any) -> None:
    dispatch = make.sent(world.a, [world.b.agency], work)
    old = make.arrival_at(world.b.agency)
    newer = make.sent(world.a, [world.b.agency], work).document
    recalls.ask(
        dispatch.pk, actor=again(world.a.leader), kind=RecallKind.REPLACE, reason="Thay", replacement=newer
    )
    asked = recalls.waiting_for(old)
    assert asked is not None
    recalls.answer(asked.pk, actor=again(world.b.clerk), agreed=True)
    old.refresh_from_db()
    assert old.is_frozen and old.replaced_by is not None
    assert old.replaced_by.document_code == newer.check_code
    page = as_(world.b.clerk).get(f"/lam-viec/van-ban/den/{old.pk}/").content.decode()
    assert "Văn bản thay thế" in page
