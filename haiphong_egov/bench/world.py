"""A scratch database with one staffed commune among 114, filled by COPY."""

import io
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from onecase.choices import BusinessStatus as S
from onecase.models import Case, Procedure
from org import services as org
from org.choices import OrganizationKind, Role
from org.models import Assignment, Organization, Person, Position, RoleGrant, User

STATUSES = (
    [S.RETURNED] * 12
    + [S.COMPLETED, S.SUBMITTED, S.ACCEPTED, S.FORWARDED]
    + [S.APPRAISING] * 3
    + [S.AWAITING_APPROVAL]
)
CASE_COLUMNS = [
    "code",
    "submission_key",
    "procedure_id",
    "version_id",
    "channel",
    "owner_name",
    "business_status",
    "receiving_unit_id",
    "agency_id",
    "handling_unit_id",
    "answers_sealed",
    "form_step",
    "return_way",
    "created_at",
    "submitted_at",
    "received_at",
    "due_at",
    "first_due_at",
    "finished_at",
    "supplement_count",
    "result_refuses",
]
CHUNK = 50_000


@dataclass
class World:
    """The unit that is measured, and the people whose rights are narrow."""

    ubnd: Organization
    counter: Organization
    office: Organization
    clerk: User  # counter officer
    leader: User
    citizen: User
    procedure: Procedure


@contextmanager
def scratch_database() -> Iterator[None]:
    """A database of its own beside the configured one; dropped at the end, whatever happened."""
    original = settings.DATABASES["default"]["NAME"]
    scratch = f"{original}_bench"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{scratch}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{scratch}"')
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = scratch
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        connections.close_all()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = original
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{scratch}" WITH (FORCE)')


def build() -> World:
    """Reference data and the people of one commune."""
    call_command("load_reference", verbosity=0, stdout=io.StringIO())
    ubnd = (
        Organization.objects.valid_on()
        .filter(kind=OrganizationKind.COMMITTEE, territory__level=3)
        .order_by("pk")
        .first()
    )
    if ubnd is None:
        raise RuntimeError("reference data without communes")
    counter, office = org.counter_of(ubnd), org.handling_unit_of(ubnd, "VP")
    procedure = Procedure.objects.get(code="1.001193")
    return World(
        ubnd,
        counter,
        office,
        _person("Đo Quầy", counter, Role.COUNTER_OFFICER, counter),
        _person("Đo Lãnh Đạo", ubnd, Role.LEADER, ubnd),
        User.objects.create_user(
            "do.cong.dan@example.org", None, full_name="Đo Công Dân", phone="0912000111"
        ),
        procedure,
    )


def _person(name: str, at: Organization, role: Role, on: Organization) -> User:
    user = User.objects.create_user(f"{role}@bench.example.org", None, full_name=name)
    person = Person.objects.create(user=user, full_name=name)
    position, _created = Position.objects.get_or_create(code=f"bench-{role}", defaults={"title": name})
    hat = Assignment.objects.create(
        person=person, organization=at, position=position, valid_from=date(2025, 7, 1)
    )
    RoleGrant.objects.create(assignment=hat, role=role, organization=on, valid_from=date(2025, 7, 1))
    return user


def fill(target: int) -> None:
    """Cases up to `target` rows, spread over all communes, with a trail event and a party each."""
    have = Case.objects.count()
    communes = list(
        Organization.objects.valid_on()
        .filter(kind=OrganizationKind.COMMITTEE, territory__level=3)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    parts = {
        (row["agency_id"], row["kind"], row["symbol"]): row["pk"]
        for row in Organization.objects.filter(agency__in=communes).values(
            "agency_id", "kind", "symbol", "pk"
        )
    }
    counters = {ubnd: parts[(ubnd, "don_vi_hanh_chinh", "TTPVHCC")] for ubnd in communes}
    offices = {ubnd: parts[(ubnd, "phong", "VP")] for ubnd in communes}
    versions = list(Procedure.objects.filter(decided_by="ubnd_xa").values_list("pk", "versions__pk"))
    rng = random.Random(target)  # noqa: S311  (invented rows)
    for start in range(have, target, CHUNK):
        rows = range(start, min(start + CHUNK, target))
        _copy(
            "onecase_case",
            CASE_COLUMNS,
            (_case(rng, number, communes, counters, offices, versions) for number in rows),
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO onecase_party (case_id, role, full_name, number_sealed, number_index, number_tail, phone, email, "
            "address, authority_note) SELECT id, 'owner', owner_name, '', '', '1234', '0912345678', '', '', '' "
            "FROM onecase_case c WHERE NOT EXISTS (SELECT 1 FROM onecase_party p WHERE p.case_id = c.id)"
        )
        cursor.execute(
            "INSERT INTO core_auditevent (event, at, actor_name, subject_type, subject_id, before, after, salt, texts_hash, "
            "leaf) SELECT 'case.submit', submitted_at, owner_name, 'onecase.case', id, 'draft', 'submitted', '', '', '' "
            "FROM onecase_case WHERE id > %s",
            [have],
        )
        cursor.execute("VACUUM ANALYZE onecase_case")
        cursor.execute("ANALYZE")


def _case(
    rng: random.Random, number: int, communes: list[int], counters: dict, offices: dict, versions: list
) -> list[Any]:
    ubnd = communes[rng.randrange(len(communes))]
    status = STATUSES[rng.randrange(len(STATUSES))]
    procedure, version = versions[rng.randrange(len(versions))]
    at = timezone.now() - timedelta(minutes=(2_000_000 - number) % 400_000 + rng.randrange(60))
    accepted = status != S.SUBMITTED
    due = at + timedelta(days=rng.randrange(1, 12))
    ended = status in {S.RETURNED, S.COMPLETED}
    return [
        f"31.{10000 + ubnd}-{at:%y%m%d}-{number:07d}",
        str(uuid.UUID(int=rng.getrandbits(128))),
        procedure,
        version,
        "2" if rng.random() < 0.6 else "1",
        f"Nguyễn Văn {number % 977}",
        str(status),
        counters[ubnd],
        ubnd,
        offices[ubnd] if accepted and status != S.ACCEPTED else None,
        "",
        1,
        "counter",
        at,
        at,
        at if accepted else None,
        due if accepted else None,
        due if accepted else None,
        due - timedelta(hours=5) if ended else None,
        0,
        "f",
    ]


def _copy(table: str, columns: list[str], rows: Iterator[list[Any]]) -> None:
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join(r"\N" if value is None else str(value) for value in row) + "\n")
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", buffer)
