"""What waits for a hat, most urgent first, and what its wearer waits for. A constant number of queries."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.calendar import WorkingCalendar
from core.duechip import Chip, ChipState, span
from core.models import WorkingDay
from core.models.calendar import DayKind
from core.office_calendar import Calendars
from documents import services as documents
from documents.services import DocumentStatus
from onecase import clock, procedure_page, rules
from onecase.choices import OPEN, Channel
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from onecase.querysets import CaseQuerySet
from onecase.workflow import MOVES
from org import powers
from org import services as org
from org.choices import DataRequestStatus, Role

SHOWN: Final = 30  # rows of one group; the rest is a link
COUNTED: Final = 1000
LINE: Final = 76  # characters of a title that one line of the desk takes
CASES: Final = "/lam-viec/ho-so/"
DOCUMENTS: Final = "/lam-viec/van-ban/"
DATA_REQUESTS: Final = "/lam-viec/du-lieu-ca-nhan/"
HANDING_OUT: Final = {S.COMPLETED, S.REFUSED}

# The verb of a row is the first of these moves that is open to the person. Labels that differ from the move's own.
VERBS: Final = (
    "accept",
    "hand_over",
    "return_result",
    "agree_withdrawal",
    "request_supplement",
    "assign",
    "take_up",
    "submit_for_approval",
    "approve",
)
WORDS: Final[dict[tuple[str, str], Any]] = {
    ("request_supplement", S.SUPPLEMENT_PROPOSED): gettext_lazy("Duyệt bổ sung"),
    ("submit_for_approval", S.APPRAISING): gettext_lazy("Thẩm định"),
    ("agree_withdrawal", S.WITHDRAWAL_REQUESTED): gettext_lazy("Xét đề nghị rút"),
}


class Wait(NamedTuple):
    """A kind of work: who does it, in which column of the case his unit stands, at which statuses."""

    role: Role
    column: str
    statuses: frozenset[str]
    more: Q = Q()


# fmt: off
WAITS: Final = (
    Wait(Role.COUNTER_OFFICER, "receiving_unit", frozenset({S.SUBMITTED, S.ACCEPTED})),
    Wait(Role.COUNTER_OFFICER, "receiving_unit", frozenset({S.WITHDRAWAL_REQUESTED}), Q(handling_unit__isnull=True)),
    Wait(Role.UNIT_HEAD,       "handling_unit",  frozenset({S.FORWARDED, S.SUPPLEMENT_PROPOSED, S.WITHDRAWAL_REQUESTED})),
    Wait(Role.LEADER,          "agency",         frozenset({S.AWAITING_APPROVAL})),
    Wait(Role.CLERK,           "agency",         frozenset({S.APPROVED}), Q(result_document__status=DocumentStatus.SIGNED)),
)
# fmt: on


@dataclass(frozen=True)
class Row:
    """One line of the desk: what the component `desk_row` draws."""

    href: str
    title: str
    meta: str
    verb: str
    chip: Any
    kind: str = ""
    icon: str = "journal-text"


@dataclass
class Group:
    title: str
    rows: list[Any] = field(default_factory=list)  # Row, and the like of other apps
    count: int = 0
    note: str = ""
    more_url: str = ""

    @property
    def count_words(self) -> str:
        return (
            _("hơn %(count)s") % {"count": due_number(COUNTED)}
            if self.count > COUNTED
            else due_number(self.count)
        )

    @property
    def more_words(self) -> str:
        return _("xem cả %(count)s") % {"count": self.count_words}


@dataclass
class Desk:
    groups: list[Group]
    total: int
    overdue: int
    days: list[dict[str, Any]]
    week_note: str


@dataclass
class Asked:
    """What somebody else owes: one line of «Tôi đang chờ người khác»."""

    href: str
    what: Any
    who: str
    chip: Any


def due_number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def waiting_for(user: Any) -> CaseQuerySet:
    """Open cases on which the present hat should act now (results to hand out stand apart)."""
    clauses = [
        rules.serving(user, wait.column, wait.role) & Q(business_status__in=sorted(wait.statuses)) & wait.more
        for wait in WAITS
        if user.holds(wait.role)
    ]
    if user.holds(Role.CASE_OFFICER):
        clauses.append(
            rules.serving(user, "handling_unit", Role.CASE_OFFICER) & Q(business_status=S.FORWARDED)
        )
        clauses.append(_in_hand(user) & Q(business_status=S.APPRAISING))
    if user.holds(Role.UNIT_HEAD):  # left by somebody who went, until it is given to another
        left = Q(business_status=S.APPRAISING, handler=user.pk)
        clauses.append(rules.serving(user, "handling_unit", Role.UNIT_HEAD) & left)
    return Case.objects.filter(powers.together(clauses), business_status__in=sorted(OPEN))


def to_hand_out(user: Any) -> CaseQuerySet:
    """Results that lie ready at the counter."""
    if not user.holds(Role.COUNTER_OFFICER):
        return Case.objects.none()
    mine = rules.serving(user, "receiving_unit", Role.COUNTER_OFFICER)
    return Case.objects.filter(mine, business_status__in=sorted(HANDING_OUT))


def waited_on(user: Any) -> CaseQuerySet:
    """Open cases where the present hat has done its part and others have not yet."""
    elsewhere = {S.SUPPLEMENT_PROPOSED, S.SUPPLEMENT_REQUIRED, S.AWAITING_APPROVAL, S.APPROVED}
    asked = (
        (Role.UNIT_HEAD, "handling_unit", {S.SUPPLEMENT_REQUIRED, S.AWAITING_APPROVAL}),
        (Role.COUNTER_OFFICER, "receiving_unit", {S.INTAKE_RETURNED}),
        (Role.LEADER, "agency", {S.APPROVED}),
    )
    clauses = [
        rules.serving(user, column, role) & Q(business_status__in=sorted(statuses))
        for role, column, statuses in asked
        if user.holds(role)
    ]
    if user.holds(Role.CASE_OFFICER):
        clauses.append(_in_hand(user) & Q(business_status__in=sorted(elsewhere)))
    return Case.objects.filter(powers.together(clauses), business_status__in=sorted(OPEN))


def _in_hand(user: Any) -> Q:
    """Cases that this person handles, or a colleague for whom he stands in."""
    return user.standing_for("handling_unit", "handler", Role.CASE_OFFICER, Case)


def desk_of(user: Any, *, now: datetime) -> Desk:
    """Groups by due time, oldest first in each."""
    waiting, ready = waiting_for(user), to_hand_out(user)
    timed = waiting.filter(due_at__isnull=False).order_by("due_at", "pk")
    untimed = waiting.filter(due_at__isnull=True).order_by("pk")
    dues: list[Any] = list(timed.values_list("due_at", flat=True)[: COUNTED + 1])
    calendars = Calendars()
    today = timezone.localdate(now)
    edges = [
        now,
        _midnight(today + timedelta(days=1)),
        _midnight(today + timedelta(days=7 - today.weekday())),
    ]
    cuts = [bisect_left(dues, edge) for edge in edges]
    titles = (_("Quá hạn"), _("Đến hạn hôm nay"), _("Tuần này"), _("Sau đó"))
    late, today_group, week, later = (Group(title) for title in titles)
    for group, start, end in zip(
        (late, today_group, week, later), [0, *cuts], [*cuts, len(dues)], strict=True
    ):
        group.count = end - start
    rows = [*_drawn(timed.filter(due_at__lt=now), SHOWN), *_drawn(timed.filter(due_at__gte=now), 2 * SHOWN)]
    for case in rows:
        place = sum(case.due_at is not None and case.due_at >= edge for edge in edges)
        _put((late, today_group, week, later)[place], case, user, calendars, now)
    fresh = Group(_("Không có hạn"))
    intake = untimed.filter(business_status=S.SUBMITTED)
    others = untimed.exclude(business_status=S.SUBMITTED)
    # Whatever came in must be looked at on the same day: it stands under «hôm nay», after what is due.
    for case in _drawn(intake, SHOWN):
        _put(today_group, case, user, calendars, now)
    today_group.count += _capped(intake)
    for case in [*_drawn(others, SHOWN), *_drawn(ready.order_by("-pk"), 10)]:
        _put(fresh, case, user, calendars, now)
    fresh.count = _capped(others) + _capped(ready)
    papers = _papers(user, now, (late, today_group, week, later), edges)
    asked = _of_citizens_data(user, calendars, now)
    days, note = _week(today, dues)
    _explain(late, today_group, note, today)
    groups = [group for group in (late, today_group, week, later, papers, fresh, asked) if group.rows]
    for group, address in (
        (late, "han=qua-han"),
        (today_group, "nhom=cho-tiep-nhan"),
        (fresh, "nhom=co-ket-qua"),
    ):
        group.more_url = f"{CASES}?{address}" if group.count > len(group.rows) else ""
    total = sum(group.count for group in groups)
    return Desk(groups, total, late.count, days, note)


def _papers(user: Any, now: datetime, timed: Sequence[Group], edges: Sequence[datetime]) -> Group:
    """Official documents: what is due stands among the cases, the rest in a group of its own."""
    group = Group(_("Văn bản"), more_url=DOCUMENTS)
    for row in documents.waiting(user, now=now):
        if row.due_at is not None:
            place = timed[sum(row.due_at >= edge for edge in edges)]
            place.rows.append(row)
            place.count += 1
        else:
            group.rows.append(row)
    group.count = len(group.rows)
    return group


def asked_of_others(user: Any, *, now: datetime) -> list[Asked]:
    """At most six, the nearest due time first."""
    calendars = Calendars()
    found = (
        waited_on(user).with_pause_start().select_related("procedure", "handler").order_by("due_at", "pk")[:6]
    )
    return [
        Asked(
            href=f"/lam-viec/ho-so/{case.code}/",
            what=ASKED[case.business_status],
            who=case.owner_name if case.business_status in OF_CITIZENS else case.code,
            chip=_chip(case, calendars.of(case.agency_id), now),
        )
        for case in found
    ]


def count_of(user: Any) -> int:
    """The figure beside «Bàn làm việc», capped."""
    cases = _capped(waiting_for(user)) + _capped(to_hand_out(user))
    return cases + _capped(org.data_requests_waiting(user)) + documents.waiting_count(user)


ASKED: Final = {
    S.INTAKE_RETURNED: gettext_lazy("Bổ sung khi tiếp nhận"),
    S.SUPPLEMENT_PROPOSED: gettext_lazy("Duyệt yêu cầu bổ sung"),
    S.SUPPLEMENT_REQUIRED: gettext_lazy("Bổ sung giấy tờ"),
    S.AWAITING_APPROVAL: gettext_lazy("Lãnh đạo ký"),
    S.APPROVED: gettext_lazy("Ký số, đóng dấu"),
}
OF_CITIZENS: Final = {S.INTAKE_RETURNED, S.SUPPLEMENT_REQUIRED}


def _of_citizens_data(user: Any, calendars: Calendars, now: datetime) -> Group:
    """What citizens ask about their data: no due time is set, so each row says how long it has waited."""
    waiting = org.data_requests_waiting(user)
    group = Group(_("Dữ liệu cá nhân"))
    words = _("chờ trả lời")
    for request in waiting[:SHOWN]:
        waited = calendars.of(request.unit_id).working_seconds_between(request.created_at, now)
        at = timezone.localtime(request.created_at)
        group.rows.append(
            Row(
                href=f"{DATA_REQUESTS}{request.pk}/",
                title=f"{str(request.get_kind_display()).capitalize()} – {request.user.full_name}",
                meta=_("gửi %(at)s") % {"at": f"{at:%H:%M %d/%m}"},
                verb=_("Nhận xử lý") if request.status == DataRequestStatus.SUBMITTED else _("Trả lời"),
                chip=Chip(ChipState.NONE, lead=words, strong=span(waited // 60 * 60), label=words),
                kind=_("Yêu cầu"),
                icon="person-badge",
            )
        )
    group.count = _capped(waiting)
    group.more_url = DATA_REQUESTS if group.count > len(group.rows) else ""
    return group


def _drawn(cases: CaseQuerySet, size: int) -> list[Case]:
    return list(cases.with_pause_start().for_list()[:size])


def _put(group: Group, case: Case, user: Any, calendars: Calendars, now: datetime) -> None:
    verb = verb_of(case, user)
    if not verb:
        group.count -= 1
        return
    chip = _chip(case, calendars.of(case.agency_id), now)
    name = procedure_page.brief_name(case.procedure.name, at_most=max(36, LINE - len(case.owner_name)))
    group.rows.append(
        Row(
            href=f"/lam-viec/ho-so/{case.code}/",
            title=f"{name} – {case.owner_name}",
            meta=_meta(case, chip, now),
            verb=verb,
            chip=chip,
            kind=_("Hồ sơ"),
        )
    )


def verb_of(case: Case, user: Any) -> str:
    """What this person should do with the case now; empty when nothing is open to him."""
    if case.business_status == S.APPROVED:
        return _("Đóng dấu") if rules.keeps_seal(user, case) else ""
    moves = {move.verb: move for move in MOVES.open_to(user, case)}
    if "assign" in moves and case.handler_id == user.pk and not rules.handles(user, case):
        return str(moves["assign"].label)  # left by somebody who went
    for verb in VERBS:
        if verb in moves:
            if verb == "submit_for_approval" and case.result_document_id:
                return _("Trình lãnh đạo ký")
            return str(WORDS.get((verb, case.business_status), moves[verb].label))
    return ""


def _meta(case: Case, chip: Chip, now: datetime) -> str:
    parts = [case.code or ""]
    if case.business_status == S.SUBMITTED and case.submitted_at:
        at = timezone.localtime(case.submitted_at)
        when = f"{at:%H:%M}" if at.date() == timezone.localdate(now) else f"{at:%H:%M %d/%m}"
        way = _("qua mạng") if case.channel == Channel.ONLINE else case.get_channel_display()
        parts.append(_("nộp %(when)s %(way)s") % {"when": when, "way": way})
    elif case.supplement_count and case.business_status == S.APPRAISING:
        parts.append(_("đã bổ sung lần %(count)s") % {"count": case.supplement_count})
    elif chip.is_late:
        parts.append(_("cần văn bản xin lỗi trước khi trả"))
    elif case.finished_at:
        parts.append(_("có kết quả từ %(day)s") % {"day": f"{timezone.localtime(case.finished_at):%d/%m}"})
    return " · ".join(parts)


def _chip(case: Case, working: WorkingCalendar, now: datetime) -> Chip:
    if case.business_status == S.SUBMITTED and case.submitted_at:
        minutes = working.working_seconds_between(case.submitted_at, now) // 60
        words = _("chờ tiếp nhận")
        return Chip(ChipState.NONE, lead=words, strong=span(minutes * 60), label=words)
    if case.business_status == S.INTAKE_RETURNED and case.reply_by:
        words = _("bổ sung trước %(day)s") % {"day": f"{case.reply_by:%d/%m}"}
        return Chip(ChipState.NONE, lead=words, label=words)
    return clock.chip_of(case, now=now, working=working, paused_since=case.paused_since)  # type: ignore[attr-defined]


def _explain(late: Group, today_group: Group, note: str, today: date) -> None:
    late.note = _("việc này xếp trước, dù nhận sau")
    tomorrow = (
        WorkingDay.objects.filter(date=today + timedelta(days=1)).exclude(kind=DayKind.SWAP_WORKDAY).first()
    )
    if tomorrow:
        unsure = "" if tomorrow.is_official else _(" (dự kiến)")
        today_group.note = _("ngày mai %(day)s nghỉ%(unsure)s") % {
            "day": f"{tomorrow.date:%d/%m}",
            "unsure": unsure,
        }


def _week(today: date, dues: list[Any]) -> tuple[list[dict[str, Any]], str]:
    """The working week (the coming one at week-ends) with days off and what falls due each day."""
    monday = today - timedelta(days=today.weekday())
    if today.weekday() > 4:
        monday += timedelta(days=7)
    special = {
        day.date: day for day in WorkingDay.objects.filter(date__range=(monday, monday + timedelta(days=6)))
    }
    per_day: dict[date, int] = {}
    for at in dues:
        per_day[timezone.localdate(at)] = per_day.get(timezone.localdate(at), 0) + 1
    days, notes = [], []
    for step, name in enumerate(("T2", "T3", "T4", "T5", "T6")):
        day = monday + timedelta(days=step)
        off = special.get(day)
        count = per_day.get(day, 0)
        words = _("nghỉ") if off else _("%(count)s hạn") % {"count": count} if count else "–"
        days.append({"name": name, "number": day.day, "words": words, "today": day == today, "off": off})
    for one in sorted(special.values(), key=lambda one: one.date):
        if one.kind == DayKind.SWAP_WORKDAY:
            notes.append(_("%(day)s làm bù: %(name)s.") % {"day": f"{one.date:%d/%m}", "name": one.name})
        elif not one.is_official:
            text = _("%(day)s %(name)s: dự kiến, chưa có văn bản gốc. Hạn sẽ tính lại nếu thay đổi.")
            notes.append(text % {"day": f"{one.date:%d/%m}", "name": one.name})
    return days, " ".join(notes)


def _capped(cases: QuerySet[Any]) -> int:
    return cases.order_by()[: COUNTED + 1].count()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
