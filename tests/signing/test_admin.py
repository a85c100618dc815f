"""Administrators look at everything, change nothing in place, and press buttons that call actions."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from core.models import AuditEvent
from org.models import User
from signing import demo_pki, services
from signing.models import SigningKey, TrustAnchor
from tests.signing import craft

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(
        User.objects.create(email="qt@example.org", full_name="Quản trị", is_staff=True, is_superuser=True)
    )
    return client


def press(boss: Client, action: str, one: SigningKey | TrustAnchor) -> None:
    url = reverse(f"admin:signing_{one._meta.model_name}_changelist")
    boss.post(url, {"action": action, "_selected_action": [one.pk]}, follow=True)


@pytest.mark.parametrize(
    "model", [m for m in admin.site._registry if m._meta.app_label == "signing"], ids=str
)
def test_every_list_and_record_opens_and_shows_no_secret(boss, make_signed, model):
    request = make_signed()
    services.store_verification(services.verify_stored(request.result))
    name = model._meta.model_name
    assert boss.get(reverse(f"admin:signing_{name}_changelist")).status_code == 200
    for one in model.objects.all()[:1]:
        page = boss.get(reverse(f"admin:signing_{name}_change", args=[one.pk]))
        assert page.status_code == 200
        for secret in ("wrapped_key", "system_dek", "sealed_unlock", "wrapped_dek", "signature_value"):
            assert secret not in page.content.decode()


def test_suspend_and_resume(boss, office):
    press(boss, "suspend", office.key)
    office.key.refresh_from_db()
    assert office.key.suspended_at
    press(boss, "resume", office.key)
    office.key.refresh_from_db()
    assert not office.key.suspended_at
    assert [
        event.event
        for event in AuditEvent.objects.filter(event__in=["signing.key_suspended", "signing.key_resumed"])
    ]


def test_a_root_is_added_checked_and_dropped(boss):
    _signer, root = craft.stranger("Tổ chức mới")
    from cryptography.hazmat.primitives.serialization import Encoding

    url = reverse("admin:signing_trustanchor_add")
    pem = root.public_bytes(Encoding.PEM).decode()
    boss.post(url, {"name": "Mới", "purpose": "any", "pem": pem})
    anchor = TrustAnchor.objects.get(name="Mới")
    assert not anchor.is_demo
    assert (
        "đã có" in boss.post(url, {"name": "Lại", "purpose": "any", "pem": pem}, follow=True).content.decode()
    )
    assert (
        "PEM" in boss.post(url, {"name": "X", "purpose": "any", "pem": "rac"}, follow=True).content.decode()
    )
    leaf = craft.demo_signer().certificate.public_bytes(Encoding.PEM).decode()
    boss.post(url, {"name": "Lá", "purpose": "any", "pem": leaf})
    assert TrustAnchor.objects.filter(name__in=["Lại", "X", "Lá"]).count() == 0
    press(boss, "drop", anchor)
    anchor.refresh_from_db()
    assert not anchor.active


def test_without_the_right_there_are_no_buttons(client, office):
    from django.contrib.auth.models import Permission

    watcher = User.objects.create(email="xem@example.org", is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_signingkey"))
    client.force_login(watcher)
    press(client, "suspend", office.key)
    office.key.refresh_from_db()
    assert not office.key.suspended_at


def test_demo_mark_makes_a_demo_anchor(boss):
    boss.post(
        reverse("admin:signing_trustanchor_add"),
        {"name": "Thử", "purpose": "any", "pem": demo_pki.authority("root").pem},
    )
    assert TrustAnchor.objects.get(name="Thử").is_demo
