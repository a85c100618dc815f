"""Where one is signed in; «đăng xuất nơi khác»; what ends sessions by itself."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from core.models import AuditEvent
from org import devices
from tests import factories as make

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@pytest.fixture
def person():
    user = make.citizen(email="binh@example.com")
    user.set_password(make.PASSWORD)
    user.save(update_fields=["password"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def browser(machine, address):
    client = Client(HTTP_USER_AGENT=machine, REMOTE_ADDR=address)
    answer = client.post(reverse("account_login"), {"login": "binh@example.com", "password": make.PASSWORD})
    assert answer.status_code == 302
    return client


@pytest.fixture
def desk(person):
    return browser(DESK, "10.0.0.1")


@pytest.fixture
def phone(person, desk):
    return browser(PHONE, "10.0.0.2")


def is_in(client):
    return client.get("/ho-so/").status_code == 200


def page(client):
    return re.sub(r"\s+", " ", client.get(reverse("usersessions_list")).content.decode())


def test_machine_address_and_time_are_told_and_this_one_is_marked(desk, phone):
    seen = page(desk)
    assert "Chrome trên Windows" in seen and "Safari trên iPhone" in seen
    assert "10.0.0.1" in seen and "10.0.0.2" in seen and "dùng lần cuối" in seen
    here = seen.index("nơi bạn đang dùng")
    assert seen.index("Chrome trên Windows") < here < seen.index("Safari trên iPhone")


def test_one_other_ends(person, desk, phone):
    other = UserSession.objects.get(ip="10.0.0.2")
    desk.post(reverse("usersessions_list"), {"end": other.pk})
    assert is_in(desk) and not is_in(phone)
    event = AuditEvent.objects.get(event="user.end_sessions")
    assert event.detail == {"count": 1, "why": "chosen", "device": "Safari trên iPhone"}


def test_all_others_end(desk, phone, person):
    third = browser(PHONE, "10.0.0.3")
    desk.post(reverse("usersessions_list"), {"end": "others"})
    assert is_in(desk) and not is_in(phone) and not is_in(third)
    assert AuditEvent.objects.get(event="user.end_sessions").detail["count"] == 2


@pytest.mark.parametrize("end", ["here", "0", "abc", "foreign"])
def test_what_is_not_ones_own_or_not_another_stays(desk, phone, end):
    stranger = make.citizen()
    foreign = UserSession.objects.create(user=stranger, session_key="x" * 32, ip="10.9.9.9", user_agent="")
    chosen = {"here": UserSession.objects.get(ip="10.0.0.1").pk, "foreign": foreign.pk}.get(end, end)
    desk.post(reverse("usersessions_list"), {"end": chosen})
    assert is_in(desk) and is_in(phone) and UserSession.objects.filter(pk=foreign.pk).exists()
    assert not AuditEvent.objects.filter(event="user.end_sessions").exists()


def test_a_new_password_ends_the_others(desk, phone):
    new = "bon con vit bau 7"
    desk.post(
        reverse("account_change_password"),
        {"oldpassword": make.PASSWORD, "password1": new, "password2": new},
    )
    assert is_in(desk) and not is_in(phone)
    assert AuditEvent.objects.filter(event="user.change_password").exists()
    assert AuditEvent.objects.get(event="user.end_sessions").detail == {"count": 1, "why": "password"}


def test_an_account_that_is_switched_off_is_out_and_stays_out(person, desk, client):
    boss = make.user(is_staff=True, is_superuser=True)
    client.force_login(boss)
    form = {"email": person.email, "full_name": person.full_name}
    client.post(reverse("admin:org_user_change", args=[person.pk]), form)
    person.refresh_from_db()
    assert not person.is_active and not is_in(desk)
    person.is_active = True
    person.save(update_fields=["is_active"])
    assert not is_in(desk)
    assert AuditEvent.objects.get(event="user.end_sessions").detail["why"] == "closed"


def test_last_seen_moves_seldom(desk, django_assert_num_queries):
    before = UserSession.objects.get().last_seen_at
    is_in(desk)
    moved = UserSession.objects.get().last_seen_at
    assert moved > before
    is_in(desk)
    assert UserSession.objects.get().last_seen_at == moved


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (DESK, "Chrome trên Windows"),
        (PHONE, "Safari trên iPhone"),
        (DESK + " Edg/140.0", "Edge trên Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/139 Mobile Safari/537.36", "Chrome trên Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0", "Firefox trên Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) coc_coc_browser/120 Chrome/114 Safari/537.36",
            "Cốc Cốc trên Windows",
        ),
        ("curl/8.5", "chương trình không rõ"),
        ("", "chương trình không rõ"),
    ],
)
def test_words_for_machines(agent, words):
    assert devices.device(agent) == words
