"""The list rule and the object rule say the same for every role, and nobody else sees a case."""

import pytest

from onecase import rules
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from org.choices import Role
from tests import factories as make

pytestmark = pytest.mark.django_db
ROLES = ["counter_officer", "case_officer", "unit_head", "leader", "clerk", "hr_officer"]


@pytest.fixture
def worlds():
    here, there = make.commune("phường Đây"), make.commune("phường Kia")
    of = make.procedure()
    cases = [
        make.case(world, status, of=of) for world in (here, there) for status in (S.SUBMITTED, S.APPRAISING)
    ]
    cases.append(make.case(here, S.DRAFT, of=of))
    return here, there, cases


@pytest.mark.parametrize("role", ROLES)
def test_predicate_and_query_agree(worlds, role):
    here, _, cases = worlds
    user = getattr(here, role)
    listed = set(Case.objects.visible_to(user))
    assert listed == {case for case in cases if rules.may_see(user, case)}


def test_an_applicant_sees_exactly_his_own(worlds):
    cases = worlds[2]
    owner = cases[0].applicant
    assert list(Case.objects.visible_to(owner)) == [cases[0]]


@pytest.mark.parametrize("role", ROLES)
def test_no_role_sees_the_other_commune(worlds, role):
    here, there, _ = worlds
    assert not Case.objects.at_work(getattr(here, role)).filter(agency=there.ubnd).exists()


def test_hr_officers_see_no_case_and_drafts_are_nobodys(worlds):
    here = worlds[0]
    assert not Case.objects.at_work(here.hr_officer).exists()
    assert not Case.objects.at_work(here.counter_officer).filter(business_status=S.DRAFT).exists()


def test_an_expired_grant_gives_nothing(worlds):
    from datetime import timedelta

    from django.utils import timezone

    from org.models import RoleGrant, User

    here = worlds[0]
    RoleGrant.objects.filter(assignment__person__user=here.leader).update(valid_to=timezone.localdate())
    leader = User.objects.get(pk=here.leader.pk)
    assert not leader.serves_as(Role.LEADER, here.ubnd.pk)
    assert not Case.objects.at_work(leader).exists()
    RoleGrant.objects.filter(assignment__person__user=here.leader).update(
        valid_to=timezone.localdate() + timedelta(1)
    )
    assert User.objects.get(pk=here.leader.pk).serves_as(Role.LEADER, here.ubnd.pk)


def test_a_leader_never_signs_his_own_case(worlds):
    here = worlds[0]
    own = make.case(here, S.AWAITING_APPROVAL, applicant=here.leader)
    assert not rules.leads(here.leader, own)
