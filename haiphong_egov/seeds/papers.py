"""Three thousand official documents: letters in and out of the demo's agencies over two years, invented and in bulk.

What is issued here was signed on no one's behalf: its file is a drawn sample that says so. A handful goes through the real
actions and is signed today. The same seed gives the same documents.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone

from core import audit, files, pdf
from core.calendar import VIETNAM
from core.copying import copy_in
from core.loading import read_json
from core.models import IssuedNumber, NumberSeries, StoredFile
from core.search import fold
from documents import actions, form_check, searching
from documents.actions import approvals, drafts
from documents.choices import (
    DeliveryState,
    DocumentKind,
    FileState,
    IncomingSource,
    IncomingState,
    RecipientPurpose,
    TaskRole,
    TaskState,
    TextSource,
    Urgency,
)
from documents.choices import DocumentStatus as S
from documents.lexemes import Vector
from documents.models import (
    Directive,
    Dispatch,
    DispatchRecipient,
    Document,
    DocumentType,
    FileText,
    IncomingDocument,
    IncomingFile,
    Recipient,
    RecipientGroup,
    RetentionPeriod,
    SearchEntry,
    SearchWord,
    Task,
    WorkFile,
    WorkFileItem,
)
from haiphong_egov.seeds import people, signed
from haiphong_egov.seeds.invention import Invention
from haiphong_egov.seeds.people import PIN, Cast, Seat
from org import crypto
from org.choices import OrganizationKind, Role
from org.models import Organization, User
from signing import demo_pki
from signing import services as signing
from signing.choices import KeyKind
from signing.tasks import sign as sign_task

TITLES: Final = Path(__file__).parent / "paper_titles.json"
TOTAL: Final = 3000
FIRST_DAY: Final = date(2025, 1, 6)
REFORM: Final = date(2025, 7, 1)
CITY, OFFICE = "ubnd-tp", "vpubnd-tp"
COMMUNES_GROUP: Final = "114 xã, phường, đặc khu"
SEATS: Final = [
    Seat("chutich.tp", "chu-tich", CITY, ((Role.LEADER, CITY),)),
    Seat("vanthu.tp", "van-thu", OFFICE, ((Role.CLERK, CITY),)),
    Seat("chanhvanphong.tp", "chanh-van-phong", OFFICE, ((Role.UNIT_HEAD, OFFICE),)),
    Seat("chuyenvien.tp", "chuyen-vien", OFFICE, ((Role.CASE_OFFICER, OFFICE),)),
]
# Issued and incoming documents of each agency with staff.
MADE: Final = {"tp": 330, "nq": 210, "vb": 170, "stc": 190}
CAME: Final = {"tp": 160, "nq": 330, "vb": 280, "stc": 300}
# Agencies that are no more, with the letters that lie in their archives.
ARCHIVES: Final = ("stc-2025", "ubnd-tp-2017", "ubnd-quan-ngo-quyen", "ubnd-huyen-vinh-bao")
I = IncomingState  # noqa: E741
# What waits at an agency: its state, how many days ago it came, in how many days it is due (before today: late).
WAITING: Final = [
    (I.ARRIVED, 1, 0), (I.ARRIVED, 1, 0), (I.REGISTERED, 1, 0), (I.REGISTERED, 2, 0), (I.SUBMITTED, 2, 0),
    (I.SUBMITTED, 2, 0), (I.SUBMITTED, 3, 0), (I.ASSIGNED, 3, 4), (I.ASSIGNED, 5, 2), (I.ASSIGNED, 7, 0),
    (I.IN_PROGRESS, 5, 6), (I.IN_PROGRESS, 8, 1), (I.IN_PROGRESS, 9, -1), (I.IN_PROGRESS, 12, -2), (I.IN_PROGRESS, 16, -5),
]  # fmt: skip


@dataclass
class Desk:
    """An agency with staff, as its papers need it."""

    key: str
    agency: Organization
    units: list[Organization]
    heads: dict[int, User]
    officers: dict[int, User]
    leader: User
    clerk: User
    symbol: str


@dataclass
class Out:
    """One outgoing document on its way into the database."""

    row: Document
    desk: Desk
    at: datetime
    communes: bool = False


@dataclass
class In:
    """One incoming document, with what was done about it."""

    row: IncomingDocument
    desk: Desk | None
    tasks: list[Task] = field(default_factory=list)
    directive: Directive | None = None
    out: Out | None = None
    recipient: DispatchRecipient | None = None


class Papers:
    """Invents the letters, then writes them. Call `write` inside `atomic`."""

    def __init__(self, cast: Cast, people_of: dict[str, User], *, today: date, seed: int) -> None:
        self.rng, self.today = Random(seed + 4), today  # noqa: S311  (invented letters)
        self.words: dict[str, Any] = read_json(TITLES)
        self.types = {row.code: row for row in DocumentType.objects.all()}
        self.units = {row.slug: row for row in Organization.objects.select_related("territory")}
        self.cast, self.people_of = cast, people_of
        self.desks = {key: self._desk(key) for key in MADE}
        current = [
            unit for unit in self.units.values() if unit.valid_to is None and unit.agency_id == unit.pk
        ]
        self.communes = sorted(
            (
                unit
                for unit in current
                if unit.kind == OrganizationKind.COMMITTEE and unit.territory and unit.territory.level == 3
            ),
            key=lambda unit: unit.slug,
        )
        self.departments = sorted(
            (unit for unit in current if unit.kind == OrganizationKind.DEPARTMENT), key=lambda unit: unit.slug
        )
        self.former = sorted(
            (
                unit
                for unit in self.units.values()
                if unit.valid_to == REFORM
                and (
                    unit.kind == OrganizationKind.DEPARTMENT
                    or unit.slug.startswith(("ubnd-huyen", "ubnd-quan"))
                )
            ),
            key=lambda unit: unit.slug,
        )
        self.places = [unit.territory.full_name for unit in self.communes if unit.territory]
        self.names = [f"{family} {given}" for family in ("Phạm", "Vũ", "Đoàn", "Lương") for given in ("Hồng Quân", "Thị Ngân", "Đức Thịnh", "Minh Châu", "Văn Lâm")]  # fmt: skip
        self.series = {row.key: row for row in NumberSeries.objects.filter(key__startswith="doc:")}
        self.numbers: list[IssuedNumber] = []
        self.outs: list[Out] = []
        self.ins: list[In] = []
        self.events: list[dict[str, Any]] = []
        self.body = "<p>Nội dung của văn bản mẫu, tự đặt cho bản dùng thử./.</p>"
        self.sealed_body = crypto.seal(self.body)

    def _desk(self, key: str) -> Desk:
        if key == "tp":
            agency, office = self.units[CITY], self.units[OFFICE]
            head, officer = self.people_of["chanhvanphong.tp"], self.people_of["chuyenvien.tp"]
            return Desk(
                key, agency, [office], {office.pk: head}, {office.pk: officer},
                self.people_of["chutich.tp"], self.people_of["vanthu.tp"], "UBND",
            )  # fmt: skip
        place = self.cast.places[key]
        assert place.clerk is not None
        units = sorted(
            Organization.objects.filter(pk__in=set(place.heads) & set(place.officers)), key=lambda u: u.slug
        )
        officers = {unit.pk: place.officers[unit.pk][0] for unit in units}
        return Desk(
            key,
            place.agency,
            units,
            place.heads,
            officers,
            place.leaders[0],
            place.clerk,
            place.agency.symbol,
        )

    # --- inventing ----------------------------------------------------------------------------------------

    def invent(self) -> None:
        for key, desk in self.desks.items():
            days = sorted(self._day(REFORM) for _number in range(MADE[key]))
            self.outs += [self._out(desk, day) for day in days]
        letters = self.words["to_communes"]
        city = self.desks["tp"]
        first = (self.today - REFORM).days
        for place, (code, title) in enumerate(letters):
            ago = (
                max(3, first - 20 - place * (first - 22) // (len(letters) - 1))
                if place < len(letters) - 1
                else 2
            )
            out = self._out(city, self._workday(self.today - timedelta(days=ago)), code=code, title=title)
            out.communes = True
            self.outs.append(out)
        spare = len(letters)
        del self.outs[:spare]  # the city's earliest letters make room: the total stays
        self.outs.sort(key=lambda one: one.at)
        self._number_issued()
        for out in self.outs:
            if out.communes:
                self._to_communes(out)
        for key, desk in self.desks.items():
            for waiting in WAITING:
                self.ins.append(
                    self._in(desk, self._workday(self.today - timedelta(days=waiting[1])), waiting)
                )
            self.ins += [self._in(desk, self._day(REFORM)) for _number in range(CAME[key] - len(WAITING))]
        rest = TOTAL - len(self.outs) - len(self.ins)
        for number in range(rest):
            self.ins.append(self._archived(self.units[ARCHIVES[number % len(ARCHIVES)]]))
        self.ins.sort(key=lambda one: (one.row.arrived_at, one.row.agency_id))
        self._number_arrivals()

    def _day(self, first: date) -> date:
        return self._workday(first + timedelta(days=self.rng.randrange(max(1, (self.today - first).days))))

    def _workday(self, day: date) -> date:
        while day.weekday() > 4 or day >= self.today:
            day -= timedelta(days=1)
        return day

    def _at(self, day: date) -> datetime:
        hour = self.rng.choice((8, 8, 9, 9, 10, 10, 14, 14, 15, 16))
        return datetime.combine(day, time(hour, self.rng.randrange(60)), tzinfo=VIETNAM)

    def _title(self, day: date, code: str = "") -> tuple[str, str]:
        weights = self.words["weights"]
        code = code or self.rng.choices(list(weights), list(weights.values()))[0]
        topic = self.rng.choice(self.words["sectors"][self.rng.choice(list(self.words["sectors"]))])
        text = self.rng.choice(self.words["types"][code]).replace("{topic}", topic)
        slots = {
            "year": day.year, "month": day.month, "quarter": (day.month + 2) // 3,
            "place": self.rng.choice(self.places).replace("Phường", "phường").replace("Xã", "xã").replace("Đặc khu", "đặc khu"),
            "number": self.rng.randrange(2, 19),
        }  # fmt: skip
        return code, text.format(**slots)

    def _urgency(self) -> int:
        return int(self.rng.choices(list(Urgency), (88, 8, 3, 1))[0])

    def _out(self, desk: Desk, day: date, *, code: str = "", title: str = "") -> Out:
        made_code, made_title = self._title(day, code)
        unit = self.rng.choice(desk.units)
        kind = self.types[code or made_code]
        suffix = f"{desk.symbol}-{unit.symbol}" if kind.code == "CV" else f"{kind.abbreviation}-{desk.symbol}"
        at = self._at(day)
        row = Document(
            kind=DocumentKind.OFFICIAL,
            type=kind,
            agency=desk.agency,
            unit=unit,
            drafter=desk.officers[unit.pk],
            title=title or made_title,
            series=kind.code,
            notation=f"{{n}}/{suffix}",
            status=S.ISSUED,
            check_code=signing.new_code(),
            dated_on=day,
            issuer_printed=desk.agency.name,
            signer=desk.leader,
            signer_printed=desk.leader.full_name,
            signer_title_printed=desk.leader.hat.position.title if desk.leader.hat else "",
            urgency=self._urgency(),
            body_sealed=self.sealed_body,
            signed_at=at,
            issued_at=at + timedelta(minutes=25),
            text_read_at=at,
        )
        return Out(row, desk, at)

    def _number_issued(self) -> None:
        """In the order of their signing, as the law wants it."""
        for out in self.outs:
            row = out.row
            key = f"doc:{row.agency_id}:{row.series}:{out.at.year}"
            row.number = self._number(key, row.agency, out.at, row)
            row.number_printed = row.notation.format(n=f"{row.number.value:02d}")

    def _number_arrivals(self) -> None:
        came = [(one.row.registered_at, one.row) for one in self.ins if one.row.registered_at is not None]
        for at, row in sorted(came, key=lambda pair: (pair[0], pair[1].agency_id, pair[1].title)):
            year = at.astimezone(VIETNAM).year
            row.number = self._number(f"arrival:{row.agency_id}:{year}", row.agency, at, row)
            row.arrival_number, row.arrival_year, row.register = row.number.value, year, row.agency

    def _number(self, key: str, owner: Organization, at: datetime, row: Any) -> IssuedNumber:
        series = self.series.setdefault(key, NumberSeries(key=key, owner=owner, last=0))
        series.last += 1
        number = IssuedNumber(
            series=series, value=series.last, subject_type=row._meta.label_lower, subject_id=0, taken_at=at
        )
        self.numbers.append(number)
        return number

    def _to_communes(self, out: Out) -> None:
        """One row for each commune; the older the letter, the further most of them are."""
        age = (self.today - out.at.date()).days
        for unit in self.communes:
            desk = next((one for one in self.desks.values() if one.agency.pk == unit.pk), None)
            arrived = out.at + timedelta(minutes=26)
            item = self._arrival(unit, desk, out.at.date(), arrived)
            row = item.row
            row.source, row.issuer, row.issuer_printed = (
                IncomingSource.SYSTEM,
                out.row.agency,
                out.row.issuer_printed,
            )
            row.number_printed, row.type, row.title = out.row.number_printed, out.row.type, out.row.title
            row.signer_printed, row.urgency, item.out = out.row.signer_printed, out.row.urgency, out
            roll = self.rng.random()
            if age > 40:
                state = I.FILED if roll < 0.5 else I.DONE
            else:
                state = (
                    I.ARRIVED
                    if roll < 0.14
                    else I.REGISTERED
                    if roll < 0.4
                    else I.IN_PROGRESS
                    if roll < 0.7
                    else I.DONE
                )
            self._carry_on(item, state)
            self.ins.append(item)

    def _arrival(self, agency: Organization, desk: Desk | None, day: date, at: datetime) -> In:
        row = IncomingDocument(
            agency=agency,
            source=IncomingSource.MAIL,
            arrived_at=at,
            created_at=at,
            dated_on=day,
            text_read_at=at,
            urgency=self._urgency(),
        )
        return In(row, desk)

    def _from(self, row: IncomingDocument, issuer: Organization, day: date, code: str = "") -> None:
        made, title = self._title(day, code)
        kind = self.types[made]
        symbol = issuer.symbol or "UBND"
        suffix = f"{symbol}-VP" if made == "CV" else f"{kind.abbreviation}-{symbol}"
        row.issuer, row.issuer_printed, row.title, row.type = issuer, issuer.name, title, kind
        row.number_printed = f"{self.rng.randrange(2, 2900):02d}/{suffix}"
        row.signer_printed = self.rng.choice(self.names)

    def _in(self, desk: Desk, day: date, waiting: tuple[Any, int, int] | None = None) -> In:
        item = self._arrival(desk.agency, desk, day, self._at(day))
        row = item.row
        issuer = self.rng.choice(self.departments * 4 + self.communes)
        if issuer.pk == desk.agency.pk:
            issuer = self.departments[0]
        self._from(row, issuer, day)
        row.dated_on = self._workday(day - timedelta(days=self.rng.randrange(3)))
        row.source = self.rng.choices(
            (IncomingSource.MAIL, IncomingSource.AXIS, IncomingSource.PAPER), (45, 35, 20)
        )[0]
        state = waiting[0] if waiting else I.FILED if self.rng.random() < 0.45 else I.DONE
        self._carry_on(item, state, due_in=waiting[2] if waiting else None)
        return item

    def _archived(self, agency: Organization) -> In:
        """A letter among agencies that are no more: it keeps their names and is found under their successors'."""
        day = self._workday(FIRST_DAY + timedelta(days=self.rng.randrange((REFORM - FIRST_DAY).days - 6)))
        item = self._arrival(agency, None, day, self._at(day))
        self._from(item.row, self.rng.choice([unit for unit in self.former if unit.pk != agency.pk]), day)
        item.row.source = IncomingSource.PAPER
        self._carry_on(item, I.FILED)
        return item

    def _carry_on(self, item: In, state: str, *, due_in: int | None = None) -> None:
        """From arrival to `state`: number, directive, tasks, their ends."""
        row, desk = item.row, item.desk
        row.state = state
        row.number_folded, row.issuer_folded = fold(row.number_printed)[:120], fold(row.issuer_printed)[:320]
        row.type_printed = row.type.name if row.type else ""
        clerk = desk.clerk if desk else None
        self._tell("incoming.arrive", None, row, row.arrived_at, "", I.ARRIVED)
        if state == I.ARRIVED:
            return
        registered = row.arrived_at + timedelta(minutes=self.rng.randrange(20, 200))
        row.registered_at, row.registered_by = registered, clerk
        self._tell("incoming.receive", clerk, row, registered, I.ARRIVED, I.REGISTERED)
        if state == I.REGISTERED:
            return
        if desk is None:
            row.finished_at = registered + timedelta(days=self.rng.randrange(2, 8))
            row.outcome = self.rng.choice(self.words["results"]) if state in {I.DONE, I.FILED} else ""
            return
        row.submitted_to, row.submitted_at = desk.leader, registered + timedelta(minutes=30)
        row.handled_by_printed = desk.leader.full_name
        self._tell("incoming.submit_up", clerk, row, row.submitted_at, I.REGISTERED, I.SUBMITTED)
        if state == I.SUBMITTED:
            return
        self._direct(item, desk, state, due_in)

    def _direct(self, item: In, desk: Desk, state: str, due_in: int | None) -> None:
        row = item.row
        at = (row.submitted_at or row.arrived_at) + timedelta(minutes=self.rng.randrange(40, 300))
        due_day = at.date() + timedelta(days=self.rng.choice((3, 5, 7, 10, 15)))
        if due_in is not None:
            due_day = self.today + timedelta(days=due_in)
        due = datetime.combine(due_day, time(17), tzinfo=VIETNAM)
        lead = self.rng.choice(desk.units)
        done = state in {I.DONE, I.FILED}
        finished = (
            due - timedelta(hours=self.rng.randrange(2, 60))
            if self.rng.random() < 0.86
            else due + timedelta(days=2)
        )
        finished = max(at + timedelta(hours=3), min(finished, _midnight(self.today) - timedelta(hours=8)))
        row.lead_unit, row.due_at = lead, due
        row.handled_by_printed = lead.short_name or lead.name
        if done:
            row.finished_at, row.outcome = finished, self.rng.choice(self.words["results"])
        text = self.rng.choice(self.words["directives"])
        title = desk.leader.hat.position.title if desk.leader.hat else ""
        item.directive = Directive(
            incoming=row,
            by=desk.leader,
            name_printed=desk.leader.full_name,
            post_printed=title,
            text=text,
            at=at,
        )
        self._tell("incoming.direct", desk.leader, row, at, I.SUBMITTED, I.ASSIGNED, note=text)
        others = [unit for unit in desk.units if unit.pk != lead.pk]
        parts = [(lead, TaskRole.LEAD)] + [
            (unit, TaskRole.COOPERATE) for unit in others if self.rng.random() < 0.3
        ]
        for unit, role in parts:
            named = self.rng.random() < 0.7 or state == I.IN_PROGRESS
            task = Task(
                directive=item.directive,
                incoming=row,
                unit=unit,
                person=desk.officers[unit.pk] if named else None,
                role=role,
                text=text,
                due_at=due,
                first_due_at=due,
                created_at=at,
            )
            if done:
                task.state, task.progress, task.done_at, task.result = (
                    TaskState.DONE,
                    100,
                    finished,
                    row.outcome,
                )
                task.seen_at = at + timedelta(hours=1)
            elif state == I.IN_PROGRESS:
                task.state, task.progress = TaskState.IN_PROGRESS, self.rng.choice((10, 30, 60))
                task.seen_at = at + timedelta(hours=2)
            item.tasks.append(task)
        if state == I.IN_PROGRESS:
            self._tell("incoming.start", None, row, at + timedelta(hours=2), I.ASSIGNED, I.IN_PROGRESS)
        if done:
            self._tell("incoming.finish", None, row, finished, I.ASSIGNED, I.DONE)
        if state == I.FILED:
            self._tell("incoming.file", None, row, finished + timedelta(minutes=5), I.DONE, I.FILED)

    def _tell(
        self, verb: str, who: Any, row: Any, at: datetime, before: str, after: str, note: str = ""
    ) -> None:
        at = min(at.astimezone(UTC), _midnight(self.today).astimezone(UTC))
        self.events.append(
            {
                "event": verb,
                "actor": who,
                "subject": row,
                "at": at,
                "before": before,
                "after": after,
                "note": note,
            }
        )

    # --- writing ------------------------------------------------------------------------------------------

    def write(self) -> None:
        samples = self._samples()
        self._cancelled_numbers()
        NumberSeries.objects.bulk_create([one for one in self.series.values() if one.pk is None])
        NumberSeries.objects.bulk_update(self.series.values(), ["last"])
        for number in self.numbers:
            number.series_id = number.series.pk
        IssuedNumber.objects.bulk_create(self.numbers, batch_size=2000)
        for out in self.outs:
            out.row.number = out.row.number
            out.row.current_file = out.row.unsigned_file = samples[self.rng.randrange(len(samples))]
            out.row.pages = out.row.current_file.pages
        Document.objects.bulk_create([out.row for out in self.outs], batch_size=500)
        self._send()
        for item in self.ins:
            item.row.number = item.row.number
            item.row.recipient = item.recipient
        IncomingDocument.objects.bulk_create([item.row for item in self.ins], batch_size=500)
        self._settle_numbers()
        directives = [item for item in self.ins if item.directive is not None]
        for item in directives:
            assert item.directive is not None
            item.directive.incoming = item.row
        Directive.objects.bulk_create(
            [item.directive for item in directives if item.directive], batch_size=1000
        )
        for item in directives:
            for task in item.tasks:
                task.directive, task.incoming = item.directive, item.row  # type: ignore[assignment]
        Task.objects.bulk_create([task for item in directives for task in item.tasks], batch_size=1000)
        attached = [item for item in self.ins if item.out is not None or self.rng.random() < 0.4]
        copy_in(
            IncomingFile(
                incoming=item.row,
                stored=item.out.row.current_file if item.out else samples[item.row.pk % len(samples)],
                name="van-ban.pdf",
                is_main=True,
            )
            for item in attached
        )
        self._true_times()
        self._audit()
        self._index({item.row.pk for item in attached})

    def _samples(self) -> list[StoredFile]:
        """Drawn pages that say what they are."""
        found = []
        for number in range(1, 5):
            lines = "".join(f"<p>{self._title(self.today)[1]}.</p>" for _line in range(3 + number))
            page = (
                "<!doctype html><html lang='vi'><head><title>Văn bản mẫu</title></head><body>"
                f"<h1>Văn bản mẫu số {number} của bản dùng thử</h1><p>Nội dung tự đặt, không có giá trị pháp lý, không có chữ ký số.</p>"
                f"{lines}</body></html>"
            )
            drawn = pdf.render_html(page)
            found.append(files.store_bytes(drawn.data, "application/pdf", pages=drawn.pages))
        copy_in(
            FileText(
                stored=stored, source=TextSource.NONE, done_at=timezone.now(), next_try_at=timezone.now()
            )
            for stored in found
        )
        return found

    def _cancelled_numbers(self) -> None:
        """Two numbers that were given out and cancelled, kept with their reasons."""
        for key, reason in zip(("nq", "stc"), self.words["cancelled"], strict=True):
            desk = self.desks[key]
            outs = [one for one in self.outs if one.desk is desk and one.row.type.code == "CV"]
            last = outs[-1]
            number = self._number(
                f"doc:{desk.agency.pk}:CV:{last.at.year}",
                desk.agency,
                last.at + timedelta(minutes=50),
                last.row,
            )
            number.cancelled_at, number.cancel_reason = last.at + timedelta(hours=2), reason

    def _send(self) -> None:
        """Recipients as printed, and one sending for each letter of the city to the communes."""
        communes, _departments = _groups(self.communes, self.departments)
        lines, dispatches = [], {}
        for out in self.outs:
            if out.communes:
                lines.append(Recipient(document=out.row, purpose=RecipientPurpose.TO, group=communes))
                dispatches[id(out)] = Dispatch(
                    document=out.row, agency=out.row.agency, urgency=out.row.urgency, sent_by=out.desk.clerk,
                    sent_at=out.at + timedelta(minutes=25), total=len(self.communes), done_at=out.row.issued_at,
                )  # fmt: skip
                continue
            unit = self.rng.choice(self.departments)
            if unit.pk != out.row.agency_id:
                lines.append(Recipient(document=out.row, purpose=RecipientPurpose.TO, unit=unit))
            lines.append(
                Recipient(document=out.row, purpose=RecipientPurpose.COPY, text="Lưu: VT.", ordinal=9)
            )
        Recipient.objects.bulk_create(lines, batch_size=1000)
        Dispatch.objects.bulk_create(dispatches.values())
        delivery = {
            I.ARRIVED: DeliveryState.ARRIVED, I.REGISTERED: DeliveryState.REGISTERED, I.SUBMITTED: DeliveryState.REGISTERED,
            I.ASSIGNED: DeliveryState.ASSIGNED, I.IN_PROGRESS: DeliveryState.IN_PROGRESS,
            I.DONE: DeliveryState.DONE, I.FILED: DeliveryState.DONE,
        }  # fmt: skip
        sent = [item for item in self.ins if item.out is not None]
        for item in sent:
            row = item.row
            unread = row.state == I.ARRIVED and self.rng.random() < 0.6
            item.recipient = DispatchRecipient(
                dispatch=dispatches[id(item.out)],
                unit=row.agency,
                delivered_to=row.agency,
                name_printed=row.agency.name,
                purpose=RecipientPurpose.TO,
                state=delivery[I(row.state)],
                arrived_at=row.arrived_at,
                opened_at=None if unread else row.registered_at or row.arrived_at + timedelta(hours=1),
                received_at=row.registered_at,
                state_at=row.finished_at or row.registered_at or row.arrived_at,
            )
        DispatchRecipient.objects.bulk_create(
            [item.recipient for item in sent if item.recipient], batch_size=1000
        )

    def _settle_numbers(self) -> None:
        """Numbers stand before their documents; now they learn which those are."""
        with connection.cursor() as cursor:
            for table, label in (("documents_document", "documents.document"), ("documents_incomingdocument", "documents.incomingdocument")):  # fmt: skip
                cursor.execute(
                    f"UPDATE core_issuednumber n SET subject_id = d.id FROM {table} d "  # noqa: S608
                    "WHERE d.number_id = n.id AND n.subject_id = 0 AND n.subject_type = %s",
                    [label],
                )

    def _true_times(self) -> None:
        """What the database dated today happened then."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE core_issuednumber n SET taken_at = d.signed_at FROM documents_document d WHERE d.number_id = n.id "
                "AND d.kind = 'official'"
            )
            cursor.execute(
                "UPDATE core_issuednumber n SET taken_at = d.registered_at FROM documents_incomingdocument d "
                "WHERE d.number_id = n.id"
            )
            cursor.execute(
                "UPDATE documents_document SET created_at = signed_at - interval '1 day' "
                "WHERE kind = 'official' AND signed_at IS NOT NULL"
            )
            cursor.execute("UPDATE documents_incomingdocument SET created_at = arrived_at")
            cursor.execute(
                "UPDATE documents_task t SET created_at = coalesce(t.seen_at - interval '1 hour', i.submitted_at) "
                "FROM documents_incomingdocument i WHERE i.id = t.incoming_id"
            )
            cursor.execute(
                "UPDATE documents_directive d SET at = coalesce(i.submitted_at, d.at) FROM documents_incomingdocument i "
                "WHERE i.id = d.incoming_id"
            )

    def _audit(self) -> None:
        for out in self.outs:
            desk, row = out.desk, out.row
            start = out.at - timedelta(days=1)
            head = desk.heads.get(row.unit_id)
            steps: list[tuple[str, Any, timedelta, str, str]] = [
                ("create", row.drafter, timedelta(0), "", S.DRAFT),
                ("propose", row.drafter, timedelta(hours=3), S.DRAFT, S.REVIEW),
                ("initial", head, timedelta(hours=5), S.REVIEW, S.CHECKING),
                ("pass_form", desk.clerk, timedelta(hours=22), S.CHECKING, S.SUBMITTED),
                ("sign", desk.leader, timedelta(hours=23), S.SUBMITTED, S.SIGNING),
                ("record_signature", None, timedelta(hours=24), S.SIGNING, S.SIGNED),
                ("seal", desk.clerk, timedelta(hours=24, minutes=20), S.SIGNED, S.SEALING),
                ("issue", None, timedelta(hours=24, minutes=25), S.SEALING, S.ISSUED),
            ]
            for verb, who, after, before, then in steps:
                self._tell(f"document.{verb}", who, row, start + after, before, then)
        self.events.sort(key=lambda event: event["at"])
        audit.record_many(self.events)

    def _index(self, with_file: set[int]) -> None:
        """Into search, all at once."""
        successors: dict[int, list[str]] = {}
        words: set[str] = set()

        def names(unit_id: int | None) -> list[str]:
            if unit_id is None:
                return []
            if unit_id not in successors:
                successors[unit_id] = searching.successor_names(unit_id)
            return successors[unit_id]

        def entries() -> Iterator[SearchEntry]:
            for item in self.ins:
                vector = Vector()
                searching.incoming_head(vector, item.row, names(item.row.issuer_id))
                for task in item.tasks:
                    vector.fact(f"qu{task.unit_id}")
                    if task.person_id:
                        vector.fact(f"qp{task.person_id}", f"qo{task.unit_id}.{task.person_id}")
                if item.row.pk in with_file:
                    vector.fact("f:file")
                words.update(vector.words)
                text = str(vector)
                yield SearchEntry(incoming=item.row, at=item.row.arrived_at, head=text, vector=text)
            for out in self.outs:
                vector = Vector()
                searching.document_head(vector, out.row, [], names(out.row.agency_id))
                vector.fact("f:file")
                words.update(vector.words)
                text = str(vector)
                yield SearchEntry(document=out.row, at=out.row.issued_at or out.at, head=text, vector=text)

        copy_in(entries())
        SearchWord.objects.bulk_create(
            [SearchWord(word=word) for word in sorted(words)], ignore_conflicts=True
        )


def seed(cast: Cast, *, today: date, seed: int, keys: bool) -> Papers:
    """Call inside `atomic`, before anything is numbered today: the series go on from here."""
    papers = Papers(cast, _staff(cast, seed, keys=keys), today=today, seed=seed)
    papers.invent()
    papers.write()
    _work_files(papers)
    return papers


def go_on(papers: Papers, *, signing_now: bool) -> int:
    """What lies on the tables now, and one letter of each agency really signed. How many documents there are in all."""
    _drafts(papers)
    if signing_now:
        _really_signed(papers)
    return len(papers.outs) + len(papers.ins)


def _staff(cast: Cast, seed: int, *, keys: bool) -> dict[str, User]:
    """The city's own leader, clerk, head and officer, with the keys of leader and seal. Nobody else's name changes."""
    invention = Invention(Random(seed + 5))  # noqa: S311
    made = people.more_staff(SEATS, make_password(people.PASSWORD), invention, cast.admin)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in made.values()
    )
    if keys:
        demo_pki.issue_demo_key(owner_user=made["chutich.tp"], kind=KeyKind.PERSONAL, pin=PIN)
        city = Organization.objects.get(slug=CITY)
        demo_pki.issue_demo_key(
            owner_organization=city, kind=KeyKind.SEAL, pin=PIN, holders=[made["vanthu.tp"]]
        )
    return made


def _groups(
    communes: list[Organization], departments: list[Organization]
) -> tuple[RecipientGroup, RecipientGroup]:
    found = []
    for name, members in ((COMMUNES_GROUP, communes), ("Các sở, ban, ngành thành phố", departments)):
        group, _created = RecipientGroup.objects.get_or_create(owner=None, name=name)
        group.members.set(members)
        found.append(group)
    return found[0], found[1]


def _work_files(papers: Papers) -> None:
    """A few files of each agency, with letters that were dealt with."""
    retention = RetentionPeriod.objects.filter(years=10).first() or RetentionPeriod.objects.create(
        code="mau-10-nam", name="10 năm", years=10, source="Dữ liệu mẫu"
    )
    done: dict[int, list[IncomingDocument]] = defaultdict(list)
    for item in papers.ins:
        if item.row.state == I.FILED and item.desk is not None:
            done[item.row.agency_id].append(item.row)
    rows, items = [], []
    year = papers.today.year
    for desk in papers.desks.values():
        waiting = done[desk.agency.pk]
        for place, words in enumerate(papers.words["files"]):
            unit = desk.units[place % len(desk.units)]
            title = words.format(year=year)
            closed = place == 3
            rows.append(
                WorkFile(
                    agency=desk.agency, unit=unit, keeper=desk.officers[unit.pk], year=year, notation=f"{place + 1:02d}.{unit.symbol}",
                    title=title, folded=fold(title), retention=retention, opened_on=date(year, 1, 5),
                    state=FileState.CLOSED if closed else FileState.OPEN,
                    closed_on=papers.today - timedelta(days=20) if closed else None,
                )
            )  # fmt: skip
            for ordinal, row in enumerate(waiting[place * 12 : place * 12 + 12], 1):
                items.append((rows[-1], row, ordinal, desk.officers[unit.pk]))
    WorkFile.objects.bulk_create(rows)
    WorkFileItem.objects.bulk_create(
        WorkFileItem(
            file=file, incoming=row, title=row.title, dated_on=row.dated_on, ordinal=ordinal, added_by=keeper
        )
        for file, row, ordinal, keeper in items
    )


def _drafts(papers: Papers) -> None:
    """What lies on the tables of officers, heads, clerks and leaders now, brought there by the real actions."""
    for desk in papers.desks.values():
        for place, status in enumerate((S.DRAFT, S.DRAFT, S.REVIEW, S.CHECKING, S.SUBMITTED, S.SUBMITTED)):
            code, title = papers._title(papers.today, "CV" if place else "KH")
            unit = desk.units[place % len(desk.units)]
            to = papers.departments[place % len(papers.departments)]
            if to.pk == desk.agency.pk:
                to = papers.departments[(place + 1) % len(papers.departments)]
            _brought_to(status, desk, unit, code, title, papers.body, unit_to=to)


def _brought_to(
    status: S,
    desk: Desk,
    unit: Organization,
    code: str,
    title: str,
    body: str,
    *,
    unit_to: Organization | None = None,
    group: RecipientGroup | None = None,
) -> Document:
    """A draft of the unit, taken as far as `status`: by its officer, its head and the agency's clerk."""
    purpose = RecipientPurpose.TO if code == "CV" else RecipientPurpose.COPY
    line = drafts.Line(
        purpose,
        unit=unit_to.pk if unit_to is not None else None,
        group=group.pk if group is not None else None,
    )
    words = drafts.Words(code, title, body, [line])
    draft = drafts.begin(actor=desk.officers[unit.pk], words=words, agency=desk.agency)
    if status == S.DRAFT:
        return draft
    approvals.propose(draft.pk, actor=desk.officers[unit.pk], revision=1)
    if status == S.REVIEW:
        return draft
    approvals.initial(draft.pk, actor=desk.heads[unit.pk], revision=1)
    if status == S.CHECKING:
        return draft
    draft.refresh_from_db()
    passed = {found.code: "Văn bản mẫu" for found in form_check.check(draft) if not found.is_error}
    approvals.pass_form(draft.pk, actor=desk.clerk, revision=1, reasons=passed)
    return draft


def _really_signed(papers: Papers) -> None:
    """One letter of each agency through the real actions, today: the leader's signature, the seal, the sending."""
    body = "<p>Đây là văn bản của bản dùng thử, ký số bằng khóa thử nghiệm, không có giá trị pháp lý./.</p>"
    group = RecipientGroup.objects.get(name=COMMUNES_GROUP)
    with signed.authority():
        for key, desk in papers.desks.items():
            title = f"gửi thử văn bản ký số của {desk.agency.short_name or desk.agency.name}"
            to = None if key == "tp" else papers.desks["stc" if key != "stc" else "nq"].agency
            draft = _brought_to(
                S.SUBMITTED,
                desk,
                desk.units[0],
                "CV",
                title,
                body,
                unit_to=to,
                group=group if to is None else None,
            )
            opened = actions.authorise(actions.personal_key(desk.leader), PIN, actor=desk.leader)
            actions.sign(draft.pk, actor=desk.leader, authorisation=opened, revision=1)
            _finish(draft)
            opened = actions.authorise(actions.agency_key(desk.agency), PIN, actor=desk.clerk)
            actions.seal(draft.pk, actor=desk.clerk, authorisation=opened)
            _finish(draft)


def _finish(document: Document) -> None:
    """What the worker would do."""
    document.refresh_from_db()
    sign_task(document.signature_request_id)
    document.refresh_from_db()
    if document.signature_request is None or document.signature_request.done_at is None:
        raise RuntimeError("the demo's signature was not made")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=VIETNAM)
