"""Everybody acts in one post at a time, chosen in the bar and kept in the session."""

import pytest
from django.urls import reverse

from core.models import AuditEvent
from onecase.choices import BusinessStatus
from org.choices import AssignmentKind, Role
from org.models import Assignment, Position, RoleGrant
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_hats():
    """A counter officer who also leads: the same person, another post."""
    world = make.commune()
    person = world.counter_officer.person
    post = Position.objects.create(code="thu-lanh-dao", title="Giám đốc Trung tâm", is_head=True)
    second = Assignment.objects.create(
        person=person,
        organization=world.ubnd,
        position=post,
        kind=AssignmentKind.CONCURRENT,
        rank=1,
        valid_from=make.EARLY,
    )
    RoleGrant.objects.create(
        assignment=second, role=Role.LEADER, organization=world.ubnd, valid_from=make.EARLY
    )
    world.second = second
    return world


def test_switching_changes_what_one_may_do_and_is_logged(two_hats, client):
    client.force_login(two_hats.counter_officer)
    assert "Giám đốc Trung tâm" in client.get("/lam-viec/").content.decode()
    answer = client.post(reverse("org:switch_hat"), {"hat": two_hats.second.pk}, follow=True)
    assert answer.wsgi_request.user.hat == two_hats.second
    assert "Đang làm việc với chức vụ: Giám đốc Trung tâm" in answer.content.decode()
    event = AuditEvent.objects.get(event="user.switch_hat")
    assert (event.post_name, event.actor) == ("Giám đốc Trung tâm", two_hats.counter_officer)


def test_a_post_not_held_is_refused(two_hats, client):
    client.force_login(two_hats.case_officer)
    answer = client.post(reverse("org:switch_hat"), {"hat": two_hats.second.pk}, follow=True)
    assert "không còn hiệu lực" in answer.content.decode()
    assert not AuditEvent.objects.filter(event="user.switch_hat").exists()
    assert client.get(reverse("org:switch_hat")).status_code == 405


def test_after_signing_in_each_lands_where_he_works(two_hats, client):
    address = reverse("org:after_sign_in")
    assert client.get(address).status_code == 302
    for user, place in (
        (two_hats.leader, "/lam-viec/"),
        (make.citizen(), "/ho-so/"),
        (make.user(is_staff=True, is_superuser=True), "/quan-tri/"),
    ):
        client.force_login(user)
        assert client.get(address).url == place
    client.force_login(two_hats.leader)
    assert client.get(address, {"next": "/lam-viec/ky/"}).url == "/lam-viec/ky/"
    assert client.get(address, {"next": "https://xau.example/"}).url == "/lam-viec/"


def test_a_case_of_ones_other_post_offers_the_switch(two_hats, client):
    case = make.case(two_hats, BusinessStatus.APPRAISING, receiving_unit=two_hats.office)
    client.force_login(two_hats.counter_officer)
    answer = client.get(f"/lam-viec/ho-so/{case.code}/")
    assert answer.status_code == 404
    assert "Đổi chức vụ và mở hồ sơ" in answer.content.decode()
    opened = client.post(
        reverse("org:switch_hat"),
        {"hat": two_hats.second.pk, "next": f"/lam-viec/ho-so/{case.code}/"},
        follow=True,
    )
    assert opened.status_code == 200
    assert case.code in opened.content.decode()
    foreign = make.case(make.commune("phường Khác"), BusinessStatus.APPRAISING)
    assert "Đổi chức vụ" not in client.get(f"/lam-viec/ho-so/{foreign.code}/").content.decode()
