"""Staff come in with a second factor or not at all; citizens may have one, must not."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.urls import reverse

from core.models import AuditEvent
from org import crypto
from tests import factories as make
from tests.org.second_factors import code_of, give_app, give_key

pytestmark = pytest.mark.django_db


def with_password(user):
    user.set_password(make.PASSWORD)
    user.save(update_fields=["password"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def officer():
    return with_password(make.commune().counter_officer)


def sign_in(client, user, **more):
    return client.post(
        reverse("account_login"), {"login": user.email, "password": make.PASSWORD, **more}, follow=True
    )


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def events(*names):
    return list(AuditEvent.objects.filter(event__in=names).order_by("id").values_list("event", flat=True))


class TestSigningIn:
    def test_with_password_and_code_one_is_at_the_desk(self, client, officer):
        secret = give_app(officer)
        asked = sign_in(client, officer)
        assert asked.wsgi_request.path == reverse("mfa_authenticate")
        assert 'autocomplete="one-time-code"' in text(asked) and 'inputmode="numeric"' in text(asked)
        answer = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)}, follow=True)
        assert answer.wsgi_request.path == "/lam-viec/"
        event = AuditEvent.objects.get(event="user.sign_in")
        assert event.detail == {"ways": ["password", "totp"]} and event.actor == officer

    def test_a_wrong_code_lets_nobody_in_and_is_noted(self, client, officer):
        give_app(officer)
        sign_in(client, officer)
        answer = client.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert "Mã chưa đúng" in text(answer)
        event = AuditEvent.objects.get(event="user.second_factor_failed")
        assert (event.actor, event.subject_id, event.detail) == (None, officer.pk, {"way": "totp"})
        assert client.get("/lam-viec/").url.startswith(reverse("account_login"))

    def test_a_code_serves_once_for_as_long_as_it_would_be_good(self, client, officer):
        code = code_of(give_app(officer))
        sign_in(client, officer)
        client.post(reverse("mfa_authenticate"), {"code": code})
        client.logout()
        sign_in(client, officer)
        cache.delete(f"allauth.mfa.totp.used?user={officer.pk}&code={code}")  # allauth forgets after 30 s
        assert "Mã chưa đúng" in text(client.post(reverse("mfa_authenticate"), {"code": code}))

    def test_a_telephone_half_a_minute_slow_is_accepted_and_two_minutes_not(self, client, officer):
        secret = give_app(officer)
        sign_in(client, officer)
        assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret, ago=120)}).status_code == 200
        assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret, ago=30)}).status_code == 302

    def test_a_recovery_code_serves_once(self, client, officer):
        from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

        give_app(officer)
        spare = RecoveryCodes.activate(officer).generate_codes()[0]
        sign_in(client, officer)
        assert client.post(reverse("mfa_authenticate"), {"code": spare}).status_code == 302
        client.logout()
        sign_in(client, officer)
        assert client.post(reverse("mfa_authenticate"), {"code": spare}).status_code == 200

    def test_citizens_come_in_with_a_password_alone(self, client):
        answer = sign_in(client, with_password(make.citizen()))
        assert answer.wsgi_request.path == "/ho-so/"

    def test_citizens_who_chose_a_second_factor_are_asked_for_it(self, client):
        person = with_password(make.citizen())
        give_app(person)
        assert sign_in(client, person).wsgi_request.path == reverse("mfa_authenticate")

    def test_the_page_offers_the_key_only_to_who_has_one(self, client, officer):
        give_app(officer)
        assert "Dùng khóa truy cập" not in text(sign_in(client, officer))


@pytest.mark.one_factor
class TestWithoutOne:
    """Signed in by password only."""

    @pytest.mark.parametrize("door", ["/lam-viec/", "/lam-viec/ho-so/", "/quan-tri/", "/lam-viec/thong-bao/"])
    def test_staff_doors_lead_to_the_set_up(self, client, officer, door):
        client.force_login(officer)
        answer = client.get(door, follow=True)
        assert answer.wsgi_request.path == reverse("mfa_index")
        assert "phải có lớp bảo vệ thứ hai" in text(answer)

    def test_administrators_too(self, client):
        client.force_login(make.user(is_staff=True, is_superuser=True))
        assert client.get("/quan-tri/", follow=True).wsgi_request.path == reverse("mfa_index")

    def test_nobody_wears_a_hat_anywhere(self, client, officer):
        client.force_login(officer)
        for door in ("/", "/ho-so/", "/thu-tuc/"):
            answer = client.get(door)
            assert answer.status_code == 200, door
            assert answer.wsgi_request.user.hats == [] and answer.wsgi_request.user.hat is None

    @pytest.mark.parametrize(
        "name",
        ["mfa_index", "account_logout", "account_email", "account_change_password", "usersessions_list"],
    )
    def test_the_account_itself_stays_open(self, client, officer, name):
        client.force_login(officer)
        assert client.get(reverse(name)).status_code == 200

    def test_citizens_are_not_troubled(self, client):
        client.force_login(make.citizen())
        assert client.get("/ho-so/").status_code == 200
        assert client.get("/lam-viec/").status_code == 403
        assert "phải có" not in text(client.get(reverse("mfa_index")))

    def test_a_factor_that_stands_is_asked_for_not_set_up_again(self, client, officer):
        secret = give_app(officer)
        client.force_login(officer)
        asked = client.get("/lam-viec/")
        assert asked.url.startswith(reverse("mfa_reauthenticate"))
        answer = client.post(
            reverse("mfa_reauthenticate"), {"code": code_of(secret), "next": "/lam-viec/"}, follow=True
        )
        assert answer.wsgi_request.path == "/lam-viec/" and answer.status_code == 200

    def test_somebody_appointed_while_signed_in_meets_the_door_at_once(self, client):
        world, person = make.commune(), make.citizen()
        client.force_login(person)
        assert client.get("/lam-viec/").status_code == 403
        hat = world.clerk.hats[0]
        hat.person.user = person
        hat.person.save(update_fields=["user"])
        assert client.get("/lam-viec/").url.startswith(reverse("mfa_index"))


class TestSettingUp:
    @pytest.mark.one_factor
    @pytest.mark.django_db(transaction=True)
    def test_an_app_is_added_codes_are_shown_once_and_the_desk_opens(self, client, officer):
        client.force_login(officer)
        page = text(client.get(reverse("mfa_activate_totp")))
        secret = re.search(r'class="secret">([A-Z2-7]+)<', page).group(1)
        shown = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}, follow=True)
        codes = re.findall(r'<li class="num">(\d{8})</li>', text(shown))
        assert len(codes) == 10
        told = text(shown).partition("Đã tạo bộ mã dự phòng mới")[0]
        assert told.rpartition('<div class="banner')[2].startswith(" banner-green")
        again = text(client.get(reverse("mfa_view_recovery_codes")))
        assert not any(code in again for code in codes) and "không hiện lại" in again
        assert client.get("/lam-viec/").status_code == 200
        assert events("user.add_second_factor") == ["user.add_second_factor"] * 2
        stored = str(list(Authenticator.objects.values_list("data", flat=True)))
        assert secret not in stored and codes[0] not in stored

    @pytest.mark.one_factor
    def test_a_wrong_code_adds_nothing(self, client, officer):
        client.force_login(officer)
        client.get(reverse("mfa_activate_totp"))
        answer = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
        assert "Mã chưa đúng" in text(answer)
        assert not Authenticator.objects.exists()

    def test_new_recovery_codes_replace_the_old(self, client, officer, django_capture_on_commit_callbacks):
        give_app(officer)
        client.force_login(officer)
        with django_capture_on_commit_callbacks(execute=True):
            first = text(client.post(reverse("mfa_generate_recovery_codes"), follow=True))
            second = text(client.post(reverse("mfa_generate_recovery_codes"), follow=True))
        assert re.findall(r"num.>(\d{8})<", first) != re.findall(r"num.>(\d{8})<", second)
        assert events("user.renew_recovery_codes") == ["user.renew_recovery_codes"] * 2

    def test_a_key_at_an_address_in_figures_is_explained(self, client, officer, settings):
        client.force_login(officer)
        assert "cần một tên miền" in text(client.get(reverse("mfa_add_webauthn"), HTTP_HOST="127.0.0.1:8000"))
        assert "cần một tên miền" not in text(client.get(reverse("mfa_add_webauthn"), HTTP_HOST="localhost"))


class TestRemoving:
    def test_staff_keep_the_last_one(self, client, officer):
        give_app(officer)
        client.force_login(officer)
        address = reverse("mfa_deactivate_totp")
        assert "Chưa tắt được" in text(client.get(address))
        client.post(address)
        assert Authenticator.objects.filter(user=officer, type="totp").exists()
        assert not events("user.remove_second_factor")

    def test_the_last_key_stays_too(self, client, officer):
        key = give_key(officer)
        client.force_login(officer)
        answer = client.post(reverse("mfa_remove_webauthn", args=[key.pk]), follow=True)
        assert "lớp bảo vệ thứ hai" in text(answer)
        assert Authenticator.objects.filter(pk=key.pk).exists()

    def test_one_of_two_may_go(self, client, officer):
        give_app(officer)
        key = give_key(officer)
        client.force_login(officer)
        assert "Máy bàn" in text(client.get(reverse("mfa_list_webauthn")))
        client.post(reverse("mfa_remove_webauthn", args=[key.pk]))
        assert not Authenticator.objects.filter(pk=key.pk).exists()
        event = AuditEvent.objects.get(event="user.remove_second_factor")
        assert event.before == "webauthn"

    def test_citizens_may_remove_all(self, client):
        person = make.citizen()
        give_app(person)
        client.force_login(person)
        client.post(reverse("mfa_deactivate_totp"))
        assert not Authenticator.objects.exists()

    def test_nobody_removes_the_key_of_another(self, client, officer):
        key = give_key(make.citizen())
        give_app(officer)
        client.force_login(officer)
        assert client.post(reverse("mfa_remove_webauthn", args=[key.pk])).status_code == 404

    def test_after_a_while_the_change_asks_for_a_confirmation(self, client, officer, settings):
        settings.STEP_UP_MINUTES = 0
        give_app(officer)
        client.force_login(officer)
        for name in ("mfa_deactivate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
            assert client.get(reverse(name)).url.startswith(reverse("mfa_reauthenticate")), name


def test_secrets_are_sealed(officer):
    secret = give_app(officer)
    stored = Authenticator.objects.get(user=officer).data["secret"]
    assert stored != secret and crypto.unseal(stored) == secret


def test_the_admin_has_no_door_of_its_own(client):
    boss = make.user(is_staff=True, is_superuser=True)
    assert client.get("/quan-tri/login/").url.startswith(reverse("account_login"))
    client.force_login(boss)
    assert client.get("/quan-tri/").status_code == 200
