"""A restructuring from draft to leftovers: what it refuses, what it moves, and that nothing in use is left behind."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from core import numbering
from core.errors import NotAllowed, RuleError
from core.models import AuditEvent, NumberSeries
from notices.models import Notice
from onecase.choices import BusinessStatus as S
from org import tree
from org.actions import restructuring
from org.choices import Role, StepKind
from org.models import (
    AdminUnit,
    Assignment,
    Delegation,
    Leftover,
    MovedRecord,
    Organization,
    OrgSuccession,
    OrgVersion,
    Restructuring,
    RoleGrant,
    User,
)
from tests import factories as make
from tests.org import restructuring_world as worlds

pytestmark = pytest.mark.django_db
ON = date(2026, 1, 1)


@pytest.fixture
def town() -> SimpleNamespace:
    return worlds.city()


@pytest.fixture
def pair(town: SimpleNamespace) -> list[SimpleNamespace]:
    return [worlds.commune(town, "phường Cầu Tre"), worlds.commune(town, "phường Vạn Mỹ")]


def counts(batch: Restructuring) -> dict[str, int]:
    return {label: number for group in batch.report["groups"] for label, number in group["counts"]}


# --- plan, dry run, approval ------------------------------------------------------------------------------


def test_the_dry_run_counts_and_moves_nothing(town: Any, pair: Any) -> None:
    case = make.case(pair[0], S.APPRAISING)
    batch = worlds.merge(town, pair)
    restructuring.check(batch.pk, actor=town.planner)
    batch.refresh_from_db()
    found = counts(batch)
    assert batch.status == "checked" and batch.report["problems"] == []
    assert found["Người giữ chức vụ"] == 12
    assert found["Hồ sơ đang giải quyết"] == 1
    assert found["Đơn vị kết thúc"] == 6 and found["Địa bàn kết thúc"] == 2
    case.refresh_from_db()
    assert case.agency == pair[0].ubnd
    assert not Organization.objects.filter(slug="ubnd-11999").exists()


def test_who_drafted_does_not_approve(town: Any, pair: Any) -> None:
    batch = worlds.merge(town, pair)
    restructuring.check(batch.pk, actor=town.planner)
    with pytest.raises(NotAllowed, match="không tự duyệt"):
        restructuring.approve(batch.pk, actor=town.planner, legal_basis=town.basis)
    with pytest.raises(RuleError, match="căn cứ pháp lý"):
        restructuring.approve(batch.pk, actor=town.approver)
    batch.refresh_from_db()
    assert batch.status == "checked"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.REORGANISER}))
def test_no_other_role_drafts(town: Any, role: Role) -> None:
    with pytest.raises(NotAllowed):
        restructuring.create(
            actor=make.hat("Ai Đó", town.ubnd, f"Chức {role}", role), title="x", effective_on=ON
        )


def test_a_commune_plans_nothing_for_the_city(town: Any, pair: Any) -> None:
    local = make.hat("Ai Đó", pair[0].ubnd, "Tổ chức", Role.REORGANISER)
    with pytest.raises(NotAllowed):
        restructuring.create(actor=local, title="x", effective_on=ON)


def test_a_change_after_the_dry_run_asks_for_a_new_one(town: Any, pair: Any) -> None:
    batch = worlds.merge(town, pair)
    restructuring.check(batch.pk, actor=town.planner)
    Organization.objects.filter(pk=pair[0].ubnd.pk).update(name="Ủy ban nhân dân phường Đổi Tên")
    with pytest.raises(RuleError, match="Chạy thử lại"):
        restructuring.approve(batch.pk, actor=town.approver, legal_basis=town.basis)


def test_editing_an_approved_plan_is_refused_until_it_is_sent_back(town: Any, pair: Any) -> None:
    batch = worlds.approved(town, worlds.merge(town, pair, on=timezone.localdate() + timedelta(days=3)))
    with pytest.raises(RuleError):
        restructuring.drop_step(batch.pk, 1, actor=town.planner)
    restructuring.send_back(batch.pk, actor=town.approver, note="Bổ sung quy tắc hồ sơ")
    restructuring.drop_step(batch.pk, 1, actor=town.planner)
    assert Restructuring.objects.get(pk=batch.pk).approved_by is None


def test_a_circle_over_two_steps_is_a_conflict(town: Any, pair: Any) -> None:
    one, two = pair
    batch = restructuring.create(actor=town.planner, title="Vòng", effective_on=ON)
    for old, new in ((one, two), (two, one)):
        restructuring.put_step(
            batch.pk,
            actor=town.planner,
            kind="dissolve",
            old=[{"unit": old.ubnd.slug}],
            new=[{"unit": new.ubnd.slug, "exists": True}],
        )
    restructuring.check(batch.pk, actor=town.planner)
    batch.refresh_from_db()
    assert any("Vòng lặp" in found for found in batch.report["problems"])


@pytest.mark.parametrize(
    ("kind", "new", "words"),
    [
        ("dissolve", {"exists": True}, "chính đơn vị cũ"),
        ("rename", {"name": "Ủy ban nhân dân phường Cầu Tre"}, "không đổi gì"),
    ],
)
def test_a_step_without_sense_is_not_kept(town: Any, pair: Any, kind: str, new: Any, words: str) -> None:
    batch = restructuring.create(actor=town.planner, title="Thử", effective_on=ON)
    slug = pair[0].ubnd.slug
    with pytest.raises(RuleError, match=words):
        restructuring.put_step(
            batch.pk, actor=town.planner, kind=kind, old=[{"unit": slug}], new=[new | {"unit": slug}]
        )
    assert not batch.steps.exists()


def test_what_was_approved_is_what_was_read(town: Any, pair: Any) -> None:
    batch = worlds.merge(town, pair)
    restructuring.check(batch.pk, actor=town.planner)
    read = Restructuring.objects.get(pk=batch.pk).digest
    restructuring.edit(
        batch.pk, actor=town.planner, title="Nhập hai phường", effective_on=date(2026, 2, 1), legal_basis=None
    )
    restructuring.check(batch.pk, actor=town.planner)
    with pytest.raises(RuleError, match="sau khi bạn mở trang"):
        restructuring.approve(batch.pk, actor=town.approver, legal_basis=town.basis, read=read)


def test_a_new_commune_without_an_administrator_is_warned_of(town: Any, pair: Any) -> None:
    batch = worlds.merge(town, pair)
    restructuring.check(batch.pk, actor=town.planner)
    batch.refresh_from_db()
    assert any("chưa có ai cấp quyền" in warning for warning in batch.report["warnings"])
    batch = worlds.merge(town, pair, code="11997", name="Có Quản Trị", rules={"roles": ["unit_admin"]})
    restructuring.check(batch.pk, actor=town.planner)
    batch.refresh_from_db()
    assert not batch.report["warnings"]


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ({"kind": "merge", "old": [{"unit": "khong-co"}], "new": "fresh"}, "không có đơn vị «khong-co»"),
        ({"kind": "merge", "old": [{"unit": "GONE"}], "new": "fresh"}, "đã kết thúc từ"),
        ({"kind": "merge", "old": [{"unit": "A"}], "new": []}, "chưa đủ"),
        ({"kind": "merge", "old": [{"unit": "A"}], "new": "taken"}, "đang được một đơn vị khác dùng"),
        ({"kind": "merge", "old": [{"unit": "A"}], "new": "orphaned"}, "không có vào ngày có hiệu lực"),
        (
            {"kind": "change_parent", "old": [{"unit": "B"}], "new": [{"unit": "B", "parent": "B-OFFICE"}]},
            "tạo thành vòng",
        ),
        ({"kind": "dissolve", "old": [{"unit": "A"}], "new": []}, "chưa có nơi đến"),
    ],
)
def test_conflicts_are_named(town: Any, pair: Any, step: Any, problem: str) -> None:
    one, two = pair
    gone = make.organization("Phòng cũ", "phong", valid_to=date(2025, 12, 1))
    names = {"A": one.ubnd.slug, "B": two.ubnd.slug, "B-OFFICE": two.office.slug, "GONE": gone.slug}
    fresh = worlds.new_commune("11998", "Mới", town)
    named: Any = {
        "fresh": [fresh],
        "taken": [fresh | {"name": two.ubnd.name, "territory": None, "parts": ""}],
        "orphaned": [fresh | {"parent": one.ubnd.slug}],
    }
    swap = lambda entries: [  # noqa: E731
        {key: names.get(value, value) if isinstance(value, str) else value for key, value in entry.items()}
        for entry in entries
    ]
    batch = restructuring.create(actor=town.planner, title="Thử vướng mắc", effective_on=ON)
    new = named[step["new"]] if isinstance(step["new"], str) else swap(step["new"])
    restructuring.put_step(batch.pk, actor=town.planner, kind=step["kind"], old=swap(step["old"]), new=new)
    restructuring.check(batch.pk, actor=town.planner)
    batch.refresh_from_db()
    assert any(problem in found for found in batch.report["problems"]), batch.report["problems"]
    with pytest.raises(RuleError):
        restructuring.approve(batch.pk, actor=town.approver, legal_basis=town.basis)


# --- what is moved ----------------------------------------------------------------------------------------


def test_a_merge_moves_people_cases_and_papers_and_leaves_nothing(town: Any, pair: Any) -> None:
    one, two = pair
    case = make.case(one, S.APPRAISING, due_at=timezone.now() + timedelta(days=2))
    late = make.case(two, S.SUBMITTED)
    done = make.case(two, S.RETURNED)
    draft = make.case(two, S.DRAFT)
    before = (case.code, case.received_at, case.due_at, case.submitted_at)
    heads = set(Assignment.objects.valid_on().values_list("person_id", flat=True))
    batch = worlds.applied(town, worlds.merge(town, pair))
    new = Organization.objects.get(slug="ubnd-11999")
    office = Organization.objects.get(slug="vp-11999")
    counter = Organization.objects.get(slug="ttpvhcc-11999")
    for one_case in (case, late, done, draft):
        one_case.refresh_from_db()
    assert (case.code, case.received_at, case.due_at, case.submitted_at) == before
    assert (case.agency, case.handling_unit, case.receiving_unit) == (new, office, counter)
    assert case.handler == one.case_officer  # his new hat handles cases of the new office
    assert (late.agency, late.handling_unit, late.receiving_unit) == (new, None, counter)
    assert (done.agency, done.receiving_unit) == (two.ubnd, two.counter)  # history stays where it happened
    assert (draft.agency, draft.receiving_unit) == (new, counter)
    assert set(Assignment.objects.valid_on().values_list("person_id", flat=True)) == heads
    assert not Assignment.objects.valid_on().filter(organization__valid_to__isnull=False).exists()
    assert not RoleGrant.objects.valid_on().filter(organization__valid_to__isnull=False).exists()
    officer = User.objects.get(pk=one.case_officer.pk)
    assert [hat.organization for hat in officer.hats] == [office]
    assert officer.serves_as(Role.CASE_OFFICER, office.pk)
    assert case.hand_overs.get().taker_unit == office
    assert (
        AuditEvent.objects.filter(event="case.move", subject_id=case.pk).get().after == "UBND phường Hợp Nhất"
    )
    told = Notice.objects.get(recipient=case.applicant, kind="case.move")
    assert "giữ nguyên" in told.text and told.email
    assert batch.status == "applied" and batch.outcome["leftovers"] == batch.leftovers.count()


def test_both_trees_change_on_the_day_and_know_their_heirs(town: Any, pair: Any) -> None:
    worlds.applied(town, worlds.merge(town, pair))
    old, new = pair[0].ubnd, Organization.objects.get(slug="ubnd-11999")
    assert old.pk in tree.as_of(ON - timedelta(days=1)) and new.pk not in tree.as_of(ON - timedelta(days=1))
    assert old.pk not in tree.as_of(ON) and new.pk in tree.as_of(ON)
    heir = OrgSuccession.objects.get(old=old)
    assert (heir.new, heir.effective_on, heir.legal_basis) == (new, ON, town.basis)
    territory = AdminUnit.objects.get(code="11999")
    assert territory.parent == town.territory and new.territory == territory
    pair[0].territory.refresh_from_db()
    assert pair[0].territory.valid_to == ON
    assert pair[0].territory.successions.get().new == territory
    assert OrgVersion.objects.get(organization=old).valid_to == ON


def test_nobody_gains_rights_by_the_merge(town: Any, pair: Any) -> None:
    def rights() -> set[tuple[int, str]]:
        grants = RoleGrant.objects.valid_on().filter(assignment__in=Assignment.objects.valid_on())
        return set(grants.values_list("assignment__person_id", "role"))

    before = rights()
    batch = worlds.applied(town, worlds.merge(town, pair))
    assert rights() < before
    leaders = batch.leftovers.get(kind="role", label__startswith="Lãnh đạo cơ quan")
    assert leaders.owner_unit == Organization.objects.get(slug="ubnd-11999")
    assert not {role for _person, role in rights() - {(p, r) for p, r in before}}


def test_delegations_end_with_the_hats(town: Any, pair: Any) -> None:
    giver = Assignment.objects.get(person__user=pair[0].leader)
    taker = Assignment.objects.get(person__user=pair[0].unit_head)
    today = timezone.localdate()
    lent = Delegation.objects.create(
        giver=giver,
        taker=taker,
        kind="uy_quyen",
        roles=["leader"],
        document_no="01/UQ",
        valid_from=today,
        valid_to=today + timedelta(days=30),
        created_by=pair[0].leader,
    )
    worlds.applied(town, worlds.merge(town, pair))
    lent.refresh_from_db()
    assert lent.revoked_at and "Sắp xếp tổ chức" in lent.revoke_reason


def test_books_are_closed_and_a_dissolved_unit_takes_no_number(town: Any, pair: Any) -> None:
    case = make.case(pair[0])
    key = f"case:{pair[0].ubnd.pk}:{timezone.localdate().isoformat()}"
    assert numbering.take(key, subject=case, owner=pair[0].ubnd).value == 1
    worlds.applied(town, worlds.merge(town, pair))
    assert NumberSeries.objects.get(key=key).closed_at
    with pytest.raises(RuleError, match="đã kết thúc hoạt động từ 01/01/2026"):
        numbering.take(key, subject=case, owner=pair[0].ubnd)
    with pytest.raises(RuleError, match="đã kết thúc"):
        numbering.take(f"doc:{pair[0].ubnd.pk}:GKS:2027", subject=case, owner=pair[0].ubnd)
    new = Organization.objects.get(slug="ubnd-11999")
    assert numbering.take(f"doc:{new.pk}:GKS:2026", subject=case, owner=new).value == 1


def test_a_dissolved_unit_hands_its_cases_over_by_field_and_address(town: Any, pair: Any) -> None:
    one, two = pair
    third = worlds.commune(town, "phường Lạch Tray")
    civil, land = make.procedure(), make.procedure()
    land.field = "Đất đai"
    land.save(update_fields=["field"])
    by_field = make.case(one, S.APPRAISING, of=land)
    by_address = make.case(one, S.APPRAISING, of=civil)
    unclear = make.case(one, S.APPRAISING, of=civil)
    by_address.parties.update(address="Số 3, tổ dân phố 7, Phường Cầu Tre, Hải Phòng")
    unclear.parties.update(address="Số 3, tổ dân phố 9, Phường Cầu Tre, Hải Phòng")
    batch = restructuring.create(actor=town.planner, title="Giải thể phường", effective_on=ON)
    restructuring.put_step(
        batch.pk,
        actor=town.planner,
        kind=StepKind.DISSOLVE,
        old=[{"unit": one.ubnd.slug, "share": "part"}],
        new=[{"unit": two.ubnd.slug, "exists": True}, {"unit": third.ubnd.slug, "exists": True}],
        rules={
            "people": [two.ubnd.slug, third.ubnd.slug],
            "cases": [
                {"by": "field", "value": "Đất đai", "to": third.ubnd.slug},
                {"by": "address", "value": "tổ dân phố 7", "to": third.ubnd.slug},
            ],
        },
    )
    batch = worlds.applied(town, batch)
    for case in (by_field, by_address, unclear):
        case.refresh_from_db()
    assert (by_field.agency, by_address.agency) == (third.ubnd, third.ubnd)
    assert unclear.agency == two.ubnd  # holds it until somebody decides
    left = batch.leftovers.get(kind="case")
    assert left.subject_id == unclear.pk and left.owner_unit == two.ubnd
    assert set(left.options) == {two.ubnd.pk, third.ubnd.pk}
    restructuring.settle(left.pk, actor=two.leader, unit_id=third.ubnd.pk)
    unclear.refresh_from_db()
    assert (unclear.agency, unclear.receiving_unit) == (third.ubnd, third.counter)
    with pytest.raises(RuleError, match="xử lý xong"):
        restructuring.settle(left.pk, actor=two.leader, unit_id=two.ubnd.pk)


def test_rename_and_another_parent_keep_the_unit(town: Any, pair: Any) -> None:
    batch = restructuring.create(actor=town.planner, title="Đổi tên", effective_on=ON)
    office = pair[0].office
    restructuring.put_step(
        batch.pk,
        actor=town.planner,
        kind=StepKind.RENAME,
        old=[{"unit": office.slug}],
        new=[{"unit": office.slug, "name": "Văn phòng phường Cầu Tre", "symbol": "VPP"}],
    )
    worlds.applied(town, batch)
    office.refresh_from_db()
    assert (office.name, office.symbol, office.valid_to) == ("Văn phòng phường Cầu Tre", "VPP", None)
    assert [version.symbol for version in OrgVersion.objects.filter(organization=office)] == ["VP", "VPP"]
    assert not MovedRecord.objects.exists()


# --- all or nothing ---------------------------------------------------------------------------------------


def test_a_failure_in_the_middle_leaves_nothing_behind(
    town: Any, pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from documents.movers import DocumentMover

    batch = worlds.approved(town, worlds.merge(town, pair))
    monkeypatch.setattr(DocumentMover, "orphans", lambda self: {"văn bản": 3})
    assert not restructuring.apply_due(batch.pk)
    batch.refresh_from_db()
    assert batch.status == "approved" and batch.given_up_at and "văn bản: 3" in batch.last_error
    assert not Organization.objects.filter(slug="ubnd-11999").exists()
    assert not Leftover.objects.exists() and not MovedRecord.objects.exists()


def test_applied_once_however_often_it_is_rung(town: Any, pair: Any) -> None:
    batch = worlds.applied(town, worlds.merge(town, pair))
    assert not restructuring.apply_due(batch.pk)
    assert Organization.objects.filter(slug="ubnd-11999").count() == 1


def test_due_at_midnight_of_its_day(town: Any, pair: Any, bell: list[Any]) -> None:
    day = timezone.localdate() + timedelta(days=2)
    batch = worlds.approved(town, worlds.merge(town, pair, on=day))
    assert timezone.localtime(batch.next_try_at).strftime("%Y-%m-%d %H:%M") == f"{day.isoformat()} 00:00"
    assert not restructuring.apply_due(batch.pk)


# --- undo -------------------------------------------------------------------------------------------------


def test_undo_gives_the_tree_of_before_again_with_history(town: Any, pair: Any) -> None:
    one, two = pair
    case = make.case(one, S.APPRAISING)
    newer = make.case(two, S.SUBMITTED)

    def shape(day: date) -> set[tuple[str, str, int | None]]:
        return {(node.slug, node.name, node.parent_id) for node in tree.as_of(day)}

    before = shape(ON - timedelta(days=1))
    first = worlds.applied(town, worlds.merge(town, pair))
    middle = shape(ON)
    assert middle != before
    back = restructuring.undo(first.pk, actor=town.planner, effective_on=date(2026, 3, 1))
    assert back.undo_of == first and back.status == "draft"
    worlds.applied(town, back)
    assert shape(date(2026, 3, 1)) == before and shape(ON) == middle
    case.refresh_from_db(), newer.refresh_from_db()
    assert (case.agency, case.handling_unit, case.receiving_unit) == (one.ubnd, one.office, one.counter)
    assert newer.agency == two.ubnd
    officer = User.objects.get(pk=one.case_officer.pk)
    assert [hat.organization for hat in officer.hats] == [one.office]
    assert AdminUnit.objects.valid_on().filter(code=one.territory.code).exists()
    assert not AdminUnit.objects.valid_on().filter(code="11999").exists()


def test_undo_needs_a_later_day(town: Any, pair: Any) -> None:
    first = worlds.applied(town, worlds.merge(town, pair))
    with pytest.raises(RuleError, match="phải sau"):
        restructuring.undo(first.pk, actor=town.planner, effective_on=ON)
