"""Who holds a post has an official mailbox."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from core.errors import RuleError
from notices.models import Message
from org import actions, mailboxes
from org.models import Assignment
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


@pytest.fixture
def officer(client):
    """Signed in, with an official mailbox and a private address from before."""
    officer = make.commune().leader
    officer.email = "lan@haiphong.gov.vn"
    officer.save(update_fields=["email"])
    give_app(officer)
    EmailAddress.objects.create(user=officer, email=officer.email, verified=True, primary=True)
    EmailAddress.objects.create(user=officer, email="lan@example.com", verified=True)
    client.force_login(officer)
    return officer


@pytest.mark.parametrize(
    ("action", "address"),
    [
        ("action_remove", "lan@haiphong.gov.vn"),
        ("action_remove", "lan@example.com"),
        ("action_primary", "lan@example.com"),
        ("action_add", "rieng@example.com"),
        ("action_add", "khac@haiphong.gov.vn"),
        ("action_send", "lan@example.com"),
    ],
)
def test_staff_do_not_choose_their_addresses(client, officer, action, address):
    answer = client.post(reverse("account_email"), {action: "", "email": address}, follow=True)
    assert "do người quản trị của cơ quan cấp" in answer.content.decode()
    officer.refresh_from_db()
    assert officer.email == "lan@haiphong.gov.vn" and not Message.objects.exists()
    kept = EmailAddress.objects.filter(user=officer).values_list("email", "primary")
    assert set(kept) == {("lan@haiphong.gov.vn", True), ("lan@example.com", False)}


def test_their_page_says_so_and_offers_nothing(client, officer):
    page = client.get(reverse("account_email")).content.decode()
    assert "lan@haiphong.gov.vn" in page and "Hộp thư công vụ đi theo chức vụ" in page
    assert 'name="action_' not in page


def test_nor_do_those_who_have_left_their_post(client, officer):
    Assignment.objects.filter(person__user=officer).update(valid_to=timezone.localdate())
    client.post(reverse("account_email"), {"action_remove": "", "email": "lan@haiphong.gov.vn"})
    assert EmailAddress.objects.filter(email="lan@haiphong.gov.vn").exists()


class TestACitizenRemovesAnAddress:
    @pytest.fixture
    def citizen(self, client):
        make.citizen(email="")  # an empty address stands in the table already
        citizen = make.citizen(email="binh@example.com")
        self.have(citizen, "binh@example.com", primary=True)
        client.force_login(citizen)
        return citizen

    def have(self, citizen, address, **more):
        EmailAddress.objects.create(user=citizen, email=address, **{"verified": True} | more)

    def removes(self, client, address):
        answer = client.post(reverse("account_email"), {"action_remove": "", "email": address}, follow=True)
        return answer.content.decode()

    def has(self, citizen):
        citizen.refresh_from_db()
        rows = EmailAddress.objects.filter(user=citizen).order_by("email")
        return citizen.email, list(rows.values_list("email", "verified", "primary"))

    def test_not_the_only_one(self, client, citizen):
        assert "địa chỉ duy nhất của tài khoản" in self.removes(client, "binh@example.com")
        assert self.has(citizen) == ("binh@example.com", [("binh@example.com", True, True)])

    def test_unless_a_proved_telephone_opens_the_account(self, client, citizen):
        citizen.phone, citizen.phone_verified_at = "0912345678", timezone.now()
        citizen.save(update_fields=["phone", "phone_verified_at"])
        assert "Đã bỏ địa chỉ" in self.removes(client, "binh@example.com")
        assert self.has(citizen) == (None, [])
        assert Message.objects.get().address == "binh@example.com"  # its owner hears of it

    def test_not_the_primary_one_while_there_are_others(self, client, citizen):
        self.have(citizen, "moi@example.com")
        assert "địa chỉ khác làm địa chỉ chính" in self.removes(client, "binh@example.com")
        assert len(self.has(citizen)[1]) == 2
        assert "Đã bỏ địa chỉ" in self.removes(client, "moi@example.com")
        assert self.has(citizen) == ("binh@example.com", [("binh@example.com", True, True)])

    def test_not_the_only_proved_one(self, client, citizen):
        EmailAddress.objects.filter(user=citizen).update(verified=False)
        self.have(citizen, "moi@example.com")
        assert "duy nhất đã xác nhận" in self.removes(client, "moi@example.com")
        assert len(self.has(citizen)[1]) == 2

    def test_not_somebody_elses(self, client, citizen):
        other = make.citizen(email="khac@example.com")
        self.have(other, "khac@example.com", primary=True)
        self.removes(client, "khac@example.com")
        assert self.has(other)[1]


def test_only_what_makes_sense_is_offered(client):
    citizen = make.citizen(email="binh@example.com")
    mine = EmailAddress.objects.create(user=citizen, email=citizen.email, verified=True, primary=True)
    client.force_login(citizen)

    def offered():
        return set(re.findall(r'name="action_(\w+)"', client.get(reverse("account_email")).content.decode()))

    assert offered() == {"remove", "add"}
    for action, said in (("primary", "đã là địa chỉ chính"), ("send", "đã được xác nhận")):
        form = {f"action_{action}": "", "email": mine.email}
        assert said in client.post(reverse("account_email"), form, follow=True).content.decode()
    EmailAddress.objects.create(user=citizen, email="moi@example.com")
    assert offered() == {"primary", "send", "remove", "add"}
    assert not Message.objects.exists()


def test_a_citizen_asks_no_code_for_an_official_mailbox(client):
    citizen = make.citizen(email="binh@example.com")
    EmailAddress.objects.create(user=citizen, email=citizen.email, verified=True, primary=True)
    EmailAddress.objects.create(user=citizen, email="cu@haiphong.gov.vn")
    client.force_login(citizen)
    for action, address in (("action_add", "khac@haiphong.gov.vn"), ("action_send", "cu@haiphong.gov.vn")):
        answer = client.post(reverse("account_email"), {action: "", "email": address}, follow=True)
        assert "là hộp thư công vụ" in answer.content.decode()
    assert not Message.objects.exists()


def test_nor_does_an_administrator_move_them(client):
    officer = make.commune().leader
    client.force_login(make.user(is_staff=True, is_superuser=True))
    address = reverse("admin:org_user_change", args=[officer.pk])
    form = {"full_name": officer.full_name, "is_active": "on"}
    assert "hộp thư công vụ" in client.post(address, form | {"email": "lan@example.com"}).content.decode()
    assert client.post(address, form | {"email": "lan@haiphong.gov.vn"}).status_code == 302
    officer.refresh_from_db()
    assert officer.email == "lan@haiphong.gov.vn"
