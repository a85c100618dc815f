"""After some failures the door stays shut for a while, says until when, and does so without the shared cache too."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.urls import reverse

from core.models import AuditEvent
from tests import factories as make
from tests.org.second_factors import code_of, give_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    user = make.citizen(email="binh@example.com")
    user.set_password(make.PASSWORD)
    user.save(update_fields=["password"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def fail(client, times, login="binh@example.com", **more):
    answer = None
    for _ in range(times):
        answer = client.post(reverse("account_login"), {"login": login, "password": "không đúng"}, **more)
    return answer.content.decode()


def sign_in(client, login="binh@example.com"):
    return client.post(reverse("account_login"), {"login": login, "password": make.PASSWORD})


def test_five_failures_lock_the_account_and_the_page_says_until_when(client, person):
    assert "tạm khóa" not in fail(client, 5)
    assert re.search(r"tạm khóa\. Thử lại sau \d\d:\d\d", fail(client, 1))
    assert sign_in(client).status_code == 200, "the right password does not open it meanwhile"
    assert sign_in(client, "BINH@example.com").status_code == 200


def test_from_another_address_too(client, person):
    fail(client, 5, REMOTE_ADDR="10.0.0.1")
    assert "tạm khóa" in fail(client, 1, REMOTE_ADDR="10.0.0.2")


def test_an_account_that_does_not_exist_locks_in_the_same_words(client, person):
    assert "tạm khóa" in fail(client, 6, login="khong-co@example.com")
    assert AuditEvent.objects.filter(event="user.lock_out", subject_id=0).count() == 1


def test_others_are_not_touched(client, person):
    other = make.citizen(email="hoa@example.com")
    other.set_password(make.PASSWORD)
    other.save(update_fields=["password"])
    EmailAddress.objects.create(user=other, email=other.email, verified=True, primary=True)
    fail(client, 6)
    assert sign_in(client, "hoa@example.com").status_code == 302


def test_an_address_that_tries_many_names_is_shut_out(client, person, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": "10/10m/ip,5/15m/key"}
    for number in range(10):
        fail(client, 1, login=f"ai{number}@example.com", REMOTE_ADDR="10.0.0.9")
    assert "tạm khóa" in fail(client, 1, login="ai11@example.com", REMOTE_ADDR="10.0.0.9")
    assert sign_in(client).status_code == 302


def test_failures_and_lock_out_stand_in_the_trail_without_what_was_typed(client, person):
    fail(client, 8)
    failed = AuditEvent.objects.filter(event="user.sign_in_failed")
    assert failed.count() == 5 and set(failed.values_list("subject_id", flat=True)) == {person.pk}
    assert AuditEvent.objects.filter(event="user.lock_out", subject_id=person.pk).count() == 1
    assert "không đúng" not in str(list(AuditEvent.objects.values()))


def test_a_new_password_opens_the_door(client, person):
    from notices.models import Message

    fail(client, 6)
    asked = client.post(reverse("account_reset_password"), {"email": person.email})
    code = re.search(r"\b(\d{8})\b", Message.objects.latest("id").text).group(1)
    done = client.post(asked.url, {"code": code})
    client.post(done.url, {"password1": "bon con vit bau 7", "password2": "bon con vit bau 7"})
    answer = client.post(reverse("account_login"), {"login": person.email, "password": "bon con vit bau 7"})
    assert answer.status_code == 302


def test_guessing_codes_is_counted_as_well(client, person):
    secret = give_app(person)
    sign_in(client)
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert re.search(r"tạm khóa\. Thử lại sau \d\d:\d\d", answer.content.decode())


class TestWithTheCacheAway:
    @pytest.fixture(autouse=True)
    def away(self, settings):
        settings.CACHES = {
            "default": {"BACKEND": "core.cache.TolerantRedisCache", "LOCATION": "redis://127.0.0.1:9/0"}
        }
        cache._memory.clear()

    def test_one_still_comes_in(self, client, person):
        assert sign_in(client).status_code == 302

    def test_and_the_door_still_shuts(self, client, person):
        assert "tạm khóa" in fail(client, 6)
        assert sign_in(client).status_code == 200

    def test_a_code_still_serves_once(self, client, person):
        code = code_of(give_app(person))
        sign_in(client)
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
        client.logout()
        cache._memory.clear()  # another process, another memory
        sign_in(client)
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_too_many_sign_ups_from_one_address_get_a_page_in_our_words(client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"signup": "1/m/ip"}
    client.post(reverse("account_signup"), {})
    answer = client.post(reverse("account_signup"), {})
    assert answer.status_code == 429 and "Thử lại sau ít phút" in answer.content.decode()
