"""The scenario of 01/7/2025: the world of the day before, filled by COPY, the plan of the files, and what must hold after."""

import io
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from haiphong_egov.bench.world import _copy
from onecase.choices import OPEN
from onecase.choices import BusinessStatus as S
from onecase.models import Procedure
from org import tree
from org.actions import restructuring
from org.choices import OrganizationKind, Role
from org.loading.territories import TWO_LEVELS
from org.models import (
    AdminUnit,
    Assignment,
    LegalBasis,
    Organization,
    OrgVersion,
    Person,
    Position,
    Restructuring,
    RoleGrant,
    User,
)
from org.restructuring import plan_2025

DAY_BEFORE = TWO_LEVELS - timedelta(days=1)
STATUSES = [
    S.SUBMITTED,
    S.ACCEPTED,
    S.FORWARDED,
    S.APPRAISING,
    S.APPRAISING,
    S.SUPPLEMENT_REQUIRED,
    S.AWAITING_APPROVAL,
]
SINCE = date(2021, 7, 1)


@dataclass
class Offices:
    """What a committee of the old world consisted of: one-stop unit and office."""

    committee: Organization
    counter: Organization
    office: Organization


@dataclass
class OldWorld:
    offices: list[Offices]
    planner: User
    approver: User
    shape: dict[str, Any] = field(default_factory=dict)


def build(*, people: int, cases: int) -> OldWorld:
    """Reference as of 30/6/2025, an office and a one-stop unit for every district and commune, people and open cases."""
    call_command("load_reference", as_of=DAY_BEFORE, verbosity=0, stdout=io.StringIO())
    offices = _offices()
    planner, approver = _planners()
    _people(offices, people)
    _cases(offices, cases)
    with connection.cursor() as cursor:
        for table in (
            "onecase_case",
            "onecase_party",
            "org_assignment",
            "org_rolegrant",
            "org_person",
            "org_user",
        ):
            cursor.execute(f"ANALYZE {table}")
    return OldWorld(offices, planner, approver)


def _offices() -> list[Offices]:
    committees = list(
        Organization.objects.valid_on(DAY_BEFORE)
        .filter(kind=OrganizationKind.COMMITTEE, territory__level__gt=1)
        .select_related("territory")
        .order_by("slug")
    )
    parts = []
    for committee in committees:
        short = committee.short_name.removeprefix("UBND ")
        for stem, name, symbol, kind in (
            ("motcua", f"Bộ phận Một cửa {short}", "MC", OrganizationKind.ADMIN_UNIT),
            ("vp", f"Văn phòng HĐND và UBND {short}", "VP", OrganizationKind.DIVISION),
        ):
            parts.append(
                Organization(
                    slug=f"{stem}-cu-{committee.pk}",
                    name=name,
                    symbol=symbol,
                    kind=kind,
                    parent=committee,
                    agency=committee,
                    territory=committee.territory,
                    valid_from=committee.valid_from,
                )
            )
    made = Organization.objects.bulk_create(parts, batch_size=500)
    # A part lives as long as its committee, through all of the committee's versions.
    OrgVersion.objects.bulk_create(
        (
            OrgVersion(
                organization=part,
                name=part.name,
                symbol=part.symbol,
                parent_id=part.parent_id,
                agency_id=part.agency_id,
                territory_id=part.territory_id,
                valid_from=part.valid_from,
            )
            for part in made
        ),
        batch_size=500,
    )
    tree.forget()
    return [Offices(committee, made[2 * n], made[2 * n + 1]) for n, committee in enumerate(committees)]


def _planners() -> tuple[User, User]:
    city = Organization.objects.get(slug="ubnd-tp-2017")
    made = []
    for name, role in (("Đo Soạn", Role.REORGANISER), ("Đo Duyệt", Role.LEADER)):
        user = User.objects.create_user(f"{role}.sapxep@bench.example.org", None, full_name=name)
        person = Person.objects.create(user=user, full_name=name)
        position, _created = Position.objects.get_or_create(code=f"sx-{role}", defaults={"title": name})
        hat = Assignment.objects.create(person=person, organization=city, position=position, valid_from=SINCE)
        RoleGrant.objects.create(assignment=hat, role=role, organization=city, valid_from=SINCE)
        made.append(user)
    return made[0], made[1]


def _people(offices: list[Offices], count: int) -> None:
    """Spread evenly: a chair, counter officers, officers and heads, each with what his post needs."""
    posts = {
        code: Position.objects.get_or_create(code=f"sx-{code}", defaults={"title": title})[0].pk
        for code, title in (
            ("chair", "Chủ tịch"), ("counter", "Công chức một cửa"), ("officer", "Công chức"), ("head", "Chánh Văn phòng")
        )
    }  # fmt: skip
    seats = [
        ("chair", Role.LEADER),
        ("counter", Role.COUNTER_OFFICER),
        ("head", Role.UNIT_HEAD),
        ("officer", Role.CASE_OFFICER),
    ]

    def place(n: int) -> tuple[str, Role, Organization]:
        office, turn = offices[n % len(offices)], n // len(offices)
        seat, role = seats[turn] if turn < 3 else seats[3] if turn % 3 else seats[1]
        at = office.committee if seat == "chair" else office.counter if seat == "counter" else office.office
        return seat, role, at

    users = User.objects.bulk_create(
        (
            User(email=f"nguoi{n}@sapxep.example.org", full_name=f"Cán Bộ {n}", password="!")  # noqa: S106  (unusable)
            for n in range(count)
        ),
        batch_size=2000,
    )
    persons = Person.objects.bulk_create(
        (Person(user=user, full_name=user.full_name) for user in users), batch_size=2000
    )
    placed = [place(n) for n in range(count)]
    hats = Assignment.objects.bulk_create(
        (
            Assignment(
                person=person, organization=at, position_id=posts[seat], valid_from=max(SINCE, at.valid_from)
            )
            for person, (seat, _role, at) in zip(persons, placed, strict=True)
        ),
        batch_size=2000,
    )
    RoleGrant.objects.bulk_create(
        (
            RoleGrant(assignment=hat, role=role, organization=at, valid_from=hat.valid_from)
            for hat, (_seat, role, at) in zip(hats, placed, strict=True)
        ),
        batch_size=2000,
    )


def _cases(offices: list[Offices], count: int) -> None:
    rng = random.Random(count)  # noqa: S311  (invented rows)
    procedures = list(
        Procedure.objects.exclude(decided_by="ngoai_he_thong").values_list("pk", "versions__pk", "decided_by")
    )
    local = [row for row in procedures if row[2] == "ubnd_xa"]
    handlers: dict[int, list[int]] = {}
    for unit, user in RoleGrant.objects.filter(role=Role.CASE_OFFICER).values_list(
        "organization", "assignment__person__user"
    ):
        handlers.setdefault(unit, []).append(user)
    below: dict[int, list[str]] = {}
    for name, parent in (
        AdminUnit.objects.valid_on(DAY_BEFORE).filter(level=3).values_list("full_name", "parent")
    ):
        below.setdefault(parent or 0, []).append(name)
    drawn: list[tuple[list[Any], str]] = []
    start = datetime(2025, 5, 5, 8, tzinfo=timezone.get_current_timezone())
    for number in range(count):
        place = offices[rng.randrange(len(offices))]
        territory = place.committee.territory
        assert territory is not None
        is_district = territory.level == 2
        procedure, version, _decided = rng.choice(procedures if is_district else local)
        names = below.get(territory.pk, []) if is_district else []
        ground = rng.choice(names) if names else territory.full_name
        status, at = rng.choice(STATUSES), start + timedelta(minutes=number % 60_000)
        inside = status not in {S.SUBMITTED, S.ACCEPTED}
        officers = handlers.get(place.office.pk, [])
        handler = rng.choice(officers) if officers and inside and status != S.FORWARDED else None
        due = at + timedelta(days=rng.randrange(40, 90)) if status != S.SUBMITTED else None
        drawn.append(
            (
                [
                    f"31.{territory.code}-{at:%y%m%d}-{number:06d}", str(uuid.UUID(int=rng.getrandbits(128))), procedure,
                    version, "1", f"Nguyễn Văn {number % 977}", str(status), place.counter.pk, place.committee.pk,
                    place.office.pk if inside else None, handler, "", 1, "counter", at, at, at if due else None, due, due,
                    0, "f",
                ],
                f"Số {number % 90 + 1}, {ground}",
            )
        )  # fmt: skip
    _copy("onecase_case", CASE_COLUMNS, (row for row, _address in drawn))
    _copy("case_address", ["code", "address"], _addresses(drawn))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO onecase_party (case_id, role, full_name, number_sealed, number_index, number_tail, phone, email, "
            "address, authority_note) SELECT c.id, 'owner', c.owner_name, '', '', '', '', '', a.address, '' "
            "FROM onecase_case c JOIN case_address a ON a.code = c.code"
        )
        cursor.execute("DROP TABLE case_address")


def _addresses(drawn: list[tuple[list[Any], str]]) -> Iterator[list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE case_address (code text, address text)")
    return ([row[0], address] for row, address in drawn)


CASE_COLUMNS = [
    "code", "submission_key", "procedure_id", "version_id", "channel", "owner_name", "business_status",
    "receiving_unit_id", "agency_id", "handling_unit_id", "handler_id", "answers_sealed", "form_step", "return_way",
    "created_at", "submitted_at", "received_at", "due_at", "first_due_at", "supplement_count", "result_refuses",
]  # fmt: skip


# --- the batch ------------------------------------------------------------------------------------------------


def draft(world: OldWorld) -> Restructuring:
    """The plan of the files; the basis is that of the reference. In the old world today is the day of the switch."""
    basis, _created = LegalBasis.objects.get_or_create(
        number="NQ 202/2025/QH15", defaults={"issuer": "Quốc hội"}
    )
    batch = restructuring.create(
        actor=world.planner, title=plan_2025.TITLE, effective_on=TWO_LEVELS, legal_basis=basis
    )
    restructuring.put_steps(batch.pk, actor=world.planner, steps=plan_2025.steps())
    return batch


def measure(world: OldWorld) -> tuple[Restructuring, dict[str, float]]:
    """Dry run, approval, application: seconds of each."""
    spent = {}
    batch = draft(world)
    start = timezone.now()
    restructuring.check(batch.pk, actor=world.planner)
    spent["check"] = (timezone.now() - start).total_seconds()
    batch.refresh_from_db()
    if batch.report["problems"]:
        raise RuntimeError("; ".join(batch.report["problems"][:10]))
    restructuring.approve(batch.pk, actor=world.approver)
    start = timezone.now()
    if not restructuring.apply_due(batch.pk):
        batch.refresh_from_db()
        raise RuntimeError(batch.last_error)
    spent["apply"] = (timezone.now() - start).total_seconds()
    batch.refresh_from_db()
    return batch, spent


# --- what must hold -------------------------------------------------------------------------------------------


def cases_as_filed() -> dict[str, tuple[Any, ...]]:
    """What a batch may never change of a case."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, code, submitted_at, received_at, due_at, first_due_at, business_status FROM onecase_case"
        )
        return {str(row[0]): tuple(row[1:]) for row in cursor.fetchall()}


def heads(day: date) -> set[int]:
    return set(Assignment.objects.valid_on(day).values_list("person_id", flat=True))


def orphans() -> dict[str, int]:
    """Anything in use that points at a unit that is not there today."""
    gone = Organization.objects.filter(valid_to__isnull=False, valid_to__lte=timezone.localdate())
    from onecase.models import Case

    live = Case.objects.filter(business_status__in=[*OPEN, S.DRAFT, S.COMPLETED, S.REFUSED])
    return {
        "assignments": Assignment.objects.valid_on().filter(organization__in=gone).count(),
        "grants": RoleGrant.objects.valid_on().filter(organization__in=gone).count(),
        "hatless grants": RoleGrant.objects.valid_on()
        .exclude(assignment__in=Assignment.objects.valid_on())
        .count(),
        "cases by agency": live.filter(agency__in=gone).count(),
        "cases by counter": live.filter(receiving_unit__in=gone).count(),
        "cases by office": live.filter(handling_unit__in=gone).count(),
    }


def shape(day: date) -> dict[str, Any]:
    """Both trees of a day by names and codes, without ids: to compare a moved world with a loaded one."""
    nodes = list(tree.as_of(day))
    slug = {node.id: node.slug for node in nodes}
    grounds = {unit.pk: (unit.code, unit.level) for unit in AdminUnit.objects.valid_on(day)}
    return {
        "units": {
            node.slug: (
                node.name,
                node.short_name,
                node.symbol,
                str(node.kind),
                slug.get(node.parent_id or 0),
                slug.get(node.agency_id or 0),
                grounds.get(node.territory_id or 0),
            )
            for node in nodes
        },
        "territories": {
            (unit.code, unit.level): (
                unit.full_name,
                unit.kind,
                unit.former_province,
                unit.parent.code if unit.parent else "",
            )
            for unit in AdminUnit.objects.valid_on(day).select_related("parent")
        },
    }


def measured(*, people: int, cases: int) -> list[tuple[str, float, str, bool]]:
    """Lines of the bench: seconds, and what must hold, on a database of its own."""
    world = build(people=people, cases=cases)
    filed, before = cases_as_filed(), heads(DAY_BEFORE)
    _batch, spent = measure(world)
    lost = sum(orphans().values()) + len(before ^ heads(TWO_LEVELS)) + (cases_as_filed() != filed)
    communes = AdminUnit.objects.valid_on(TWO_LEVELS).filter(level=3).count()
    size = f"{people:,} người, {cases:,} hồ sơ"
    return [
        (f"sắp xếp 01/7/2025: chạy thử ({size})", spent["check"], "", True),
        (f"sắp xếp 01/7/2025: áp dụng ({size})", spent["apply"], "≤ 120 s", spent["apply"] <= 120),
        ("sắp xếp 01/7/2025: bản ghi lạc, người mất, mã đổi", lost, "0", lost == 0),
        ("sắp xếp 01/7/2025: xã, phường, đặc khu sau sắp xếp", communes, "114", communes == 114),
    ]
