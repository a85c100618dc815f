"""The way up: drafter, head of the unit, clerk, each for exactly the version that he read (NĐ 30/2020/NĐ-CP, art. 11, 12)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import files
from core.errors import RuleError
from documents import form_check, rendering
from documents.actions import opinions, papers, told
from documents.choices import ApprovalKind, Source
from documents.models import Approval, Document
from documents.people import post_of


@transaction.atomic
def propose(document_id: int, *, actor: Any, revision: int, note: str = "") -> Document:
    """Ký nháy by the drafter. RuleError: empty, changed meanwhile, or units that were asked still have time."""
    document = papers.take(document_id, "propose", actor=actor, note=note)
    _refuse_changed(document, revision)
    if document.source == Source.UPLOADED:
        papers.main_file(document)
    elif not form_check.has_words(document.body_html):
        raise RuleError(_("Dự thảo chưa có nội dung. Soạn nội dung hoặc tải tệp PDF của văn bản chính."))
    opinions.settle(document, actor=actor)
    _initial(document, ApprovalKind.DRAFTER, actor, note)
    told.proposed(document, actor)
    return document


@transaction.atomic
def initial(document_id: int, *, actor: Any, revision: int, note: str = "") -> Document:
    """Ký nháy by the head of the unit, who answers for the content."""
    document = papers.take(document_id, "initial", actor=actor, note=note)
    _refuse_changed(document, revision)
    _initial(document, ApprovalKind.HEAD, actor, note)
    told.initialled(document, actor)
    return document


@transaction.atomic
def pass_form(
    document_id: int, *, actor: Any, revision: int, reasons: Mapping[str, str] | None = None, note: str = ""
) -> Document:
    """The clerk lets it go to the leader. An error of form stops it; a warning may be passed over with a reason each.

    `reasons`: code of the rule → why it is passed over.
    """
    document = papers.take(document_id, "pass_form", actor=actor, note=note)
    _refuse_changed(document, revision)
    found = form_check.check(document)
    if errors := [one for one in found if one.is_error]:
        raise RuleError(
            _("Chưa đạt thể thức: %(rules)s Trả lại người soạn để sửa.")
            % {"rules": " ".join(str(one.words) for one in errors)}
        )
    passed_over = []
    for finding in found:
        reason = " ".join((reasons or {}).get(finding.code, "").split())[:300]
        if not reason:
            raise RuleError(_("Nêu lý do bỏ qua cảnh báo: %(words)s") % {"words": finding.words})
        passed_over.append({"rule": finding.code, "words": str(finding.words), "reason": reason})
    _initial(document, ApprovalKind.FORM, actor, note, passed_over=passed_over)
    document.submitted_at = timezone.now()
    document.unsigned_file = preview(document)
    document.pages = document.unsigned_file.pages
    document.save(update_fields=["submitted_at", "unsigned_file", "pages"])
    told.checked(document, actor)
    return document


@transaction.atomic
def return_draft(document_id: int, *, actor: Any, note: str) -> Document:
    """Back to the drafter with the reason; what was initialled stays on record with its version."""
    document = papers.send_back(document_id, actor=actor, note=note)
    told.sent_back(document, actor, note)
    return document


def preview(document: Document) -> Any:
    """The draft as it would be signed, without number and date; an uploaded text as it is."""
    if document.source == Source.UPLOADED:
        return papers.main_file(document).stored
    paper = rendering.render_document(document)
    return files.store_bytes(paper.data, "application/pdf", pages=paper.pages)


def _initial(
    document: Document, kind: str, actor: Any, note: str, *, passed_over: list[dict[str, str]] | None = None
) -> None:
    """The same person twice on the same version (it was given back unchanged): the later time and note stand."""
    Approval.objects.filter(document=document, kind=kind, revision=document.revision, by=actor).delete()
    Approval.objects.create(
        document=document,
        kind=kind,
        revision=document.revision,
        by=actor,
        name_printed=actor.full_name,
        post_printed=post_of(actor)[:200],
        note=note[:500],
        passed_over=passed_over or [],
    )


def _refuse_changed(document: Document, revision: int) -> None:
    if document.revision != revision:
        raise RuleError(
            _("Dự thảo đã đổi sang bản thứ %(n)s sau khi bạn mở. Đọc bản mới rồi làm tiếp.")
            % {"n": document.revision}
        )
