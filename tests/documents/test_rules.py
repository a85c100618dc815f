"""For every role, who sees a record in a list is who may open it: predicate and query agree (rules.py)."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from documents import rules
from documents.actions import access
from documents.models import Document, IncomingDocument, Opinion, RegisterBook, Task, WorkFile
from org import tree
from org.choices import DelegationKind, OrganizationKind, Role
from org.models import OrgSuccession
from tests import factories as people
from tests.documents import factories as make


def task_seen(user: Any, task: Task) -> bool:
    """The object rule: it names him, he stands in for whom it names, or it is of a unit that he heads or leads."""
    return (
        task.person_id == user.pk
        or task.person_id in user.stands_for(Role.CASE_OFFICER, task.unit_id)
        or any(user.serves_as(role, task.unit_id) for role in (Role.UNIT_HEAD, Role.LEADER))
    )


@pytest.fixture
def filled(world: Any) -> list[Any]:
    """Records of all three agencies, shared in every way; back come all the people and some with borrowed powers."""
    a, b = world.a, world.b
    everybody = []
    for place, agency, unit in (
        (a, a.ubnd, a.office),
        (b, b.agency, b.division),
        (world.c, world.c.ubnd, world.c.office),
    ):
        officer = getattr(place, "case_officer", None) or place.officer
        everybody += [one for one in vars(place).values() if hasattr(one, "hats")]
        drafted = make.draft(agency, unit, officer)
        make.draft(agency, agency, place.clerk)
        made = make.issued(agency, unit, officer)
        one = make.incoming(agency)
        make.task(one, place.leader, unit, officer)
        make.task(make.incoming(agency), place.leader, unit)
        make.incoming(agency)
        make.work_file(agency, unit, officer)
        make.work_file(agency, agency, place.leader)
        access.give_grant(made, a.hr_officer, reason="x", actor=place.clerk)
        access.give_grant(one, b.officer if place is not b else a.case_officer, reason="x", actor=place.clerk)
        Opinion.objects.create(
            document=drafted, unit=world.c.office, revision=1, asked_by=officer, due_at=timezone.now()
        )
    stand_in = people.hat("Trần Thay", a.office, "Công chức thay", Role.CASE_OFFICER)
    people.delegation(a.case_officer, stand_in, Role.CASE_OFFICER, kind=DelegationKind.DUTY_COVER)
    deputy = people.hat("Lê Quyền", a.ubnd, "Phó Chủ tịch thứ hai")
    people.delegation(a.leader, deputy, Role.LEADER)
    nobody = people.user("Người Dân")
    return [people.again(one) for one in (*everybody, stand_in, deputy, nobody)]


@pytest.mark.parametrize(
    ("model", "seen"),
    [
        (Document, rules.may_see),
        (IncomingDocument, rules.may_see_incoming),
        (Task, task_seen),
        (WorkFile, rules.may_see_file),
    ],
)
def test_list_and_record_agree_for_everybody(filled: list[Any], model: Any, seen: Any) -> None:
    records = list(model.objects.all())
    assert len(records) >= 6
    reached = 0
    for user in filled:
        listed = set(model.objects.visible_to(user).values_list("pk", flat=True))
        assert listed == {one.pk for one in records if seen(user, one)}, user.full_name
        reached += bool(listed)
    assert reached >= 5


def test_opinions_agree(filled: list[Any]) -> None:
    for user in filled:
        listed = set(Opinion.objects.filter(rules.opinions_waiting(user)).values_list("pk", flat=True))
        assert listed == {one.pk for one in Opinion.objects.all() if rules.gives_opinion(user, one)}


def test_the_archive_of_an_ended_agency_is_read_by_its_successor(world: Any) -> None:
    """A letter of 2024 of an agency that is no more is found under its successor, and stays attributed to it (D22)."""
    ended = date(2025, 7, 1)
    old = people.organization(
        "Ủy ban nhân dân quận Cũ", OrganizationKind.COMMITTEE, valid_from=date(2003, 1, 1), valid_to=ended
    )
    OrgSuccession.objects.create(old=old, new=world.a.ubnd, relation="merge", effective_on=ended)
    tree.forget()
    letter = make.issued(world.c.ubnd, world.c.office, world.c.case_officer, issuer_printed=old.name)
    draft = make.draft(world.c.ubnd, world.c.office, world.c.case_officer)
    came = make.incoming(world.c.ubnd)
    file = make.work_file(world.c.ubnd, world.c.office, world.c.case_officer)
    for record in (letter, draft, came, file):
        type(record).objects.filter(pk=record.pk).update(agency=old)
    Document.objects.filter(pk=letter.pk).update(issuer_printed=old.name)
    book = RegisterBook.objects.create(agency=old, kind="incoming", year=2024, from_on=date(2024, 1, 1))
    near = (world.a.clerk, world.a.leader, world.a.case_officer, world.b.clerk, world.c.clerk)
    for user in [people.again(one) for one in near]:
        for model, seen in (
            (Document, rules.may_see),
            (IncomingDocument, rules.may_see_incoming),
            (WorkFile, rules.may_see_file),
        ):
            listed = set(model.objects.visible_to(user).values_list("pk", flat=True))
            assert listed == {one.pk for one in model.objects.all() if seen(user, one)}, user.full_name
        found = RegisterBook.objects.filter(rules.books_visible(user)).exists()
        assert found == rules.sees_books(user, book.agency_id)
    for user in (people.again(world.a.clerk), people.again(world.a.leader)):
        assert Document.objects.visible_to(user).get(agency=old).issuer_printed == old.name
        assert IncomingDocument.objects.visible_to(user).filter(pk=came.pk).exists()
        assert WorkFile.objects.visible_to(user).filter(pk=file.pk).exists()
    assert not Document.objects.visible_to(people.again(world.a.case_officer)).filter(agency=old).exists()
