"""The demo's official documents: three thousand, found by those who may, numbered without a gap, some late."""

from typing import Any

import pytest
from django.db.models import Count, F, Max
from django.utils import timezone

from core.models import AuditEvent, IssuedNumber, NumberSeries
from documents import searching
from documents.choices import INCOMING_OPEN, DeliveryState, DocumentKind
from documents.models import (
    Dispatch,
    Document,
    DocumentGrant,
    IncomingDocument,
    RecipientGroup,
    SearchEntry,
    Task,
    WorkFile,
)
from documents.searching import Filters
from haiphong_egov.seeds import papers, people
from org.models import Organization, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
DESKS = ["nq", "vb", "stc", "tp"]


def who(name: str) -> User:
    return User.objects.get(email=f"{name}@{people.DOMAIN}")


def official() -> Any:
    return Document.objects.filter(kind=DocumentKind.OFFICIAL)


def test_three_thousand_over_all_communes_and_two_years() -> None:
    told = (
        official().filter(status="issued", signature_request=None).count() + IncomingDocument.objects.count()
    )
    assert told == papers.TOTAL
    communes = Organization.objects.filter(valid_to=None, kind="ubnd", territory__level=3)
    assert IncomingDocument.objects.filter(agency__in=communes).values("agency").distinct().count() == 114
    years = {row.year for row in IncomingDocument.objects.dates("arrived_at", "year")}
    assert years >= {2025, timezone.localdate().year}
    assert not IncomingDocument.objects.filter(arrived_at__gt=timezone.now()).exists()


def test_series_have_no_gap_and_two_numbers_are_cancelled_with_reason() -> None:
    series = NumberSeries.objects.filter(key__startswith="doc:") | NumberSeries.objects.filter(
        key__startswith="arrival:"
    )
    assert series.count() > 100
    odd = series.annotate(have=Count("numbers"), top=Max("numbers__value")).exclude(
        have=F("last"), top=F("last")
    )
    assert not odd.exists()
    cancelled = IssuedNumber.objects.filter(cancelled_at__isnull=False)
    assert cancelled.count() == 2 and all(number.cancel_reason for number in cancelled)
    assert not IssuedNumber.objects.filter(
        subject_id=0, cancelled_at=None, subject_type__startswith="documents."
    ).exists()


def test_numbers_follow_the_days() -> None:
    rows = IncomingDocument.objects.filter(arrival_number__isnull=False).order_by(
        "agency", "arrival_year", "arrival_number"
    )
    last: Any = None
    for row in rows.values_list("agency", "arrival_year", "registered_at"):
        assert last is None or row[:2] != last[:2] or row[2] >= last[2]
        last = row


@pytest.mark.parametrize("key", DESKS)
def test_a_lively_desk_no_flood(key: str) -> None:
    clerk = who(f"vanthu.{key}")
    waiting = IncomingDocument.objects.visible_to(clerk).filter(state__in=sorted(INCOMING_OPEN))
    assert 10 <= waiting.count() <= 25
    assert waiting.filter(due_at__lt=timezone.now()).exists()
    for head in User.objects.filter(
        email__in=[f"{name}.{key}@{people.DOMAIN}" for name in ("vanphong", "truongphong")]
    ):
        assert Task.objects.to_do(head).count() <= 25


def test_the_citys_letters_reach_every_commune_and_stand_at_different_points() -> None:
    group = RecipientGroup.objects.get(name=papers.COMMUNES_GROUP)
    assert group.owner is None and group.members.count() == 114
    told = Dispatch.objects.filter(total=114, done_at__isnull=False).order_by("-sent_at")
    assert told.count() == 6
    newest = told[0]
    states = set(newest.recipients.values_list("state", flat=True))
    assert {DeliveryState.ARRIVED, DeliveryState.REGISTERED, DeliveryState.DONE} <= states
    assert newest.recipients.unopened().exists()


def test_a_letter_of_a_district_is_found_under_its_successor() -> None:
    district = Organization.objects.get(slug="ubnd-huyen-vinh-bao")
    heir = Organization.objects.get(slug="ubnd-xa-vinh-bao")
    clerk = who("vanthu.stc")
    found = searching.find(clerk, "xã Vĩnh Bảo", Filters(year=2025, issuer_id=heir.pk), size=200)
    issuers = {entry.incoming.issuer_id for entry in found.entries if entry.incoming}
    assert district.pk in issuers
    assert {entry.incoming.issuer_printed for entry in found.entries if entry.incoming} >= {district.name}


@pytest.mark.parametrize(
    "name", ["vanthu.nq", "chutich.vb", "truongphong.stc", "xahoi.nq", "chuyenvien.tp", "motcua.nq"]
)
def test_search_shows_what_the_rules_show(name: str) -> None:
    user = who(name)
    found = searching.find(user, "", Filters(year=2026), size=1000)
    seen = set(IncomingDocument.objects.visible_to(user).values_list("pk", flat=True))
    assert {entry.incoming_id for entry in found.entries} - {None} <= seen
    incoming = IncomingDocument.objects.visible_to(user).count()
    everything = searching.find(user, "", Filters(), size=1000)
    assert everything.total == min(1001, incoming + official().visible_to(user).count())
    assert not DocumentGrant.objects.exists()


def test_every_record_is_in_search_and_has_a_trail() -> None:
    assert SearchEntry.objects.count() == IncomingDocument.objects.count() + official().count()
    told = set(
        AuditEvent.objects.filter(subject_type="documents.incomingdocument").values_list(
            "subject_id", flat=True
        )
    )
    assert told == set(IncomingDocument.objects.values_list("pk", flat=True))
    assert not AuditEvent.objects.filter(at__gt=timezone.now()).exists()


def test_work_files_hold_letters() -> None:
    assert WorkFile.objects.count() == 16
    assert WorkFile.objects.filter(items__isnull=False).distinct().count() >= 12


def test_one_letter_of_each_agency_is_really_signed(demo: Any) -> None:
    signed = official().filter(status="issued", signature_request__isnull=False)
    assert signed.count() == 4
    assert set(demo.verdicts) == {"valid"}
    assert Dispatch.objects.filter(document__in=signed).count() == 4
