"""Every declared move: who may, who may not, from where, and the trail that it leaves."""

import pytest

from core.errors import NotAllowed, NoteMissing, WrongStatus
from core.models import AuditEvent
from onecase.actions.base import take
from onecase.choices import NATIONAL_CODE
from onecase.choices import BusinessStatus as S
from onecase.timeline import SENTENCES
from onecase.workflow import MOVES
from tests import factories as make

pytestmark = pytest.mark.django_db
ROLES = ["counter_officer", "case_officer", "unit_head", "leader", "clerk", "hr_officer"]
STEPS = [(move, source) for move in MOVES for source in sorted(move.sources)]
IDS = [f"{move.verb}-from-{source}" for move, source in STEPS]


def everybody(world, case):
    return {role: getattr(world, role) for role in ROLES} | {"applicant": case.applicant, "system": None}


@pytest.mark.parametrize(("move", "source"), STEPS, ids=IDS)
def test_the_table_is_what_happens(move, source):
    world = make.commune()
    case = make.case(world, source)
    if source == S.WITHDRAWAL_REQUESTED:
        case.handling_unit = world.office
        case.save(update_fields=["handling_unit"])
    may = {name: user for name, user in everybody(world, case).items() if move.who(user, case)}
    assert may, "nobody may make this move"
    for name, user in everybody(world, case).items():
        if name not in may:
            with pytest.raises(NotAllowed):
                take(case.pk, move.verb, actor=user, note="lý do")
    case.refresh_from_db()
    assert case.business_status == source
    given = {"code": "31.99-261120-0001"} if move.verb == "submit" else {}
    take(case.pk, move.verb, actor=next(iter(may.values())), note="lý do", **given)
    case.refresh_from_db()
    event = AuditEvent.objects.latest("id")
    assert case.business_status == move.target
    assert (event.event, event.before, event.after) == (f"case.{move.verb}", source, move.target)


@pytest.mark.parametrize("move", [move for move in MOVES if move.needs], ids=lambda move: move.verb)
def test_a_move_that_needs_a_reason_refuses_without(move):
    world = make.commune()
    case = make.case(world, sorted(move.sources)[0])
    actor = next(user for user in everybody(world, case).values() if move.who(user, case))
    with pytest.raises(NoteMissing):
        take(case.pk, move.verb, actor=actor, note="  ")


def test_out_of_turn_says_what_the_status_is():
    world = make.commune()
    case = make.case(world, S.ACCEPTED)
    with pytest.raises(WrongStatus, match="Đã tiếp nhận"):
        take(case.pk, "accept", actor=world.counter_officer)


def test_every_move_has_its_sentence_and_every_status_its_national_code():
    assert {f"case.{move.verb}" for move in MOVES} <= set(SENTENCES)
    assert set(NATIONAL_CODE) == set(S) - {S.DRAFT}
