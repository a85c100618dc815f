"""Ask for a signature, try it again, call it off; publish a paper for everyone to check."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files, jobs
from core.errors import RuleError, WrongStatus
from core.models import StoredFile
from signing import gateways, keys, pades
from signing.choices import OPEN_STATES, KeyKind, PaperStatus, RequestState
from signing.models import PublicPaper, Signature, SignatureRequest, SigningKey
from signing.pades import Box
from signing.signals import signature_failed

if TYPE_CHECKING:
    from org.models import User

# Without 0, O, 1, I and L, which people confuse when they copy from paper. 31 signs, a prime number, so the check
# sign finds every single wrong sign and every swap of neighbours.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_SIGNS = 9


@transaction.atomic
def request_signature(
    *,
    source: StoredFile,
    key: SigningKey,
    field_name: str,
    box: Box | None,
    appearance: dict[str, Any],
    requested_by: "User | None",
    subject: models.Model,
    purpose: str,
    unlock: bytes | None = None,
    signer_label: dict[str, str] | None = None,
) -> SignatureRequest:
    """Owe one signature and wake the worker on commit.

    `box`: (page from 0, x1, y1, x2, y2) in PDF points, None for an invisible one. `appearance`: see
    signing/appearance.py. `unlock`: from `unlock()`; a system key needs none. `signer_label`: {name, post, unit} as
    they are today. CertificateProblem, RuleError: nothing is saved.
    """
    if key.kind != KeyKind.SYSTEM:
        if unlock is None:
            raise RuleError(_("Nhập mã PIN để ký."))
        keys.precheck(key, actor=requested_by)
    if SignatureRequest.objects.filter(source=source, field_name=field_name, state__in=OPEN_STATES).exists():
        raise RuleError(_("Văn bản này đang được ký; chờ kết quả rồi tải lại trang."))
    request = SignatureRequest.objects.create(
        source=source,
        key=key,
        field_name=field_name,
        box=list(box) if box else None,
        appearance=appearance,
        signer_label=signer_label or {},
        purpose=purpose,
        requested_by=requested_by,
        subject_type=audit.subject_type(subject),
        subject_id=subject.pk,
        sealed_unlock=unlock,
    )
    audit.record("signing.requested", actor=requested_by, subject=request, after=request.state, note=purpose)
    jobs.wake_on_commit("signing.sign", request.pk)
    return request


@transaction.atomic
def retry(request_id: int, actor: "User | None", *, unlock: bytes | None = None) -> SignatureRequest:
    """Try again now. A stopped request whose value was never made needs a new `unlock` by `actor`."""
    request = SignatureRequest.objects.select_for_update().select_related("key").get(pk=request_id)
    before = request.state
    if before not in OPEN_STATES | {RequestState.FAILED}:
        raise WrongStatus(
            _("Yêu cầu ký này đã kết thúc («%(state)s»).") % {"state": request.get_state_display()}
        )
    if before == RequestState.FAILED:
        _begin_anew(request, actor, unlock)
    gateways.forget_silence()
    request.next_try_at, request.last_error = timezone.now(), ""
    request.save(
        update_fields=[
            "state", "requested_by", "sealed_unlock", "prepared", "preparation", "given_up_at", "next_try_at", "last_error",
        ]
    )  # fmt: skip
    audit.record("signing.retried", actor=actor, subject=request, before=before, after=request.state)
    jobs.wake_on_commit("signing.sign", request.pk)
    return request


def _begin_anew(request: SignatureRequest, actor: "User | None", unlock: bytes | None) -> None:
    request.given_up_at = None
    if request.signature_value:
        request.state = RequestState.EMBEDDED
        return
    if request.key.kind != KeyKind.SYSTEM:
        if unlock is None:
            raise RuleError(_("Nhập lại mã PIN để ký."))
        keys.precheck(request.key, actor=actor)
        request.requested_by, request.sealed_unlock = actor, unlock
    request.state, request.prepared, request.preparation = RequestState.QUEUED, None, {}


@transaction.atomic
def cancel(request_id: int, reason: str, *, actor: "User | None" = None) -> SignatureRequest:
    """Call off a signature that is not made yet; `signature_failed` tells the owner. WrongStatus: it has ended."""
    request = SignatureRequest.objects.select_for_update().get(pk=request_id)
    if request.state not in OPEN_STATES:
        raise WrongStatus(
            _("Yêu cầu ký này đã kết thúc («%(state)s»).") % {"state": request.get_state_display()}
        )
    before = request.state
    request.state, request.given_up_at = RequestState.CANCELLED, timezone.now()
    request.sealed_unlock, request.last_error = None, reason
    request.save(update_fields=["state", "given_up_at", "sealed_unlock", "last_error"])
    audit.record(
        "signing.cancelled", actor=actor, subject=request, before=before, after=request.state, note=reason
    )
    signature_failed.send(sender=SignatureRequest, request_id=request.pk)
    return request


@transaction.atomic
def give_up(request: SignatureRequest, reason: str) -> None:
    """Stop and show why; `signature_failed` is sent in the same transaction. The pass is erased."""
    mine = SignatureRequest.objects.filter(pk=request.pk, attempts=request.attempts, state=request.state)
    if not mine.update(
        state=RequestState.FAILED, given_up_at=timezone.now(), last_error=reason, sealed_unlock=None
    ):
        return
    audit.record(
        "signing.failed",
        actor=None,
        subject=request,
        before=request.state,
        after=RequestState.FAILED,
        note=reason,
    )
    signature_failed.send(sender=SignatureRequest, request_id=request.pk)


# --- papers ---


def new_code() -> str:
    """A code to print under the QR: nine random signs (44 bits) and a check sign, e.g. 7K4MQ-9XTB3."""
    while True:
        signs = "".join(secrets.choice(ALPHABET) for _sign in range(CODE_SIGNS))
        code = signs + _check_sign(signs)
        if not PublicPaper.objects.filter(code=code).exists():
            return printed_code(code)


def printed_code(code: str) -> str:
    return f"{code[:5]}-{code[5:]}"


def plain_code(typed: str) -> str:
    """What somebody typed, without spaces, dashes and case; empty when it cannot be a code."""
    code = "".join(sign for sign in typed.upper() if sign in ALPHABET)
    if len(code) != CODE_SIGNS + 1 or _check_sign(code[:-1]) != code[-1]:
        return ""
    return code


def _check_sign(signs: str) -> str:
    total = sum((place + 2) * ALPHABET.index(sign) for place, sign in enumerate(signs))
    return ALPHABET[-total % len(ALPHABET)]


def find_paper(typed: str) -> PublicPaper | None:
    """The paper with this printed code, however it was typed."""
    code = plain_code(typed)
    return (
        PublicPaper.objects.select_related("stored_file", "replaced_by").filter(code=code).first()
        if code
        else None
    )


@transaction.atomic
def publish_paper(
    *,
    code: str,
    stored_file: StoredFile,
    title: str,
    unit_name: str,
    subject: models.Model,
    number: str = "",
    issued_at: datetime | None = None,
    signers: Iterable[dict[str, Any]] | None = None,
) -> PublicPaper:
    """Let everyone check this paper. `signers` default to those of the signatures that we made in this file."""
    found = (
        list(signers) if signers is not None else [_signer(one) for one in signatures_in(stored_file.sha256)]
    )
    return PublicPaper.objects.create(
        code=plain_code(code),
        stored_file=stored_file,
        sha256=stored_file.sha256,
        title=title,
        number=number,
        unit_name=unit_name,
        signers=found,
        signature_count=len(pades.signed_fields(files.read(stored_file))),
        issued_at=issued_at or timezone.now(),
        subject_type=audit.subject_type(subject),
        subject_id=subject.pk,
    )


@transaction.atomic
def withdraw_paper(
    paper: PublicPaper, *, actor: "User | None", note: str, replaced_by: PublicPaper | None = None
) -> PublicPaper:
    """The paper no longer counts: revoked, or replaced by another. It stays findable and says so."""
    paper.status = PaperStatus.REPLACED if replaced_by else PaperStatus.REVOKED
    paper.status_note, paper.replaced_by = note, replaced_by
    paper.save(update_fields=["status", "status_note", "replaced_by"])
    audit.record("signing.paper_withdrawn", actor=actor, subject=paper, after=paper.status, note=note)
    return paper


def signatures_in(sha256: str) -> list[Signature]:
    """The signatures that we made, one upon the other, to arrive at these bytes; the first one first."""
    made: list[Signature] = []
    while one := Signature.objects.filter(signed_sha256=sha256).first():
        made.insert(0, one)
        sha256 = one.source_sha256
    return made


def _signer(one: Signature) -> dict[str, Any]:
    return {
        "name": one.signer_name,
        "post": one.signer_post,
        "unit": one.signer_unit,
        "signed_at": one.signed_at.isoformat(),
        "field": one.field_name,
        "kind": one.key.kind,
    }


def files_of(subject_type: str, subject_ids: Iterable[int]) -> set[int]:
    """Ids of the stored files that signatures on these records began with, prepared and made."""
    asked = SignatureRequest.objects.filter(subject_type=subject_type, subject_id__in=list(subject_ids))
    return {pk for row in asked.values_list("source", "prepared", "result") for pk in row if pk is not None}


def blank_papers(subject_type: str, subject_ids: Iterable[int], words: str) -> None:
    """The content of these records was erased: their public papers say no title any more and do not count."""
    found = PublicPaper.objects.filter(subject_type=subject_type, subject_id__in=list(subject_ids))
    found.update(title=words, status=PaperStatus.REVOKED, status_note=words)
