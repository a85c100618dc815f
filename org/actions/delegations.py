"""Power handed over in writing, for a while, within a scope; taken back. It is never passed on (§7)."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowed, NoteMissing, RuleError, WrongStatus
from org import rules, scopes
from org.choices import DelegationKind, Role, SignsAs
from org.models import Assignment, Delegation
from org.powers import allowed_roles
from org.signals import to_tell

PAGE = "/lam-viec/uy-quyen/"


@transaction.atomic
def delegate(
    giver_id: int,
    taker_id: int,
    *,
    actor: Any,
    kind: str,
    roles: list[str],
    document_no: str,
    valid_from: date,
    valid_to: date,
    scope: dict[str, list[str]] | None = None,
) -> Delegation:
    """`valid_to` is the first day without it. RuleError says what stands in the way; nothing is saved."""
    hats = Assignment.objects.select_for_update(of=("self",)).select_related(
        "person__user", "organization", "position"
    )
    found = {hat.pk: hat for hat in hats.filter(pk__in=[giver_id, taker_id]).order_by("pk")}
    giver, taker = found[giver_id], found[taker_id]
    covers = kind == DelegationKind.DUTY_COVER
    if not rules.gives(actor, giver, covers=covers):
        raise NotAllowed(
            _("Chỉ người giữ chức vụ giao quyền của mình; phân công trực do người đứng đầu đơn vị.")
        )
    if actor.standing_in is not None:
        raise NotAllowed(_("Đang làm việc theo ủy quyền nên không giao quyền tiếp được."))
    _check_people(giver, taker)
    _check_dates(giver, taker, valid_from, valid_to)
    _check_roles(actor, giver, taker, kind, roles, valid_from)
    if not document_no.strip():
        raise RuleError(_("Ghi số, ký hiệu văn bản giao quyền: ủy quyền phải bằng văn bản."))
    wanted = {key: codes for key, codes in (scope or {}).items() if codes}
    if unknown := wanted.keys() - scopes.SCOPES.keys():
        raise RuleError(_("Không biết phạm vi «%(key)s».") % {"key": ", ".join(sorted(unknown))})
    _check_not_given_already(giver, taker, roles, wanted, valid_from, valid_to)
    made = Delegation.objects.create(
        giver=giver,
        taker=taker,
        kind=kind,
        roles=sorted(roles),
        scope=wanted,
        document_no=document_no.strip(),
        valid_from=valid_from,
        valid_to=valid_to,
        created_by=actor,
    )
    audit.record("delegation.give", actor=actor, subject=made, after=kind, note=said(made))
    _tell(made, [taker.person.user, giver.person.user], actor, _("Được giao quyền: %(name)s"))
    return made


@transaction.atomic
def revoke(delegation_id: int, *, actor: Any, reason: str) -> Delegation:
    """From this moment. What was signed before stays signed."""
    made = (
        Delegation.objects.select_for_update(of=("self",))
        .select_related(
            "giver__person__user", "giver__organization", "taker__person__user", "taker__organization"
        )
        .get(pk=delegation_id)
    )
    if not rules.revokes(actor, made):
        raise NotAllowed(_("Người giao quyền hoặc người đứng đầu đơn vị mới thu hồi được."))
    if made.revoked_at is not None or made.valid_to <= timezone.localdate():
        raise WrongStatus(_("Ủy quyền này đã hết hiệu lực."))
    if not reason.strip():
        raise NoteMissing
    take_back([made], actor=actor, reason=reason)
    _tell(made, [taker_of(made), made.giver.person.user], actor, _("Quyền được giao đã thu hồi: %(name)s"))
    return made


def take_back(delegations: list[Delegation], *, actor: Any, reason: str) -> None:
    """Mark as revoked now, with an event each. Call inside `atomic`."""
    for made in delegations:
        made.revoked_at, made.revoked_by, made.revoke_reason = timezone.now(), actor, reason.strip()[:300]
        made.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
        audit.record("delegation.revoke", actor=actor, subject=made, before=made.kind, note=reason)


def taker_of(delegation: Delegation) -> Any:
    return delegation.taker.person.user


def _check_people(giver: Assignment, taker: Assignment) -> None:
    if giver.person_id == taker.person_id:
        raise RuleError(_("Không giao quyền cho chính mình."))
    if taker.person.user is None or not taker.person.user.is_active:
        raise RuleError(_("%(name)s chưa có tài khoản đang hoạt động.") % {"name": taker.person.full_name})


def _check_dates(giver: Assignment, taker: Assignment, begins: date, ends: date) -> None:
    if begins < timezone.localdate():
        raise RuleError(
            _("Không giao quyền lùi ngày: việc đã làm không được hợp thức bằng ủy quyền lập sau.")
        )
    if ends <= begins:
        raise RuleError(_("Ngày kết thúc phải sau ngày bắt đầu."))
    most = settings.DELEGATION_MOST_DAYS
    if (ends - begins).days > most:
        latest = begins + timedelta(days=most - 1)
        raise RuleError(
            _("Một lần giao quyền dài nhất %(most)d ngày: từ %(begins)s thì chậm nhất đến hết %(latest)s.")
            % {"most": most, "begins": f"{begins:%d/%m/%Y}", "latest": f"{latest:%d/%m/%Y}"}
        )
    for hat in (giver, taker):
        if hat.valid_from > begins or (hat.valid_to is not None and hat.valid_to < ends):
            raise RuleError(
                _("%(name)s không giữ chức vụ «%(post)s» suốt thời gian đó.")
                % {"name": hat.person.full_name, "post": hat.position.title}
            )


def _check_not_given_already(
    giver: Assignment,
    taker: Assignment,
    roles: list[str],
    scope: dict[str, list[str]],
    begins: date,
    ends: date,
) -> None:
    """The same power twice at the same time: which of the two documents would a signature name? Posts are locked."""
    standing = Delegation.objects.filter(
        giver=giver, taker=taker, revoked_at__isnull=True, valid_from__lt=ends, valid_to__gt=begins
    )
    wanted = sorted(roles), _in_order(scope)
    for made in standing:
        if (sorted(made.roles), _in_order(made.scope)) == wanted:
            raise RuleError(
                _(
                    "%(name)s đã được giao đúng quyền và phạm vi này từ %(begins)s đến hết %(ends)s, theo %(no)s. "
                    "Thu hồi bản đó trước, hoặc chọn thời gian không trùng."
                )
                % {
                    "name": taker.person.full_name,
                    "begins": f"{made.valid_from:%d/%m/%Y}",
                    "ends": f"{made.last_day:%d/%m/%Y}",
                    "no": made.document_no,
                }
            )


def _in_order(scope: dict[str, list[str]]) -> dict[str, list[str]]:
    return {key: sorted(codes) for key, codes in scope.items() if codes}


def _check_roles(
    actor: Any, giver: Assignment, taker: Assignment, kind: str, roles: list[str], begins: date
) -> None:
    if not roles:
        raise RuleError(_("Chọn ít nhất một quyền để giao."))
    if beyond := set(roles) - allowed_roles(kind):
        names = ", ".join(str(Role(role).label) for role in sorted(beyond))
        if kind == DelegationKind.DUTY_COVER:
            raise RuleError(
                _("Phân công trực chỉ để xử lý công việc, không để ký, đóng dấu: bỏ «%(roles)s».")
                % {"roles": names}
            )
        raise RuleError(_("Quyền «%(roles)s» không giao cho người khác được.") % {"roles": names})
    held = {grant.role for grant in giver.grants.all() if grant.holds_on(begins)}
    if missing := set(roles) - held:
        names = ", ".join(str(Role(role).label) for role in sorted(missing))
        taken = Delegation.objects.in_force(begins).filter(taker=giver)
        if any(set(made.roles) & missing for made in taken):
            raise RuleError(
                _("Quyền «%(roles)s» có được do ủy quyền nên không ủy quyền tiếp.") % {"roles": names}
            )
        raise RuleError(_("Chức vụ giao quyền không có quyền «%(roles)s».") % {"roles": names})
    if Role.LEADER in roles:
        _check_form(taker, kind)


def _check_form(taker: Assignment, kind: str) -> None:
    """Ký thay is for deputies; «phân công» signs in the taker's own form, so he must have one (NĐ 30/2020, art. 13)."""
    form = taker.position.signs_as
    if kind == DelegationKind.FOR_HEAD and form != SignsAs.FOR_HEAD:
        raise RuleError(_("Ký thay (KT.) chỉ giao cho cấp phó. Chọn ủy quyền hoặc thừa lệnh."))
    if kind == DelegationKind.ASSIGNED and form == SignsAs.NONE:
        raise RuleError(_("Chức vụ nhận quyền không có thể thức ký riêng. Chọn ủy quyền hoặc thừa lệnh."))


def said(made: Delegation) -> str:
    names = ", ".join(str(Role(role).label) for role in made.roles)
    text = _("%(giver)s giao %(taker)s: %(roles)s, %(begins)s–%(ends)s, theo %(no)s") % {
        "giver": made.giver.person.full_name,
        "taker": made.taker.person.full_name,
        "roles": names,
        "begins": f"{made.valid_from:%d/%m/%Y}",
        "ends": f"{made.last_day:%d/%m/%Y}",
        "no": made.document_no,
    }
    narrowed = scopes.words(made.scope)
    return f"{text}; {narrowed}" if narrowed else text


def _tell(made: Delegation, accounts: list[Any], actor: Any, title: str) -> None:
    to_tell.send(
        sender=Delegation,
        recipients=[account for account in accounts if account is not None and account != actor],
        kind="delegation.change",
        title=title % {"name": made.giver.person.full_name},
        text=said(made),
        url=PAGE,
        subject=made,
    )
