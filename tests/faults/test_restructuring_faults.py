"""A reform in the midst of other work: a worker that dies in it, papers half signed, keys of units that are no more."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from core import files
from core.models import AuditEvent, IssuedNumber, Job
from documents import services as documents
from documents.choices import DocumentStatus
from documents.movers import DocumentMover
from onecase import actions
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from org.actions import restructuring
from org.choices import Role
from org.models import AdminUnit, Leftover, MovedRecord, Organization, Restructuring, User
from org.restructuring import writing
from signing import services as signing
from signing.models import Signature, SigningKey
from signing.movers import KeyMover
from tests import factories as make
from tests.faults.conftest import PIN, lease_is_over, signature_of
from tests.org import restructuring_world as worlds

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 60


@pytest.fixture
def town() -> SimpleNamespace:
    return worlds.city()


@pytest.fixture
def pair(town: SimpleNamespace, world: SimpleNamespace) -> list[SimpleNamespace]:
    """The commune with the keys, and a neighbour."""
    AdminUnit.objects.filter(pk=world.territory.pk).update(parent=town.territory)
    return [world, worlds.commune(town, "phường Vạn Mỹ")]


def merged_today(town: SimpleNamespace, pair: list[SimpleNamespace]) -> Restructuring:
    return worlds.applied(town, worlds.merge(town, pair, on=timezone.localdate()))


# --- a worker that dies -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "name"), [(DocumentMover, "move"), (KeyMover, "orphans"), (writing, "end")], ids=str
)
def test_a_worker_killed_in_the_middle_leaves_the_old_order_and_another_one_goes_on(
    town: SimpleNamespace, pair: list[SimpleNamespace], place: Any, name: str
) -> None:
    case = make.case(pair[0], S.APPRAISING)
    batch = worlds.approved(town, worlds.merge(town, pair))

    killed_at(place, name, lambda: restructuring.apply_due(batch.pk))

    batch.refresh_from_db()
    assert (batch.status, batch.done_at, batch.given_up_at) == ("approved", None, None)
    assert not Organization.objects.filter(slug="ubnd-11999").exists()
    assert not MovedRecord.objects.exists() and not Leftover.objects.exists()
    assert Case.objects.get(pk=case.pk).agency_id == pair[0].ubnd.pk
    assert Job.objects.get(pk=batch.job_id).finished_at is None
    assert not restructuring.apply_due(batch.pk), "its lease still runs: it may be alive"

    lease_is_over(Restructuring.objects.filter(pk=batch.pk))
    assert restructuring.apply_due(batch.pk)
    heir = Organization.objects.get(slug="ubnd-11999")
    assert Case.objects.get(pk=case.pk).agency_id == heir.pk
    assert Job.objects.get(pk=batch.job_id).finished_at


def killed_at(place: Any, name: str, work: Callable[[], object]) -> None:
    """Run `work` in a process that is killed the moment it comes to `place.name`."""

    def die(*_arguments: object, **_named: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def life() -> None:
        setattr(place, name, die)
        work()
        os._exit(0)

    connections.close_all()
    process = get_context("fork").Process(target=life)
    process.start()
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == -signal.SIGKILL


# --- papers and keys ----------------------------------------------------------------------------------------


def test_a_paper_half_signed_is_signed_anew_by_the_successor_and_its_number_is_kept_as_cancelled(
    town: SimpleNamespace,
    pair: list[SimpleNamespace],
    awaiting: Case,
    run_woken: Callable[[], None],
    bell: list[Any],
) -> None:
    document, leader = awaiting.result_document, pair[0].leader
    actions.approve(awaiting.pk, actor=leader, pin=PIN, revision=document.revision)
    document.refresh_from_db()
    assert document.status == DocumentStatus.SIGNING
    owed = signature_of(awaiting)

    merged_today(town, pair)
    run_woken()  # the worker comes to the signature after the switch

    owed.refresh_from_db()
    document.refresh_from_db()
    heir = Organization.objects.get(slug="ubnd-11999")
    assert owed.state == "cancelled" and not Signature.objects.filter(request=owed).exists()
    assert (document.status, document.agency_id) == (DocumentStatus.SUBMITTED, heir.pk)
    assert IssuedNumber.objects.get(value=1, cancelled_at__isnull=False).cancel_reason
    awaiting.refresh_from_db()
    assert (awaiting.agency_id, awaiting.business_status) == (heir.pk, S.AWAITING_APPROVAL)


def test_what_an_ended_unit_has_signed_and_sealed_verifies_for_ever_but_its_key_signs_no_more(
    town: SimpleNamespace, pair: list[SimpleNamespace], awaiting: Case, run_woken: Callable[[], None]
) -> None:
    office = pair[0]
    actions.approve(awaiting.pk, actor=office.leader, pin=PIN, revision=awaiting.result_document.revision)
    run_woken()
    document = documents.waiting_for_seal(office.clerk).get()
    leave = documents.authorise(documents.agency_key(office.ubnd), PIN, actor=office.clerk)
    documents.seal(document.pk, actor=office.clerk, authorisation=leave)
    run_woken()
    document.refresh_from_db()
    assert document.status == DocumentStatus.ISSUED

    merged_today(town, pair)

    key = SigningKey.objects.get(owner_organization=office.ubnd, kind="seal")
    assert key.suspended_at
    document.refresh_from_db()
    assert document.agency_id == office.ubnd.pk, "what was issued stays the act of who issued it"
    verdict = signing.verify(files.read(document.current_file))
    assert (verdict.verdict, len(verdict.signatures)) == ("valid", 2)
    assert signing.find_paper(document.check_code).stored_file == document.current_file


def test_a_closed_case_of_an_ended_unit_is_read_by_the_clerk_of_its_successor(
    town: SimpleNamespace, pair: list[SimpleNamespace], at_desk: Callable[..., Any]
) -> None:
    closed = make.case(pair[0], S.RETURNED, received_at=timezone.now() - timedelta(days=90))
    elsewhere = worlds.commune(town, "phường An Biên")
    merged_today(town, pair)
    closed.refresh_from_db()
    assert closed.agency_id == pair[0].ubnd.pk, "a closed case stays with the unit that decided it"
    heir = Organization.objects.get(slug="ubnd-11999")
    keeper = at_desk(make.hat("Bùi Văn Lưu", heir, "Văn thư", Role.CLERK))
    address = f"/lam-viec/ho-so/{closed.code}/"
    assert closed.code in keeper.get("/lam-viec/ho-so/?kho=truoc-day").content.decode()
    assert closed.code not in keeper.get("/lam-viec/ho-so/").content.decode()
    assert keeper.get(address).status_code == 200
    assert AuditEvent.objects.filter(event="case.read", subject_id=closed.pk).exists()
    assert keeper.post(f"{address}hien-so/", {"reason": "xem"}).status_code == 404
    for stranger in (pair[0].counter_officer, pair[1].counter_officer, elsewhere.clerk, elsewhere.leader):
        desk = at_desk(User.objects.get(pk=stranger.pk))
        assert desk.get(address).status_code in {403, 404}, stranger.full_name
        assert closed.code not in desk.get("/lam-viec/ho-so/?kho=truoc-day").content.decode()
