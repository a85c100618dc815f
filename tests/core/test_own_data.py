"""The registry of what is held about a person: each app speaks for itself, the trail is asked for all of them."""

import pytest

from core import audit, own_data
from core.models import AuditEvent
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    monkeypatch.setattr(own_data, "_holdings", {})


def test_events_about_the_registered_records_are_found_and_no_others():
    me, other = make.citizen(), make.citizen()
    own_data.register(
        "thu",
        title="Thử",
        collect=lambda user: {"full_name": user.full_name},
        labels={"full_name": "Họ và tên"},
        subjects=lambda user: [("org.user", [user.pk])],
    )
    audit.record("user.switch_hat", actor=None, subject=me)
    audit.record("user.switch_hat", actor=None, subject=other)
    assert [event.subject_id for event in AuditEvent.objects.filter(own_data.about(me))] == [me.pk]


def test_nothing_registered_finds_nothing():
    me = make.citizen()
    audit.record("user.switch_hat", actor=None, subject=me)
    assert not AuditEvent.objects.filter(own_data.about(me)).exists()


def test_registering_again_replaces():
    for title in ("một", "hai"):
        own_data.register("thu", title=title, collect=dict, labels={}, subjects=lambda user: [])
    assert [holding.title for holding in own_data.holdings()] == ["hai"]
