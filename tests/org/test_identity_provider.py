"""Sign-in by an outside identity against a real provider process: the good way and every bad one."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from core.models import AuditEvent
from org import crypto
from org.choices import IdentityLevel
from org.models import CitizenIdentity, User
from org.oidc.config import PROVIDER_ID
from tests import factories as make
from tests.simulators import oidc_provider as simulator

ROOT = Path(__file__).resolve().parents[2]
BACK = "http://testserver/"
LOGIN = f"/tai-khoan/oidc/{PROVIDER_ID}/login/"
XUAN, HIEN, LUONG = simulator.PEOPLE
BAD_ANSWERS = {
    "wrong_nonce": 401,
    "expired": 401,
    "wrong_audience": 401,
    "wrong_issuer": 401,
    "bad_signature": 401,
    "no_algorithm": 401,
    "unknown_key": 401,
    "other_person": 401,
    "no_number": 401,
    "no_token": 401,
    "nonsense": 401,
    "server_error": 401,
    "error_500": 502,
    "slow": 502,
}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def process() -> Iterator[str]:
    """The provider, in a process of its own."""
    command = [sys.executable, "-m", "tests.simulators.oidc_provider", "--redirect", BACK]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield running.stdout.readline().strip()
        finally:
            running.terminate()


@pytest.fixture
def provider(process, settings) -> str:
    settings.OIDC = {
        **settings.OIDC,
        "issuer": process,
        "client_id": simulator.CLIENT_ID,
        "secret": simulator.CLIENT_SECRET,
    }
    cache.clear()
    return process


@pytest.fixture
def consent(client, provider) -> Callable[..., str]:
    """Walk to the provider as a browser does, say yes there, and give the address that leads back."""

    def walk(citizen=XUAN, *, start=LOGIN, fault="", decision="yes", data=None) -> str:
        away = client.post(start, data or {})
        assert away.status_code == 302, away.content.decode()[:500]
        asked = away["Location"]
        assert asked.startswith(f"{provider}/authorize?")
        page = requests.get(asked, timeout=10)
        assert page.status_code == 200, page.text
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        answer = requests.post(
            f"{provider}/authorize",
            data=hidden | {"citizen": citizen.sub, "fault": fault, "decision": decision},
            allow_redirects=False,
            timeout=10,
        )
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"].removeprefix(BACK[:-1])

    return walk


@pytest.fixture
def come_in(client, consent) -> Callable[..., object]:
    def walk(citizen=XUAN, **kwargs):
        return client.get(consent(citizen, **kwargs))

    return walk


def signed_in(client) -> User | None:
    number = client.session.get("_auth_user_id")
    return User.objects.get(pk=number) if number else None


def texts_of_all_tables() -> str:
    """Every text and JSON column of every table, as the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying', 'jsonb', 'json', 'character')"
        )
        found = []
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}"::text FROM "{table}"')
            found += [row[0] or "" for row in cursor.fetchall()]
    return "\n".join(found)


# --- the good way -------------------------------------------------------------------------------------------------


def test_a_first_sign_in_opens_an_account_with_a_proven_number(client, come_in):
    answer = come_in()
    assert answer.status_code == 302
    user = signed_in(client)
    assert user is not None
    assert (user.full_name, user.email) == (XUAN.name, None)
    assert not user.has_usable_password()
    identity = user.identity
    assert (identity.number, identity.level, identity.proven_by) == (
        XUAN.national_id,
        IdentityLevel.PROVEN,
        "VNeID",
    )
    assert (str(identity.birth_on), identity.address) == (XUAN.birthdate, XUAN.address)
    events = AuditEvent.objects.filter(event__startswith="identity.").order_by("id")
    assert [event.event for event in events] == ["identity.prove", "identity.open_account"]
    assert {event.actor for event in events} == {user}


def test_the_second_sign_in_opens_the_same_account_and_writes_nothing(client, come_in):
    come_in()
    first = signed_in(client)
    client.logout()
    count = AuditEvent.objects.filter(event__startswith="identity.").count()
    come_in()
    assert signed_in(client) == first
    assert AuditEvent.objects.filter(event__startswith="identity.").count() == count


def test_the_request_carries_pkce_state_and_nonce_and_nothing_of_the_address(client, provider):
    away = client.post(LOGIN + "?scope=everything&auth_params=" + "acr_values%3D0%26nonce%3Dx")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away["Location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert asked["state"] and asked["nonce"] != "x"
    assert set(asked["scope"].split()) == {"openid", "profile", "phone", "address"}
    assert "acr_values" not in asked


def test_one_lands_where_one_wanted_to_go_but_never_outside(client, come_in):
    assert come_in(data={"next": "/thu-tuc/"})["Location"] == "/thu-tuc/"
    client.logout()
    assert "evil" not in come_in(data={"next": "https://evil.example/"})["Location"]


def test_no_number_name_or_token_lies_open_in_the_database(client, come_in):
    come_in()
    client.post(reverse("org:reveal_number"))
    lying = texts_of_all_tables()
    assert XUAN.national_id not in lying
    assert SocialAccount.objects.get().extra_data == {}
    assert not SocialToken.objects.exists()
    assert crypto.blind_index(XUAN.national_id) in lying


def test_client_secret_post_works_too(client, come_in, settings):
    settings.OIDC = {**settings.OIDC, "auth_method": "client_secret_post"}
    come_in()
    assert signed_in(client) is not None


# --- whose account ------------------------------------------------------------------------------------------------


def proven(number: str, **fields) -> User:
    user = make.citizen("Đỗ Thị Thanh Xuân", number, **fields)
    CitizenIdentity.objects.filter(user=user).update(level=IdentityLevel.PROVEN)
    return user


def test_an_account_with_the_same_proven_number_is_found(client, come_in):
    mine = proven(XUAN.national_id)
    come_in()
    assert signed_in(client) == mine
    assert AuditEvent.objects.filter(event="identity.link", actor=mine).count() == 1


def test_an_equal_mail_address_or_name_opens_nothing(client, come_in):
    other = make.user(XUAN.name, email="vn-0001@vneid.example")
    come_in()
    assert signed_in(client) not in {None, other}


def test_a_number_that_was_only_typed_in_links_nothing_by_itself(client, come_in):
    """Somebody who typed another person's number must not share the account of its true holder."""
    typed = make.citizen("Kẻ gõ bừa", XUAN.national_id)
    answer = come_in()
    assert answer["Location"] == reverse("org:choose_account")
    assert signed_in(client) is None
    page = client.get(answer["Location"])
    assert "Đã có tài khoản khai số này" in page.content.decode()
    assert XUAN.national_id not in page.content.decode()
    assert typed.email not in page.content.decode()
    client.post(reverse("org:choose_account"))
    assert signed_in(client) not in {None, typed}
    typed.identity.refresh_from_db()
    assert typed.identity.level == IdentityLevel.DECLARED


def test_its_owner_signs_in_and_links_it_himself(client, come_in):
    mine = make.citizen("Đỗ Thị Thanh Xuân", XUAN.national_id)
    come_in()
    client.force_login(mine)
    page = client.get(reverse("org:link_account"))
    if page.status_code == 302:  # asked how he signed in: the test's sign-in says nothing about it
        pytest.skip("the step-up asks for a password here")
    answer = client.post(reverse("org:link_account"))
    assert answer["Location"] == reverse("org:identity")
    mine.identity.refresh_from_db()
    assert mine.identity.level == IdentityLevel.PROVEN
    client.logout()
    come_in()
    assert signed_in(client) == mine


def test_what_waits_grows_old_and_is_sealed(client, come_in, monkeypatch):
    make.citizen("Đỗ Thị Thanh Xuân", XUAN.national_id)
    come_in()
    assert XUAN.national_id not in str(dict(client.session))
    from org import pending_identity

    monkeypatch.setattr(pending_identity, "KEPT_SECONDS", -1)
    assert client.post(reverse("org:choose_account"))["Location"] == reverse("account_login")
    assert signed_in(client) is None


@pytest.mark.parametrize("kind", ["hat", "administrator"])
def test_a_staff_account_is_never_opened(client, come_in, kind):
    staff = make.commune().case_officer if kind == "hat" else make.user(is_staff=True, is_superuser=True)
    identity = CitizenIdentity(user=staff, level=IdentityLevel.PROVEN)
    identity.number = XUAN.national_id
    identity.save()
    answer = come_in()
    assert answer.status_code == 409
    assert "công vụ" in answer.content.decode()
    assert signed_in(client) is None
    assert not SocialAccount.objects.exists()


def test_not_even_when_it_was_linked_before_its_owner_got_a_post(client, come_in):
    come_in()
    user = signed_in(client)
    client.logout()
    User.objects.filter(pk=user.pk).update(is_staff=True)
    assert come_in().status_code == 409
    assert signed_in(client) is None


def test_a_closed_account_stays_closed(client, come_in):
    mine = proven(XUAN.national_id, is_active=False)
    assert come_in().status_code == 409
    assert signed_in(client) is None
    assert not SocialAccount.objects.filter(user=mine).exists()


def test_another_number_under_the_same_subject_is_a_conflict(client, come_in):
    come_in()
    identity = signed_in(client).identity
    client.logout()
    identity.number = "031193000000"
    identity.save()
    answer = come_in()
    assert answer.status_code == 409
    assert "không khớp" in answer.content.decode()
    assert XUAN.national_id not in answer.content.decode()


def test_a_second_subject_with_the_same_number_is_a_conflict(client, come_in):
    come_in()
    SocialAccount.objects.update(uid="vn-khac")
    client.logout()
    answer = come_in()
    assert answer.status_code == 409
    assert signed_in(client) is None


def test_a_low_level_proves_nothing(client, come_in):
    holder = proven(LUONG.national_id)
    come_in(LUONG)
    mine = signed_in(client)
    assert mine not in {None, holder}
    assert mine.identity.level == IdentityLevel.DECLARED


def test_an_unknown_level_counts_as_the_lowest(client, come_in, settings):
    settings.OIDC = {**settings.OIDC, "levels": {"loa-high": 3}}
    come_in()
    assert signed_in(client).identity.level == IdentityLevel.DECLARED


def test_the_level_rises_with_the_provider_and_never_falls(client, come_in, settings):
    settings.OIDC = {**settings.OIDC, "levels": {"2": 3}}
    come_in()
    client.logout()
    settings.OIDC = {**settings.OIDC, "levels": {"2": 2}}
    come_in()
    assert signed_in(client).identity.level == IdentityLevel.STRONG


# --- every bad way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "status"), BAD_ANSWERS.items())
def test_a_bad_answer_opens_nothing(client, come_in, fault, status):
    answer = come_in(fault=fault)
    assert answer.status_code == status
    page = answer.content.decode()
    assert ("chưa trả lời" if status == 502 else "Chưa đăng nhập được") in page
    assert signed_in(client) is None
    assert not User.objects.exists() and not SocialAccount.objects.exists()


def test_who_says_no_is_back_without_a_word_of_blame(client, come_in):
    answer = client.get(come_in(decision="no")["Location"])
    assert "đã dừng theo ý bạn" in answer.content.decode()
    assert signed_in(client) is None


def test_a_foreign_state_is_refused(client, consent):
    """An attacker's answer, planted into the victim's browser."""
    address = consent()
    client.cookies.clear()
    assert client.get(address).status_code == 401
    assert signed_in(client) is None


def test_an_answer_serves_once(client, consent):
    address = consent()
    client.get(address)
    client.logout()
    assert client.get(address).status_code == 401


def test_a_code_without_its_verifier_is_worth_nothing(client, consent, provider):
    query = parse_qs(urlsplit(consent()).query)
    answer = requests.post(
        f"{provider}/token",
        data={
            "grant_type": "authorization_code",
            "code": query["code"][0],
            "redirect_uri": f"{BACK[:-1]}{LOGIN}callback/",
            "code_verifier": "doan-bua" * 8,
        },
        auth=(simulator.CLIENT_ID, simulator.CLIENT_SECRET),
        timeout=10,
    )
    assert answer.status_code == 400


def test_an_answer_of_another_issuer_is_refused(client, consent):
    address = consent()
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | {
        "iss": "https://noi-khac.example"
    }
    assert client.get(f"{parts.path}?{urlencode(query)}").status_code == 401
    assert signed_in(client) is None


def test_a_provider_that_is_away_is_said_in_words(client, provider, settings):
    settings.OIDC = {**settings.OIDC, "issuer": "http://127.0.0.1:9"}
    answer = client.post(LOGIN)
    assert answer.status_code == 502
    assert "chưa trả lời" in answer.content.decode()


def test_a_wrong_secret_opens_nothing(client, consent, settings):
    address = consent()
    settings.OIDC = {**settings.OIDC, "secret": "sai"}
    assert client.get(address).status_code == 401


def test_without_a_provider_there_is_no_button_and_no_door(client):
    assert "Đăng nhập bằng VNeID" not in client.get(reverse("account_login")).content.decode()
    assert client.post(LOGIN).status_code == 404


def test_with_a_provider_there_is_a_button(client, provider):
    assert "Đăng nhập bằng VNeID" in client.get(reverse("account_login")).content.decode()


# --- one's own page -----------------------------------------------------------------------------------------------


def test_the_own_number_is_masked_and_showing_it_is_logged(client):
    mine = make.citizen(number="031190123456")
    client.force_login(mine)
    assert "031190123456" not in client.get(reverse("org:identity")).content.decode()
    assert "031190123456" in client.post(reverse("org:reveal_number")).content.decode()
    event = AuditEvent.objects.get(event="identity.read_number")
    assert (event.actor, event.subject_id) == (mine, mine.identity.pk)


def test_the_level_is_said_in_words(client, come_in):
    come_in()
    page = client.get(reverse("org:identity")).content.decode()
    assert "mức 2 – đã xác minh" in page
    assert "Xác minh bởi" in page


def test_linking_ones_own_account_raises_its_level(client, consent):
    mine = make.citizen("Đỗ Thị Thanh Xuân", XUAN.national_id)
    client.login_as = client.force_login(mine)
    away = client.post(reverse("org:prove_identity"))
    if "authorize" not in away["Location"]:
        pytest.skip("the step-up asks for a password here")
    answer = client.get(consent(start=reverse("org:prove_identity")))
    assert answer["Location"] == reverse("org:identity")
    mine.identity.refresh_from_db()
    assert mine.identity.level == IdentityLevel.PROVEN


def test_linking_the_identity_of_somebody_else_is_refused(client, consent):
    mine = make.citizen("Người khác", "031190123456")
    client.force_login(mine)
    away = client.post(reverse("org:prove_identity"))
    if "authorize" not in away["Location"]:
        pytest.skip("the step-up asks for a password here")
    assert client.get(consent(start=reverse("org:prove_identity"))).status_code == 409
    assert not SocialAccount.objects.exists()


def test_staff_cannot_link(client, provider):
    client.force_login(make.commune().case_officer)
    assert client.post(reverse("org:prove_identity")).status_code in {302, 404}
    assert not SocialAccount.objects.exists()
