"""A merger takes what is open along; numbers and old names stay; a letter of a former unit is found under its heir."""

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import AuditEvent
from documents import loading
from documents.actions import delivery
from documents.actions import dispatch as sending
from documents.actions import incoming as acts
from documents.choices import DeliveryState, IncomingState
from documents.models import CatalogueEntry, FileCatalogue, IncomingDocument, Task
from org.actions import restructuring
from org.choices import Role, StepKind
from org.models import Organization
from tests import factories
from tests.documents import factories as papers
from tests.documents import incoming_world as make
from tests.factories import again
from tests.org import restructuring_world as reform

pytestmark = pytest.mark.django_db
FAR = timezone.make_aware(datetime(2099, 12, 31, 17, 0))


def test_open_arrivals_move_and_a_dissolved_recipient_is_reached_through_its_heir(work: Any) -> None:
    loading.load()
    town = reform.city()
    old, other, sender = (reform.commune(town, name) for name in ("phường Cũ", "phường Khác", "phường Gửi"))
    make.sent(sender, [old.ubnd], work)
    clerk = again(old.clerk)
    one = acts.receive(make.arrival_at(old.ubnd).pk, actor=clerk)
    acts.transfer(one.pk, actor=clerk, unit=old.office, due_at=FAR)
    task = Task.objects.get(incoming=one)
    late = make.issued(sender, to=[old.ubnd])
    letter = acts.register_paper(
        actor=again(other.clerk),
        agency=other.ubnd,
        facts=acts.Facts(
            title="Công văn của phường cũ",
            number_printed="9/UBND",
            issuer_printed=old.ubnd.name,
            issuer=old.ubnd,
        ),
    )
    reform.applied(town, reform.merge(town, [old, other]))
    one.refresh_from_db()
    task.refresh_from_db()
    heir = Organization.objects.get(slug="ubnd-11999")
    assert one.agency_id == heir.pk and one.register_id == old.ubnd.pk and one.arrival_number == 1
    assert task.unit.agency_id == heir.pk
    assert one.state == IncomingState.ASSIGNED
    letter.refresh_from_db()
    assert letter.issuer_id == old.ubnd.pk and letter.issuer_printed == old.ubnd.name

    dispatch = work(sending.send_issued, late, actor=again(sender.clerk))
    row = dispatch.recipients.get()
    assert row.state == DeliveryState.ARRIVED and row.delivered_to_id == heir.pk
    assert old.ubnd.name in row.reason and heir.name in row.reason
    assert IncomingDocument.objects.get(recipient=row).agency_id == heir.pk
    assert delivery.addresses([old.ubnd.pk], timezone.localdate())[old.ubnd.pk].is_heir

    reader = factories.hat("Ngô Đọc", heir, "Văn thư phường", Role.CLERK)
    client = Client()
    client.force_login(again(reader))
    shown = client.get("/lam-viec/van-ban/den/", {"noi-gui": "phuong hop nhat"}).content.decode()
    assert "Công văn của phường cũ" in shown and "đến" in shown


def test_an_open_work_file_and_the_line_of_the_catalogue_go_to_the_heir(db: None) -> None:
    loading.load()
    town = reform.city()
    place = reform.commune(town, "phường Gọn")
    year = timezone.localdate().year
    entry = CatalogueEntry.objects.create(
        catalogue=FileCatalogue.objects.create(agency=place.ubnd, year=year),
        unit=place.counter,
        notation="01",
        title="Hồ sơ tiếp nhận",
        retention=papers.period(),
    )
    file = papers.work_file(place.ubnd, place.counter, again(place.case_officer))
    batch = restructuring.create(actor=town.planner, title="Nhập phòng", effective_on=date(2026, 1, 1))
    restructuring.put_step(
        batch.pk,
        actor=town.planner,
        kind=StepKind.DISSOLVE,
        old=[{"unit": place.counter.slug, "share": "whole"}],
        new=[{"unit": place.office.slug, "exists": True}],
    )
    reform.applied(town, batch)
    entry.refresh_from_db()
    file.refresh_from_db()
    assert (entry.unit, file.unit, file.agency) == (place.office, place.office, place.ubnd)
    assert AuditEvent.objects.filter(event__in=["catalogue.move", "work_file.move"]).count() == 2
