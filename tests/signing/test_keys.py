"""PINs are counted, keys stay in their boxes, and a certificate that must not sign is refused before anything happens."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction

from core.errors import RuleError
from core.models import AuditEvent
from org.models import User
from signing import demo_pki, envelope, keys, services
from signing.choices import KeyKind
from signing.errors import CertificateProblem, KeyLocked, StandingUnknown, WrongPin
from signing.models import SigningKey, TrustAnchor
from tests.signing.conftest import PIN, days

pytestmark = pytest.mark.django_db


def key_of(office: Any, **fields: Any) -> SigningKey:
    return demo_pki.issue_demo_key(
        owner_user=office.leader, kind=KeyKind.PERSONAL, pin=PIN, image=None, **fields
    )


def test_a_wrong_pin_is_counted_even_when_the_caller_rolls_back(office):
    with pytest.raises(WrongPin, match="Còn 4 lần"), transaction.atomic():
        services.unlock(office.key, "000000", actor=office.leader)
    assert services.wrong_pins(office.key, office.leader) == 1


@pytest.mark.django_db(transaction=True)
def test_five_wrong_pins_lock_the_key_and_an_administrator_releases_it(office):
    for _try in range(4):
        with pytest.raises(WrongPin):
            services.unlock(office.key, "000000", actor=office.leader)
    with pytest.raises(KeyLocked):
        services.unlock(office.key, "000000", actor=office.leader)
    with pytest.raises(KeyLocked):  # the right one comes too late
        services.unlock(office.key, PIN, actor=office.leader)
    assert services.is_locked(office.key, office.leader)
    keys.release(office.key, office.leader, actor=office.clerk)
    assert services.unlock(office.key, PIN, actor=office.leader)
    assert AuditEvent.objects.filter(event="signing.key_released").exists()


def test_the_right_pin_forgets_earlier_wrong_ones(office):
    with pytest.raises(WrongPin):
        services.unlock(office.key, "000000", actor=office.leader)
    services.unlock(office.key, PIN, actor=office.leader)
    assert services.wrong_pins(office.key, office.leader) == 0


def test_nobody_else_opens_or_uses_a_personal_key(office):
    with pytest.raises(CertificateProblem):
        services.unlock(office.key, PIN, actor=office.clerk)
    with pytest.raises(CertificateProblem, match="không được giao"):
        services.precheck(office.key, actor=office.clerk)


def test_each_custodian_of_a_seal_has_a_pin_of_his_own(office):
    deputy = User.objects.create(email="pho@example.org", full_name="Lê Thị Phó")
    services.entrust(office.seal, deputy, "135791", actor=office.clerk, pin=PIN)
    assert services.unlock(office.seal, "135791", actor=deputy)
    assert services.unlock(office.seal, PIN, actor=office.clerk)
    with pytest.raises(WrongPin):
        services.unlock(office.seal, PIN, actor=deputy)
    assert list(services.held_by(deputy)) == [office.seal]


def test_a_changed_pin_replaces_the_old_one(office):
    services.change_pin(office.key, PIN, "975310", actor=office.leader)
    assert services.unlock(office.key, "975310", actor=office.leader)
    with pytest.raises(WrongPin):
        services.unlock(office.key, PIN, actor=office.leader)


def test_a_short_pin_is_refused(office):
    with pytest.raises(RuleError, match="ít nhất"):
        services.change_pin(office.key, PIN, "123", actor=office.leader)


def test_a_pass_opens_only_its_own_key_for_its_own_person_and_not_for_ever(office):
    pass_ = services.unlock(office.key, PIN, actor=office.leader)
    assert keys.data_key(office.key, pass_, user_id=office.leader.pk)
    for key, user in ((office.seal, office.leader), (office.key, office.clerk)):
        with pytest.raises(envelope.DoesNotOpen):
            keys.data_key(key, pass_, user_id=user.pk)
    late = datetime.now(UTC).timestamp() + 25 * 3600
    with pytest.raises(envelope.DoesNotOpen):
        envelope.open_unlock(pass_, uid=str(office.key.uid), user_id=office.leader.pk, now=late)


def test_a_swapped_box_does_not_open(office):
    other = key_of(office)
    pass_ = services.unlock(office.key, PIN, actor=office.leader)
    dek = keys.data_key(office.key, pass_, user_id=office.leader.pk)
    with pytest.raises(envelope.DoesNotOpen):
        envelope.unwrap_private_key(bytes(other.wrapped_key), dek=dek, uid=str(office.key.uid))


def test_the_database_alone_does_not_open_a_key(office, settings):
    settings.SIGNING_MASTER_KEY = "another"
    with pytest.raises(WrongPin):
        services.unlock(office.key, PIN, actor=office.leader)


def test_keys_and_seals_are_found_by_owner(office):
    part = type(office.ubnd).objects.create(
        slug="vp", name="Văn phòng", kind="phong", valid_from=office.ubnd.valid_from, agency=office.ubnd
    )
    assert list(services.keys_of(office.leader)) == [office.key]
    assert services.seal_of(part) == office.seal
    assert services.system_seal(part) == office.system


class TestPrecheck:
    def test_a_good_certificate_passes(self, office):
        services.precheck(office.key, actor=office.leader)
        services.precheck(office.seal, actor=office.clerk)

    def test_expired(self, office):
        now = datetime.now(UTC)
        key = key_of(office, not_before=now - days(400), not_after=now - days(35))
        with pytest.raises(CertificateProblem, match=r"hết hạn ngày \d\d/\d\d/\d{4}"):
            services.precheck(key, actor=office.leader)

    def test_not_yet_valid(self, office):
        now = datetime.now(UTC)
        key = key_of(office, not_before=now + days(3), not_after=now + days(35))
        with pytest.raises(CertificateProblem, match="có hiệu lực từ"):
            services.precheck(key, actor=office.leader)

    def test_revoked_by_its_authority(self, office):
        services.precheck(office.key, actor=office.leader)  # remembered as good until the revocation
        demo_pki.revoke_key(office.key)
        with pytest.raises(CertificateProblem, match="đã bị thu hồi ngày"):
            services.precheck(office.key, actor=office.leader)

    def test_revoked_and_only_the_list_on_disk_is_left(self, office, pki, settings):
        demo_pki.revoke_key(office.key)
        with pytest.raises(CertificateProblem, match="đã bị thu hồi"):
            keys.check_certificate(office.key, online=False)

    def test_suspended_here(self, office):
        SigningKey.objects.filter(pk=office.key.pk).update(suspended_at=datetime.now(UTC))
        office.key.refresh_from_db()
        with pytest.raises(CertificateProblem, match="tạm dừng"):
            services.precheck(office.key, actor=office.leader)

    def test_authority_no_longer_trusted(self, office):
        TrustAnchor.objects.update(active=False)
        with pytest.raises(CertificateProblem, match="không do tổ chức được tin cậy"):
            services.precheck(office.key, actor=office.leader)

    def test_the_demo_root_counts_only_while_debug_is_on(self, office, settings):
        settings.DEBUG = False
        with pytest.raises(CertificateProblem, match="không do tổ chức được tin cậy"):
            services.precheck(office.key, actor=office.leader)

    def test_a_certificate_for_other_uses(self, office):
        private_key = ec.generate_private_key(ec.SECP256R1())
        certificate = demo_pki.issue_certificate(
            private_key.public_key(), name="Máy chủ", usage=("key_encipherment",)
        )
        key = keys.adopt(
            private_key,
            certificate,
            demo_pki.chain_pem(),
            kind=KeyKind.PERSONAL,
            owner_user=office.leader,
            pin=PIN,
        )
        with pytest.raises(CertificateProblem, match="không được phép dùng để ký"):
            services.precheck(key, actor=office.leader)

    def test_nobody_knows_whether_it_was_revoked(self, office, settings, tmp_path, monkeypatch):
        settings.PKI_DIR = tmp_path  # no list on disk
        with pytest.raises(StandingUnknown, match="Thử lại sau"):
            keys.check_certificate(office.key, online=False)


def test_a_foreign_certificate_is_not_adopted(office):
    mine, other = (ec.generate_private_key(ec.SECP256R1()) for _key in range(2))
    certificate = demo_pki.issue_certificate(other.public_key(), name="Ai đó")
    with pytest.raises(RuleError):
        keys.adopt(mine, certificate, "", kind=KeyKind.PERSONAL, owner_user=office.leader, pin=PIN)
