"""Delivery to many: fast, once, told; who did not open it; failed rows and paper ones."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import NotAllowed, RuleError
from documents.actions import delivery
from documents.actions import dispatch as sending
from documents.choices import Channel, DeliveryState
from documents.models import Dispatch, DispatchRecipient, IncomingDocument, Recipient, RecipientEvent
from notices.models import Notice
from org.choices import OrganizationKind
from org.models import Organization
from tests import factories
from tests.documents import incoming_world as make
from tests.factories import again

pytestmark = pytest.mark.django_db


def many(count: int, *, start: int = 0) -> list[Organization]:
    made = Organization.objects.bulk_create(
        Organization(
            slug=f"nhieu-{start + n}",
            name=f"Ủy ban nhân dân phường {start + n}",
            kind=OrganizationKind.COMMITTEE,
            valid_from=factories.EARLY,
        )
        for n in range(count)
    )
    for one in made:
        one.agency = one
    Organization.objects.bulk_update(made, ["agency"])
    return made


def queries_of(act: Any, *args: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        act(*args)
    return len(seen)


def test_five_hundred_recipients_cost_few_queries_and_twice_changes_nothing(world: SimpleNamespace) -> None:
    few = sending.send_issued(make.issued(world.a, to=many(3)), actor=again(world.a.clerk))
    lots = sending.send_issued(make.issued(world.a, to=many(500, start=10)), actor=again(world.a.clerk))
    assert few is not None and lots is not None
    base = queries_of(delivery.deliver, few.pk)
    whole = queries_of(delivery.deliver, lots.pk)
    assert whole <= 3 * base + 15  # three sheets of two hundred
    assert IncomingDocument.objects.filter(recipient__dispatch=lots).count() == 500
    assert RecipientEvent.objects.filter(recipient__dispatch=lots, code="01").count() == 500
    delivery.deliver(lots.pk)
    assert IncomingDocument.objects.filter(recipient__dispatch=lots).count() == 500
    lots.refresh_from_db()
    assert lots.done_at is not None


def test_a_part_of_an_agency_is_reached_through_its_agency(world: SimpleNamespace, work: Any) -> None:
    dispatch = make.sent(world.a, [world.b.division], work, urgency=2)
    one = IncomingDocument.objects.get(recipient__dispatch=dispatch)
    assert one.agency_id == world.b.agency.pk and one.urgency == 2 and one.files.count() == 1
    assert Notice.objects.get(recipient=world.b.clerk).title.startswith("Văn bản đến (thượng khẩn)")


def test_dissolved_yesterday_without_an_heir_fails_alone_and_can_be_sent_again(
    world: SimpleNamespace, work: Any
) -> None:
    gone = many(1, start=900)[0]
    Organization.objects.filter(pk=gone.pk).update(valid_to=timezone.localdate() - timedelta(days=1))
    dispatch = make.sent(world.a, [gone, world.b.agency], work)
    row = dispatch.recipients.get(unit=gone)
    assert row.state == DeliveryState.FAILED and "kết thúc hoạt động" in row.reason
    assert dispatch.recipients.get(unit=world.b.agency).state == DeliveryState.ARRIVED
    client = Client()
    client.force_login(world.a.clerk)
    page = client.get(f"/lam-viec/van-ban/gui/{dispatch.pk}/?chi=loi").content.decode()
    assert gone.name in page and world.b.agency.name not in page.split("<tbody>")[1]
    Organization.objects.filter(pk=gone.pk).update(valid_to=None)
    work(client.post, f"/lam-viec/van-ban/gui/{dispatch.pk}/gui-lai/")
    row.refresh_from_db()
    assert row.state == DeliveryState.ARRIVED
    with pytest.raises(RuleError):
        delivery.resend_failed(dispatch.pk, actor=again(world.a.clerk))


def test_one_of_many_does_not_open_it_and_is_listed_and_reminded(world: SimpleNamespace, work: Any) -> None:
    dispatch = make.sent(world.a, [*many(20), world.b.agency], work)
    DispatchRecipient.objects.filter(dispatch=dispatch).exclude(unit=world.b.agency).update(
        opened_at=timezone.now()
    )
    client = Client()
    client.force_login(world.a.clerk)
    page = client.get(f"/lam-viec/van-ban/gui/{dispatch.pk}/?chi=chua-mo").content.decode()
    assert page.count("data-row") == 1 and world.b.agency.name in page and "Nhắc 1 đơn vị chưa mở" in page
    assert "Nhắc 1 đơn vị chưa mở" in client.get("/lam-viec/van-ban/den/").content.decode()
    work(client.post, f"/lam-viec/van-ban/gui/{dispatch.pk}/nhac/")
    assert Notice.objects.filter(recipient=world.b.clerk, kind="incoming.unopened").count() == 1
    work(client.post, f"/lam-viec/van-ban/gui/{dispatch.pk}/nhac/")  # not twice in an hour
    assert Notice.objects.filter(recipient=world.b.clerk, kind="incoming.unopened").count() == 1
    stranger = Client()
    stranger.force_login(world.c.clerk)
    assert stranger.get(f"/lam-viec/van-ban/gui/{dispatch.pk}/").status_code == 404
    assert stranger.post(f"/lam-viec/van-ban/gui/{dispatch.pk}/nhac/").status_code == 404
    with pytest.raises(NotAllowed):
        delivery.remind_unopened(dispatch.pk, actor=again(world.b.clerk))


def test_paper_recipients_are_marked_by_hand(world: SimpleNamespace, work: Any) -> None:
    document = make.issued(world.a, to=[world.b.agency])
    Recipient.objects.create(document=document, text="Công ty Thử Nghiệm")
    dispatch = work(sending.send_issued, document, actor=again(world.a.clerk))
    row = dispatch.recipients.get(channel=Channel.PAPER)
    client = Client()
    client.force_login(world.a.clerk)
    address = f"/lam-viec/van-ban/gui/{dispatch.pk}/ban-giay/{row.pk}/"
    client.post(address, {"state": "refused", "note": ""})
    row.refresh_from_db()
    assert row.state == DeliveryState.QUEUED
    client.post(address, {"state": "registered", "note": "ký nhận"})
    row.refresh_from_db()
    assert row.state == DeliveryState.REGISTERED and row.events.get().code == "03"
    other = dispatch.recipients.exclude(pk=row.pk).get()
    with pytest.raises(RuleError):
        delivery.mark_paper(other.pk, actor=again(world.a.clerk), state="done")


def test_the_page_of_a_dispatch_costs_the_same_for_few_and_many(world: SimpleNamespace, work: Any) -> None:
    client = Client()
    client.force_login(world.a.clerk)
    costs = []
    for count, start in ((2, 0), (60, 100)):
        dispatch = make.sent(world.a, many(count, start=start), work)
        client.get(f"/lam-viec/van-ban/gui/{dispatch.pk}/")
        costs.append(queries_of(client.get, f"/lam-viec/van-ban/gui/{dispatch.pk}/"))
    assert costs[0] == costs[1]
    assert Dispatch.objects.filter(done_at__isnull=True).count() == 0
