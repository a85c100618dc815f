"""Ask co-ordinating units about a draft, several at once, until a deadline (domain/documents.md §8)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowed, RuleError, WrongStatus
from documents import rules, secrecy
from documents.actions import indexing, told
from documents.choices import DocumentKind, DocumentStatus, OpinionVerdict
from documents.models import Document, Opinion
from documents.people import printed
from org.models import Organization

SILENT = "Không trả lời đúng hạn"


@transaction.atomic
def ask(
    document_id: int, *, actor: Any, units: Iterable[Organization], question: str, due_at: datetime
) -> list[Opinion]:
    """One question for each unit about the present version. A unit that was asked and has not answered is not asked twice."""
    document = _drafted(document_id, actor)
    secrecy.refuse_secret(question)
    if due_at <= timezone.now():
        raise RuleError(_("Hạn trả lời phải sau lúc này."))
    open_now = set(document.opinions.waiting().values_list("unit", flat=True))
    made = []
    for unit in units:
        if unit.pk == document.unit_id:
            raise RuleError(_("Đơn vị soạn không tự cho ý kiến về dự thảo của mình."))
        if unit.valid_to is not None and unit.valid_to <= timezone.localdate():
            raise RuleError(_("«%(unit)s» đã kết thúc hoạt động. Hỏi đơn vị kế thừa.") % {"unit": unit.name})
        if unit.pk in open_now:
            raise RuleError(_("«%(unit)s» đang được hỏi, chưa trả lời.") % {"unit": unit.name})
        opinion = Opinion.objects.create(
            document=document,
            unit=unit,
            question=question[:500],
            revision=document.revision,
            asked_by=actor,
            due_at=due_at,
        )
        told.asked(opinion, actor)
        made.append(opinion)
    if not made:
        raise RuleError(_("Chọn ít nhất một đơn vị để xin ý kiến."))
    names = ", ".join(one.unit.name for one in made)
    audit.record(
        "document.ask_opinion", actor=actor, subject=document, note=names, detail={"units": len(made)}
    )
    indexing.access_changed(document)
    return made


@transaction.atomic
def give(opinion_id: int, *, actor: Any, verdict: str, text: str, revision: int) -> Opinion:
    """The unit answers about the version it read: RuleError when the draft changed meanwhile."""
    opinion = _locked(opinion_id)
    if not rules.gives_opinion(actor, opinion):
        raise NotAllowed
    _require_open(opinion)
    if verdict not in OpinionVerdict.values:
        raise RuleError(_("Chọn một ý kiến."))
    if verdict != OpinionVerdict.AGREE and not text.strip():
        raise RuleError(_("Viết rõ nội dung đề nghị chỉnh sửa hoặc lý do không thống nhất."))
    if opinion.document.revision != revision:
        raise RuleError(
            _("Dự thảo vừa đổi sang bản thứ %(n)s. Đọc bản mới rồi cho ý kiến.")
            % {"n": opinion.document.revision}
        )
    secrecy.refuse_secret(text)
    opinion.verdict, opinion.text, opinion.given_by = verdict, text.strip(), actor
    opinion.revision = revision
    opinion.given_printed, opinion.given_at = printed(actor), timezone.now()
    opinion.save()
    audit.record(
        "document.give_opinion", actor=actor, subject=opinion.document, after=verdict, note=opinion.unit.name
    )
    told.answered(opinion, actor)
    return opinion


@transaction.atomic
def withdraw(opinion_id: int, *, actor: Any) -> Opinion:
    """The drafter asks no longer."""
    opinion = _locked(opinion_id)
    if not rules.drafts(actor, opinion.document):
        raise NotAllowed
    _require_open(opinion)
    opinion.withdrawn_at = timezone.now()
    opinion.save(update_fields=["withdrawn_at"])
    audit.record("document.withdraw_question", actor=actor, subject=opinion.document, note=opinion.unit.name)
    return opinion


@transaction.atomic
def answer(opinion_id: int, *, actor: Any, text: str) -> Opinion:
    """What the drafter did with it: taken over, or why not."""
    opinion = _locked(opinion_id)
    if not rules.drafts(actor, opinion.document):
        raise NotAllowed
    if opinion.given_at is None:
        raise WrongStatus(_("Đơn vị này chưa cho ý kiến."))
    if not text.strip():
        raise RuleError(_("Viết nội dung tiếp thu, giải trình."))
    opinion.answer = text.strip()[:1000]
    opinion.save(update_fields=["answer"])
    audit.record("document.answer_opinion", actor=actor, subject=opinion.document, note=opinion.unit.name)
    return opinion


def settle(document: Document, *, actor: Any) -> None:
    """Before a draft goes on: RuleError while a unit still has time; silence past the deadline is recorded as such."""
    now = timezone.now()
    waiting = [one.unit.name for one in document.opinions.blocking(now).select_related("unit")]
    if waiting:
        raise RuleError(
            _("Còn chờ ý kiến, chưa đến hạn trả lời: %(units)s. Chờ, hoặc thôi hỏi đơn vị đó.")
            % {"units": ", ".join(waiting)}
        )
    for opinion in document.opinions.waiting().select_related("unit").select_for_update(of=("self",)):
        opinion.withdrawn_at, opinion.text = now, SILENT
        opinion.save(update_fields=["withdrawn_at", "text"])
        audit.record("document.opinion_missing", actor=actor, subject=document, note=opinion.unit.name)


def _drafted(document_id: int, actor: Any) -> Document:
    document = Document.objects.select_for_update().get(pk=document_id)
    if document.kind != DocumentKind.OFFICIAL or not rules.drafts(actor, document):
        raise NotAllowed
    if document.status != DocumentStatus.DRAFT:
        raise WrongStatus(_("Chỉ xin ý kiến khi văn bản còn là dự thảo."))
    return document


def _locked(opinion_id: int) -> Opinion:
    """The document first, then the row: the same order as everywhere."""
    document_id = Opinion.objects.values_list("document", flat=True).get(pk=opinion_id)
    Document.objects.select_for_update().get(pk=document_id)
    found = Opinion.objects.select_related("document__drafter", "unit").select_for_update(of=("self",))
    return found.get(pk=opinion_id)


def _require_open(opinion: Opinion) -> None:
    if opinion.given_at is not None:
        raise WrongStatus(_("Đơn vị này đã cho ý kiến."))
    if opinion.withdrawn_at is not None:
        raise WrongStatus(_("Người soạn đã thôi hỏi đơn vị này."))
