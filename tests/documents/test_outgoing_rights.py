"""Who sees which outgoing document, and what stands in the queues: the list rule agrees with the rule of one record."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.errors import NotAllowed, RuleError
from documents import rules
from documents.actions import approvals, drafts, opinions
from documents.choices import DocumentStatus, Urgency
from documents.models import Document, DocumentGrant, RecipientGroup
from tests.documents import outgoing_world as out

HOME = "/lam-viec/van-ban/"
S = DocumentStatus


def people(world: Any) -> dict[str, Any]:
    a, b = world.a, world.b
    return {
        "officer": a.case_officer, "head": a.unit_head, "clerk": a.clerk, "leader": a.leader, "counter": a.counter_officer,
        "hr": a.hr_officer, "asked": b.unit_head, "given": world.c.clerk, "stranger": b.clerk, "other_leader": b.leader,
    }  # fmt: skip


@pytest.mark.parametrize("status", list(S))
def test_the_list_and_the_record_agree(world: Any, status: str) -> None:
    document = out.begun(world.a, world.b.agency)
    due = timezone.now() + timedelta(days=1)
    opinions.ask(
        document.pk, actor=out.fresh(world.a.case_officer), units=[world.b.division], question="", due_at=due
    )
    DocumentGrant.objects.create(document=document, user=world.c.clerk, given_by=world.a.leader)
    if status != S.ISSUED:
        Document.objects.filter(pk=document.pk).update(status=status)
    document.refresh_from_db()
    seen = {}
    for name, person in people(world).items():
        user = out.fresh(person)
        listed = Document.objects.visible_to(user).filter(pk=document.pk).exists()
        assert listed == rules.may_see(user, document), name
        seen[name] = listed
    assert {name for name, sees in seen.items() if sees} == {
        "officer",
        "head",
        "clerk",
        "leader",
        "asked",
        "given",
    }


def test_each_step_has_its_people(world: Any) -> None:
    document = out.begun(world.a, world.b.agency)
    for who in (world.a.unit_head, world.a.clerk, world.b.officer, world.a.counter_officer):
        with pytest.raises(NotAllowed):
            approvals.propose(document.pk, actor=out.fresh(who), revision=1)
    approvals.propose(document.pk, actor=out.fresh(world.a.case_officer), revision=1)
    for who in (world.a.case_officer, world.a.clerk, world.b.unit_head):
        with pytest.raises(NotAllowed):
            approvals.initial(document.pk, actor=out.fresh(who), revision=1)
    approvals.initial(document.pk, actor=out.fresh(world.a.unit_head), revision=1)
    for who in (world.a.case_officer, world.a.unit_head, world.b.clerk):
        with pytest.raises(NotAllowed):
            approvals.pass_form(document.pk, actor=out.fresh(who), revision=1)


def test_what_is_urgent_lies_on_top(world: Any, client: Any) -> None:
    for title, urgency in (
        ("việc thường", Urgency.NORMAL),
        ("việc hỏa tốc", Urgency.EXPRESS),
        ("việc khẩn", Urgency.URGENT),
    ):
        out.checked(world.a, out.begun(world.a, world.b.agency, title=title, urgency=urgency))
    client.force_login(world.a.leader)
    page = client.get(f"{HOME}trinh-ky/").content.decode()
    places = [page.index(f"Chọn: {title}") for title in ("việc hỏa tốc", "việc khẩn", "việc thường")]
    assert places == sorted(places) and "2 văn bản khẩn" in page


@pytest.mark.parametrize("rows", [1, 6])
def test_the_queues_ask_the_same_few_questions(
    world: Any, client: Any, rows: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(rows):
        out.checked(world.a, out.begun(world.a, world.b.agency, title=f"việc {number}"))
    client.force_login(world.a.leader)
    client.get(f"{HOME}trinh-ky/")
    with django_assert_max_num_queries(28):
        assert client.get(f"{HOME}trinh-ky/").content.decode().count("data-row") == rows
    Document.objects.update(status=S.SIGNED, signed_at=timezone.now())
    client.force_login(world.a.clerk)
    client.get(f"{HOME}dong-dau/")
    with django_assert_max_num_queries(34):
        assert client.get(f"{HOME}dong-dau/").content.decode().count("data-row") == rows


def test_a_wrong_pin_signs_nothing_and_is_counted_once(keys: Any, client: Any) -> None:
    made = [out.checked(keys.a, out.begun(keys.a, keys.b.agency, title=f"việc {n}")) for n in range(2)]
    client.force_login(keys.a.leader)
    marks = [f"{one.pk}:1" for one in made]
    page = client.post(f"{HOME}trinh-ky/xac-nhan/", {"chon": marks, "pin": "111111"}).content.decode()
    assert "PIN" in page and not Document.objects.filter(status=S.SIGNING).exists()


def test_a_paper_that_changed_after_it_was_read_is_not_signed(keys: Any, client: Any) -> None:
    document = out.checked(keys.a, out.begun(keys.a, keys.b.agency))
    approvals.return_draft(document.pk, actor=out.fresh(keys.a.leader), note="Sửa ngày")
    actor = out.fresh(keys.a.case_officer)
    drafts.edit(document.pk, actor=actor, words=out.words(keys.b.agency, title="đã sửa"), revision=1)
    document.refresh_from_db()
    out.checked(keys.a, document)
    client.force_login(keys.a.leader)
    page = client.post(
        f"{HOME}trinh-ky/xac-nhan/", {"chon": f"{document.pk}:1", "pin": "246810"}
    ).content.decode()
    assert "đã thay đổi sau khi" in page
    document.refresh_from_db()
    assert document.number is None


class TestGroups:
    def test_a_group_stands_as_one_line_and_reaches_every_member(self, world: Any) -> None:
        from documents.actions.dispatch import units_of

        group = RecipientGroup.objects.create(name="Các sở, xã")
        group.members.add(world.b.agency, world.c.ubnd)
        lines = [drafts.Line("copy", group=group.pk)]
        document = drafts.begin(actor=out.fresh(world.a.case_officer), words=out.words(lines=lines))
        assert {unit.pk for unit, _purpose in units_of(document)} == {world.b.agency.pk, world.c.ubnd.pk}

    def test_the_group_of_another_agency_is_not_ours(self, world: Any) -> None:
        group = RecipientGroup.objects.create(name="Riêng", owner=world.b.agency)
        with pytest.raises(RuleError, match="Nhóm nơi nhận"):
            drafts.begin(
                actor=out.fresh(world.a.case_officer),
                words=out.words(lines=[drafts.Line("to", group=group.pk)]),
            )


def test_an_answer_knows_what_it_answers(world: Any, client: Any) -> None:
    """«?tra-loi=» presets the issuer as recipient; a stranger's incoming document does not exist."""
    from documents.models import IncomingDocument

    incoming = IncomingDocument.objects.create(
        agency=world.a.ubnd, issuer=world.b.agency, issuer_printed=world.b.agency.name, number_printed="12/STN-NV",
        title="đề nghị báo cáo", source="paper", state="arrived", arrived_at=timezone.now(),
    )  # fmt: skip
    client.force_login(world.a.clerk)
    page = client.get(f"{HOME}di/moi/?tra-loi={incoming.pk}").content.decode()
    assert "12/STN-NV" in page and f"to:u:{world.b.agency.pk}" in page
    form = {
        "type": "CV",
        "title": "báo cáo",
        "urgency": "0",
        "body_html": out.BODY,
        "noi-nhan": f"to:u:{world.b.agency.pk}",
    }
    assert client.post(f"{HOME}di/moi/?tra-loi={incoming.pk}", form).status_code == 302
    assert Document.objects.official().get().answers == incoming
    client.force_login(world.b.officer)
    assert client.get(f"{HOME}di/moi/?tra-loi={incoming.pk}").status_code == 404
