"""The one-stop counter: intake, check, accept, ask for more, refuse, hand over, hand the result out."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowed, RuleError
from onecase import rules
from onecase.actions.application import _place, new_code
from onecase.actions.base import take, tell_applicant, tell_unit
from onecase.actions.forms import owe_form
from onecase.choices import BusinessStatus as S
from onecase.choices import CheckState, FormNo, PartyRole
from onecase.models import Case, ComponentCheck, HandOver, LegalReason, Party, Procedure, SupplementItem
from onecase.required_papers import unchecked
from org import services as org
from org.choices import Role
from org.models import Organization

Item = dict[str, Any]  # component_id or None, text, reason, ground


@transaction.atomic
def intake(
    *,
    actor: Any,
    key: UUID,
    procedure: Procedure,
    agency_id: int,
    channel: str,
    owner: dict[str, Any],
    submitter: dict[str, Any] | None = None,
    authority_note: str = "",
    return_way: str = "counter",
    answers: dict[str, Any] | None = None,
    procedure_case_id: int | None = None,
) -> Case:
    """Nhập hồ sơ trực tiếp, bưu chính (T2). The applicant is the party; `key` makes a double press one case."""
    known = Case.objects.filter(submission_key=key).first()
    if known is not None:
        if not rules.may_see(actor, known):
            raise NotAllowed
        return known
    now = timezone.now()
    case = Case(
        submission_key=key,
        procedure=procedure,
        version=procedure.versions.get(valid_to__isnull=True),
        procedure_case_id=procedure_case_id,
        channel=channel,
        owner_name=owner["full_name"],
        return_way=return_way,
        created_at=now,
    )
    case.answers = answers or {}
    _place(case, Organization.objects.get(pk=agency_id))
    if not rules.at_counter(actor, case):
        raise NotAllowed
    actor.act_by(rules.at_counter, case)
    try:
        with transaction.atomic():
            case.save()
    except IntegrityError:  # the other press of a double press was quicker
        return Case.objects.get(submission_key=key)
    case.code, case.submitted_at, case.business_status = new_code(case, now), now, S.SUBMITTED
    case.save(update_fields=["code", "submitted_at", "business_status"])
    parties = [_party(case, PartyRole.OWNER, owner)]
    if submitter:
        parties.append(_party(case, PartyRole.SUBMITTER, submitter | {"authority_note": authority_note}))
    Party.objects.bulk_create(parties)
    audit.record(
        "case.intake", actor=actor, subject=case, after=S.SUBMITTED, detail={"channel": channel}, at=now
    )
    return case


def _party(case: Case, role: PartyRole, facts: dict[str, Any]) -> Party:
    names = ("full_name", "birth_on", "phone", "email", "address", "authority_note")
    party = Party(case=case, role=role, **{name: facts[name] for name in names if facts.get(name)})
    party.number = facts.get("number") or ""
    return party


@transaction.atomic
def check_components(case_id: int, *, actor: Any, checks: dict[int, dict[str, Any]]) -> Case:
    """The counter's verdict paper by paper; the last word per paper stands, each round is in the trail."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
    if not (rules.at_counter(actor, case) or rules.handles(actor, case)):
        raise NotAllowed
    actor.act_by(lambda who, one: rules.at_counter(who, one) or rules.handles(who, one), case)
    known = set(case.version.components.filter(is_note=False).values_list("pk", flat=True))
    for component_id, facts in checks.items():
        if component_id not in known:
            raise RuleError(_("Giấy tờ không thuộc thủ tục của hồ sơ này."))
        ComponentCheck.objects.update_or_create(
            case=case,
            component_id=component_id,
            defaults={
                "state": CheckState(facts["state"]),
                "originals": facts.get("originals") or 0,
                "copies": facts.get("copies") or 0,
                "digital": facts.get("digital") or 0,
                "note": facts.get("note", ""),
                "checked_by": actor,
                "checked_at": timezone.now(),
            },
        )
    states = {str(pk): facts["state"] for pk, facts in checks.items()}
    audit.record("case.check_components", actor=actor, subject=case, detail={"states": states})
    return case


@transaction.atomic
def accept(case_id: int, *, actor: Any) -> Case:
    """Tiếp nhận (T5): the statutory time starts, Form 01 is owed.

    Nobody accepts what he has not looked at: every obligatory paper carries a verdict first, and a paper found missing
    or wrong stands in the way.
    """
    now = timezone.now()
    case = take(case_id, "accept", actor=actor, now=now)
    if case.checks.filter(state__in=[CheckState.MISSING, CheckState.WRONG]).exists():
        raise RuleError(
            _("Còn giấy tờ thiếu hoặc chưa đúng. Yêu cầu bổ sung, hoặc ghi lại kết quả kiểm tra.")
        )
    if unseen := unchecked(case):
        raise RuleError(
            _("Còn %(count)s giấy tờ bắt buộc chưa kiểm tra: %(names)s. Ghi kết quả kiểm tra rồi tiếp nhận.")
            % {"count": len(unseen), "names": "; ".join(component.name for component in unseen[:3])}
        )
    owe_form(case, FormNo.RECEIPT, actor=actor, at=now)
    due = timezone.localtime(case.due_at) if case.due_at else None
    tell_applicant(
        case,
        kind="case.accept",
        title=_("Đã tiếp nhận hồ sơ %(code)s") % {"code": case.code},
        text=(
            _("%(unit)s đã tiếp nhận lúc %(time)s. Hẹn trả kết quả: %(due)s.")
            % {
                "unit": case.receiving_unit.name,
                "time": f"{timezone.localtime(now):%H:%M %d/%m/%Y}",
                "due": f"{due:%H:%M %d/%m/%Y}" if due else _("theo quy định của thủ tục"),
            }
        ),
    )
    return case


def keep_items(case: Case, items: list[Item], number: int) -> None:
    """Every missing item with its reason and ground, once and complete (NĐ 118/2025 art. 17, domain §3.3 T3)."""
    if not items:
        raise RuleError(_("Ghi ít nhất một giấy tờ hoặc nội dung cần bổ sung, kèm lý do."))
    if any(not item["text"].strip() or not item["reason"].strip() for item in items):
        raise RuleError(_("Mỗi nội dung cần bổ sung phải có lý do."))
    SupplementItem.objects.bulk_create(
        SupplementItem(
            case=case,
            round=number,
            component_id=item.get("component_id"),
            text=item["text"].strip(),
            reason=item["reason"].strip(),
            ground=item.get("ground", "").strip(),
        )
        for item in items
    )


def wanted(items: list[Item], guidance: str) -> str:
    """What the citizen reads in timeline and e-mail: each paper with its reason, then the officer's instruction."""
    lines = "; ".join(f"{item['text'].strip()} ({item['reason'].strip()})" for item in items)
    return ". ".join(part for part in (lines, guidance.strip()) if part)


def reply_date(case: Case, reply_by: date | None) -> date:
    return reply_by or timezone.localdate() + timedelta(days=case.version.supplement_window_days)


@transaction.atomic
def return_intake(
    case_id: int, *, actor: Any, items: list[Item], note: str = "", reply_by: date | None = None
) -> Case:
    """Yêu cầu bổ sung khi tiếp nhận (T3, Form 02). The clock has not started yet."""
    guidance, note = note, wanted(items, note)
    case = take(case_id, "return_intake", actor=actor, note=note)
    case.supplement_count += 1
    case.reply_by = reply_date(case, reply_by)
    case.save(update_fields=["supplement_count", "reply_by"])
    keep_items(case, items, case.supplement_count)
    owe_form(case, FormNo.SUPPLEMENT, actor=actor, note=guidance)
    tell_applicant(
        case,
        kind="case.return_intake",
        title=_("Hồ sơ %(code)s cần bổ sung") % {"code": case.code},
        text=_("Cần bổ sung trước ngày %(day)s: %(note)s")
        % {"day": f"{case.reply_by:%d/%m/%Y}", "note": note},
    )
    return case


@transaction.atomic
def reject_intake(case_id: int, *, actor: Any, reason: LegalReason, note: str = "") -> Case:
    """Từ chối tiếp nhận (T4, Form 03). The reason is one of the list; a technical fault is not a reason."""
    if reason.kind != "reject":
        raise RuleError(_("Chọn lý do từ chối trong danh mục."))
    text = f"{reason.text}. {note}".strip()
    case = take(case_id, "reject_intake", actor=actor, note=text, finished_at=timezone.now())
    owe_form(case, FormNo.REJECTION, actor=actor, reason=reason, note=note)
    tell_applicant(
        case,
        kind="case.reject_intake",
        title=_("Hồ sơ %(code)s không được tiếp nhận") % {"code": case.code},
        text=f"{text} {reason.guidance}".strip(),
    )
    return case


@transaction.atomic
def hand_over(case_id: int, *, actor: Any, unit_id: int | None = None, note: str = "") -> Case:
    """Chuyển hồ sơ (T6): a line of Form 06 with giver, taker and time."""
    case = Case.objects.select_related("agency", "procedure").get(pk=case_id)
    assert case.agency is not None
    if unit_id is None:
        unit = org.handling_unit_of(case.agency, case.procedure.handled_by_symbol)
    else:
        unit = Organization.objects.valid_on().filter(agency=case.agency).get(pk=unit_id)
    now = timezone.now()
    case = take(case_id, "hand_over", actor=actor, note=note, now=now, handling_unit=unit)
    HandOver.objects.create(
        case=case,
        giver=actor,
        giver_unit=actor.hat.organization.name,
        taker_unit=unit,
        given_at=now,
        note=note,
    )
    tell_unit(case, Role.UNIT_HEAD, unit.pk, kind="case.hand_over", title=_("Hồ sơ mới chuyển tới"))
    return case


@transaction.atomic
def return_result(case_id: int, *, actor: Any, note: str) -> Case:
    """Trả kết quả tại quầy (T17). `note` names the receiver and how his identity was checked."""
    return take(case_id, "return_result", actor=actor, note=note, returned_at=timezone.now())
