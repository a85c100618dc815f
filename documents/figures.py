"""What the dashboards count: late, soon, on time, done by unit; months; papers on their way; dispatches not opened.

Few queries whatever the number of units, and each along an index: tasks by unit, incoming documents by the year's
register, issued documents by day, recipients by dispatch.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.db.models.functions import TruncMonth

from core.calendar import VIETNAM, WORKING_DAY_SECONDS
from core.models import AuditEvent
from core.office_calendar import Calendars
from documents import rules
from documents.choices import TASK_OPEN, DeliveryState, DocumentStatus, TaskState
from documents.models import Dispatch, DispatchRecipient, Document, IncomingDocument, Task
from documents.querysets import TaskQuerySet
from org import tree
from org.choices import OrganizationKind, Role
from org.models import AdminUnit

DONE_DAYS = 30  # «đã xong» counts so many days back
MONTHS = 12
GROUPS = ("late", "soon", "on_time", "done")
STEPS = (
    DocumentStatus.REVIEW,
    DocumentStatus.CHECKING,
    DocumentStatus.SUBMITTED,
    DocumentStatus.SIGNING,
    DocumentStatus.SIGNED,
    DocumentStatus.SEALING,
)
NOT_WAITED_FOR = [DeliveryState.REFUSED, DeliveryState.RECALLED]


@dataclass
class Line:
    """The work of one unit, or of one agency with all its units."""

    id: int
    name: str
    late: int = 0
    soon: int = 0
    on_time: int = 0
    done: int = 0
    unopened: int = 0
    oldest: datetime | None = None  # since when the oldest of the late ones is late

    @property
    def open(self) -> int:
        return self.late + self.soon + self.on_time

    @property
    def whole(self) -> int:
        return self.open + self.done


@dataclass
class Month:
    first: date
    received: int = 0
    sent: int = 0
    finished: int = 0
    in_time: int = 0

    @property
    def share(self) -> int | None:
        """On time in hundredths of what was finished; None: nothing with a deadline was."""
        return round(100 * self.in_time / self.finished) if self.finished else None


class Step(NamedTuple):
    status: str
    words: str
    number: int
    since: datetime | None


@dataclass
class Unopened:
    """One unit, or one dispatch: how many lie unopened, since when."""

    id: int
    name: str
    count: int
    since: datetime
    dispatch: Any = field(default=None)


# --- whose figures ---------------------------------------------------------------------------------------------


def agencies_of(user: Any) -> list[tree.Node]:
    """Agencies that the present hat serves as clerk or leader, its own first."""
    nodes = tree.today()
    served = (nodes.node(pk) for pk in user.units_as(Role.CLERK, Role.LEADER))
    home = user.hat.organization.agency_id if user.hat else None
    found = [node for node in served if node is not None and node.agency_id == node.id]
    return sorted(found, key=lambda node: (node.id != home, node.name))


def agencies_below(agency_id: int) -> list[tree.Node]:
    """What a city has under it: agencies in its subtree, and the People's Committees of its communes. Empty for most."""
    nodes = tree.today()
    home = nodes.node(agency_id)
    wanted = set(nodes.descendants(agency_id))
    if home is not None and home.kind == OrganizationKind.COMMITTEE and home.territory_id is not None:
        inside = set(AdminUnit.objects.filter(parent=home.territory_id).values_list("pk", flat=True))
        wanted |= {
            one.id for one in nodes if one.kind == OrganizationKind.COMMITTEE and one.territory_id in inside
        }
    below = (nodes.node(pk) for pk in wanted - {agency_id})
    found = [node for node in below if node is not None and node.agency_id == node.id]
    return sorted(found, key=lambda node: node.name)


def parts_of(agency_id: int) -> dict[int, tree.Node]:
    """The agency and its divisions; no agency under it."""
    nodes = tree.today()
    return {node.id: node for node in nodes if node.agency_id == agency_id or node.id == agency_id}


def tasks_for(user: Any) -> TaskQuerySet:
    """Tasks whose figures this hat answers for: those of its agency, of its unit, its own."""
    served = user.units_as(Role.CLERK, Role.LEADER)
    return Task.objects.filter(Q(incoming__agency__in=served) | rules.task_visible(user))


# --- work ------------------------------------------------------------------------------------------------------


def soon_until(now: datetime, agency_id: int | None = None) -> datetime:
    """What is due before then counts as «sắp đến hạn»: one working day, as the due chips say."""
    return Calendars().of(agency_id).add_working_time(now, WORKING_DAY_SECONDS)


def in_group(tasks: QuerySet, group: str, now: datetime, soon: datetime) -> QuerySet[Task]:
    """The tasks behind one number of a line."""
    if group == "done":
        return tasks.filter(state=TaskState.DONE, done_at__gte=now - timedelta(days=DONE_DAYS))
    return tasks.filter(_GROUP[group](now, soon), state__in=sorted(TASK_OPEN))


_GROUP = {
    "late": lambda now, soon: Q(due_at__lt=now),
    "soon": lambda now, soon: Q(due_at__gte=now, due_at__lte=soon),
    "on_time": lambda now, soon: Q(due_at__gt=soon) | Q(due_at__isnull=True),
}


def by_unit(units: list[int], now: datetime, soon: datetime) -> dict[int, dict[str, Any]]:
    """Of each unit its counts. Two queries."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    work = Task.objects.work().filter(unit__in=units)
    counts = {name: Count("pk", filter=rule(now, soon)) for name, rule in _GROUP.items()}
    open_rows = work.filter(state__in=sorted(TASK_OPEN)).values("unit")
    for row in open_rows.annotate(**counts, oldest=Min("due_at", filter=Q(due_at__lt=now))):
        found[row["unit"]].update({name: value for name, value in row.items() if name != "unit"})
    done = in_group(work, "done", now, soon).values("unit").annotate(done=Count("pk"))
    for ended in done:
        found[ended["unit"]]["done"] = ended["done"]
    return found


def lines(nodes: dict[int, tree.Node], now: datetime, soon: datetime) -> list[Line]:
    """One line per unit with any work, the latest first."""
    counts = by_unit(list(nodes), now, soon)
    found = [Line(pk, nodes[pk].short_name or nodes[pk].name, **row) for pk, row in counts.items()]
    return _worst_first(found)


def agency_lines(agencies: list[tree.Node], now: datetime, soon: datetime) -> list[Line]:
    """One line per agency with all its units. Three queries for the whole city."""
    nodes, wanted = tree.today(), {node.id for node in agencies}
    agency = {node.id: node.agency_id for node in nodes if node.agency_id in wanted}
    found = {node.id: Line(node.id, node.name) for node in agencies}
    for unit, row in by_unit(list(agency), now, soon).items():
        line = found[agency[unit] or unit]
        for name in GROUPS:
            setattr(line, name, getattr(line, name) + row.get(name, 0))
        oldest = row.get("oldest")
        line.oldest = min(filter(None, (line.oldest, oldest)), default=None)
    waiting = DispatchRecipient.objects.unopened().filter(unit__in=list(agency))
    for unit, count in waiting.values_list("unit").annotate(Count("pk")):
        found[agency[unit] or unit].unopened += count
    return _worst_first(found.values())


def _worst_first(found: Any) -> list[Line]:
    return sorted(found, key=lambda line: (-line.late, -line.soon, -line.open, line.name))


def months(agency_id: int, today: date) -> list[Month]:
    """The last twelve months: received, sent, and how much of what was finished was on time. Three queries."""
    first = date(today.year - 1, today.month, 1)
    first = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    found, month = {}, first
    while month <= today:
        found[month] = Month(month)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    since = datetime(first.year, first.month, 1, tzinfo=VIETNAM)
    arrived = IncomingDocument.objects.filter(
        agency=agency_id, arrival_year__in=[first.year, today.year], registered_at__gte=since
    )
    monthly = TruncMonth("registered_at", tzinfo=VIETNAM)
    for row in arrived.annotate(month=monthly).values("month").annotate(n=Count("pk")):
        found[row["month"].date()].received = row["n"]
    sent = Document.objects.official().filter(
        agency=agency_id, number__isnull=False, dated_on__gte=first, status=DocumentStatus.ISSUED
    )
    for row in sent.annotate(month=TruncMonth("dated_on")).values("month").annotate(n=Count("pk")):
        found[row["month"]].sent = row["n"]
    finished = IncomingDocument.objects.filter(
        agency=agency_id,
        arrival_year__in=[first.year - 1, first.year, today.year],
        finished_at__gte=since,
        due_at__isnull=False,
    )
    ended = finished.annotate(month=TruncMonth("finished_at", tzinfo=VIETNAM)).values("month")
    for row in ended.annotate(n=Count("pk"), ok=Count("pk", filter=Q(finished_at__lte=F("due_at")))):
        kept = found[row["month"].date()]
        kept.finished, kept.in_time = row["n"], row["ok"]
    return list(found.values())


# --- papers on their way ---------------------------------------------------------------------------------------


def waiting(agency_id: int) -> QuerySet[Document]:
    """Official papers of the agency between the drafter's hand and their issue."""
    return Document.objects.official().filter(agency=agency_id, status__in=STEPS)


def steps(agency_id: int) -> list[Step]:
    """How many papers wait at each step. One query."""
    counts = {
        row["status"]: row
        for row in waiting(agency_id).values("status").annotate(n=Count("pk"), since=Min("created_at"))
    }
    return [
        Step(status, str(DocumentStatus(status).label), row["n"], row["since"])
        for status in STEPS
        if (row := counts.get(status))
    ]


def since_when(documents: list[Document]) -> dict[int, datetime]:
    """When each came to its present step: its last act in the trail. One query."""
    acts = AuditEvent.objects.filter(
        subject_type="documents.document",
        subject_id__in=[one.pk for one in documents],
        event__startswith="document.",
    )
    return {
        row["subject_id"]: row["at"]
        for row in acts.exclude(before="", after="").values("subject_id").annotate(at=Max("at"))
    }


# --- «ai chưa mở» (D24) ----------------------------------------------------------------------------------------


def unopened(agency_id: int) -> QuerySet[DispatchRecipient]:
    """Rows of all dispatches of the agency that arrived and that nobody there has opened."""
    return DispatchRecipient.objects.unopened().filter(dispatch__agency=agency_id)


def unopened_by_unit(agency_id: int) -> list[Unopened]:
    """One query over all dispatches, whatever their number."""
    rows = unopened(agency_id).values("unit", "unit__name").annotate(n=Count("pk"), since=Min("arrived_at"))
    found = [Unopened(row["unit"] or 0, row["unit__name"] or "", row["n"], row["since"]) for row in rows]
    return sorted(found, key=lambda one: (-one.count, one.since))


def unopened_by_dispatch(agency_id: int, *, most: int = 50) -> list[Unopened]:
    """The dispatches with the most unopened rows. Two queries."""
    rows = list(
        unopened(agency_id)
        .values("dispatch")
        .annotate(n=Count("pk"), since=Min("arrived_at"))
        .order_by("-n", "since")[:most]
    )
    known = Dispatch.objects.select_related("document").in_bulk([row["dispatch"] for row in rows])
    return [
        Unopened(
            row["dispatch"],
            known[row["dispatch"]].document.title,
            row["n"],
            row["since"],
            known[row["dispatch"]],
        )
        for row in rows
    ]
