"""The applicant's side: draft, submit, answer what is missing."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files, numbering
from core.errors import NotAllowed, RuleError
from onecase import rules
from onecase.actions.base import WHOLE, take, tell_applicant, tell_staff, tell_unit
from onecase.choices import BusinessStatus as S
from onecase.choices import Channel, PartyRole
from onecase.models import Case, CaseFile, Party, Procedure, ProcedureCase
from org import services as org
from org.choices import IdentityLevel, OrganizationKind, Role
from org.models import Organization

ACCEPTS_FILES = {S.DRAFT, S.INTAKE_RETURNED, S.SUPPLEMENT_REQUIRED}
DRAFT_DAYS = 30
MAX_FILES = 60


@transaction.atomic
def start(procedure: Procedure, *, actor: Any) -> Case:
    """A draft of this procedure; an open one is resumed, so that pressing twice makes one."""
    if not hasattr(procedure, "eform"):
        raise RuleError(_("Thủ tục này chưa nộp trực tuyến được ở đây. Mang giấy tờ tới bộ phận Một cửa."))
    _must_be_known(actor, procedure)
    draft = Case.objects.filter(applicant=actor, procedure=procedure, business_status=S.DRAFT).first()
    if draft is not None:
        return draft
    version = procedure.versions.get(valid_to__isnull=True)
    try:
        with transaction.atomic():
            case = Case.objects.create(
                procedure=procedure,
                version=version,
                channel=Channel.ONLINE,
                applicant=actor,
                owner_name=actor.full_name,
            )
    except IntegrityError:  # the other press of a double press was quicker
        return Case.objects.get(applicant=actor, procedure=procedure, business_status=S.DRAFT)
    audit.record("case.start", actor=actor, subject=case, after=S.DRAFT)
    return case


def _must_be_known(actor: Any, procedure: Procedure) -> None:
    """RuleError: the level of the account's identity is below what this procedure asks for online."""
    if rules.is_known_enough(actor, procedure.code):
        return
    level = IdentityLevel(rules.level_to_submit(procedure.code))
    raise RuleError(
        _(
            "Nộp trực tuyến thủ tục này cần tài khoản định danh mức %(level)s (%(words)s). Nâng mức ở «Tài khoản», mục «Số "
            "định danh», hoặc nộp tại bộ phận Một cửa."
        )
        % {"level": level.value, "words": level.label}
    )


def _locked(case_id: int, *, actor: Any, statuses: Set[str]) -> Case:
    case = Case.objects.select_for_update(of=("self",)).select_related("procedure").get(pk=case_id)
    if not rules.brings_papers(actor, case):
        raise NotAllowed
    if case.business_status not in statuses:
        raise RuleError(
            _("Hồ sơ đang ở trạng thái «%(status)s» nên không sửa được nữa.")
            % {"status": case.get_business_status_display()}
        )
    return case


@transaction.atomic
def save_draft(
    case_id: int,
    *,
    actor: Any,
    answers: dict[str, Any],
    step: int,
    agency_id: int | None = None,
    procedure_case_id: int | None = None,
    return_way: str | None = None,
) -> Case:
    """Keep what was typed. `answers` are merged into those kept before; a key with None is removed."""
    case = _locked(case_id, actor=actor, statuses={S.DRAFT})
    kept = case.answers | answers
    case.answers = {name: value for name, value in kept.items() if value is not None}
    case.form_step, case.saved_at = step, timezone.now()
    if agency_id is not None:
        _place(case, Organization.objects.get(pk=agency_id))
    if procedure_case_id is not None:
        case.procedure_case = ProcedureCase.objects.get(pk=procedure_case_id, version=case.version_id)
    if return_way is not None:
        case.return_way = return_way
    case.save(
        update_fields=[
            "answers_sealed",
            "form_step",
            "saved_at",
            "agency",
            "receiving_unit",
            "procedure_case",
            "return_way",
        ]
    )
    return case


def _place(case: Case, agency: Organization) -> None:
    """Which agency decides, and which counter receives for it. RuleError when it is not one that decides this."""
    decided_by = case.procedure.decided_by
    fits = (
        agency.kind == OrganizationKind.COMMITTEE and agency.territory_id
        if decided_by == "ubnd_xa"
        else agency.slug == decided_by
    )
    if not fits:
        raise RuleError(_("«%(agency)s» không giải quyết thủ tục này.") % {"agency": agency.name})
    case.agency, case.receiving_unit = agency, org.counter_of(agency)


@transaction.atomic
def attach(
    case_id: int, *, actor: Any, upload: UploadedFile, component_id: int | None = None, form_field: str = ""
) -> CaseFile:
    """A file through the gate. UploadRefused says in words why not; then nothing is kept."""
    stored = files.receive_upload(upload)
    case = _locked(case_id, actor=actor, statuses=ACCEPTS_FILES | {S.SUBMITTED})
    counter = not rules.is_applicant(actor, case)
    if case.business_status == S.SUBMITTED and not counter:
        raise RuleError(
            _("Hồ sơ đã nộp. Muốn thêm giấy tờ, chờ bộ phận Một cửa yêu cầu hoặc gọi nơi tiếp nhận.")
        )
    if case.files.filter(removed_at__isnull=True).count() >= MAX_FILES:
        raise RuleError(
            _("Mỗi hồ sơ nhận tối đa %(count)s tệp. Gộp các trang vào một tệp PDF.") % {"count": MAX_FILES}
        )
    name = files.cleaned_name(upload.name or "", media_type=stored.media_type)
    same = case.files.filter(
        stored=stored, component=component_id, form_field=form_field, removed_at__isnull=True
    ).first()
    if same is not None:
        return same
    file = CaseFile.objects.create(
        case=case,
        component_id=component_id,
        form_field=form_field,
        stored=stored,
        name=name,
        source="counter" if counter else "applicant",
        round=case.supplement_count,
        added_by=actor,
    )
    if case.business_status != S.DRAFT:
        audit.record("case.attach", actor=actor, subject=case, note=name, detail={"sha256": stored.sha256})
    return file


@transaction.atomic
def detach(file_id: int, *, actor: Any) -> None:
    """Take a file back. Files that were submitted stay as removed; those of a draft too, for they cost nothing."""
    file = CaseFile.objects.select_for_update(of=("self",)).get(pk=file_id, removed_at__isnull=True)
    case = _locked(file.case_id, actor=actor, statuses=ACCEPTS_FILES)
    if case.business_status != S.DRAFT and file.round != case.supplement_count:
        raise RuleError(_("Giấy tờ đã nộp không bỏ được. Nộp thêm bản mới bên cạnh."))
    file.removed_at = timezone.now()
    file.save(update_fields=["removed_at"])


@transaction.atomic
def submit(case_id: int, *, actor: Any) -> Case:
    """Nộp hồ sơ (T1). Pressing twice, going back or retrying gives the same case with the same code."""
    case = Case.objects.select_for_update(of=("self",)).select_related(*WHOLE).get(pk=case_id)
    if rules.is_applicant(actor, case) and case.business_status != S.DRAFT:
        return case
    if case.agency_id is None or case.receiving_unit_id is None:
        raise RuleError(_("Chọn nơi giải quyết hồ sơ trước khi nộp."))
    _must_be_known(actor, case.procedure)
    now = timezone.now()
    case = take(
        case_id,
        "submit",
        actor=actor,
        now=now,
        code=new_code(case, now),
        submitted_at=now,
        owner_name=case.answers.get("applicant_full_name") or actor.full_name,
    )
    register_parties(case, actor)
    tell_applicant(
        case,
        kind="case.submit",
        title=_("Đã nhận hồ sơ %(code)s") % {"code": case.code},
        text=_(
            "Hồ sơ «%(procedure)s» đã tới %(unit)s lúc %(time)s. Thời hạn giải quyết bắt đầu tính khi bộ phận Một cửa "
            "tiếp nhận; chúng tôi sẽ báo ngay lúc đó."
        )
        % {
            "procedure": case.procedure.name,
            "unit": case.receiving_unit.name,
            "time": f"{timezone.localtime(now):%H:%M %d/%m/%Y}",
        },
    )
    tell_unit(
        case,
        Role.COUNTER_OFFICER,
        case.receiving_unit_id,
        kind="case.submit",
        title=_("Hồ sơ mới chờ tiếp nhận"),
    )
    return case


def new_code(case: Case, now: Any) -> str:
    """Agency identifier, day, number of the day (domain/onecase.md §6); unique, never reused."""
    assert case.agency is not None
    day = timezone.localtime(now).date()
    number = numbering.take(f"case:{case.agency_id}:{day.isoformat()}", subject=case, owner=case.agency)
    return f"{org.case_code_prefix(case.agency)}-{day:%y%m%d}-{number.value:04d}"


def register_parties(case: Case, actor: Any) -> None:
    """The owner is whom the form names as applicant, the submitter is the account (domain/onecase.md §9)."""
    answers, identity = case.answers, getattr(actor, "identity", None)
    own_number = identity.number if identity else ""
    named = answers.get("applicant_citizen_id") or ""
    owner = Party(
        case=case,
        role=PartyRole.OWNER,
        full_name=case.owner_name,
        phone=answers.get("applicant_phone") or actor.phone,
        email=answers.get("applicant_email") or actor.email or "",
        address=answers.get("applicant_residence") or (identity.address if identity else ""),
    )
    owner.number = named or (own_number if case.owner_name == actor.full_name else "")
    submitter = Party(
        case=case,
        role=PartyRole.SUBMITTER,
        full_name=actor.full_name or case.owner_name,
        phone=actor.phone or owner.phone,
        email=actor.email or "",
        address=identity.address if identity else "",
    )
    submitter.number = own_number or (named if case.owner_name == actor.full_name else "")
    Party.objects.bulk_create([owner, submitter])


@transaction.atomic
def expire_drafts(*, now: datetime) -> int:
    """Drafts untouched for thirty days go, with the links to their files; the trail keeps that they were begun."""
    stale = Case.objects.select_for_update(skip_locked=True).filter(
        business_status=S.DRAFT, created_at__lt=now - timedelta(days=DRAFT_DAYS)
    )
    gone = [
        case.pk for case in stale if (case.saved_at or case.created_at) < now - timedelta(days=DRAFT_DAYS)
    ]
    CaseFile.objects.filter(case__in=gone).delete()
    Case.objects.filter(pk__in=gone).delete()
    return len(gone)


@transaction.atomic
def drop_draft(case_id: int, *, actor: Any) -> None:
    """The applicant throws his own draft away."""
    case = _locked(case_id, actor=actor, statuses={S.DRAFT})
    audit.record("case.drop_draft", actor=actor, subject=case, before=S.DRAFT)
    case.files.all().delete()
    case.delete()


@transaction.atomic
def resubmit(case_id: int, *, actor: Any, note: str = "") -> Case:
    """The applicant (or the counter for him) answers what was missing at intake."""
    now = timezone.now()
    case = take(case_id, "resubmit", actor=actor, note=note, now=now, reply_by=None)
    case.supplement_items.filter(answered_at__isnull=True).update(answered_at=now)
    tell_unit(
        case,
        Role.COUNTER_OFFICER,
        case.receiving_unit_id,
        kind="case.resubmit",
        title=_("Hồ sơ đã bổ sung, chờ tiếp nhận"),
    )
    return case


@transaction.atomic
def supply(case_id: int, *, actor: Any, note: str = "") -> Case:
    """Gửi bổ sung (T9): the pause ends and the new due time is computed and shown."""
    now = timezone.now()
    case = take(case_id, "supply", actor=actor, note=note, now=now, reply_by=None)
    case.supplement_items.filter(answered_at__isnull=True).update(answered_at=now)
    tell_applicant(
        case,
        kind="case.supply",
        title=_("Đã nhận phần bổ sung của hồ sơ %(code)s") % {"code": case.code},
        text=_("Hạn trả kết quả mới: %(due)s.")
        % {"due": f"{timezone.localtime(case.due_at):%H:%M %d/%m/%Y}"},
    )
    if case.handler_id:
        tell_staff(case, case.handler, kind="case.supply", title=_("Người dân đã bổ sung"))
    return case
