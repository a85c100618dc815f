"""Roles: asked for, granted, confirmed by a second person, ended (domain/organisation.md §7)."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowed, RuleError, WrongStatus
from org import rules, tree
from org.choices import POWERFUL, Role
from org.models import Assignment, GrantRequest, Organization, RoleGrant
from org.serving import people_serving
from org.signals import to_tell

RIGHTS_PAGE = "/lam-viec/quyen/"
REQUESTS_PAGE = "/lam-viec/quyen/cho-duyet/"


@transaction.atomic
def grant_role(
    assignment_id: int,
    *,
    actor: Any,
    role: str,
    organization_id: int,
    include_descendants: bool = False,
    valid_from: date | None = None,
    valid_to: date | None = None,
    reason: str = "",
) -> RoleGrant:
    """An ordinary role, at once. Powerful ones go by `ask_role`: RuleError says so."""
    hat = _locked(assignment_id)
    if role in POWERFUL:
        raise RuleError(
            _("Vai trò «%(role)s» cần người thứ hai duyệt: gửi đề nghị.") % {"role": Role(role).label}
        )
    begins, ends = _period(hat, valid_from, valid_to)
    if rules.is_own(actor, hat):
        raise NotAllowed(_("Không tự cấp quyền cho mình. Đề nghị người quản trị khác."))
    if not rules.grants(actor, hat, role, organization_id):
        raise NotAllowed(_("Chỉ cấp quyền trong đơn vị mình quản trị và các đơn vị trực thuộc."))
    _within_reach(actor, organization_id, include_descendants)
    grant = _granted(hat, actor, role, organization_id, include_descendants, begins, ends, reason)
    _tell_holder(grant)
    return grant


@transaction.atomic
def ask_role(
    assignment_id: int,
    *,
    actor: Any,
    role: str,
    organization_id: int,
    include_descendants: bool = False,
    valid_from: date | None = None,
    valid_to: date | None = None,
    reason: str,
) -> GrantRequest:
    """Propose a role. Who asks does not decide; those who may decide are told."""
    hat = _locked(assignment_id)
    if not rules.asks_for_roles(actor, organization_id):
        raise NotAllowed(_("Chỉ đề nghị quyền trên đơn vị mình phụ trách."))
    if not reason.strip():
        raise RuleError(_("Nêu lý do đề nghị: công việc hoặc quyết định nào cần quyền này."))
    begins, ends = _period(hat, valid_from, valid_to)
    _not_twice(hat, role, organization_id, begins, ends)
    if GrantRequest.objects.filter(
        assignment=hat, role=role, organization=organization_id, decided_at__isnull=True
    ).exists():
        raise RuleError(_("Đã có một đề nghị như vậy đang chờ duyệt."))
    request = GrantRequest.objects.create(
        assignment=hat,
        role=role,
        organization_id=organization_id,
        include_descendants=include_descendants,
        valid_from=begins,
        valid_to=ends,
        reason=reason.strip(),
        asked_by=actor,
        asked_at=timezone.now(),
    )
    audit.record("grant.ask", actor=actor, subject=request, after=role, note=_said(request, request.reason))
    to_tell.send(
        sender=GrantRequest,
        recipients=_deciders(request),
        kind="grant.ask",
        title=_("Đề nghị cấp quyền chờ duyệt"),
        text=_said(request, request.reason),
        url=REQUESTS_PAGE,
        subject=request,
    )
    return request


@transaction.atomic
def confirm_grant(request_id: int, *, actor: Any, note: str = "") -> RoleGrant:
    """The second person agrees: the role is granted by him."""
    request = _open(request_id)
    if request.asked_by_id == actor.pk:
        raise NotAllowed(_("Người đề nghị không duyệt đề nghị của chính mình."))
    if not rules.decides(actor, request):
        raise NotAllowed(_("Đề nghị này do người quản trị hoặc lãnh đạo khác của đơn vị duyệt."))
    if rules.administers(actor, request.organization_id):
        _within_reach(actor, request.organization_id, request.include_descendants)
    elif request.include_descendants:
        raise NotAllowed(_("Quyền trên cả đơn vị trực thuộc do người quản trị cấp trên duyệt."))
    hat = _locked(request.assignment_id)
    begins, ends = _period(hat, max(request.valid_from, timezone.localdate()), request.valid_to)
    grant = _granted(
        hat,
        actor,
        request.role,
        request.organization_id,
        request.include_descendants,
        begins,
        ends,
        request.reason,
    )
    _decided(request, actor, note, grant)
    audit.record("grant.confirm", actor=actor, subject=request, after=request.role, note=_said(request, note))
    _tell_holder(grant)
    _tell_asker(request, _("Đã duyệt cấp quyền"), note)
    return grant


@transaction.atomic
def refuse_grant(request_id: int, *, actor: Any, note: str) -> GrantRequest:
    request = _open(request_id)
    if not rules.decides(actor, request):
        raise NotAllowed(_("Đề nghị này do người quản trị hoặc lãnh đạo khác của đơn vị duyệt."))
    if not note.strip():
        raise RuleError(_("Nêu lý do không duyệt."))
    _decided(request, actor, note, None)
    audit.record("grant.refuse", actor=actor, subject=request, before=request.role, note=_said(request, note))
    _tell_asker(request, _("Không duyệt cấp quyền"), note)
    return request


@transaction.atomic
def end_grant(grant_id: int, *, actor: Any, reason: str, on: date | None = None) -> RoleGrant:
    """From that day (today, or one to come) the role is gone; what was done with it stands."""
    grant = (
        RoleGrant.objects.select_for_update(of=("self",))
        .select_related("assignment__person", "organization")
        .get(pk=grant_id)
    )
    day = on or timezone.localdate()
    if not rules.administers(actor, grant.organization_id):
        raise NotAllowed(_("Chỉ người quản trị của đơn vị thu hồi quyền."))
    if not reason.strip():
        raise RuleError(_("Nêu lý do thu hồi quyền."))
    if day < timezone.localdate():
        raise RuleError(_("Quyền không thu hồi lùi ngày: việc đã làm vẫn là việc đã làm. Chọn từ hôm nay."))
    if grant.valid_to is not None and grant.valid_to <= day:
        raise WrongStatus(_("Quyền này đã kết thúc từ %(day)s.") % {"day": f"{grant.valid_to:%d/%m/%Y}"})
    grant.valid_to = max(day, grant.valid_from)
    grant.save(update_fields=["valid_to"])
    audit.record("grant.end", actor=actor, subject=grant, before=grant.role, note=_said(grant, reason))
    _tell_holder(grant, title=_("Quyền bị thu hồi"))
    return grant


# --- parts ------------------------------------------------------------------------------------------------


def _locked(assignment_id: int) -> Assignment:
    return (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("person__user", "organization", "position")
        .get(pk=assignment_id)
    )


def _open(request_id: int) -> GrantRequest:
    request = (
        GrantRequest.objects.select_for_update(of=("self",))
        .select_related("assignment__person", "organization", "asked_by")
        .get(pk=request_id)
    )
    if request.decided_at is not None:
        raise WrongStatus(_("Đề nghị này đã được quyết định."))
    return request


def _period(hat: Assignment, begins: date | None, ends: date | None) -> tuple[date, date | None]:
    """Inside the life of the hat; nobody gets a right for days that are past."""
    today = timezone.localdate()
    begins = max(begins or today, hat.valid_from)
    if begins < today:
        raise RuleError(_("Quyền không cấp lùi ngày. Chọn từ hôm nay trở đi."))
    last = min((day for day in (ends, hat.valid_to) if day is not None), default=None)
    if last is not None and last <= begins:
        raise RuleError(
            _("Thời hạn không hợp lệ: ngày kết thúc phải sau ngày bắt đầu và trong thời gian giữ chức vụ.")
        )
    return begins, last


def _within_reach(actor: Any, organization_id: int, include_descendants: bool) -> None:
    """Nobody grants what exceeds his own subtree."""
    wanted = tree.today().descendants(organization_id) if include_descendants else {organization_id}
    if not wanted <= actor.own_units_as(Role.UNIT_ADMIN):
        raise NotAllowed(_("Quyền đề nghị vượt quá phạm vi quản trị của mình."))


def _not_twice(hat: Assignment, role: str, organization_id: int, begins: date, ends: date | None) -> None:
    same = hat.grants.filter(role=role, organization_id=organization_id)
    same = same.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=begins))
    if (same.filter(valid_from__lt=ends) if ends else same).exists():
        raise RuleError(_("Chức vụ này đã có quyền đó trong thời gian ấy."))


def _granted(
    hat: Assignment,
    actor: Any,
    role: str,
    organization_id: int,
    include_descendants: bool,
    begins: date,
    ends: date | None,
    reason: str,
) -> RoleGrant:
    organization = Organization.objects.filter(pk=organization_id).valid_on(begins).first()
    if organization is None:
        raise RuleError(_("Đơn vị không còn hoạt động vào ngày đó."))
    _not_twice(hat, role, organization_id, begins, ends)
    grant, _made = RoleGrant.objects.update_or_create(
        assignment=hat,
        role=role,
        organization=organization,
        valid_from=begins,
        defaults={"include_descendants": include_descendants, "valid_to": ends, "granted_by": actor},
    )
    audit.record("grant.grant", actor=actor, subject=grant, after=role, note=_said(grant, reason))
    return grant


def _decided(request: GrantRequest, actor: Any, note: str, grant: RoleGrant | None) -> None:
    request.decided_by, request.decided_at = actor, timezone.now()
    request.note, request.grant = note.strip(), grant
    request.save(update_fields=["decided_by", "decided_at", "note", "grant"])


def _said(row: RoleGrant | GrantRequest, why: str) -> str:
    """«Nguyễn Thị Lan, Chuyên viên · Phòng …: Công chức thụ lý trên … và đơn vị trực thuộc. Lý do»."""
    text = _("%(who)s, %(post)s: %(role)s trên %(unit)s%(more)s") % {
        "who": row.assignment.person.full_name,
        "post": row.assignment,
        "role": row.get_role_display(),
        "unit": row.organization.name,
        "more": _(" và các đơn vị trực thuộc") if row.include_descendants else "",
    }
    return f"{text}. {why.strip()}" if why.strip() else text


def _deciders(request: GrantRequest) -> list[Any]:
    over = [*people_serving(Role.UNIT_ADMIN, request.organization_id)]
    for unit_id in {request.organization_id, request.organization.agency_id or request.organization_id}:
        over += people_serving(Role.LEADER, unit_id)
    barred = {request.asked_by_id, request.assignment.person.user_id}
    return [account for account in over if account.pk not in barred][:20]


def _tell_holder(grant: RoleGrant, title: str = "") -> None:
    account = grant.assignment.person.user
    if account is not None:
        to_tell.send(
            sender=RoleGrant,
            recipients=[account],
            kind="grant.change",
            title=title or _("Được cấp quyền mới"),
            text=_said(grant, ""),
            url=RIGHTS_PAGE,
            subject=grant,
        )


def _tell_asker(request: GrantRequest, title: str, note: str) -> None:
    to_tell.send(
        sender=GrantRequest,
        recipients=[request.asked_by],
        kind="grant.decide",
        title=title,
        text=_said(request, note),
        url=REQUESTS_PAGE,
        subject=request,
    )
