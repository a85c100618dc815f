"""What several pages of outgoing documents draw: the flow, the history, the paper, rows of facts."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, pages
from core.models import AuditEvent, StoredFile
from documents import actions
from documents.actions import approvals
from documents.choices import ApprovalKind, DocumentStatus
from documents.models import Document
from signing import services as signing

S = DocumentStatus
SHAPES = {
    S.DRAFT: "ring",
    S.REVIEW: "half",
    S.CHECKING: "half",
    S.SUBMITTED: "half",
    S.SIGNING: "half",
    S.SIGNED: "half",
    S.SEALING: "half",
    S.ISSUED: "done",
    S.CANCELLED: "refused",
}
ORDER = [S.DRAFT, S.REVIEW, S.CHECKING, S.SUBMITTED, S.SIGNED, S.ISSUED]


def paper_of(document: Document) -> StoredFile | None:
    """The paper as it stands: signed, else what was submitted, else the draft drawn now."""
    if document.status not in {S.DRAFT, S.REVIEW, S.CHECKING} and (
        document.current_file or document.unsigned_file
    ):
        return document.current_file or document.unsigned_file
    try:
        return approvals.preview(document)
    except actions.papers.RuleError:
        return None


def pictures(document: Document) -> list[str]:
    return pages.addresses(paper_of(document), reverse("documents:paper", args=[document.pk]))


def flow(document: Document) -> list[dict[str, Any]]:
    """Who has it: the six steps of the way, each with who did it and when."""
    done = {one.kind: one for one in document.approvals.all() if one.revision == document.revision}
    names = {
        S.DRAFT: (_("Soạn"), done.get(ApprovalKind.DRAFTER)),
        S.REVIEW: (_("Người đứng đầu đơn vị"), done.get(ApprovalKind.HEAD)),
        S.CHECKING: (_("Kiểm tra thể thức"), done.get(ApprovalKind.FORM)),
        S.SUBMITTED: (_("Lãnh đạo ký"), None),
        S.SIGNED: (_("Đóng dấu số"), None),
        S.ISSUED: (_("Phát hành"), None),
    }
    here = {S.SIGNING: S.SUBMITTED, S.SEALING: S.SIGNED}.get(S(document.status), S(document.status))
    at = ORDER.index(here) if here in ORDER else -1
    steps = []
    for place, status in enumerate(ORDER):
        words, approval = names[status]
        who, when = (approval.name_printed, approval.at) if approval and place < at else ("", None)
        if status == S.SUBMITTED and document.signed_at:
            who, when = document.signer_printed, document.signed_at
        if status == S.ISSUED and document.issued_at:
            who, when = "", document.issued_at
        state = "done" if place < at or document.status == S.ISSUED else ("now" if place == at else "todo")
        steps.append(
            {
                "words": words,
                "state": state,
                "who": who,
                "when": when,
                "waits": state == "now" and waits_for(document),
            }
        )
    return steps


def waits_for(document: Document) -> str:
    return str(document.get_status_display())


def history(document: Document) -> list[dict[str, Any]]:
    """Newest first, from the trail: of the document, and of its dispatches and copies."""
    events = AuditEvent.objects.filter(
        Q(subject_type=audit.subject_type(document), subject_id=document.pk), kind="act"
    ).order_by("-id")[:80]
    found = []
    for event in events:
        who = ", ".join(part for part in (event.actor_name, event.post_name, event.unit_name) if part)
        behalf = _("thay %(who)s") % {"who": event.on_behalf_of} if event.on_behalf_of else ""
        at = f"{timezone.localtime(event.at):%H:%M %d/%m/%Y}"
        found.append(
            {
                "state": "done",
                "title": audit.SENTENCES.get(event.event, event.event),
                "meta": " · ".join(part for part in (at, who or _("hệ thống"), behalf) if part),
                "note": event.note,
            }
        )
    return found


def checks(stored: StoredFile | None) -> list[dict[str, Any]]:
    """What our own check said right after each signature in the file was made."""
    found = []
    for made in signing.signatures_in(stored.sha256) if stored else []:
        verdict = signing.Verdict.from_json(made.report) if made.report else None
        reasons = "; ".join(verdict.reasons) if verdict and verdict.reasons else _("chữ ký hợp lệ")
        when = f"{timezone.localtime(made.signed_at):%H:%M %d/%m/%Y}"
        found.append(
            {
                "ok": {"valid": True, "invalid": False}.get(verdict.verdict) if verdict else None,
                "strong": made.signer_name,
                "text": ", ".join(part for part in (made.signer_post, made.signer_unit) if part),
                "meta": _("ký lúc %(when)s · %(reasons)s") % {"when": when, "reasons": reasons},
            }
        )
    return found


def facts(document: Document) -> list[tuple[str, Any]]:
    """Names and values of one document; empty ones are left out."""
    rows: list[tuple[str, Any]] = [
        (
            _("Số, ký hiệu"),
            document.number_printed
            or _("tự cấp khi ký: %(n)s") % {"n": document.notation.replace("{n}", "…")},
        ),
        (_("Loại văn bản"), document.type.name),
        (_("Cơ quan"), document.issuer_printed or document.agency.name),
        (_("Đơn vị soạn"), document.unit.name),
        (_("Người soạn"), document.drafter.full_name),
        (_("Ngày ban hành"), f"{document.dated_on:%d/%m/%Y}" if document.dated_on else ""),
        (_("Người ký"), _signer(document)),
        (_("Độ khẩn"), document.get_urgency_display() if document.urgency else ""),
        (_("Phạm vi lưu hành"), document.get_circulation_display() if document.circulation else ""),
        (_("Hạn trả lời"), f"{document.reply_by:%d/%m/%Y}" if document.reply_by else ""),
        (_("Ban hành thay mặt"), document.for_organ),
        (_("Cách soạn"), document.get_source_display()),
        (_("Mã kiểm tra"), document.check_code if document.issued_at else ""),
    ]
    return [(name, value) for name, value in rows if value]


def _signer(document: Document) -> str:
    if not document.signer_printed:
        return ""
    lines = " ".join(document.signer_lines_printed)
    behalf = f" ({document.signed_for_printed})" if document.signed_for_printed else ""
    return f"{document.signer_printed}, {lines}{behalf}"
