"""One invented case as a chain of acts: who did what, when, in office hours of the real calendar.

Every act is a move of onecase.workflow.MOVES, so a history that could not have happened does not come out of here.
Times are counted in working seconds from the opening of the first day; no act lies after `anchor`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from core.calendar import VIETNAM, Pause, WorkingCalendar
from onecase import clock
from onecase.choices import BusinessStatus as S
from onecase.choices import LimitUnit
from onecase.models import Case
from onecase.workflow import MOVES

HOUR = 3600
WORKDAY = 8 * HOUR
AFTER = {move.verb: (move.sources, move.target) for move in MOVES}
# What a stretch of work of an open case has seen, by its status: verbs after `accept`, with their share of the time.
Script = list[tuple[str, float, float]]
TAKEN: Script = [("hand_over", 0.01, 0.05), ("assign", 0.06, 0.2)]
SUPPLEMENT: Script = [
    ("propose_supplement", 0.25, 0.33),
    ("request_supplement", 0.35, 0.42),
]
SUPPLIED: Script = [*SUPPLEMENT, ("supply", 0.5, 0.66)]
DECIDED: Script = [("submit_for_approval", 0.72, 0.85), ("approve", 0.88, 0.97)]
SCRIPTS: dict[S, Script] = {
    S.ACCEPTED: [],
    S.FORWARDED: [("hand_over", 0.02, 0.3)],
    S.APPRAISING: TAKEN,
    S.SUPPLEMENT_PROPOSED: [*TAKEN, ("propose_supplement", 0.5, 0.9)],
    S.SUPPLEMENT_REQUIRED: [*TAKEN, *SUPPLEMENT],
    S.WITHDRAWAL_REQUESTED: [*TAKEN, ("request_withdrawal", 0.5, 0.95)],
    S.WITHDRAWN: [*TAKEN, ("request_withdrawal", 0.4, 0.6), ("agree_withdrawal", 0.7, 0.95)],
    S.STOPPED: [*TAKEN, *SUPPLEMENT, ("stop", 0.9, 0.99)],
    S.COMPLETED: [*TAKEN, *DECIDED, ("complete", 1.0, 1.0)],
    S.RETURNED: [*TAKEN, *DECIDED, ("complete", 1.0, 1.0)],
    S.REFUSED: [*TAKEN, *DECIDED, ("refuse", 1.0, 1.0)],
}
FINISHED = {S.COMPLETED, S.RETURNED, S.REFUSED}


@dataclass
class Act:
    verb: str
    at: datetime
    before: str = ""
    after: str = ""
    note: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    actor: Any = None


@dataclass
class Story:
    """A case in the making: the row, its acts in order, and what hangs on it."""

    case: Case
    target: S
    acts: list[Act] = field(default_factory=list)
    pauses: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    def at(self, verb: str) -> datetime | None:
        """When `verb` last happened."""
        return next((act.at for act in reversed(self.acts) if act.verb == verb), None)


class Clockwork:
    """The working time between the first day and `anchor`, and stories laid out in it."""

    def __init__(self, rng: Random, calendar: WorkingCalendar, *, today: date, days: int) -> None:
        self.rng = rng
        self.calendar = calendar
        self.first = calendar.next_opening(_midnight(today - timedelta(days=days)))
        self.anchor = self._last_closing(today)
        self.total = calendar.working_seconds_between(self.first, self.anchor)

    def _last_closing(self, today: date) -> datetime:
        """The end of the last working day before `today`: nothing of the history lies in the day of the demo."""
        day = today - timedelta(days=1)
        while not self.calendar.is_working_day(day):
            day -= timedelta(days=1)
        hours, minutes = divmod(self.calendar.spans(day)[-1][1] // 60, 60)
        return _midnight(day).replace(hour=hours, minute=minutes)

    def moment(self, seconds: float) -> datetime:
        return self.calendar.add_working_time(self.first, max(0, min(int(seconds), self.total)))

    def where(self, moment: datetime) -> int:
        return self.calendar.working_seconds_between(self.first, moment)

    # --- laying out a story -------------------------------------------------------------------------------

    def tell(self, story: Story, *, supplement: bool, late: bool, returned_intake: bool) -> None:
        """Fill in `story.acts`, its pauses, and the times of its case."""
        if story.target == S.DRAFT:
            self._draft(story)
            return
        accept_at = self._begin(story, late=late)
        if story.target in {S.SUBMITTED, S.INTAKE_RETURNED, S.INTAKE_REJECTED}:
            self._intake_only(story, accept_at)
            return
        received = self._intake(story, accept_at, returned_intake=returned_intake)
        self._process(story, received, supplement=supplement, late=late)
        if story.target == S.RETURNED:
            self._hand_out(story)

    def _draft(self, story: Story) -> None:
        begun = self.moment(self.total - self.rng.uniform(0, 12) * WORKDAY)
        self._act(story, "start", begun, after=S.DRAFT)
        story.case.created_at = begun
        story.case.saved_at = min(self.anchor, begun + timedelta(minutes=self.rng.randint(3, 40)))

    def _begin(self, story: Story, *, late: bool) -> float:
        """When the case is accepted, in working seconds from the first day."""
        span = self.limit_seconds(story.case)
        if story.target in {S.SUBMITTED, S.INTAKE_RETURNED}:
            longest = 3 if story.target == S.INTAKE_RETURNED else 0.6
            return self.total - self.rng.uniform(0.05, longest) * WORKDAY
        if story.target in FINISHED | {S.WITHDRAWN, S.STOPPED, S.INTAKE_REJECTED}:
            return self.rng.uniform(2 * WORKDAY, max(3 * WORKDAY, self.total - 1.3 * span - 2 * WORKDAY))
        if not late and self._within_day(story.case):
            return (
                self.total - self.rng.uniform(0.2, 1.9) * HOUR
            )  # after 15:00, so that it is due on the next day
        passed = self.rng.uniform(1.05, 1.7) if late else self.rng.uniform(0.08, 0.85)
        return max(2 * WORKDAY, self.total - passed * span)

    def _submitted(self, story: Story, before: float) -> datetime:
        """Submission ahead of the counter's act at `before`: hours online, minutes at the counter."""
        online = story.case.channel == "2"
        lag = self.rng.uniform(0.5, 5) * HOUR if online else self.rng.uniform(6, 40) * 60
        moment = self.moment(before - lag)
        if online and self.rng.random() < 0.35:  # people fill in forms in the evening
            evening = _midnight(moment.date() - timedelta(days=1))
            moment = max(
                self.first, evening.replace(hour=self.rng.randint(19, 21), minute=self.rng.randrange(60))
            )
        return moment

    def _enter(self, story: Story, before: float) -> datetime:
        case = story.case
        submitted = self._submitted(story, before)
        case.submitted_at = submitted
        if case.channel == "2":
            case.created_at = submitted - timedelta(minutes=self.rng.randint(8, 50))
            self._act(story, "start", case.created_at, after=S.DRAFT)
            self._move(story, "submit", submitted)
        else:
            case.created_at = submitted
            self._act(story, "intake", submitted, after=S.SUBMITTED, detail={"channel": case.channel})
            case.business_status = S.SUBMITTED
        return submitted

    def _intake_only(self, story: Story, decided: float) -> None:
        self._enter(story, decided)
        if story.target == S.SUBMITTED:
            return
        looked = self.moment(decided)
        self._act(story, "check_components", looked)
        verb = "return_intake" if story.target == S.INTAKE_RETURNED else "reject_intake"
        ended = min(self.anchor, looked + timedelta(minutes=self.rng.randint(2, 12)))
        self._move(story, verb, ended)
        if verb == "reject_intake":
            story.case.finished_at = ended

    def _intake(self, story: Story, accept: float, *, returned_intake: bool) -> datetime:
        """From the application to its acceptance."""
        if returned_intake:
            asked = max(HOUR, accept - self.rng.uniform(1, 3) * WORKDAY)
            self._enter(story, asked)
            self._act(story, "check_components", self.moment(asked))
            self._move(story, "return_intake", self.moment(asked + 5 * 60))
            self._move(
                story, "resubmit", self.moment(max(asked + 10 * 60, accept - self.rng.uniform(0.2, 4) * HOUR))
            )
        else:
            self._enter(story, accept)
        checked = self.moment(accept - 4 * 60)
        last = story.acts[-1].at
        received = max(self.moment(accept), last)
        self._act(story, "check_components", max(checked, last))
        case = story.case
        case.received_at = received
        case.due_at = case.first_due_at = self._due(story)
        due = case.due_at.isoformat() if case.due_at else None
        self._move(story, "accept", received, detail={"due": due, "due_before": None} if due else {})
        return received

    def _process(self, story: Story, received: datetime, *, supplement: bool, late: bool) -> None:
        """The script of the target's status, spread over the time that the case has taken."""
        begins: float = self.where(received)
        script = list(SCRIPTS[story.target])
        if supplement and story.target in FINISHED | {S.APPRAISING}:
            at = next((n for n, step in enumerate(script) if step[0] == "submit_for_approval"), len(script))
            script[at:at] = SUPPLIED
        ends: float = self.total
        if story.target in FINISHED | {S.WITHDRAWN, S.STOPPED}:
            allowed = self.where(story.case.due_at) - begins if story.case.due_at else 5 * WORKDAY
            share = self.rng.uniform(1.05, 1.6) if late else self.rng.uniform(0.3, 0.95)
            ends = min(self.total, begins + max(HOUR, allowed) * share * (1.35 if supplement else 1))
        for verb, low, high in script:
            if verb == "assign" and self.rng.random() < 0.3:
                verb = "take_up"
            share = (ends - begins) * self.rng.uniform(low, high)
            if verb == "hand_over":  # the same day, or the next morning (NĐ 118/2025, domain/onecase.md T6)
                share = min(share, self.rng.uniform(0.2, 2.5) * HOUR)
            elif verb == "approve":  # the seal follows within hours
                share = max(share, ends - begins - self.rng.uniform(0.5, 5) * HOUR)
            self._step(story, verb, max(self.moment(begins + share), story.acts[-1].at))

    def _step(self, story: Story, verb: str, at: datetime) -> None:
        """One move with what it does to the clock."""
        case = story.case
        detail: dict[str, Any] = {}
        if verb == "request_supplement":
            story.pauses.append((at, None))
        elif story.pauses and story.pauses[-1][1] is None and verb in {"supply", "stop", "agree_withdrawal"}:
            story.pauses[-1] = (story.pauses[-1][0], at)
            if verb == "supply" and case.due_at:
                before, case.due_at = case.due_at, self._due(story)
                detail = {
                    "due": case.due_at.isoformat() if case.due_at else None,
                    "due_before": before.isoformat(),
                }
        self._move(story, verb, at, detail=detail)
        if verb in {"complete", "refuse", "stop", "agree_withdrawal"}:
            case.finished_at = at

    def _hand_out(self, story: Story) -> None:
        begins = self.where(story.acts[-1].at)
        wait = self.rng.choice([0.5, 1, 2, 6, 12, 20]) * HOUR * self.rng.uniform(0.6, 1.4)
        at = max(self.moment(begins + wait), story.acts[-1].at)
        self._move(story, "return_result", at)
        story.case.returned_at = at

    # --- pieces -------------------------------------------------------------------------------------------

    def limit_seconds(self, case: Case) -> float:
        """About how long the law gives, in working seconds."""
        unit, quantity = clock.limit_of(case) or (LimitUnit.WORKING_DAY, 5)
        if unit == LimitUnit.WITHIN_DAY:
            return 0.8 * WORKDAY
        return quantity * WORKDAY * (5 / 7 if unit == LimitUnit.CALENDAR_DAY else 1)

    def _within_day(self, case: Case) -> bool:
        limit = clock.limit_of(case)
        return limit is not None and limit[0] == LimitUnit.WITHIN_DAY

    def _due(self, story: Story) -> datetime | None:
        limit = clock.limit_of(story.case)
        if limit is None or story.case.received_at is None:
            return None
        unit, quantity = limit
        pauses = [Pause(start, end) for start, end in story.pauses if end is not None]
        return self.calendar.due(story.case.received_at, quantity, unit, pauses=pauses).at

    def step_due(self, at: datetime, hours: float) -> datetime:
        return self.calendar.add_working_time(at, round(hours * HOUR))

    def _move(self, story: Story, verb: str, at: datetime, *, detail: dict[str, Any] | None = None) -> None:
        case = story.case
        before = case.business_status
        sources, target = AFTER[verb]
        if before not in sources:
            raise AssertionError(f"{verb} from {before} is no move of the workflow")
        case.business_status = target
        self._act(story, verb, at, before=before, after=target, detail=detail)

    def _act(
        self, story: Story, verb: str, at: datetime, *, before: str = "", after: str = "", detail: Any = None
    ) -> None:
        story.acts.append(Act(verb, at, before, after, detail=detail or {}))


def _midnight(day: date) -> datetime:
    """Midnight in Vietnam."""
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM)
