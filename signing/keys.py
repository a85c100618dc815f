"""Who may use which key, with which PIN, and whether its certificate may sign today."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import RuleError
from core.models import StoredFile
from signing import chain, envelope, trust
from signing.choices import KeyKind
from signing.envelope import DoesNotOpen, PrivateKey
from signing.errors import CertificateProblem, KeyLocked, StandingUnknown, WrongPin
from signing.models import KeyCustody, PinAttempt, SigningKey

if TYPE_CHECKING:
    from org.models import Organization, User

MAX_WRONG_PINS = 5
SHORTEST_PIN = 6
UNLOCK_LASTS = timedelta(hours=24)  # a broker may be away for a while


# --- whose keys ---


def keys_of(user: "User") -> QuerySet[SigningKey]:
    """The personal keys this user may sign with today, the newest first."""
    return (
        SigningKey.objects.usable()
        .filter(kind=KeyKind.PERSONAL, owner_user=user)
        .order_by("-valid_from", "-id")
    )


def newest_of(user: "User") -> SigningKey | None:
    """The latest personal key whatever its standing: `precheck` says why it may not sign."""
    return SigningKey.objects.filter(kind=KeyKind.PERSONAL, owner_user=user).order_by("-id").first()


def seal_of(organization: "Organization") -> SigningKey | None:
    """The seal of an agency; for a part of one (a commune's office), the seal of its agency."""
    return _of_organization(organization, KeyKind.SEAL)


def system_seal(organization: "Organization") -> SigningKey | None:
    """The key with which the system itself seals papers of this unit (receipts), or of its agency."""
    return _of_organization(organization, KeyKind.SYSTEM)


def held_by(user: "User") -> QuerySet[SigningKey]:
    """Every key that this user may use today, his own and the seals entrusted to him."""
    custodies = KeyCustody.objects.valid_on().filter(user=user)
    return SigningKey.objects.usable().filter(custodies__in=custodies).order_by("kind", "-id").distinct()


def _of_organization(organization: "Organization", kind: KeyKind) -> SigningKey | None:
    keys = SigningKey.objects.usable().filter(kind=kind).order_by("-valid_from", "-id")
    own = keys.filter(owner_organization=organization).first()
    return own or keys.filter(owner_organization=organization.agency_id).first()


def custody(key: SigningKey, user: "User | None") -> KeyCustody | None:
    """How this user holds the key today; None when he does not."""
    if user is None:
        return None
    return KeyCustody.objects.valid_on().filter(key=key, user=user).order_by("-valid_from").first()


# --- keeping keys ---


@transaction.atomic
def adopt(
    private_key: PrivateKey,
    certificate: x509.Certificate,
    chain_pem: str,
    *,
    kind: KeyKind,
    owner_user: "User | None" = None,
    owner_organization: "Organization | None" = None,
    holders: Iterable["User"] = (),
    pin: str = "",
    image: StoredFile | None = None,
    actor: "User | None" = None,
) -> SigningKey:
    """Keep a software key. A personal key belongs to its owner; a seal to `holders`, each starting with `pin`."""
    if certificate.public_key() != private_key.public_key():
        raise RuleError(_("Chứng thư không thuộc về khóa này."))
    dek = envelope.new_dek()
    key = SigningKey(
        kind=kind,
        owner_user=owner_user,
        owner_organization=owner_organization,
        subject_name=chain.name_of(certificate)[:300],
        certificate=certificate.public_bytes(serialization.Encoding.DER),
        chain_pem=chain_pem,
        serial=f"{certificate.serial_number:x}",
        algorithm=f"RSA-{private_key.key_size}"
        if isinstance(private_key, rsa.RSAPrivateKey)
        else "ECDSA-P256",
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
        image=image,
    )
    key.wrapped_key = envelope.wrap_private_key(private_key, dek=dek, uid=str(key.uid))
    if kind == KeyKind.SYSTEM:
        key.system_dek = envelope.lock_box(dek, key=envelope.master_key("system"), label=f"dek:{key.uid}")
    key.save(force_insert=True)
    if kind != KeyKind.SYSTEM:
        for holder in dict.fromkeys([*([owner_user] if owner_user else []), *holders]):
            _hand_over(key, holder, dek, pin, granted_by=actor)
    audit.record("signing.key_added", actor=actor, subject=key, after=kind)
    return key


@transaction.atomic
def entrust(key: SigningKey, to: "User", new_pin: str, *, actor: "User", pin: str) -> KeyCustody:
    """Let another person use a seal, under a PIN of his own. The present holder proves himself with his."""
    held = open_custody(key, pin, actor=actor)
    given = _hand_over(key, to, held, new_pin, granted_by=actor)
    audit.record("signing.key_entrusted", actor=actor, subject=key, detail={"to": to.pk})
    return given


@transaction.atomic
def change_pin(key: SigningKey, old: str, new: str, *, actor: "User") -> None:
    """Wrap the same data key under a new PIN."""
    dek = open_custody(key, old, actor=actor)
    held = custody(key, actor)
    if held is None:
        raise CertificateProblem(_("Bạn không được giao dùng khóa này."))
    held.salt = secrets.token_bytes(envelope.SALT_BYTES)
    held.wrapped_dek = envelope.lock_box(
        dek, key=envelope.pin_key(_checked(new), held.salt), label=_label(key, actor.pk)
    )
    held.save(update_fields=["salt", "wrapped_dek"])
    audit.record("signing.pin_changed", actor=actor, subject=key)


def _hand_over(key: SigningKey, to: "User", dek: bytes, pin: str, *, granted_by: "User | None") -> KeyCustody:
    salt = secrets.token_bytes(envelope.SALT_BYTES)
    box = envelope.lock_box(dek, key=envelope.pin_key(_checked(pin), salt), label=_label(key, to.pk))
    return KeyCustody.objects.create(key=key, user=to, wrapped_dek=box, salt=salt, granted_by=granted_by)


def _checked(pin: str) -> str:
    if len(pin) < SHORTEST_PIN:
        raise RuleError(_("Mã PIN cần ít nhất %(least)s ký tự.") % {"least": SHORTEST_PIN})
    return pin


def _label(key: SigningKey, user_id: int) -> str:
    return f"custody:{key.uid}:{user_id}"


# --- opening keys ---


def unlock(key: SigningKey, pin: str, *, actor: "User") -> bytes:
    """A sealed one-time pass for `request_signature`: the worker signs with it, the PIN stays in this process.

    WrongPin: counted, whatever becomes of the caller's transaction. KeyLocked: after five wrong ones in a row.
    """
    dek = open_custody(key, pin, actor=actor)
    expires_at = (timezone.now() + UNLOCK_LASTS).timestamp()
    return envelope.seal_unlock(dek, uid=str(key.uid), user_id=actor.pk, expires_at=expires_at)


def open_custody(key: SigningKey, pin: str, *, actor: "User") -> bytes:
    """The data key. The try is written before the PIN is tested, so parallel guesses cannot outrun the count."""
    held = custody(key, actor)
    if held is None:
        raise CertificateProblem(_("Bạn không được giao dùng khóa này."))
    with _own_connection() as cursor:
        cursor.execute(
            "INSERT INTO signing_pinattempt (key_uid, user_id, at) VALUES (%s, %s, now())",
            [key.uid, actor.pk],
        )
        cursor.execute(
            "SELECT count(*) FROM signing_pinattempt WHERE key_uid = %s AND user_id = %s AND cleared_at IS NULL",
            [key.uid, actor.pk],
        )
        tries = int(cursor.fetchone()[0])
        if tries > MAX_WRONG_PINS:
            raise KeyLocked(_locked_text())
        try:
            dek = envelope.open_box(
                bytes(held.wrapped_dek),
                key=envelope.pin_key(pin, bytes(held.salt)),
                label=_label(key, actor.pk),
            )
        except DoesNotOpen as error:
            left = MAX_WRONG_PINS - tries
            if not left:
                raise KeyLocked(_locked_text()) from error
            raise WrongPin(_("Mã PIN không đúng. Còn %(left)s lần thử.") % {"left": left}) from error
        _clear(cursor, key, actor.pk)
    return dek


def wrong_pins(key: SigningKey, user: "User") -> int:
    """Wrong tries in a row; MAX_WRONG_PINS or more means locked."""
    return PinAttempt.objects.filter(key_uid=key.uid, user_id=user.pk, cleared_at__isnull=True).count()


def is_locked(key: SigningKey, user: "User") -> bool:
    return wrong_pins(key, user) >= MAX_WRONG_PINS


@transaction.atomic
def release(key: SigningKey, user: "User", *, actor: "User") -> None:
    """Let a locked holder try again (administrators)."""
    PinAttempt.objects.filter(key_uid=key.uid, user_id=user.pk, cleared_at__isnull=True).update(
        cleared_at=timezone.now()
    )
    audit.record("signing.key_released", actor=actor, subject=key, detail={"holder": user.pk})


def _locked_text() -> str:
    return _("Khóa ký đã bị khóa sau %(count)s lần nhập sai mã PIN. Liên hệ quản trị để mở lại.") % {
        "count": MAX_WRONG_PINS
    }


def _clear(cursor: Any, key: SigningKey, user_id: int) -> None:
    cursor.execute(
        "UPDATE signing_pinattempt SET cleared_at = now() WHERE key_uid = %s AND user_id = %s AND cleared_at IS NULL",
        [key.uid, user_id],
    )


@contextmanager
def _own_connection() -> Iterator[Any]:
    """A second connection, outside the caller's transaction: what is written here stays written."""
    aside = connection.copy()
    try:
        with aside.cursor() as cursor:
            yield cursor
    finally:
        aside.close()


# --- may it sign today? ---


def precheck(key: SigningKey, *, actor: "User | None") -> None:
    """Holder, period, chain, use and revocation. CertificateProblem says what is wrong; nothing was prepared yet.

    Without this, an expired or revoked certificate signs without complaint (domain/signing.md §1.4).
    """
    _check_holder(key, actor)
    check_certificate(key)


def _check_holder(key: SigningKey, actor: "User | None") -> None:
    if key.kind == KeyKind.SYSTEM:
        return
    if actor is None or custody(key, actor) is None:
        raise CertificateProblem(
            _("Bạn không được giao dùng khóa ký của «%(name)s».") % {"name": key.subject_name}
        )
    if key.kind == KeyKind.PERSONAL and key.owner_user_id != actor.pk:
        raise CertificateProblem(_("Khóa ký cá nhân chỉ do chính chủ sử dụng."))


def check_certificate(key: SigningKey, *, online: bool = True) -> None:
    """All that does not depend on the person."""
    name = {"name": key.subject_name}
    now = timezone.now()
    if key.revoked_at:
        raise CertificateProblem(
            _("Chứng thư số của %(name)s đã bị thu hồi ngày %(day)s.") % {**name, "day": _day(key.revoked_at)}
        )
    if key.suspended_at:
        raise CertificateProblem(_("Khóa ký của %(name)s đang tạm dừng.") % name)
    if now >= key.valid_to:
        raise CertificateProblem(
            _("Chứng thư số của %(name)s hết hạn ngày %(day)s.") % {**name, "day": _day(key.valid_to)}
        )
    if now < key.valid_from:
        raise CertificateProblem(
            _("Chứng thư số của %(name)s có hiệu lực từ ngày %(day)s.")
            % {**name, "day": _day(key.valid_from)}
        )
    _check_chain(key, online=online)


def _check_chain(key: SigningKey, *, online: bool) -> None:
    name = {"name": key.subject_name}
    path, problem = chain.path_to_anchor(
        asn1_x509.Certificate.load(bytes(key.certificate)),
        others=[asn1_x509.Certificate.load(one) for one in trust.certificates_in(key.chain_pem)],
        roots=trust.stored_anchors().signing,
        moment=chain.now(),
    )
    if path is None and problem == chain.WRONG_USE:
        raise CertificateProblem(_("Chứng thư số của %(name)s không được phép dùng để ký văn bản.") % name)
    if path is None:
        raise CertificateProblem(_("Chứng thư số của %(name)s không do tổ chức được tin cậy cấp.") % name)
    for certificate, answer in chain.standings(path, moment=chain.now(), online=online):
        about = {"name": chain.name_of(certificate)}
        if answer is None:
            raise StandingUnknown(
                _("Chưa kiểm tra được tình trạng thu hồi chứng thư số của %(name)s. Thử lại sau ít phút.")
                % about
            )
        if answer.revoked_at:
            raise CertificateProblem(
                _("Chứng thư số của %(name)s đã bị thu hồi ngày %(day)s.")
                % {**about, "day": _day(answer.revoked_at)}
            )


def _day(moment: Any) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y}"


# --- for the worker ---


def data_key(key: SigningKey, pass_: bytes | memoryview | None, *, user_id: int | None) -> bytes:
    """The data key for one signature. DoesNotOpen: the pass is missing, old, or another's."""
    if key.kind == KeyKind.SYSTEM:
        return envelope.open_box(
            bytes(key.system_dek or b""), key=envelope.master_key("system"), label=f"dek:{key.uid}"
        )
    if not pass_:
        raise DoesNotOpen
    return envelope.open_unlock(
        bytes(pass_), uid=str(key.uid), user_id=user_id, now=timezone.now().timestamp()
    )


def chain_of(key: SigningKey) -> list[bytes]:
    """Intermediate certificates (DER) that go into each signature."""
    return trust.certificates_in(key.chain_pem)


# --- administrators ---


@transaction.atomic
def suspend(key: SigningKey, *, actor: "User") -> None:
    """Nobody signs with it until `resume`."""
    _mark(key, "signing.key_suspended", actor, suspended_at=timezone.now())


@transaction.atomic
def resume(key: SigningKey, *, actor: "User") -> None:
    _mark(key, "signing.key_resumed", actor, suspended_at=None)


@transaction.atomic
def retire(key: SigningKey, *, actor: "User") -> None:
    """Note that the authority revoked the certificate; it never signs here again."""
    if not key.revoked_at:
        _mark(key, "signing.key_revoked", actor, revoked_at=timezone.now())


def _mark(key: SigningKey, event: str, actor: "User", **change: Any) -> None:
    for name, value in change.items():
        setattr(key, name, value)
    key.save(update_fields=list(change))
    audit.record(event, actor=actor, subject=key)


@transaction.atomic
def release_all(key: SigningKey, *, actor: "User") -> int:
    """Let every locked holder of this key try again. Returns how many were locked."""
    locked = [
        held.user
        for held in KeyCustody.objects.filter(key=key).select_related("user")
        if is_locked(key, held.user)
    ]
    for user in locked:
        release(key, user, actor=actor)
    return len(locked)
