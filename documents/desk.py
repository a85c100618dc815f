"""What waits in documents for a hat: rows for «Việc của tôi» and for the one desk of all apps. One query per kind of work."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.duechip import Chip, ChipState, chip, span
from core.office_calendar import Calendars
from documents import chips, rules
from documents.choices import (
    TASK_OPEN,
    DocumentStatus,
    ExtensionState,
    RecallAnswer,
    TaskRole,
    TaskState,
)
from documents.choices import IncomingState as I
from documents.models import Document, IncomingDocument, Opinion, RecallAnswerRow, Task, TaskExtension
from org.choices import Role

SHOWN: Final = 30
BASE: Final = "/lam-viec/van-ban/"


@dataclass(frozen=True)
class Row:
    """One line: what the component `desk_row` draws, and the time by which it is sorted."""

    href: str
    title: str
    meta: str
    verb: str
    chip: Chip
    kind: str = ""
    icon: str = "file-earmark-text"
    due_at: datetime | None = None


@dataclass
class Kind:
    """A kind of work of the present hat: how many wait, and the most urgent of them."""

    title: str
    found: QuerySet[Any]
    draw: Callable[[Any, Calendars, datetime], Row]
    more_url: str = ""
    rows: list[Row] = field(default_factory=list)

    def read(self, calendars: Calendars, now: datetime) -> "Kind":
        shown = list(self.found[: SHOWN + 1])
        self.is_more = len(shown) > SHOWN
        self.rows = [self.draw(one, calendars, now) for one in shown[:SHOWN]]
        return self

    @property
    def count_words(self) -> str:
        return _("hơn %(n)s") % {"n": SHOWN} if self.is_more else str(len(self.rows))

    is_more: bool = False


# --- what waits -----------------------------------------------------------------------------------------------


def _incoming(user: Any, *states: str, role: Role) -> QuerySet[Any]:
    return (
        IncomingDocument.objects.filter(
            rules.serving(user, "agency", role, model="IncomingDocument"), state__in=states, is_frozen=False
        )
        .defer("report")
        .order_by("-urgency", "pk")
    )


def to_register(user: Any) -> QuerySet[Any]:
    return _incoming(user, I.ARRIVED, I.REGISTERED, role=Role.CLERK)


def to_direct(user: Any) -> QuerySet[Any]:
    """Submitted to this leader, or to nobody in particular; and what nobody leads any more."""
    adrift = Q(state__in=[I.ASSIGNED, I.IN_PROGRESS]) & ~Q(
        pk__in=Task.objects.filter(
            role=TaskRole.LEAD, state__in=[*sorted(TASK_OPEN), TaskState.DONE], directive__under__isnull=True
        ).values("incoming")
    )
    mine = Q(state=I.SUBMITTED) & (
        Q(submitted_to=user.principal) | Q(submitted_to=user) | Q(submitted_to__isnull=True)
    )
    found = IncomingDocument.objects.filter(
        rules.serving(user, "agency", Role.LEADER, model="IncomingDocument"), mine | adrift, is_frozen=False
    )
    return found.defer("report").order_by("-urgency", "pk")


def my_tasks(user: Any) -> QuerySet[Any]:
    """Tasks that name him, and as a head those given to his unit as a whole."""
    return (
        Task.objects.to_do(user)
        .filter(incoming__is_frozen=False)
        .select_related("incoming", "unit", "person")
        .order_by(F("due_at").asc(nulls_last=True), "pk")
    )


def unit_tasks(user: Any) -> QuerySet[Any]:
    """What his people have in hand: a head watches it."""
    units = user.units_as(Role.UNIT_HEAD)
    return (
        Task.objects.open()
        .work()
        .filter(unit__in=units, person__isnull=False, incoming__is_frozen=False)
        .exclude(person=user)
        .select_related("incoming", "unit", "person")
        .order_by(F("due_at").asc(nulls_last=True), "pk")
    )


def extensions_asked(user: Any) -> QuerySet[Any]:
    mine = Q(task__directive__by=user) | Q(task__incoming__agency__in=user.units_as(Role.LEADER))
    return (
        TaskExtension.objects.filter(mine, state=ExtensionState.ASKED, task__state__in=sorted(TASK_OPEN))
        .exclude(asked_by=user)
        .select_related("task__incoming", "task__unit", "task__person")
        .order_by("pk")
    )


def recalls_asked(user: Any) -> QuerySet[Any]:
    return (
        RecallAnswerRow.objects.filter(
            answer=RecallAnswer.WAITING, recipient__incoming__agency__in=user.units_as(Role.CLERK)
        )
        .select_related("request", "recipient__incoming")
        .order_by("pk")
    )


def kinds(user: Any) -> list[Kind]:
    """In order of urgency; only what the hat has a use for asks a question."""
    found = []
    if user.holds(Role.CLERK):
        found += [
            Kind(_("Nơi gửi yêu cầu thu hồi, cập nhật"), recalls_asked(user), _recall_row),
            Kind(_("Văn bản đến cần tiếp nhận, trình"), to_register(user), _register_row, f"{BASE}den/"),
            Kind(
                _("Chờ kiểm tra thể thức"),
                _papers(Document.objects.waiting_for_check(user)),
                _paper_row(_("Kiểm tra thể thức")),
            ),
            Kind(
                _("Chờ đóng dấu"),
                _papers(Document.objects.waiting_for_seal(user).filter(kind="official")),
                _paper_row(_("Đóng dấu"), f"{BASE}dong-dau/"),
            ),
        ]
    if user.holds(Role.LEADER):
        found += [
            Kind(_("Chờ ý kiến chỉ đạo"), to_direct(user), _direct_row, f"{BASE}den/?trang-thai=cho-chi-dao"),
            Kind(
                _("Chờ ký"),
                _papers(Document.objects.waiting_for_signature(user)),
                _paper_row(_("Ký"), f"{BASE}trinh-ky/"),
            ),
        ]
    found.append(Kind(_("Việc được giao"), my_tasks(user), _task_row(user), f"{BASE}viec/"))
    if user.holds(Role.UNIT_HEAD):
        found.append(
            Kind(
                _("Dự thảo chờ ký nháy"),
                _papers(Document.objects.waiting_for_head(user)),
                _paper_row(_("Xem, ký nháy")),
            )
        )
    if user.holds(Role.LEADER, Role.UNIT_HEAD):
        found.append(Kind(_("Xin gia hạn"), extensions_asked(user), _extension_row))
    if user.holds(Role.UNIT_HEAD, Role.LEADER, Role.CASE_OFFICER):
        opinions = Opinion.objects.waiting_for(user).select_related("document__type", "unit")
        found.append(Kind(_("Được hỏi ý kiến dự thảo"), opinions, _opinion_row))
    if user.holds(*rules.DRAFTERS):
        drafts = (
            Document.objects.official()
            .filter(drafter=user, status=DocumentStatus.DRAFT)
            .order_by("-urgency", "-pk")
        )
        found.append(Kind(_("Dự thảo của tôi"), _papers(drafts), _paper_row(_("Soạn tiếp")), f"{BASE}di/"))
    return found


def waiting(user: Any, *, now: datetime | None = None) -> list[Row]:
    """Everything that asks for an act of this hat, for the one desk."""
    now, calendars = now or timezone.now(), Calendars()
    return [row for kind in kinds(user) for row in kind.read(calendars, now).rows]


def waiting_count(user: Any) -> int:
    """How many; each kind is counted no further than it is shown."""
    return sum(kind.found.order_by()[: SHOWN + 1].count() for kind in kinds(user))


def home(user: Any, *, now: datetime) -> list[Kind]:
    """The groups of «Việc của tôi» that have rows; as a head also what his people have in hand."""
    calendars = Calendars()
    groups = kinds(user)
    if user.holds(Role.UNIT_HEAD):
        groups.append(Kind(_("Người trong đơn vị đang làm"), unit_tasks(user), _task_row(user)))
    return [kind for kind in (one.read(calendars, now) for one in groups) if kind.rows]


def overdue_of(groups: Iterable[Kind]) -> int:
    return sum(row.chip.is_late for group in groups for row in group.rows)


# --- rows -----------------------------------------------------------------------------------------------------


def _papers(found: QuerySet[Any]) -> QuerySet[Any]:
    return found.select_related("type", "unit", "agency").defer("body_sealed")


def _named(one: IncomingDocument) -> str:
    return f"{one.type_printed}: {one.title}" if one.type_printed else one.title


def _from(one: IncomingDocument) -> str:
    parts = [one.number_printed, one.issuer_printed]
    if one.urgency:
        parts.insert(0, str(one.get_urgency_display()).upper())
    return " · ".join(part for part in parts if part)


def _register_row(one: IncomingDocument, calendars: Calendars, now: datetime) -> Row:
    verb = _("Tiếp nhận") if one.state == I.ARRIVED else _("Trình lãnh đạo")
    made = chips.of_incoming(one, calendars.of(one.agency_id), now)
    return Row(f"{BASE}den/{one.pk}/", _named(one), _from(one), verb, made, _("Văn bản"), "inbox")


def _direct_row(one: IncomingDocument, calendars: Calendars, now: datetime) -> Row:
    since = one.submitted_at or one.registered_at or one.arrived_at
    waited = calendars.of(one.agency_id).working_seconds_between(since, now) // 60 * 60
    is_new = one.state == I.SUBMITTED
    words = _("trình") if is_new else _("chưa có nơi chủ trì")
    made = Chip(ChipState.NONE, lead=words, strong=span(waited), label=words)
    verb = _("Cho ý kiến") if is_new else _("Giao lại")
    return Row(f"{BASE}den/{one.pk}/chi-dao/", _named(one), _from(one), verb, made, _("Văn bản"), "pen")


def _task_row(user: Any) -> Callable[[Task, Calendars, datetime], Row]:
    def draw(task: Task, calendars: Calendars, now: datetime) -> Row:
        one = task.incoming
        made = chips.of_task(task, calendars.of(one.agency_id), now)
        if task.role == TaskRole.INFORM:
            verb = _("Xem")
        elif task.person_id not in {None, user.pk}:
            verb = _("Theo dõi")
        elif task.state in {TaskState.NEW, TaskState.SEEN}:
            verb = _("Giao, xử lý") if task.person_id is None else _("Nhận việc")
        else:
            verb = _("Xử lý")
        who = task.person.full_name if task.person and task.person_id != user.pk else ""
        meta = " · ".join(part for part in (str(task.get_role_display()), who, _from(one)) if part)
        return Row(
            f"{BASE}viec/{task.pk}/",
            _named(one),
            meta,
            verb,
            made,
            _("Việc"),
            "briefcase",
            due_at=task.due_at,
        )

    return draw


def _extension_row(asked: TaskExtension, calendars: Calendars, now: datetime) -> Row:
    one, task = asked.task.incoming, asked.task
    until = f"{timezone.localtime(asked.until):%d/%m}"
    meta = _("%(who)s xin đến %(until)s: %(why)s") % {
        "who": task.person.full_name if task.person else task.unit.name,
        "until": until,
        "why": asked.reason,
    }
    made = chips.of_task(task, calendars.of(one.agency_id), now)
    return Row(
        f"{BASE}viec/{task.pk}/", _named(one), meta, _("Duyệt gia hạn"), made, _("Gia hạn"), "clock-history"
    )


def _recall_row(row: RecallAnswerRow, calendars: Calendars, now: datetime) -> Row:
    one = row.recipient.incoming
    words = str(row.request.get_kind_display()).lower()
    made = Chip(ChipState.NONE, lead=words, label=words)
    return Row(
        f"{BASE}den/{one.pk}/",
        _named(one),
        row.request.reason,
        _("Trả lời"),
        made,
        _("Thu hồi"),
        "arrow-counterclockwise",
    )


def _paper_row(verb: str, href: str = "") -> Callable[[Document, Calendars, datetime], Row]:
    def draw(document: Document, calendars: Calendars, now: datetime) -> Row:
        since = document.submitted_at or document.created_at
        waited = calendars.of(document.agency_id).working_seconds_between(since, now) // 60 * 60
        words = _("chờ")
        made = Chip(ChipState.NONE, lead=words, strong=span(max(waited, 0)), label=words)
        urgent = str(document.get_urgency_display()).upper() if document.urgency else ""
        meta = " · ".join(part for part in (urgent, document.number_printed, document.unit.name) if part)
        return Row(
            href or f"{BASE}di/{document.pk}/",
            f"{document.type}: {document.title}",
            meta,
            verb,
            made,
            _("Văn bản đi"),
        )

    return draw


def _opinion_row(opinion: Opinion, calendars: Calendars, now: datetime) -> Row:
    drawn = chip(
        due_at=opinion.due_at,
        now=now,
        started_at=opinion.asked_at,
        calendar=calendars.of(opinion.document.agency_id),
    )
    document = opinion.document
    return Row(
        f"{BASE}di/{document.pk}/",
        f"{document.type}: {document.title}",
        opinion.question,
        _("Cho ý kiến"),
        drawn,
        _("Ý kiến"),
        "chat-left-text",
        due_at=opinion.due_at,
    )
