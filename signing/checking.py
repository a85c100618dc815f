"""Check any PDF: what its bytes prove (signing/validate.py) and what we know of our own papers."""

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import files
from core.models import StoredFile
from signing import actions, guard, trust, validate
from signing.choices import PaperStatus, VerdictKind
from signing.models import PublicPaper, Signature, Verification
from signing.verdict import Verdict

if TYPE_CHECKING:
    from org.models import User

REPORT_STAYS_FRESH = timedelta(hours=1)


def verify(data: bytes, *, trust_pems: list[str] | None = None, online: bool = True) -> Verdict:
    """The verdict on `data`, made in a child process with limits; never raises on bad input.

    `trust_pems`: believe exactly these roots instead of the stored ones. ValueError: they are not PEM.
    """
    anchors = trust.stored_anchors() if trust_pems is None else trust.given_anchors(trust_pems)
    try:
        verdict = Verdict.from_json(
            guard.limited(lambda: validate.judge(data, anchors, online=online).to_json())
        )
    except guard.GaveUp:
        verdict = Verdict(
            VerdictKind.UNKNOWN,
            sha256=hashlib.sha256(data).hexdigest(),
            reasons=[_("Tệp quá phức tạp, không kiểm tra xong trong thời gian cho phép.")],
        )
    return _with_our_papers(verdict)


def verify_stored(stored: StoredFile, *, checked_by: "User | None" = None) -> Verdict:
    """Like `verify`, but a report not older than an hour is used again (the bytes cannot change)."""
    known = (
        Verification.objects.filter(sha256=stored.sha256, checked_at__gte=timezone.now() - REPORT_STAYS_FRESH)
        .order_by("-checked_at")
        .first()
    )
    if known:
        return _with_our_papers(Verdict.from_json(known.report))
    verdict = verify(files.read(stored))
    store_verification(verdict, checked_by=checked_by)
    return verdict


def store_verification(verdict: Verdict, *, checked_by: "User | None" = None) -> Verification:
    """Keep the report of one check as evidence."""
    return Verification.objects.create(
        sha256=verdict.sha256, verdict=verdict.verdict, report=verdict.to_json(), checked_by=checked_by
    )


def _with_our_papers(verdict: Verdict) -> Verdict:
    try:
        with transaction.atomic():
            _compare(verdict)
    except DatabaseError:  # the command also works before the first migration
        pass
    return verdict


def _compare(verdict: Verdict) -> None:
    """Is it one of ours, still in force, and complete? A cut-off seal leaves the other signatures valid (§1.4)."""
    paper = PublicPaper.objects.filter(sha256=verdict.sha256).order_by("-id").first()
    if paper is None:
        paper = _paper_it_came_from(verdict)
        if paper is None:
            return
        ours = sum(one.kind == "signature" for one in verdict.signatures)
        if ours < paper.signature_count:
            verdict.invalid(
                _(
                    "Bản đã phát hành (mã %(code)s) có %(all)s chữ ký, tệp này chỉ có %(here)s: chữ ký hoặc con dấu đã bị gỡ."
                )
                % {"code": actions.printed_code(paper.code), "all": paper.signature_count, "here": ours}
            )
        else:
            verdict.reasons.append(
                _("Tệp khác với bản đã phát hành (mã %(code)s).") % {"code": actions.printed_code(paper.code)}
            )
    verdict.paper = _shown(paper)
    if paper.status != PaperStatus.VALID:
        verdict.reasons.insert(
            0,
            _("Giấy tờ %(status)s: %(note)s")
            % {"status": paper.get_status_display().lower(), "note": paper.status_note or "–"},
        )


def _paper_it_came_from(verdict: Verdict) -> PublicPaper | None:
    """Follow our own signatures forward to the bytes that were published."""
    values = [one.value_sha256 for one in verdict.signatures if one.value_sha256]
    known = Signature.objects.filter(value_sha256__in=values).order_by("-signed_at").first()
    sha256 = known.signed_sha256 if known else ""
    for _step in range(20):
        if not sha256:
            break
        if paper := PublicPaper.objects.filter(sha256=sha256).order_by("-id").first():
            return paper
        following = Signature.objects.filter(source_sha256=sha256).order_by("-signed_at").first()
        sha256 = following.signed_sha256 if following else ""
    return None


def _shown(paper: PublicPaper) -> dict[str, object]:
    return {
        "code": actions.printed_code(paper.code),
        "title": paper.title,
        "number": paper.number,
        "unit": paper.unit_name,
        "issued_at": timezone.localtime(paper.issued_at).isoformat(timespec="seconds"),
        "status": paper.status,
        "signers": paper.signers,
    }
