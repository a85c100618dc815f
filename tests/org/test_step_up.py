"""An act that binds asks for a second factor given lately; what was typed survives the detour and is done once."""

import time

import pytest
from allauth.account.internal.flows import login
from django.urls import reverse

from org import step_up
from tests import factories as make
from tests.org import step_up_doors
from tests.org.second_factors import code_of, give_app

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.org.step_up_doors")]
DOOR = "/thu/ky/"
TYPED = {"pin": "246810", "note": "Đồng ý, «ký»", "chon": ["7:1", "8:2"]}


@pytest.fixture(autouse=True)
def nothing_done():
    step_up_doors.done.clear()


@pytest.fixture
def leader(client):
    person = make.commune().leader
    person.secret = give_app(person)
    client.force_login(person)
    return person


def age(client, minutes):
    """The second factor was given that long ago."""
    session = client.session
    records = session[login.AUTHENTICATION_METHODS_SESSION_KEY]
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [
        record | {"at": time.time() - minutes * 60} for record in records
    ]
    session.save()


def confirm(client, asked, secret):
    """Type the code on the page that asked, and go where it leads."""
    assert asked.status_code == 302 and asked.url.startswith(reverse("mfa_reauthenticate"))
    onward = asked.url.split("next=")[1].replace("%2F", "/")
    return client.post(reverse("mfa_reauthenticate"), {"code": code_of(secret), "next": onward}, follow=True)


def test_a_fresh_second_factor_opens_the_door(client, leader):
    assert client.get(DOOR).status_code == 200
    client.post(DOOR, TYPED)
    assert len(step_up_doors.done) == 1


def test_an_old_one_is_asked_again_and_one_comes_back(client, leader, settings):
    age(client, settings.STEP_UP_MINUTES + 1)
    answer = confirm(client, client.get(DOOR), leader.secret)
    assert answer.content.decode() == "Trang ký"


def test_what_was_posted_is_done_after_the_confirmation_and_only_once(client, leader):
    age(client, 60)
    asked = client.post(DOOR, TYPED)
    assert not step_up_doors.done
    answer = confirm(client, asked, leader.secret)
    assert answer.content.decode() == "Xong"
    assert step_up_doors.done == [{"pin": ["246810"], "note": [TYPED["note"]], "chon": ["7:1", "8:2"]}]
    again = answer.redirect_chain[0][0]
    assert "lam-tiep" in again
    assert "đã làm rồi" in client.get(again, follow=True).content.decode()
    assert len(step_up_doors.done) == 1


def test_what_waits_cannot_be_read_in_the_session(client, leader):
    age(client, 60)
    client.post(DOOR, TYPED)
    assert "246810" not in str(dict(client.session))


def test_the_waiting_form_needs_the_confirmation(client, leader):
    age(client, 60)
    asked = client.post(DOOR, TYPED)
    onward = asked.url.split("next=")[1].replace("%2F", "/")
    assert client.get(onward).url.startswith(reverse("mfa_reauthenticate"))
    assert client.get(onward, HTTP_HX_REQUEST="true")["HX-Redirect"].startswith(reverse("mfa_reauthenticate"))
    assert not step_up_doors.done


@pytest.mark.parametrize("fault", ["too_old", "other_hat", "unknown"])
def test_what_waited_too_long_or_for_another_post_is_not_done(client, leader, fault, monkeypatch):
    age(client, 60)
    onward = client.post(DOOR, TYPED).url.split("next=")[1].replace("%2F", "/")
    session = client.session
    word = onward.strip("/").split("/")[-1]
    kept = session[step_up.SESSION_KEY][word]
    change = {
        "too_old": {"at": time.time() - step_up.KEPT_SECONDS - 1},
        "other_hat": {"capacity": [-1, None]},
        "unknown": {},
    }
    session[step_up.SESSION_KEY] = {("x" if fault == "unknown" else word): kept | change[fault]}
    session.save()
    client.post(reverse("mfa_reauthenticate"), {"code": code_of(leader.secret), "next": onward}, follow=True)
    assert not step_up_doors.done


def test_a_wrong_code_confirms_nothing(client, leader):
    age(client, 60)
    asked = client.post(DOOR, TYPED)
    client.post(reverse("mfa_reauthenticate"), {"code": "000000"})
    assert client.get(DOOR).status_code == 302 and asked.status_code == 302
    assert not step_up_doors.done


@pytest.mark.one_factor
def test_a_password_is_not_enough_for_staff(client, leader):
    assert client.get(DOOR).url.startswith(reverse("mfa_reauthenticate"))
    password = reverse("account_reauthenticate")
    assert client.get(password).url.startswith(reverse("mfa_reauthenticate"))


@pytest.mark.one_factor
def test_staff_without_a_second_factor_are_sent_to_set_one_up(client):
    client.force_login(make.commune().leader)
    assert client.get(DOOR).url.startswith(reverse("mfa_index"))


@pytest.mark.one_factor
def test_citizens_confirm_by_how_they_signed_in(client):
    person = make.citizen()
    person.set_password(make.PASSWORD)
    person.save(update_fields=["password"])
    client.force_login(person)
    assert client.get(DOOR).status_code == 200
    age(client, 60)
    asked = client.get(DOOR)
    assert asked.url.startswith(reverse("account_reauthenticate"))
    answer = client.post(
        reverse("account_reauthenticate"), {"password": make.PASSWORD, "next": DOOR}, follow=True
    )
    assert answer.content.decode() == "Trang ký"


def test_a_stranger_signs_in_first(client):
    assert client.get(DOOR).url.startswith(reverse("account_login"))


def test_the_last_few_waiting_forms_are_kept(client, leader):
    age(client, 60)
    for _ in range(step_up.KEPT_AT_ONCE + 2):
        client.post(DOOR, TYPED)
    assert len(client.session[step_up.SESSION_KEY]) == step_up.KEPT_AT_ONCE
    client.post(DOOR, {"note": "x" * (step_up.KEPT_CHARACTERS + 1)})
    assert len(client.session[step_up.SESSION_KEY]) == step_up.KEPT_AT_ONCE
