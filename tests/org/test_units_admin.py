"""The administrators' door to units: history is added through actions, never rewritten."""

from datetime import date

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from core.models import AuditEvent
from org.choices import OrganizationKind
from org.models import (
    AdminUnit,
    AdminUnitSuccession,
    LegalBasis,
    Organization,
    OrgIdentifier,
    OrgSuccession,
    OrgVersion,
    User,
)
from tests import factories as make

pytestmark = pytest.mark.django_db
LATER = date(2026, 3, 1)


@pytest.fixture
def administrator(client: Client) -> User:
    user = make.user("Quản Trị", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def department() -> Organization:
    return make.organization("Sở Thử", OrganizationKind.DEPARTMENT, symbol="ST")


def add(client: Client, model: str, **fields: object) -> str:
    """Post the form; the words of the page that follows."""
    address = reverse(f"admin:org_{model}_add")
    return client.post(address, fields, follow=True).content.decode()


@pytest.mark.parametrize("model", [AdminUnit, AdminUnitSuccession, OrgSuccession])
def test_what_restructurings_write_is_only_read(rf: object, administrator: User, model: type) -> None:
    page, request = admin.site._registry[model], rf.get("/")  # type: ignore[attr-defined]
    request.user = administrator
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)


def test_a_change_of_name_is_a_new_version(
    client: Client, administrator: User, department: Organization
) -> None:
    basis = LegalBasis.objects.create(number="QĐ thử 1")
    add(
        client,
        "orgversion",
        organization=department.pk,
        name="Sở Mới",
        short_name="",
        symbol="SM",
        agency="",
        valid_from="01/03/2026",
        legal_basis=basis.pk,
        note="",
    )
    assert [version.name for version in department.versions.all()] == ["Sở Thử", "Sở Mới"]
    department.refresh_from_db()
    assert (department.name, department.symbol) == ("Sở Mới", "SM")
    event = AuditEvent.objects.get(event="unit.revise")
    assert event.actor == administrator and event.detail["after"]["basis"] == "QĐ thử 1"


def test_a_refusal_is_told_and_keeps_nothing(
    client: Client, administrator: User, department: Organization
) -> None:
    page = add(
        client,
        "orgversion",
        organization=department.pk,
        name="Sở Mới",
        valid_from="01/03/2020",
        parent="",
        note="",
    )
    assert "không hoạt động vào ngày 01/03/2020" in page
    assert department.versions.count() == 1
    assert not AuditEvent.objects.filter(event="unit.revise").exists()


def test_a_version_and_an_identifier_are_never_changed(
    client: Client, administrator: User, department: Organization
) -> None:
    version = OrgVersion.objects.get(organization=department)
    address = reverse("admin:org_orgversion_change", args=[version.pk])
    assert client.get(address).status_code == 200  # looked at
    assert client.post(address, {"name": "Tên giả"}).status_code == 403
    add(
        client,
        "orgidentifier",
        organization=department.pk,
        scheme="qd20_2020",
        value="H24.9",
        valid_from="01/07/2025",
    )
    made = OrgIdentifier.objects.get()
    assert made.value == "H24.9"
    assert AuditEvent.objects.get(event="unit.give_identifier").after == "H24.9"
    address = reverse("admin:org_orgidentifier_change", args=[made.pk])
    assert client.post(address, {"value": "H24.1"}).status_code == 403


def test_a_unit_is_set_up_and_its_own_columns_stay_a_mirror(
    client: Client, administrator: User, department: Organization
) -> None:
    add(
        client,
        "organization",
        slug="phong-thu",
        kind="phong",
        name="Phòng Thử",
        parent=department.pk,
        agency=department.pk,
        valid_from="01/03/2026",
        phone="0225 1",
    )
    made = Organization.objects.get(slug="phong-thu")
    assert made.versions.get().parent == department and made.phone == "0225 1"
    assert AuditEvent.objects.get(event="unit.found").actor == administrator
    address = reverse("admin:org_organization_change", args=[made.pk])
    client.post(address, {"name": "Tên giả", "phone": "0225 2", "certainty": "", "note": "", "source": ""})
    made.refresh_from_db()
    assert (made.name, made.phone) == ("Phòng Thử", "0225 2")
