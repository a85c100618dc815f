"""Who holds a post has an official mailbox."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from core.errors import RuleError
from org import actions, mailboxes
from tests import factories as make
from tests.org.second_factors import give_app

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def domains(settings):
    settings.STAFF_MAIL_DOMAINS = ["haiphong.gov.vn", "demo.haiphong.example"]


@pytest.mark.parametrize(
    ("address", "official"),
    [
        ("lan@haiphong.gov.vn", True),
        ("Lan@NgoQuyen.HaiPhong.gov.vn", True),
        ("lan@demo.haiphong.example", True),
        ("lan@nothaiphong.gov.vn", False),
        ("lan@haiphong.gov.vn.example.com", False),
        ("haiphong.gov.vn@example.com", False),
        ("", False),
        (None, False),
    ],
)
def test_which_are(address, official):
    assert mailboxes.is_official(address) == official


def test_a_person_with_a_private_address_is_not_taken_into_service():
    world = make.commune()
    with pytest.raises(RuleError, match="hộp thư công vụ"):
        actions.register_person(
            actor=_manager(world), full_name="Vũ Lan", organization_id=world.office.pk, user=make.citizen()
        )


def _manager(world):
    from org.choices import Role

    return make.hat("Lê Quản", world.ubnd, "Quản trị đơn vị", Role.UNIT_ADMIN, on=world.office)


def test_staff_do_not_move_to_a_private_address(client):
    officer = make.commune().leader
    officer.email = "lan@haiphong.gov.vn"
    officer.save(update_fields=["email"])
    give_app(officer)
    EmailAddress.objects.create(user=officer, email=officer.email, verified=True, primary=True)
    EmailAddress.objects.create(user=officer, email="lan@example.com", verified=True)
    client.force_login(officer)
    answer = client.post(reverse("account_email"), {"action_add": "", "email": "rieng@example.com"})
    assert "chỉ dùng hộp thư công vụ" in answer.content.decode()
    answer = client.post(
        reverse("account_email"), {"action_primary": "", "email": "lan@example.com"}, follow=True
    )
    assert "chỉ dùng hộp thư công vụ" in answer.content.decode()
    officer.refresh_from_db()
    assert officer.email == "lan@haiphong.gov.vn"


def test_nor_does_an_administrator_move_them(client):
    officer = make.commune().leader
    client.force_login(make.user(is_staff=True, is_superuser=True))
    address = reverse("admin:org_user_change", args=[officer.pk])
    form = {"full_name": officer.full_name, "is_active": "on"}
    assert "hộp thư công vụ" in client.post(address, form | {"email": "lan@example.com"}).content.decode()
    assert client.post(address, form | {"email": "lan@haiphong.gov.vn"}).status_code == 302
    officer.refresh_from_db()
    assert officer.email == "lan@haiphong.gov.vn"
