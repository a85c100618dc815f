"""The worker's part of a signature: prepare, sign, stamp the time, embed, check, save. One step per transaction.

A worker may die anywhere. Each step starts from what the row says and saves only while the row is still its own
(state and `attempts`, which every lease raises), so a second worker repeats at most one step and two never both win.
The signature value is made once; without a timestamp it waits in state `embedded` and is published nowhere.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any

import structlog
from asn1crypto import cms as asn1_cms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files
from core.models import StoredFile
from signing import actions, appearance, cms, gateways, keys, pades, trust, validate
from signing.backends import BACKENDS
from signing.choices import REASONS, VerdictKind
from signing.choices import RequestState as S
from signing.envelope import DoesNotOpen
from signing.errors import AuthorityAway, CertificateProblem, NotSignable, StandingUnknown
from signing.models import Signature, SignatureRequest
from signing.signals import signature_made
from signing.verdict import Verdict

log = structlog.get_logger()

LEASE = timedelta(minutes=3)  # longer than the slowest timestamp authority we wait for
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=10)
AUTHORITY_MAY_BE_AWAY = timedelta(days=3)
MAX_CRASHES = 8


class NoLongerOurs(Exception):
    """Another worker took the row over, or somebody cancelled it."""


def run(request_id: int) -> None:
    """Take the request as far as it goes now. Safe to call twice, at once, and after a kill."""
    if not SignatureRequest.objects.lease(request_id, lease=LEASE):
        return
    request = SignatureRequest.objects.select_related("key", "source", "prepared", "requested_by").get(
        pk=request_id
    )
    try:
        _walk(request)
    except NoLongerOurs:
        log.info("signature_not_ours", request=request_id)
    except DoesNotOpen:
        actions.give_up(
            request, _("Không mở được khóa ký (mã PIN đã quá hạn sử dụng). Nhập lại mã PIN để ký.")
        )
    except (AuthorityAway, StandingUnknown) as away:
        _later(request, str(away))
    except (NotSignable, CertificateProblem) as error:
        actions.give_up(request, str(error))
    except Exception:
        _after_crash(request)
        raise


def _walk(request: SignatureRequest) -> None:
    if request.state == S.QUEUED:
        prepare(request)
    if request.state == S.PREPARED:
        sign(request)
    if request.state == S.EMBEDDED:
        finish(request)


# --- the steps ---


def prepare(request: SignatureRequest) -> None:
    """queued → prepared: the PDF with an empty signature, and the attributes whose hash is to be signed."""
    keys.check_certificate(request.key)
    source, box = files.read(request.source), _box(request)
    label = request.signer_label
    made = pades.prepare(
        source,
        field_name=request.field_name,
        box=box,
        stamp=appearance.stamp_for(request, box),
        name=label.get("name") or request.key.subject_name,
        reason=str(REASONS.get(request.purpose, request.purpose)),
        location=label.get("unit", ""),
        at=timezone.localtime(),
        reserved=_room(request),
    )
    attributes = cms.attributes(made.digest, bytes(request.key.certificate))
    preparation = {
        "digest": made.digest.hex(),
        "start": made.start,
        "end": made.end,
        "attributes": base64.b64encode(attributes.encoded).decode(),
        "certificate": trust.fingerprint(bytes(request.key.certificate)),
    }
    stored = files.store_bytes(made.data, "application/pdf", pages=request.source.pages)
    _advance(request, S.PREPARED, prepared=stored, preparation=preparation)


def sign(request: SignatureRequest) -> None:
    """prepared → embedded: the raw value, made once; the pass goes in the same stroke."""
    certificate = bytes(request.key.certificate)
    if trust.fingerprint(certificate) != request.preparation["certificate"]:
        raise CertificateProblem(_("Chứng thư số đã thay đổi sau khi chuẩn bị ký. Ký lại từ đầu."))
    digest = _attributes(request).digest
    value = BACKENDS[request.key.backend].sign(request, digest)
    if not cms.value_matches(certificate, digest, value):
        raise CertificateProblem(_("Chữ ký nhận được không khớp với chứng thư số."))
    _advance(request, S.EMBEDDED, signature_value=value, sealed_unlock=None)


def finish(request: SignatureRequest) -> None:
    """embedded → validated: timestamp, embed, judge our own output, then save everything at once."""
    value = bytes(request.signature_value or b"")
    token = gateways.timestamp(hashlib.sha256(value).digest())
    signed = _embedded(request, value, token)
    verdict = _judged(request, signed)
    stored = files.store_bytes(signed, "application/pdf", pages=request.source.pages)
    _save(request, stored, token, verdict)


def _embedded(request: SignatureRequest, value: bytes, token: bytes) -> bytes:
    facts = request.preparation
    if request.prepared is None:
        raise NotSignable(_("Mất bản chuẩn bị ký. Ký lại từ đầu."))
    prepared = pades.Prepared(
        files.read(request.prepared), bytes.fromhex(facts["digest"]), facts["start"], facts["end"]
    )
    if pades.digest_of(prepared.data, prepared.start, prepared.end) != prepared.digest:
        raise NotSignable(_("Bản chuẩn bị ký không còn nguyên vẹn. Ký lại từ đầu."))
    message = cms.message(
        _attributes(request),
        value,
        bytes(request.key.certificate),
        chain=keys.chain_of(request.key),
        timestamp_token=token,
    )
    return pades.embed(prepared, message)


def _judged(request: SignatureRequest, signed: bytes) -> Verdict:
    """Our own check, before anyone sees the file."""
    verdict = validate.judge(signed, trust.stored_anchors())
    ours = next((one for one in verdict.signatures if one.field == request.field_name), None)
    if verdict.verdict == VerdictKind.INVALID or ours is None or ours.verdict == VerdictKind.INVALID:
        raise NotSignable(_("Tệp ký ra không đạt kiểm tra: %(why)s") % {"why": " ".join(verdict.reasons[:2])})
    if ours.verdict != VerdictKind.VALID or ours.level == "B-B":
        raise AuthorityAway(" ".join(ours.reasons[:2]) or _("Chưa có dấu thời gian hợp lệ."))
    return verdict


@transaction.atomic
def _save(request: SignatureRequest, stored: StoredFile, token: bytes, verdict: Verdict) -> None:
    value = bytes(request.signature_value or b"")
    prepared_sha256 = request.prepared.sha256 if request.prepared else ""
    _advance(request, S.VALIDATED, result=stored, prepared=None, done_at=timezone.now(), last_error="")
    label = request.signer_label
    Signature.objects.create(
        request=request,
        key=request.key,
        subject_type=request.subject_type,
        subject_id=request.subject_id,
        field_name=request.field_name,
        source_sha256=request.source.sha256,
        prepared_sha256=prepared_sha256,
        signed_sha256=stored.sha256,
        value_sha256=hashlib.sha256(value).hexdigest(),
        certificate=request.key.certificate,
        timestamp_token=token,
        report=verdict.to_json(),
        signed_at=_stamped_at(token),
        signer_name=label.get("name") or request.key.subject_name,
        signer_post=label.get("post", ""),
        signer_unit=label.get("unit", ""),
    )
    audit.record(
        "signing.signed",
        actor=request.requested_by,
        subject=request,
        before=S.EMBEDDED,
        after=S.VALIDATED,
        note=request.purpose,
        detail={"sha256": stored.sha256, "serial": request.key.serial},
    )
    signature_made.send(sender=SignatureRequest, request_id=request.pk)


# --- the row ---


def _advance(request: SignatureRequest, state: str, **changes: Any) -> None:
    """Compare and set. NoLongerOurs: the row moved on without us; what we made is dropped."""
    mine = SignatureRequest.objects.filter(
        pk=request.pk,
        state=request.state,
        attempts=request.attempts,
        done_at__isnull=True,
        given_up_at__isnull=True,
    )
    if not mine.update(state=state, **changes):
        raise NoLongerOurs
    request.state = state
    for name, value in changes.items():
        setattr(request, name, value)


def _later(request: SignatureRequest, why: str) -> None:
    """An authority is away: say so, wait longer each time, stop after three days."""
    if timezone.now() - request.created_at > AUTHORITY_MAY_BE_AWAY:
        actions.give_up(request, why)
        return
    pause = min(FIRST_PAUSE * 2 ** min(request.attempts - 1, 10), LONGEST_PAUSE)
    _reschedule(request, pause, _("%(why)s Hệ thống sẽ tự thử lại.") % {"why": why})
    log.warning("signature_waits", request=request.pk, attempts=request.attempts)


def _after_crash(request: SignatureRequest) -> None:
    if request.attempts >= MAX_CRASHES:
        actions.give_up(request, _("Lỗi hệ thống khi ký. Đã báo quản trị; thử lại sau."))
        return
    _reschedule(request, FIRST_PAUSE * request.attempts, _("Lỗi hệ thống khi ký. Hệ thống sẽ tự thử lại."))


def _reschedule(request: SignatureRequest, pause: timedelta, why: str) -> None:
    SignatureRequest.objects.filter(pk=request.pk, attempts=request.attempts, done_at__isnull=True).update(
        next_try_at=timezone.now() + pause, last_error=why
    )


def _attributes(request: SignatureRequest) -> cms.Attributes:
    return cms.Attributes(base64.b64decode(request.preparation["attributes"]))


def _box(request: SignatureRequest) -> pades.Box | None:
    if not request.box:
        return None
    page, x1, y1, x2, y2 = request.box
    return int(page), x1, y1, x2, y2


def _room(request: SignatureRequest) -> int:
    """Hex characters to keep free: the usual 16,384 and more when the chain is long."""
    certificates = len(bytes(request.key.certificate)) + sum(len(one) for one in keys.chain_of(request.key))
    return max(pades.RESERVED, 2 * (certificates + 6 * 1024))


def _stamped_at(token: bytes) -> datetime:
    info = asn1_cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed
    stamped: datetime = info["gen_time"].native
    return stamped
