"""Who leaves takes no key along, and no seal stays with somebody who is not its keeper any more."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from core.models import AuditEvent
from notices.models import Notice
from org import actions
from org.choices import Role
from org.models import RoleGrant, User
from signing import demo_pki
from signing.models import KeyCustody, SigningKey
from tests import factories as make
from tests.signing.conftest import PIN

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> SimpleNamespace:
    made = make.commune()
    made.admin = make.administrator(made.ubnd)
    made.own = demo_pki.issue_demo_key(owner_user=made.clerk, kind="personal", pin=PIN)
    made.seal = demo_pki.issue_demo_key(
        owner_organization=made.ubnd, kind="seal", pin=PIN, holders=[made.clerk, made.leader]
    )
    return made


def leave(place: SimpleNamespace, who: User) -> None:
    actions.end_service(
        who.person.pk, actor=make.again(place.admin), on=timezone.localdate(), reason="nghỉ hưu"
    )


def test_who_leaves_signs_no_more_and_hands_back_the_seal(place: SimpleNamespace) -> None:
    leave(place, place.clerk)
    assert SigningKey.objects.get(pk=place.own.pk).suspended_at
    assert list(KeyCustody.objects.valid_on().filter(key=place.seal).values_list("user", flat=True)) == [
        place.leader.pk
    ]
    taken = AuditEvent.objects.get(event="signing.key_taken_back")
    assert (taken.actor, taken.subject_id) == (place.admin, place.seal.pk)
    assert SigningKey.objects.get(pk=place.seal.pk).suspended_at is None


def test_a_seal_without_any_keeper_is_told_to_who_ordered_it(place: SimpleNamespace) -> None:
    KeyCustody.objects.filter(key=place.seal, user=place.leader).update(valid_to=timezone.localdate())
    leave(place, place.clerk)
    told = Notice.objects.get(recipient=place.admin, kind="post.work")
    assert "khóa dấu" in told.text and "chưa có người nhận" in told.text


def test_who_goes_on_as_clerk_in_another_post_keeps_both(place: SimpleNamespace) -> None:
    second = actions.appoint(
        place.clerk.person.pk, actor=make.again(place.admin), organization_id=place.ubnd.pk, kind="concurrent",
        position=place.clerk.hat.position, valid_from=timezone.localdate(), decision_no="12/QĐ-UBND",
    )  # fmt: skip
    RoleGrant.objects.create(
        assignment=second, role=Role.CLERK, organization=place.ubnd, valid_from=timezone.localdate()
    )
    actions.end_post(
        place.clerk.hat.pk, actor=make.again(place.admin), on=timezone.localdate(), reason="thôi kiêm nhiệm"
    )
    assert SigningKey.objects.get(pk=place.own.pk).suspended_at is None
    assert KeyCustody.objects.valid_on().filter(key=place.seal, user=place.clerk).exists()
