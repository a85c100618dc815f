"""The result: draft, submit, approve and sign, and what follows when the document is issued or not signed."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import NotAllowed, RuleError, WrongStatus
from documents import services as documents
from onecase import result_drafts, rules, steps
from onecase.actions.base import take, tell_applicant, tell_staff, tell_unit
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from org.choices import Role


def result_draft(case: Case, *, refuses: bool = False) -> tuple[str, str]:
    """Title and body proposed from the procedure's template and the applicant's answers."""
    return result_drafts.refusal_draft(case) if refuses else result_drafts.result_draft(case)


@transaction.atomic
def draft_result(case_id: int, *, actor: Any, title: str, body_html: str, refuses: bool = False) -> Any:
    """Create the draft, or a new revision of it. Only the officer who handles the case, while he appraises it."""
    case = Case.objects.select_for_update(of=("self",)).select_related("procedure").get(pk=case_id)
    if not rules.handles(actor, case):
        raise NotAllowed
    if case.business_status != S.APPRAISING:
        raise WrongStatus(_("Chỉ soạn kết quả khi hồ sơ đang thẩm định."))
    actor.act_by(rules.handles, case)
    document = case.result_document
    if document is not None and refuses == case.result_refuses:
        return documents.update_draft(document.pk, actor=actor, title=title, body_html=body_html)
    if document is not None:
        documents.cancel(document.pk, actor=actor, note=_("đổi loại kết quả"))
    assert case.agency is not None and case.handling_unit is not None  # handles() has asked for them
    layout = result_drafts.layout(case, refuses=refuses)
    document = documents.create_draft(
        actor=actor,
        agency=case.agency,
        unit=case.handling_unit,
        title=title,
        body_html=body_html,
        procedure_code=case.procedure.code,
        field=case.procedure.field,
        **layout,
    )
    case.result_document, case.result_refuses = document, refuses
    case.save(update_fields=["result_document", "result_refuses"])
    return document


@transaction.atomic
def submit_for_approval(case_id: int, *, actor: Any, note: str = "") -> Case:
    """Trình lãnh đạo ký (T12)."""
    now = timezone.now()
    case = take(case_id, "submit_for_approval", actor=actor, note=note, now=now)
    if case.result_document_id is None:
        raise RuleError(_("Soạn dự thảo kết quả trước khi trình ký."))
    documents.submit(case.result_document_id, actor=actor)
    steps.begin(case, "trinh_ky", at=now)
    tell_unit(case, Role.LEADER, case.agency_id, kind="case.submit_for_approval", title=_("Kết quả chờ ký"))
    return case


@transaction.atomic
def return_draft(case_id: int, *, actor: Any, note: str) -> Case:
    """The leader or the unit head sends the draft back with a reason."""
    case = take(case_id, "return_draft", actor=actor, note=note)
    assert case.result_document_id is not None
    documents.send_back(case.result_document_id, actor=actor, note=note)
    steps.begin(case, "tham_dinh", at=timezone.now())
    if case.handler_id:
        tell_staff(case, case.handler, kind="case.return_draft", title=_("Dự thảo bị trả lại"))
    return case


def approve(case_id: int, *, actor: Any, pin: str, revision: int) -> Case:
    """Duyệt và ký số (T12). The PIN is checked first and outside the act, so that a wrong one stays counted."""
    authorisation = documents.authorise(documents.personal_key(actor), pin, actor=actor)
    with transaction.atomic():
        case = take(case_id, "approve", actor=actor)
        assert case.result_document_id is not None
        documents.sign(case.result_document_id, actor=actor, authorisation=authorisation, revision=revision)
    return case


@transaction.atomic
def record_result(case: Case) -> Case:
    """The document is issued: the case has its result, the clock stops, the citizen is told."""
    now = timezone.now()
    case = take(
        case.pk, "refuse" if case.result_refuses else "complete", actor=None, now=now, finished_at=now
    )
    steps.end(case, at=now)
    tell_applicant(
        case,
        kind="case.complete",
        title=_("Hồ sơ %(code)s đã có kết quả") % {"code": case.code},
        text=_("Tải kết quả đã ký số tại trang hồ sơ, hoặc nhận bản giấy tại %(unit)s.")
        % {"unit": case.receiving_unit.name},
    )
    tell_unit(
        case,
        Role.COUNTER_OFFICER,
        case.receiving_unit_id,
        kind="case.complete",
        title=_("Hồ sơ đã có kết quả"),
    )
    return case


@transaction.atomic
def record_signing_failure(case: Case, reason: str) -> Case:
    """The signature could not be made: back to the leader, with the reason."""
    return take(case.pk, "signing_failed", actor=None, note=reason)
