"""Power handed over in writing: who may, what, for how long; and what becomes of it at the moment of signing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import NotAllowed, RuleError
from core.models import AuditEvent
from documents import services as documents
from documents.models import Document
from notices.models import Notice
from onecase import actions as cases
from onecase.choices import BusinessStatus as S
from org import actions
from org.choices import DelegationKind, Role
from org.letterhead import signer_block
from org.models import Assignment, Delegation, Position
from tests import factories as make

pytestmark = pytest.mark.django_db
PIN = "246810"


@pytest.fixture
def world():
    made = make.commune()
    made.outsider = make.hat("Hoàng Văn Ngoài", made.office, "Phó Chánh Văn phòng")
    return made


def give(world, giver="leader", taker="outsider", actor=None, **more):
    today = timezone.localdate()
    hats = [getattr(world, name).hat.pk for name in (giver, taker)]
    wanted = {
        "kind": DelegationKind.MANDATE,
        "roles": [Role.LEADER],
        "document_no": "12/GUQ-UBND",
        "valid_from": today,
        "valid_to": today + timedelta(days=10),
        **more,
    }
    return actions.delegate(*hats, actor=make.again(actor or getattr(world, giver)), **wanted)


def test_a_leader_hands_over_his_power_and_both_learn_of_it(world):
    made = give(world, scope={"fields": ["Hộ tịch"], "procedures": []})
    assert made.scope == {"fields": ["Hộ tịch"]}
    event = AuditEvent.objects.get(event="delegation.give")
    assert "Đặng Thu Phương giao Hoàng Văn Ngoài" in event.note and "12/GUQ-UBND" in event.note
    assert Notice.objects.get(kind="delegation.change").recipient == world.outsider


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"roles": []}, "ít nhất một quyền"),
        ({"roles": [Role.CASE_OFFICER]}, "không có quyền"),
        ({"roles": [Role.UNIT_ADMIN]}, "không giao cho người khác"),
        ({"kind": DelegationKind.DUTY_COVER}, "không để ký"),
        ({"kind": DelegationKind.FOR_HEAD}, "cấp phó"),
        ({"kind": DelegationKind.ASSIGNED}, "thể thức ký riêng"),
        ({"document_no": " "}, "văn bản"),
        ({"valid_from": timezone.localdate() - timedelta(days=1)}, "lùi ngày"),
        ({"valid_to": timezone.localdate()}, "sau ngày bắt đầu"),
        ({"scope": {"colours": ["red"]}}, "phạm vi"),
        ({"taker": "leader"}, "chính mình"),
    ],
)
def test_what_does_not_fit_is_refused(world, more, words):
    with pytest.raises(RuleError, match=words):
        give(world, **more)
    assert not Delegation.objects.exists()


def test_no_power_is_handed_over_for_longer_than_the_setting(world, settings):
    today = timezone.localdate()
    with pytest.raises(RuleError, match="dài nhất 366 ngày"):
        give(world, valid_to=today + timedelta(days=367))
    settings.DELEGATION_MOST_DAYS = 30
    with pytest.raises(RuleError, match=f"đến hết {today + timedelta(days=29):%d/%m/%Y}"):
        give(world, valid_to=today + timedelta(days=31))
    assert give(world, valid_to=today + timedelta(days=30)).last_day == today + timedelta(days=29)


def test_the_same_power_is_not_given_twice_at_the_same_time(world):
    today = timezone.localdate()
    made = give(world, scope={"fields": ["Hộ tịch", "Đất đai"]})
    with pytest.raises(RuleError, match=r"đã được giao đúng quyền và phạm vi này .* theo 12/GUQ-UBND"):
        give(world, scope={"fields": ["Đất đai", "Hộ tịch"]}, valid_from=today + timedelta(days=9),
             valid_to=today + timedelta(days=40))  # fmt: skip
    give(world, scope={"fields": ["Hộ tịch"]})  # another scope
    give(world, taker="clerk", scope=made.scope)  # another person
    give(
        world, scope=made.scope, valid_from=today + timedelta(days=10), valid_to=today + timedelta(days=20)
    )  # begins on the day on which the first one has ended
    actions.revoke(made.pk, actor=make.again(world.leader), reason="viết lại")
    give(world, scope=made.scope)
    assert Delegation.objects.count() == 5


def test_a_power_taken_is_not_passed_on(world):
    give(world)
    with pytest.raises(RuleError, match="không ủy quyền tiếp"):
        give(world, giver="outsider", taker="clerk")
    taker = make.again(world.outsider)
    taker.standing_in = taker.delegations[0]
    with pytest.raises(NotAllowed, match="theo ủy quyền"):
        actions.delegate(
            world.outsider.hat.pk,
            world.clerk.hat.pk,
            actor=taker,
            kind=DelegationKind.MANDATE,
            roles=[Role.LEADER],
            document_no="1",
            valid_from=timezone.localdate(),
            valid_to=timezone.localdate() + timedelta(days=1),
        )


def test_both_must_hold_their_posts_all_the_time(world):
    hat = world.outsider.hat
    hat.valid_to = timezone.localdate() + timedelta(days=5)
    hat.save(update_fields=["valid_to"])
    with pytest.raises(RuleError, match="không giữ chức vụ"):
        give(world)


def test_nobody_gives_anothers_power_but_heads_order_leave_cover(world):
    with pytest.raises(NotAllowed):
        give(world, actor=world.unit_head)
    cover = {"giver": "case_officer", "roles": [Role.CASE_OFFICER], "kind": DelegationKind.DUTY_COVER}
    with pytest.raises(NotAllowed):
        give(world, actor=world.clerk, **cover)
    give(world, actor=world.unit_head, **cover)
    assert make.again(world.outsider).serves_as(Role.CASE_OFFICER, world.office.pk)
    told = set(Notice.objects.filter(kind="delegation.change").values_list("recipient", flat=True))
    assert told == {world.outsider.pk, world.case_officer.pk}


def test_it_is_revoked_with_a_reason_by_who_may(world):
    made = give(world)
    with pytest.raises(NotAllowed):
        actions.revoke(made.pk, actor=make.again(world.outsider), reason="không nhận")
    with pytest.raises(RuleError):
        actions.revoke(made.pk, actor=make.again(world.leader), reason="")
    actions.revoke(made.pk, actor=make.again(world.leader), reason="về sớm")
    assert not make.again(world.outsider).holds(Role.LEADER)
    event = AuditEvent.objects.get(event="delegation.revoke")
    assert (event.actor, event.note) == (world.leader, "về sớm")
    with pytest.raises(RuleError, match="hết hiệu lực"):
        actions.revoke(made.pk, actor=make.again(world.leader), reason="lần nữa")


# --- the paper --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (DelegationKind.MANDATE, ["TUQ. CHỦ TỊCH", "PHÓ CHÁNH VĂN PHÒNG"]),
        (DelegationKind.BY_ORDER, ["TL. CHỦ TỊCH", "PHÓ CHÁNH VĂN PHÒNG"]),
        (DelegationKind.FOR_HEAD, ["KT. CHỦ TỊCH", "PHÓ CHÁNH VĂN PHÒNG"]),
        (DelegationKind.ASSIGNED, ["KT. CHỦ TỊCH", "PHÓ CHÁNH VĂN PHÒNG"]),
    ],
)
def test_the_form_of_signing_follows_the_kind(world, kind, lines):
    Position.objects.filter(pk=world.outsider.hat.position_id).update(signs_as="KT")
    made = give(world, kind=kind)
    hat = Assignment.objects.select_related("position", "organization__agency", "person").get(
        pk=world.outsider.hat.pk
    )
    block = signer_block(hat, made)
    assert (block.lines, block.name) == (lines, "Hoàng Văn Ngoài")


@pytest.fixture
def submitted(world, pki, work):
    """A result that waits for the leader, and a stand-in with a key of his own."""
    from signing.choices import KeyKind

    documents_type = documents.DocumentStatus  # the app is loaded
    assert documents_type
    from documents.models import DocumentType

    DocumentType.objects.get_or_create(code="QĐ", defaults={"name": "Quyết định", "abbreviation": "QĐ"})
    pki.prepare()
    pki.issue_demo_key(owner_user=world.outsider, kind=KeyKind.PERSONAL, pin=PIN)
    case = make.case(world, S.APPRAISING)
    work(
        cases.draft_result,
        case.pk,
        actor=make.again(world.case_officer),
        title="Xác nhận",
        body_html="<p>Đúng.</p>",
    )
    work(cases.submit_for_approval, case.pk, actor=make.again(world.case_officer))
    case.refresh_from_db()
    return case


def sign(case, user, work):
    return work(
        cases.approve, case.pk, actor=make.again(user), pin=PIN, revision=case.result_document.revision
    )


def test_signing_for_another_freezes_both_names(world, submitted, work):
    give(world, scope={"fields": ["Hộ tịch"]})
    sign(submitted, world.outsider, work)
    document = Document.objects.get(pk=submitted.result_document_id)
    assert document.signer == world.outsider
    assert document.signer_lines_printed == ["TUQ. CHỦ TỊCH", "PHÓ CHÁNH VĂN PHÒNG"]
    assert "Đặng Thu Phương · Phó Chủ tịch" in document.signed_for_printed
    assert "12/GUQ-UBND" in document.signed_for_printed
    for event in AuditEvent.objects.filter(event__in=["case.approve", "document.sign"]):
        assert event.actor == world.outsider
        assert "Đặng Thu Phương" in event.on_behalf_of
        assert event.is_delegated


@pytest.mark.parametrize("what", ["none", "expired", "revoked", "other field", "leave cover"])
def test_without_power_nothing_is_signed(world, submitted, work, what):
    """With the page open: the answer is found in the act, not when the page was drawn."""
    if what == "leave cover":
        give(
            world,
            giver="case_officer",
            roles=[Role.CASE_OFFICER],
            kind=DelegationKind.DUTY_COVER,
        )
    elif what != "none":
        made = give(world, scope={"fields": ["Đất đai"]} if what == "other field" else {})
        if what == "expired":
            yesterday = timezone.localdate() - timedelta(days=1)
            Delegation.objects.filter(pk=made.pk).update(
                valid_from=yesterday - timedelta(days=9), valid_to=yesterday
            )
        elif what == "revoked":
            actions.revoke(made.pk, actor=make.again(world.leader), reason="về sớm")
    with pytest.raises(NotAllowed):
        sign(submitted, world.outsider, work)
    document = Document.objects.get(pk=submitted.result_document_id)
    assert (document.status, document.number_id) == ("submitted", None)


def test_a_revocation_between_reading_and_signing_wins(world, submitted, work):
    made = give(world)
    taker = make.again(world.outsider)
    assert taker.delegations == [made]  # as his request began
    actions.revoke(made.pk, actor=make.again(world.leader), reason="về sớm")
    with pytest.raises(NotAllowed):
        work(cases.approve, submitted.pk, actor=taker, pin=PIN, revision=submitted.result_document.revision)
