"""A document of the agency for its own units: work for each unit, no second number in a register."""

from typing import Any

from documents.actions import dispatch as sending
from documents.actions import tasks as acts
from documents.choices import DeliveryState, IncomingState, RecipientPurpose, TaskRole, TaskState
from documents.models import IncomingDocument, Recipient, Task
from notices.models import Notice
from tests.documents import incoming_world as make
from tests.factories import again

HOME = "/lam-viec/van-ban/"


def test_units_of_the_own_agency_get_work_and_no_number_of_arrival(
    world: Any, work: Any, client: Any
) -> None:
    a = world.a
    document = make.issued(a, to=[], circulation="internal")
    Recipient.objects.create(document=document, unit=a.office, purpose=RecipientPurpose.TO)
    Recipient.objects.create(document=document, unit=a.counter, purpose=RecipientPurpose.COPY)
    dispatch = work(sending.send_issued, document, actor=again(a.clerk))
    lead, known = IncomingDocument.objects.order_by("-recipient__purpose")
    assert {lead.agency_id, known.agency_id} == {a.ubnd.pk}
    assert lead.arrival_number is None and known.arrival_number is None
    assert (lead.state, known.state) == (IncomingState.ASSIGNED, IncomingState.DONE)
    assert lead.lead_unit == a.office and lead.due_at is not None
    assert not Notice.objects.filter(kind="incoming.arrived").exists()
    task = Task.objects.get(incoming=lead)
    assert (task.unit, task.role) == (a.office, TaskRole.LEAD)
    assert Task.objects.get(incoming=known).role == TaskRole.INFORM

    client.force_login(a.unit_head)
    assert document.title in client.get(HOME).content.decode()
    page = client.get(f"{HOME}viec/{task.pk}/")
    assert "Văn bản nội bộ của cơ quan" in page.content.decode()
    acts.finish(task.pk, actor=again(a.unit_head), result="Đã thực hiện")
    task.refresh_from_db()
    assert task.state == TaskState.DONE
    assert set(dispatch.recipients.values_list("state", flat=True)) == {DeliveryState.DONE}
    client.force_login(a.clerk)
    assert client.get(f"{HOME}den/{lead.pk}/").status_code == 200
    assert "Tiếp nhận và trình" not in client.get(f"{HOME}den/{lead.pk}/").content.decode()
