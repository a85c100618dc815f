"""Three hundred cases in bulk: the stories of `history`, written as rows with their audit trail.

Finished cases told here end with a paper handed out at the counter and have no electronic file: a signed PDF exists
only where somebody signed (see `signed`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db.models import Model, OuterRef, Subquery
from django.utils import timezone

from core import audit, office_calendar
from core.models import AuditEvent, IssuedNumber, NumberSeries, StoredFile
from haiphong_egov.seeds import answers, plan
from haiphong_egov.seeds.history import Act, Clockwork, Story
from haiphong_egov.seeds.invention import Invention, Someone
from haiphong_egov.seeds.offers import SAMPLES, Offer, file_places, read_offers, sample_pages
from haiphong_egov.seeds.people import Cast, Place, home_of
from haiphong_egov.seeds.told import Told
from notices.models import Notice
from onecase.choices import CLOCK_RUNS, Channel, CheckState, PartyRole
from onecase.choices import BusinessStatus as S
from onecase.models import (
    Case,
    CaseFile,
    Component,
    ComponentCheck,
    HandOver,
    LegalReason,
    Party,
    Pause,
    ProcedureCase,
    Rating,
    StepRun,
    SupplementItem,
)
from org import services as org
from org.models import Organization, User

ONLINE_ONLY = {S.DRAFT, S.WITHDRAWAL_REQUESTED, S.WITHDRAWN}


class Chronicle:
    """Invents the stories, then writes them. Call `write` inside `atomic`."""

    def __init__(self, cast: Cast, invention: Invention, *, today: date) -> None:
        self.cast, self.invention, self.rng, self.today = cast, invention, invention.rng, today
        self.clockwork = Clockwork(self.rng, office_calendar.load(), today=today, days=plan.DAYS)
        self.offers = read_offers()
        self.reasons = {
            kind: list(LegalReason.objects.filter(kind=kind, is_active=True).order_by("pk"))
            for kind in ("supplement", "reject")
        }
        self.units: dict[tuple[str, str], Organization] = {}
        self.drafts: set[tuple[int, int]] = set()
        self.identities = {user.pk: user.identity for user, _someone in cast.citizens}
        self.people = dict(cast.citizens)
        self.prefixes = {key: org.case_code_prefix(place.agency) for key, place in cast.places.items()}
        self.hats = {
            user.pk: (
                user.hats[0].position.title,
                user.hats[0].organization.name,
                user.hats[0].organization_id,
            )
            for user in cast.staff.values()
            if user.hats
        }
        self.desk = answers.Desk(self.rng, invention, self._working_day_after)

    # --- inventing ----------------------------------------------------------------------------------------

    def invent(self) -> list[Told]:
        """All stories, oldest case first."""
        targets = [target for target, count in plan.TOLD.items() for _number in range(count)]
        self.rng.shuffle(targets)
        told = [self._told(self._place(target), target) for target in targets]
        told += [self._special(special) for special in plan.SPECIAL]
        return sorted(told, key=lambda one: (one.case.created_at, one.case.procedure_id))

    def _place(self, target: S) -> Place:
        keys = [key for key in plan.PLACES if target not in ONLINE_ONLY or key != "stc"]
        return self.cast.places[self.rng.choices(keys, [plan.PLACES[key] for key in keys])[0]]

    def _special(self, special: plan.Special) -> Told:
        told = self._told(self.cast.places[special.place], special.status, special=special)
        if special.rated:
            told.level, told.comment = 3, plan.PRAISE[0]
        return told

    def _told(self, place: Place, target: S, *, special: plan.Special | None = None) -> Told:
        offer = self.offers[special.procedure] if special else self._offer(place, target)
        online = target in ONLINE_ONLY or (
            offer.form is not None and (special is not None or self.rng.random() < 0.62)
        )
        applicant, someone, address = self._party(place, offer, online=online, target=target, special=special)
        channel = Channel.ONLINE if online else Channel.POSTAL if self.rng.random() < 0.06 else Channel.DIRECT
        variant = self._variant(offer)
        unit = self._unit(place, offer.procedure.handled_by_symbol)
        case = Case(
            procedure=offer.procedure,
            version=offer.version,
            procedure_case=variant,
            channel=channel,
            applicant=applicant,
            owner_name=someone.full_name,
            receiving_unit=place.counter,
            agency=place.agency,
            return_way="online" if online and (target not in FINAL_AT_COUNTER or special) else "counter",
        )
        story = Story(case, target)
        running = target not in FINAL_AT_COUNTER
        self.clockwork.tell(
            story,
            supplement=special is None and self.rng.random() < 0.14,
            late=special is None and self.rng.random() < (0.2 if running else 0.1),
            returned_intake=special is None and self.rng.random() < 0.07,
        )
        officers = place.officers[unit.pk]
        told = Told(
            story, offer, place, unit, self.rng.choice(place.counter_officers), self.rng.choice(officers),
            place.heads[unit.pk], self.rng.choice(place.leaders), someone, address, applicant, special,
        )  # fmt: skip
        self._complete(told)
        return told

    def _unit(self, place: Place, symbol: str) -> Organization:
        if (place.key, symbol) not in self.units:
            self.units[place.key, symbol] = org.handling_unit_of(place.agency, symbol)
        return self.units[place.key, symbol]

    def _offer(self, place: Place, target: S) -> Offer:
        weights = plan.DEPARTMENT if place.key == "stc" else plan.COMMUNE
        codes = [code for code in weights if target not in ONLINE_ONLY or self.offers[code].form is not None]
        # What is due within the day seldom lies open overnight.
        seldom = 0.25 if target in CLOCK_RUNS else 1
        chances = [weights[code] * (seldom if self.offers[code].is_of_the_day else 1) for code in codes]
        return self.offers[self.rng.choices(codes, chances)[0]]

    def _variant(self, offer: Offer) -> ProcedureCase | None:
        house = [variant for variant in offer.variants if variant.code == "nha_o"]
        return self.rng.choice(house or offer.variants) if offer.variants else None

    def _party(
        self, place: Place, offer: Offer, *, online: bool, target: S, special: plan.Special | None
    ) -> tuple[User | None, Someone, str]:
        """Account (online only), person, address."""
        if not online and self.rng.random() < 0.5:
            someone = self.invention.someone()
            return None, someone, self._address(place)
        home = {"nq": 0, "vb": 1}.get(place.key)
        neighbours = [
            (user, someone)
            for index, (user, someone) in enumerate(self.cast.citizens)
            # The first three wait for the walk with what the plan gives them.
            if index >= 3 and (home is None or home_of(index) == home)
        ]
        if special and special.citizen:
            neighbours = [self.cast.citizens[special.citizen - 1]]
        if target == S.DRAFT:
            neighbours = [one for one in neighbours if (one[0].pk, offer.procedure.pk) not in self.drafts]
        user, someone = self.rng.choice(neighbours)
        if target == S.DRAFT:
            self.drafts.add((user.pk, offer.procedure.pk))
        return (user if online else None), someone, self.identities[user.pk].address

    def _address(self, place: Place) -> str:
        if place.key == "vb":
            return f"Thôn {self.rng.randint(1, 12)}, xã Vĩnh Bảo, Hải Phòng"
        return f"Số {self.rng.randint(1, 180)}, tổ dân phố {self.rng.randint(1, 12)}, phường Ngô Quyền, Hải Phòng"

    def _complete(self, told: Told) -> None:
        """What follows from the acts: columns of the case, notes of the acts, missing papers, answers, rating."""
        case, story = told.case, told.story
        verbs = [act.verb for act in story.acts]
        case.handling_unit = told.unit if "hand_over" in verbs else None
        case.handler = told.officer if {"assign", "take_up"} & set(verbs) else None
        case.supplement_count = verbs.count("return_intake") + verbs.count("request_supplement")
        self._ask_for_more(told)
        for act in story.acts:
            act.actor = told.actor_of(act)
            act.note = act.note or self._note(told, act)
        if case.business_status in {S.INTAKE_RETURNED, S.SUPPLEMENT_REQUIRED}:
            asked = (
                story.at("return_intake")
                if case.business_status == S.INTAKE_RETURNED
                else story.at("request_supplement")
            )
            case.reply_by = timezone.localdate(asked) + timedelta(
                days=told.offer.version.supplement_window_days
            )
        if told.offer.form is not None:
            case.answers = self._answers(told)
        if case.business_status == S.DRAFT:
            case.form_step = self.rng.randint(1, 3)
        if case.returned_at and case.applicant_id and self.rng.random() < 0.6:
            self._rate(told, case.returned_at)

    def _rate(self, told: Told, returned_at: datetime) -> None:
        level = self.rng.choices([1, 2, 3], [1, 5, 9])[0]
        comment = self.rng.choice([*plan.PRAISE, ""] if level > 1 else plan.COMPLAINTS)
        rated = returned_at + timedelta(minutes=self.rng.randint(20, 2000))
        if rated < self.clockwork.anchor:
            told.level, told.comment = level, comment
            told.story.acts.append(Act("rate", rated, detail={"level": level}, actor=told.applicant))

    def _answers(self, told: Told) -> dict[str, Any]:
        case = told.case
        place = ", ".join(told.address.split(", ")[-2:])
        who = answers.Applicant(
            told.someone,
            told.address,
            place,
            timezone.localdate(case.submitted_at or case.created_at),
            case.return_way,
            (case.applicant.email or "") if case.applicant else "",
            tuple(paper.name for paper in told.offer.papers(case.procedure_case)),
        )
        given = answers.write(told.offer.procedure.code, who, self.desk)
        if case.business_status == S.DRAFT:
            return dict(list(given.items())[: len(given) // 2])
        if "elder_full_name" in given:  # the one who applies for an old person is not the owner of the case
            case.owner_name = given["elder_full_name"]
        return given

    def _ask_for_more(self, told: Told) -> None:
        """The lines of Form 02 for each round, with their acts' notes."""
        number = 0
        papers = told.offer.papers(told.case.procedure_case)
        pending: list[SupplementItem] = []
        for act in told.story.acts:
            if act.verb in {"return_intake", "propose_supplement"} or (
                act.verb == "request_supplement" and not pending
            ):
                number += 1
                pending = [
                    self._item(told, paper, number)
                    for paper in self.rng.sample(papers, min(len(papers), self.rng.choice([1, 1, 2])))
                ] or [self._item(told, None, number)]
                told.items += pending
            if act.verb in {"return_intake", "propose_supplement", "request_supplement"}:
                act.note = "; ".join(item.text for item in pending)
            if act.verb in {"resubmit", "supply"}:
                for item in pending:
                    item.answered_at = act.at
                pending = []

    def _item(self, told: Told, paper: Component | None, number: int) -> SupplementItem:
        reason = self.rng.choice(self.reasons["supplement"][:3])
        text = paper.name if paper else told.offer.procedure.result_names or told.offer.procedure.name
        return SupplementItem(
            case=told.case,
            round=number,
            component=paper,
            text=_short(text, 300),
            reason=reason.text,
            ground=reason.ground,
        )

    def _note(self, told: Told, act: Act) -> str:
        name = told.case.owner_name
        if act.verb == "assign":
            return f"giao {told.officer.full_name}"
        if act.verb == "reject_intake":
            return f"{self.rng.choice(self.reasons['reject']).text}."
        if act.verb == "approve":
            return plan.PAPER_RESULT
        if act.verb == "return_result":
            return self.rng.choice(plan.RETURN_NOTES).format(name=name)
        if act.verb == "stop":
            return self.rng.choice(plan.STOP_NOTES)
        return self.rng.choice(plan.WITHDRAWAL_NOTES) if act.verb == "request_withdrawal" else ""

    def _working_day_after(self, day: date) -> date:
        return self.clockwork.calendar.next_working_day(day)

    # --- writing ------------------------------------------------------------------------------------------

    def write(self, told: list[Told]) -> None:
        """All rows. Codes are given in the order of submission, as `numbering.take` would have."""
        numbers = self._give_codes(told)
        Case.objects.bulk_create([one.case for one in told], batch_size=200)
        self._write_numbers(told, numbers)
        samples = sample_pages()
        _create(Party, (party for one in told for party in self._parties(one)))
        _create(CaseFile, (file for one in told for file in self._files(one, samples)))
        _create(ComponentCheck, (check for one in told for check in self._checks(one)))
        _create(SupplementItem, (item for one in told for item in one.items))
        _create(Pause, (pause for one in told for pause in self._pauses(one)))
        _create(StepRun, (run for one in told for run in self._step_runs(one)))
        _create(HandOver, (line for one in told for line in self._hand_overs(one)))
        _create(Rating, (rating for one in told for rating in self._ratings(one)))
        self._write_trail(told)
        self._write_notices(told)

    def _give_codes(self, told: list[Told]) -> dict[str, int]:
        taken: Counter[str] = Counter()
        submitted = [
            (one.case.submitted_at, number, one) for number, one in enumerate(told) if one.case.submitted_at
        ]
        for moment, _number, one in sorted(submitted, key=lambda row: row[:2]):
            day = timezone.localdate(moment)
            key = f"case:{one.place.agency.pk}:{day.isoformat()}"
            taken[key] += 1
            one.case.code = f"{self.prefixes[one.place.key]}-{day:%y%m%d}-{taken[key]:04d}"
        for one in told:
            one.case.submission_key = _uuid(self.rng)
        return dict(taken)

    def _write_numbers(self, told: list[Told], numbers: dict[str, int]) -> None:
        NumberSeries.objects.bulk_create(NumberSeries(key=key, last=last) for key, last in numbers.items())
        series = NumberSeries.objects.in_bulk(list(numbers), field_name="key")
        label = audit.subject_type(told[0].case)
        rows = []
        for one in told:
            if one.case.code:
                day = timezone.localdate(one.case.submitted_at).isoformat()
                value = int(one.case.code.rsplit("-", 1)[1])
                of = series[f"case:{one.place.agency.pk}:{day}"]
                rows.append(IssuedNumber(series=of, value=value, subject_type=label, subject_id=one.case.pk))
        IssuedNumber.objects.bulk_create(rows)
        submitted = Case.objects.filter(pk=OuterRef("subject_id")).values("submitted_at")
        IssuedNumber.objects.filter(pk__in=[row.pk for row in rows]).update(taken_at=Subquery(submitted))

    def _parties(self, one: Told) -> Iterator[Party]:
        if one.case.business_status == S.DRAFT:
            return
        facts = {
            "phone": one.someone.phone,
            "email": one.applicant.email if one.applicant else "",
            "address": one.address,
        }
        own = one.case.owner_name == one.someone.full_name
        owner = Party(case=one.case, role=PartyRole.OWNER, full_name=one.case.owner_name, **facts)
        owner.number = one.someone.number if own else one.case.answers.get("elder_citizen_id", "")
        owner.birth_on = one.someone.birth_on if own else None
        yield owner
        if one.applicant or not own:
            submitter = Party(
                case=one.case, role=PartyRole.SUBMITTER, full_name=one.someone.full_name, **facts
            )
            submitter.number, submitter.birth_on = one.someone.number, one.someone.birth_on
            yield submitter

    def _files(self, one: Told, samples: dict[str, StoredFile]) -> Iterator[CaseFile]:
        case, form = one.case, one.offer.form
        at = case.submitted_at or case.saved_at or case.created_at
        if case.channel == Channel.ONLINE and form is not None and case.business_status != S.DRAFT:
            for name, place in file_places(form, case.answers, timezone.localdate(at)):
                yield self._file(one, samples.get(name) or samples[""], at, form_field=place)
        papers = [
            part
            for part in one.offer.papers(case.procedure_case)
            if part.required == "yes" and part.kind != "to_khai"
        ]
        if case.channel != Channel.ONLINE and papers:
            yield self._file(one, samples[""], at, component=papers[0], source="counter")

    def _file(
        self, one: Told, stored: StoredFile, at: datetime, *, form_field: str = "", component: Component | None = None,
        source: str = "applicant",
    ) -> CaseFile:  # fmt: skip
        name = SAMPLES.get(form_field) or SAMPLES[""]
        return CaseFile(
            case=one.case, component=component, form_field=form_field, stored=stored, name=f"{name}.pdf", source=source,
            added_by=one.applicant if source == "applicant" else one.counter, added_at=at,
        )  # fmt: skip

    def _checks(self, one: Told) -> Iterator[ComponentCheck]:
        """The last word of the counter on each paper."""
        checked = one.story.at("check_components")
        if checked is None:
            return
        missing = {
            item.component_id
            for item in one.items
            if item.answered_at is None and one.case.received_at is None
        }
        online = one.case.channel == Channel.ONLINE
        for paper in one.offer.papers(one.case.procedure_case):
            state = CheckState.MISSING if paper.pk in missing else self._state(paper)
            there = state == CheckState.OK
            yield ComponentCheck(
                case=one.case,
                component=paper,
                state=state,
                originals=paper.originals if there and not online else 0,
                copies=paper.copies if there and not online else 0,
                digital=1 if there and online else 0,
                checked_by=one.counter,
                checked_at=checked,
            )

    def _state(self, paper: Component) -> CheckState:
        if paper.required == "yes":
            return CheckState.OK
        if paper.replaceable_by and self.rng.random() < 0.5:
            return CheckState.LOOKED_UP
        return CheckState.OK if self.rng.random() < 0.35 else CheckState.NOT_NEEDED

    def _pauses(self, one: Told) -> Iterator[Pause]:
        asked = [act for act in one.story.acts if act.verb == "request_supplement"]
        for (start, end), act in zip(one.story.pauses, asked, strict=True):
            supplied = end is not None and one.story.at("supply") == end
            yield Pause(
                case=one.case,
                started_at=start,
                ended_at=end,
                reason=act.note,
                due_before=one.case.first_due_at,
                due_after=one.case.due_at if supplied else None,
            )

    def _step_runs(self, one: Told) -> Iterator[StepRun]:
        began = one.story.at("assign") or one.story.at("take_up")
        if began is None:
            return
        submitted, ended = one.story.at("submit_for_approval"), one.case.finished_at
        yield from self._run(one, "tham_dinh", began, submitted or ended)
        if submitted:
            yield from self._run(one, "trinh_ky", submitted, ended)

    def _run(self, one: Told, code: str, began: datetime, ended: datetime | None) -> Iterator[StepRun]:
        step = one.offer.steps.get(code)
        if step is not None:
            due = self.clockwork.step_due(began, float(step.hours))
            yield StepRun(
                case=one.case,
                seq=step.seq,
                code=code,
                name=step.name,
                started_at=began,
                due_at=due,
                ended_at=ended,
            )

    def _hand_overs(self, one: Told) -> Iterator[HandOver]:
        given = one.story.at("hand_over")
        if given is None:
            return
        taken = one.story.at("assign") or one.story.at("take_up")
        yield HandOver(
            case=one.case,
            giver=one.counter,
            giver_unit=self.hats[one.counter.pk][1],
            taker_unit=one.unit,
            taker=one.officer if taken else None,
            given_at=given,
            taken_at=taken,
        )

    def _ratings(self, one: Told) -> Iterator[Rating]:
        rated = one.story.at("rate")
        if rated is not None and one.level is not None:
            yield Rating(case=one.case, level=one.level, comment=one.comment, rated_at=rated)

    def _write_trail(self, told: list[Told]) -> None:
        rows = []
        for one in told:
            label = audit.subject_type(one.case)
            for act in one.story.acts:
                nobody = ("", "", None)
                post, unit, unit_id = self.hats.get(act.actor.pk, nobody) if act.actor else nobody
                row = AuditEvent(
                    event=f"case.{act.verb}",
                    at=act.at.astimezone(UTC),
                    actor=act.actor,
                    actor_name=act.actor.full_name if act.actor else "",
                    post_name=post,
                    unit_name=unit,
                    subject_type=label,
                    subject_id=one.case.pk,
                    before=act.before,
                    after=act.after,
                    note=act.note,
                    detail=act.detail,
                    salt=self.rng.randbytes(16),
                    unit_id=unit_id,
                    subject_unit_id=one.case.audit_unit_id,
                )
                rows.append(audit.seal(row))
        rows.sort(key=lambda row: row.at)
        AuditEvent.objects.bulk_create(rows, batch_size=500)

    def _write_notices(self, told: list[Told]) -> None:
        rows = [notice for one in told for notice in self._notices(one)]
        moments = {id(notice): notice.created_at for notice in rows}
        rows.sort(key=lambda notice: notice.created_at)
        wanted = [moments[id(notice)] for notice in rows]
        Notice.objects.bulk_create(rows, batch_size=500)
        for notice, moment in zip(rows, wanted, strict=True):
            notice.created_at = moment  # bulk_create wrote «now»
        Notice.objects.bulk_update(rows, ["created_at"], batch_size=500)

    def _notices(self, one: Told) -> Iterator[Notice]:
        """Inbox lines of the applicant; and of the staff for what waits for them now. No e-mail is owed for the past."""
        code = one.case.code
        if one.applicant is not None:
            for act in one.story.acts:
                title = TOLD_TO_APPLICANT.get(act.verb)
                if title:
                    yield self._notice(
                        one,
                        one.applicant,
                        act,
                        title.format(code=code),
                        act.note or one.case.procedure.name,
                        f"/ho-so/{code}/",
                    )
        last = one.story.acts[-1]
        waits: dict[str, tuple[list[User], str]] = {
            S.SUBMITTED: (one.place.counter_officers, "Hồ sơ mới chờ tiếp nhận"),
            S.FORWARDED: ([one.head], "Hồ sơ mới chuyển tới"),
            S.SUPPLEMENT_PROPOSED: ([one.head], "Chờ duyệt yêu cầu bổ sung"),
        }
        waiting, title = waits.get(one.case.business_status, ([], ""))
        text = f"{code} · {one.case.procedure.name} · {one.case.owner_name}"
        for user in waiting:
            yield self._notice(one, user, last, title, text, f"/lam-viec/ho-so/{code}/")

    def _notice(self, one: Told, user: User, act: Act, title: str, text: str, url: str) -> Notice:
        old = act.at < self.clockwork.anchor - timedelta(days=3)
        return Notice(
            recipient=user, kind=f"case.{act.verb}", title=title, text=text, url=url, done_at=act.at, created_at=act.at,
            read_at=act.at + timedelta(hours=2) if old else None,
            subject_type=audit.subject_type(one.case), subject_id=one.case.pk,
        )  # fmt: skip


FINAL_AT_COUNTER = {S.COMPLETED, S.RETURNED, S.REFUSED}
TOLD_TO_APPLICANT = {
    "submit": "Đã nhận hồ sơ {code}",
    "accept": "Đã tiếp nhận hồ sơ {code}",
    "return_intake": "Hồ sơ {code} cần bổ sung",
    "request_supplement": "Hồ sơ {code} cần bổ sung",
    "supply": "Đã nhận phần bổ sung của hồ sơ {code}",
    "reject_intake": "Hồ sơ {code} không được tiếp nhận",
    "complete": "Hồ sơ {code} đã có kết quả",
    "stop": "Hồ sơ {code} dừng giải quyết",
}


def _create(model: type[Model], rows: Iterable[Model]) -> None:
    model._default_manager.bulk_create(rows, batch_size=500)


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _uuid(rng: Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)


def counts() -> dict[str, int]:
    """How many cases stand in each status."""
    found: dict[str, int] = defaultdict(int)
    for status in Case.objects.values_list("business_status", flat=True):
        found[status] += 1
    return dict(found)
