"""What a hat may do: its own grants with their subtrees, and what others handed to it for a while."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.models import AuditEvent
from documents import rules as document_rules
from documents.models import Document, DocumentType
from onecase import actions, desk, rules
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from org import services
from org.actions import units
from org.choices import DelegationKind, OrganizationKind, Role
from org.models import Assignment, RoleGrant
from org.powers import allowed_roles
from tests import factories as make

pytestmark = pytest.mark.django_db
ALL = [Role.COUNTER_OFFICER, Role.CASE_OFFICER, Role.UNIT_HEAD, Role.LEADER, Role.CLERK]


@pytest.fixture
def world():
    made = make.commune()
    made.births, made.deaths = make.procedure(), make.procedure()
    made.deaths.field = "Khai tử"
    made.deaths.save(update_fields=["field"])
    made.outsider = make.hat("Hoàng Văn Ngoài", made.counter, "Chuyên viên ngoài")
    return made


def cases_of(world):
    """Every status that matters to a role, in two procedures."""
    return [
        make.case(world, status, of=of)
        for of in (world.births, world.deaths)
        for status in (S.SUBMITTED, S.FORWARDED, S.APPRAISING, S.AWAITING_APPROVAL, S.APPROVED, S.DRAFT)
    ]


# --- subtrees ---------------------------------------------------------------------------------------------


def test_a_grant_reaches_the_subtree_only_when_it_says_so(world):
    deeper = make.organization(
        "Tổ Hộ tịch", OrganizationKind.DIVISION, parent=world.office, agency=world.ubnd
    )
    grant = world.leader.hat.grants.get()
    assert world.leader.units_as(Role.LEADER) == {world.ubnd.pk}
    grant.include_descendants = True
    grant.save(update_fields=["include_descendants"])
    leader = make.again(world.leader)
    assert leader.units_as(Role.LEADER) == {world.ubnd.pk, world.office.pk, world.counter.pk, deeper.pk}
    assert leader.serves_as(Role.LEADER, deeper.pk)
    assert world.leader in services.people_serving(Role.LEADER, deeper.pk)
    assert not services.people_serving(Role.CASE_OFFICER, deeper.pk).exists()


def test_a_dissolved_part_is_no_longer_below(world):
    RoleGrant.objects.filter(assignment=world.leader.hat).update(include_descendants=True)
    units.close(world.office, on=timezone.localdate(), basis=None)
    assert world.office.pk not in make.again(world.leader).units_as(Role.LEADER)


# --- delegation: list rule and object rule ----------------------------------------------------------------


@pytest.mark.parametrize("role", ALL)
@pytest.mark.parametrize("scope", ["none", "field", "procedure", "types", "unknown"])
def test_the_list_and_the_object_rule_agree_under_delegation(world, role, scope):
    cases = cases_of(world)
    giver = getattr(world, role.value)
    make.delegation(
        giver,
        world.outsider,
        role,
        scope={
            "none": {},
            "field": {"fields": ["Khai tử"]},
            "procedure": {"procedures": [world.births.code]},
            "types": {"document_types": ["QĐ"]},
            "unknown": {"colours": ["red"]},
        }[scope],
    )
    taker = make.again(world.outsider)
    seen = set(Case.objects.visible_to(taker))
    assert seen == {case for case in cases if rules.may_see(taker, case)}
    reached = (
        4 if role in {Role.CASE_OFFICER, Role.UNIT_HEAD} else 5
    )  # a submitted case has no handling unit yet
    shares = {"none": 2, "field": 1, "procedure": 1, "types": 0, "unknown": 0}
    assert len(seen) == reached * shares[scope]
    assert all(rules.may_see(make.again(giver), case) for case in seen)


def test_without_a_record_a_scoped_power_gives_nothing(world):
    make.delegation(world.leader, world.outsider, Role.LEADER, scope={"fields": ["Khai tử"]})
    taker = make.again(world.outsider)
    assert not taker.serves_as(Role.LEADER, world.ubnd.pk)
    assert not taker.units_as(Role.LEADER)
    assert taker.holds(Role.LEADER)


def test_nobody_decides_the_givers_own_case_with_his_power(world):
    make.delegation(world.leader, world.outsider, Role.LEADER)
    own = make.case(world, S.AWAITING_APPROVAL, applicant=world.leader)
    taker = make.again(world.outsider)
    assert not rules.leads(taker, own)
    assert own not in Case.objects.at_work(taker)


@pytest.mark.parametrize("role", ALL)
def test_documents_agree_too(world, role):
    kind = DocumentType.objects.get_or_create(code="QĐ", defaults={"name": "Quyết định"})[0]
    made = [
        Document.objects.create(
            type=kind,
            agency=world.ubnd,
            unit=world.office,
            drafter=world.case_officer,
            title="x",
            field=field,
            check_code=f"C{number}",
        )
        for number, field in enumerate(["Hộ tịch", "Khai tử", ""])
    ]
    make.delegation(getattr(world, role.value), world.outsider, role, scope={"fields": ["Khai tử"]})
    taker = make.again(world.outsider)
    assert set(Document.objects.visible_to(taker)) == {
        one for one in made if document_rules.may_see(taker, one)
    }
    assert len(Document.objects.visible_to(taker)) == (0 if role == Role.COUNTER_OFFICER else 1)


# --- delegation: when it holds ----------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["expired", "not yet", "revoked", "giver left", "taker left", "grant ended"])
def test_a_delegation_ends(world, what):
    today = timezone.localdate()
    made = make.delegation(world.leader, world.outsider, Role.LEADER)
    assert make.again(world.outsider).serves_as(Role.LEADER, world.ubnd.pk)
    if what == "expired":
        type(made).objects.filter(pk=made.pk).update(valid_to=today)
    elif what == "not yet":
        type(made).objects.filter(pk=made.pk).update(valid_from=today + timedelta(days=1))
    elif what == "revoked":
        type(made).objects.filter(pk=made.pk).update(revoked_at=timezone.now())
    elif what == "giver left":
        Assignment.objects.filter(pk=made.giver_id).update(valid_to=today)
    elif what == "taker left":
        Assignment.objects.filter(pk=made.taker_id).update(valid_to=today)
    else:
        RoleGrant.objects.filter(assignment=made.giver).update(valid_to=today)
    assert not make.again(world.outsider).serves_as(Role.LEADER, world.ubnd.pk)


def test_a_power_taken_is_not_passed_on(world):
    """Powers come from the giver's own grants: what he took is not among them, and the database says so too."""
    make.delegation(world.leader, world.outsider, Role.LEADER)
    with pytest.raises(IntegrityError, match="never passed on"), transaction.atomic():
        make.delegation(world.outsider, world.clerk, Role.LEADER)


@pytest.mark.parametrize("role", ALL)
def test_leave_cover_handles_and_never_signs(world, role):
    giver = getattr(world, role.value)
    if role in {Role.LEADER, Role.CLERK}:
        assert role not in allowed_roles(DelegationKind.DUTY_COVER)
        with pytest.raises(IntegrityError, match="not handed over"), transaction.atomic():
            make.delegation(giver, world.outsider, role, kind=DelegationKind.DUTY_COVER)
    else:
        make.delegation(giver, world.outsider, role, kind=DelegationKind.DUTY_COVER)
        assert make.again(world.outsider).holds(role)


@pytest.mark.parametrize("role", [Role.UNIT_ADMIN, Role.AUDITOR, Role.REORGANISER])
def test_rights_over_rights_are_never_handed_over(world, role):
    RoleGrant.objects.create(
        assignment=world.leader.hat, role=role, organization=world.ubnd, valid_from=make.EARLY
    )
    assert role not in allowed_roles(DelegationKind.MANDATE)
    with pytest.raises(IntegrityError, match="not handed over"), transaction.atomic():
        make.delegation(world.leader, world.outsider, role)


# --- at the moment of the act -----------------------------------------------------------------------------


def test_ones_own_power_goes_first_and_then_both_names_are_known(world):
    case = make.case(world, S.FORWARDED, of=world.births)
    make.delegation(world.case_officer, world.unit_head, Role.CASE_OFFICER, kind=DelegationKind.DUTY_COVER)
    head = make.again(world.unit_head)
    assert head.capacity_for(rules.heads_unit, case) is None
    assert head.capacity_for(rules.may_take_up, case).giver == world.case_officer.hat
    taken = actions.take_up(case.pk, actor=head)
    assert taken.handler == world.case_officer
    assert "Nguyễn Thị Lan · Công chức tư pháp - hộ tịch" in head.acting_for
    event = AuditEvent.objects.get(event="case.take_up")
    assert (event.actor, event.on_behalf_of) == (world.unit_head, head.acting_for)
    assert rules.handles(head, taken)
    assert taken in desk.waiting_for(make.again(world.unit_head))


def test_a_colleague_covers_the_case_in_hand_and_its_draft(world):
    DocumentType.objects.get_or_create(code="QĐ", defaults={"name": "Quyết định"})
    case = make.case(world, S.APPRAISING, of=world.births)
    assert not rules.handles(world.outsider, case)
    make.delegation(world.case_officer, world.outsider, Role.CASE_OFFICER, kind=DelegationKind.DUTY_COVER)
    cover = make.again(world.outsider)
    document = actions.draft_result(case.pk, actor=cover, title="Xác nhận", body_html="<p>a</p>")
    assert document.drafter == world.case_officer
    assert (document.procedure_code, document.field) == (world.births.code, "Hộ tịch")
    assert document_rules.drafts(make.again(world.case_officer), document)
    again = actions.draft_result(case.pk, actor=cover, title="Xác nhận", body_html="<p>b</p>")
    assert again.revision == 2
    assert case in desk.waiting_for(make.again(world.outsider))


def test_stand_ins_are_told_too(world):
    make.delegation(world.leader, world.outsider, Role.LEADER)
    assert set(services.people_to_tell(Role.LEADER, world.ubnd.pk)) == {world.outsider, world.leader}
    assert list(services.people_serving(Role.LEADER, world.ubnd.pk)) == [world.leader]


def test_org_announces_and_notices_tell(world):
    from notices.models import Notice
    from org.signals import to_tell

    to_tell.send(
        sender=None,
        recipients=[world.leader, world.leader],
        kind="org.test",
        title="Có việc",
        text="Đọc",
        url="/lam-viec/",
        subject=world.ubnd,
    )
    notice = Notice.objects.get()
    assert (notice.recipient, notice.email, notice.subject_type) == (
        world.leader,
        world.leader.email,
        "org.organization",
    )
