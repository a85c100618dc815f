"""People come, change posts and leave. One act ends hats, roles, delegations, sessions, and hands the work on (§7)."""

from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotAllowed, RuleError, WrongStatus
from core.models import AuditEvent
from org import handing_over, mailboxes, rules, sessions
from org.actions.delegations import take_back
from org.choices import AssignmentKind
from org.models import Assignment, Delegation, Departure, GrantRequest, Organization, Person, Position, User
from org.serving import heads_of
from org.signals import to_tell

PAGE = "/lam-viec/nhan-su/"


@transaction.atomic
def register_person(*, actor: Any, full_name: str, organization_id: int, user: User | None = None) -> Person:
    """Somebody new, for a unit that the actor manages. The account may come later."""
    if not rules.manages_people(actor, organization_id):
        raise NotAllowed(_("Chỉ thêm nhân sự cho đơn vị mình quản lý."))
    if user is not None and Person.objects.filter(user=user).exists():
        raise RuleError(_("Tài khoản này đã thuộc về một người trong danh sách nhân sự."))
    if user is not None:
        mailboxes.require(user)
    name = " ".join(full_name.split())
    person = Person.objects.create(full_name=name, user=user)
    audit.record("person.register", actor=actor, subject=person, after=name[:60])
    return person


@transaction.atomic
def take_on(*, actor: Any, full_name: str, email: str, organization_id: int, **post: Any) -> Assignment:
    """A new person with an account under his official mailbox and a first post. He sets the password himself."""
    address = email.strip().lower()
    account = User.objects.filter(email=address).first()
    if account is None:
        account = User.objects.create_user(address, None, full_name=" ".join(full_name.split()))
    person = register_person(actor=actor, full_name=full_name, organization_id=organization_id, user=account)
    return appoint(person.pk, actor=actor, organization_id=organization_id, **post)


@transaction.atomic
def appoint(
    person_id: int,
    *,
    actor: Any,
    organization_id: int,
    position: Position,
    valid_from: date,
    valid_to: date | None = None,
    kind: str = AssignmentKind.PRIMARY,
    decision_no: str,
    term: str = "",
) -> Assignment:
    """Bổ nhiệm, kiêm nhiệm, giao quyền, biệt phái. May lie in the past or to come; brings no role by itself."""
    person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
    if person.user_id == actor.pk:
        raise NotAllowed(_("Không tự bổ nhiệm mình. Đề nghị người quản trị khác."))
    if not rules.manages_people(actor, organization_id):
        raise NotAllowed(_("Chỉ bổ nhiệm vào đơn vị mình quản lý."))
    if not decision_no.strip():
        raise RuleError(_("Ghi số quyết định."))
    if person.user is not None:
        mailboxes.require(person.user)
    unit = Organization.objects.get(pk=organization_id)
    _in_life_of(unit, valid_from, valid_to)
    overlap = _overlapping(person, valid_from, valid_to)
    if overlap.filter(organization=unit, position=position).exists():
        raise RuleError(_("Người này đã giữ chức vụ đó trong thời gian ấy."))
    if kind == AssignmentKind.PRIMARY and (other := overlap.filter(kind=AssignmentKind.PRIMARY).first()):
        raise RuleError(
            _("Đang giữ chức vụ chính «%(post)s» trong thời gian ấy. Chọn kiêm nhiệm, hoặc điều động.")
            % {"post": other}
        )
    hat = Assignment.objects.create(
        person=person,
        organization=unit,
        position=position,
        kind=kind,
        rank=0 if kind == AssignmentKind.PRIMARY else 1,
        decision_no=decision_no.strip(),
        term=term.strip(),
        valid_from=valid_from,
        valid_to=valid_to,
    )
    audit.record("post.appoint", actor=actor, subject=hat, after=kind, note=said(hat))
    _tell(hat, _("Quyết định về chức vụ"), said(hat))
    return hat


@transaction.atomic
def end_post(
    assignment_id: int,
    *,
    actor: Any,
    on: date,
    reason: str,
    decision_no: str = "",
    successor: User | None = None,
) -> Departure:
    """`on` is the first day without the post: past, today, or to come (then the work passes on that day)."""
    hat = _locked(assignment_id, actor)
    _end(hat, actor=actor, on=on, reason=reason)
    return _leave(
        hat.person, hat, actor=actor, on=on, reason=reason, decision_no=decision_no, successor=successor
    )


@transaction.atomic
def change_post(
    assignment_id: int,
    *,
    actor: Any,
    on: date,
    organization_id: int,
    position: Position,
    decision_no: str,
    reason: str = "",
    valid_to: date | None = None,
    term: str = "",
    successor: User | None = None,
) -> Assignment:
    """Điều động: the old post ends on the day on which the new one begins; its roles stay behind."""
    hat = _locked(assignment_id, actor)
    why = reason.strip() or _("điều động")
    _end(hat, actor=actor, on=on, reason=why)
    new = appoint(
        hat.person_id,
        actor=actor,
        organization_id=organization_id,
        position=position,
        valid_from=on,
        valid_to=valid_to,
        kind=hat.kind,
        decision_no=decision_no,
        term=term,
    )
    _leave(hat.person, hat, actor=actor, on=on, reason=why, decision_no=decision_no, successor=successor)
    return new


@transaction.atomic
def end_service(
    person_id: int,
    *,
    actor: Any,
    on: date,
    reason: str,
    decision_no: str = "",
    successor: User | None = None,
    closes_account: bool = False,
) -> Departure:
    """Nghỉ hưu, thôi việc, chuyển đi: every post ends, those to come are called off."""
    person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
    _not_before_main_post(person, actor, on)
    hats = person.assignments.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    if not hats.exists():
        raise WrongStatus(_("Người này không còn chức vụ nào từ ngày đó."))
    for pk in hats.values_list("pk", flat=True):
        hat = _locked(pk, actor)
        _end(hat, actor=actor, on=max(on, hat.valid_from), reason=reason)
    return _leave(
        person,
        None,
        actor=actor,
        on=on,
        reason=reason,
        decision_no=decision_no,
        successor=successor,
        closes_account=closes_account,
    )


@transaction.atomic
def settle(departure_id: int) -> bool:
    """The day has come: sessions end, open work passes on. Twice does no harm. False: nothing was owed."""
    departure = (
        Departure.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("person__user", "assignment", "successor", "ordered_by")
        .filter(pk=departure_id, done_at__isnull=True, on__lte=timezone.localdate())
        .first()
    )
    if departure is None:
        return False
    account = departure.person.user
    passed: list[handing_over.Passed] = []
    if account is not None:
        sessions.end_sessions(account)
        if departure.closes_account:
            sessions.forget_second_factors(account)
            account.is_active = False
            account.save(update_fields=["is_active"])
        passed = handing_over.pass_on(account, departure.successor, departure.ordered_by, departure.reason)
    departure.done_at, departure.report = timezone.now(), [list(one) for one in passed if one.number]
    departure.save(update_fields=["done_at", "report"])
    audit.record(
        "person.leave" if departure.assignment_id is None else "post.leave",
        actor=departure.ordered_by,
        subject=departure.person,
        note="; ".join(f"{one.what}: {one.number} → {one.to or '–'}" for one in passed if one.number),
        detail={"on": departure.on.isoformat(), "account_closed": departure.closes_account},
    )
    _tell_about_work(departure, passed)
    return True


def settle_due() -> int:
    """Departures whose day has come and that still wait."""
    due = Departure.objects.filter(done_at__isnull=True, on__lte=timezone.localdate()).order_by("pk")
    return sum(settle(pk) for pk in due.values_list("pk", flat=True)[:200])


def acts_since(person: Person, day: date) -> int:
    """What was done under his name from that day on: a backdated end leaves it standing, but says so."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    return AuditEvent.objects.filter(actor=person.user_id, at__gte=start).count() if person.user_id else 0


# --- parts ------------------------------------------------------------------------------------------------


def _locked(assignment_id: int, actor: Any) -> Assignment:
    hat = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("person__user", "organization", "position")
        .get(pk=assignment_id)
    )
    if rules.is_own(actor, hat):
        raise NotAllowed(_("Việc về chức vụ của mình do người quản trị khác làm."))
    if not rules.manages_people(actor, hat.organization_id):
        raise NotAllowed(_("Chức vụ này thuộc đơn vị ngoài phạm vi quản lý của mình."))
    return hat


def _end(hat: Assignment, *, actor: Any, on: date, reason: str) -> None:
    if not reason.strip():
        raise RuleError(_("Nêu lý do thôi giữ chức vụ."))
    if hat.valid_to is not None and hat.valid_to <= on:
        raise WrongStatus(_("Chức vụ này đã kết thúc từ %(day)s.") % {"day": f"{hat.valid_to:%d/%m/%Y}"})
    _not_before(hat, on)
    hat.valid_to, hat.ends_reason = on, reason.strip()[:200]
    hat.save(update_fields=["valid_to", "ends_reason"])
    for grant in hat.grants.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on)):
        grant.valid_to = max(on, grant.valid_from)
        grant.save(update_fields=["valid_to"])
        audit.record("grant.end", actor=actor, subject=grant, before=grant.role, note=reason)
    _end_delegations(hat, actor=actor, on=on, reason=reason)
    GrantRequest.objects.filter(assignment=hat, decided_at__isnull=True).update(
        decided_at=timezone.now(), note=_("chức vụ kết thúc")
    )
    audit.record("post.end", actor=actor, subject=hat, before=hat.kind, note=f"{said(hat)}. {reason.strip()}")
    _tell(hat, _("Thôi giữ chức vụ"), said(hat))


def _not_before(hat: Assignment, on: date) -> None:
    if on < hat.valid_from:
        raise RuleError(
            _("Chức vụ bắt đầu từ %(day)s; ngày thôi giữ không thể trước ngày đó.")
            % {"day": f"{hat.valid_from:%d/%m/%Y}"}
        )


def _not_before_main_post(person: Person, actor: Any, on: date) -> None:
    """A day before the present main post would reach back into earlier posts, often in units of others."""
    main = person.assignments.valid_on().order_by("rank", "valid_from", "pk").first()
    if main is not None:
        _not_before(_locked(main.pk, actor), on)


def _end_delegations(hat: Assignment, *, actor: Any, on: date, reason: str) -> None:
    """Given and taken: what has begun ends on that day, what lies after it never begins."""
    mine = Delegation.objects.filter(Q(giver=hat) | Q(taker=hat), revoked_at__isnull=True, valid_to__gt=on)
    later = on > timezone.localdate()
    gone = []
    for made in mine.select_related("giver__person", "taker__person"):
        if later and made.valid_from < on:
            made.valid_to = on
            made.save(update_fields=["valid_to"])
            audit.record("delegation.shorten", actor=actor, subject=made, note=reason)
        else:
            gone.append(made)
    take_back(gone, actor=actor, reason=reason)


def _leave(
    person: Person,
    hat: Assignment | None,
    *,
    actor: Any,
    on: date,
    reason: str,
    decision_no: str,
    successor: User | None,
    closes_account: bool = False,
) -> Departure:
    if successor is not None and (
        successor.pk == person.user_id or not successor.is_active or not successor.hats
    ):
        raise RuleError(_("Người nhận việc phải là người khác, đang giữ một chức vụ."))
    departure = Departure.objects.create(
        person=person,
        assignment=hat,
        on=on,
        reason=reason.strip()[:200],
        decision_no=decision_no.strip(),
        successor=successor,
        closes_account=closes_account,
        ordered_by=actor,
    )
    if on <= timezone.localdate():
        settle(departure.pk)
        departure.refresh_from_db()
    return departure


def _in_life_of(unit: Organization, begins: date, ends: date | None) -> None:
    if ends is not None and ends <= begins:
        raise RuleError(_("Ngày kết thúc phải sau ngày bắt đầu."))
    late = unit.valid_to is not None and (ends is None or ends > unit.valid_to)
    if begins < unit.valid_from or late:
        raise RuleError(
            _("%(unit)s hoạt động từ %(begins)s%(ends)s; chức vụ phải nằm trong thời gian đó.")
            % {
                "unit": unit.name,
                "begins": f"{unit.valid_from:%d/%m/%Y}",
                "ends": _(" đến trước %(day)s") % {"day": f"{unit.valid_to:%d/%m/%Y}"}
                if unit.valid_to
                else "",
            }
        )


def _overlapping(person: Person, begins: date, ends: date | None) -> Any:
    found = person.assignments.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=begins))
    return found.filter(valid_from__lt=ends) if ends else found


def said(hat: Assignment) -> str:
    """«Nguyễn Thị Lan: Chuyên viên · Phòng … (kiêm nhiệm) từ 01/01/2027, QĐ 12/QĐ-UBND»."""
    text = f"{hat.person.full_name}: {hat} ({hat.get_kind_display()}), {hat.valid_from:%d/%m/%Y}–"
    text += f"{hat.valid_to:%d/%m/%Y}" if hat.valid_to else "…"
    return f"{text}, {hat.decision_no}" if hat.decision_no else text


def _tell(hat: Assignment, title: str, text: str) -> None:
    if hat.person.user is not None:
        to_tell.send(
            sender=Assignment,
            recipients=[hat.person.user],
            kind="post.change",
            title=title,
            text=text,
            url="/lam-viec/quyen/",
            subject=hat,
        )


def _tell_about_work(departure: Departure, passed: list[handing_over.Passed]) -> None:
    """Whoever got work, and when nobody was found, who ordered it."""
    left = [one for one in passed if one.number and not one.to]
    lines = "; ".join(
        f"{one.what}: {one.number} → {one.to or _('chưa có người nhận')}" for one in passed if one.number
    )
    if not lines:
        return
    unit_id = departure.assignment.organization_id if departure.assignment else None
    told = [departure.successor] if departure.successor else heads_of(unit_id)
    if left:
        told = [*told, departure.ordered_by]
    to_tell.send(
        sender=Departure,
        recipients=[account for account in told if account is not None],
        kind="post.work",
        title=_("Việc được bàn giao từ %(name)s") % {"name": departure.person.full_name},
        text=lines,
        url="/lam-viec/",
        subject=departure,
    )
