"""Accounts, hats and the numbers that must not be read."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from org import crypto, services
from org.choices import OrganizationKind, Role
from org.models import CitizenIdentity, User
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_a_number_lies_encrypted_and_is_found_by_its_hash():
    made = make.citizen(number="031190012345")
    with connection.cursor() as cursor:
        cursor.execute("SELECT number_sealed, number_index FROM org_citizenidentity")
        assert "031190012345" not in "".join(cursor.fetchone())
    found = CitizenIdentity.objects.get(number_index=crypto.blind_index("031190012345"))
    assert (found.user, found.number) == (made, "031190012345")
    assert crypto.masked("031190012345") == "031•••••2345"


def test_an_old_key_still_opens_what_it_sealed(monkeypatch):
    from cryptography.fernet import Fernet

    sealed = crypto.seal("031190012345")
    monkeypatch.setattr(settings, "FIELD_KEYS", [Fernet.generate_key().decode(), *settings.FIELD_KEYS])
    assert crypto.unseal(sealed) == "031190012345"


def test_the_hat_of_yesterday_opens_nothing():
    world = make.commune()
    hat = world.counter_officer.hat
    hat.valid_to = timezone.localdate()
    hat.save(update_fields=["valid_to"])
    late = User.objects.get(pk=world.counter_officer.pk)
    assert late.hat is None
    assert not late.serves_as(Role.COUNTER_OFFICER, world.counter.pk)
    hat.valid_to = timezone.localdate() + timedelta(days=1)
    hat.save(update_fields=["valid_to"])
    assert User.objects.get(pk=late.pk).hat == hat


def test_who_serves_where():
    world, other = make.commune(), make.commune("phường Khác")
    assert list(services.people_serving(Role.CASE_OFFICER, world.office.pk)) == [world.case_officer]
    assert services.counter_of(world.ubnd) == world.counter
    assert services.handling_unit_of(world.ubnd, "VP") == world.office
    assert services.handling_unit_of(other.ubnd, "KT") == other.ubnd


def test_the_code_prefix_is_the_identifier_once_it_is_known():
    world = make.commune()
    assert services.case_code_prefix(world.ubnd) == f"31.{world.territory.code}"
    world.ubnd.identifier = "H24.99"
    assert services.case_code_prefix(world.ubnd) == "H24.99"
    department = make.organization("Sở Giáo dục và Đào tạo", OrganizationKind.DEPARTMENT, symbol="SGDĐT")
    assert services.case_code_prefix(department) == "31.SGDDT"
