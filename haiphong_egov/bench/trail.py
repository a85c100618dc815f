"""The audit trail under load: written and sealed end to end, verified as a whole, read by auditors."""

import io
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from typing import Any

from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from core import audit
from core.models import AuditEntry, AuditEvent, AuditWaiting
from core.transparency import holders, leaves, sequencer, verify
from haiphong_egov.bench.measures import Row, interleaved, p95
from haiphong_egov.bench.world import World
from org import step_up
from org.choices import Role
from org.models import Assignment, Organization, Person, RoleGrant, User

WRITERS = 2
CHUNK = 20_000
DAYS = 60  # so that the events lie in three months
RAW = "CREATE UNLOGGED TABLE bench_raw AS SELECT * FROM core_auditevent LIMIT 0; ALTER TABLE bench_raw SET LOGGED"
RAW_INSERT = """
INSERT INTO bench_raw (id, event, at, kind, actor_id, actor_name, post_name, unit_name, unit_id, on_behalf_of,
  is_delegated, subject_type, subject_id, before, after, note, detail, salt, texts_hash, leaf)
VALUES (%s, 'case.accept', now(), 'act', 1, 'Vũ Hồng Nhung', 'Công chức', 'Trung tâm', 1, '', false, 'onecase.case', %s,
  'submitted', 'accepted', '', '{}', %s, %s, %s)
"""


# ── end to end ───────────────────────────────────────────────────────────────────────────────────────────────────────


def throughput(world: World, seconds: float) -> list[Row]:
    """Acts in transactions of their own, numbered and signed meanwhile; floor: bare INSERTs into a table without index."""
    with connection.cursor() as cursor:
        cursor.execute(RAW)
    raw = _together(_raw_insert, seconds)
    began = AuditEntry.objects.count()
    start = time.perf_counter()
    _together(_record, seconds, also=_sequence)
    while AuditWaiting.objects.exists():
        sequencer.run()
    rate = (AuditEntry.objects.count() - began) / (time.perf_counter() - start)
    return [
        Row("ghi sự kiện đến khi đã ký (2 tiến trình)", rate, "/s", rate / 500, "≥ 500 /s", rate >= 500),
        Row("… so với INSERT trần", raw, "/s", rate / raw),
    ]


def _together(work: Any, seconds: float, *, also: Any = None) -> float:
    """Rate of `work` in two processes at once; `also` runs beside them."""
    connections.close_all()
    with ProcessPoolExecutor(WRITERS + bool(also), mp_context=get_context("fork")) as pool:
        beside = pool.submit(also, seconds) if also else None
        start = time.perf_counter()
        done = sum(pool.map(work, [seconds] * WRITERS, range(WRITERS)))
        rate = done / (time.perf_counter() - start)
        if beside:
            beside.result()
    return rate


def _raw_insert(seconds: float, worker: int) -> int:
    until, done = time.perf_counter() + seconds, 0
    salt, digest = os.urandom(16), os.urandom(32)
    while time.perf_counter() < until:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(RAW_INSERT, [worker * 10**9 + done, done, salt, digest, digest])
        done += 1
    connections.close_all()
    return done


def _record(seconds: float, worker: int) -> int:
    actor = User.objects.get(email=f"{Role.COUNTER_OFFICER}@bench.example.org")
    until, done = time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        with transaction.atomic():
            audit.record("case.accept", actor=actor, subject=actor, before="submitted", after="accepted")
        done += 1
    connections.close_all()
    return done


def _sequence(seconds: float) -> int:
    """As beat rings it: each second."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        sequencer.run()
        time.sleep(1)
    connections.close_all()
    return 0


# ── a big trail ──────────────────────────────────────────────────────────────────────────────────────────────────────

COLUMNS = [
    "event", "at", "kind", "actor_id", "actor_name", "post_name", "unit_name", "unit_id", "on_behalf_of", "is_delegated",
    "subject_type", "subject_id", "subject_unit_id", "before", "after", "note", "detail", "ip", "salt", "texts_hash", "leaf",
]  # fmt: skip
VERBS = ["case.accept", "case.take_up", "case.read", "case.read_file", "case.approve", "case.return_result"]


def fill(target: int, world: World) -> float:
    """Events with true leaves up to `target`, numbered and exported. Seconds that numbering and signing took.

    One in twenty lies at the committee whose auditor is measured, so that his page is full at every size.
    """
    have = AuditEvent.objects.count()
    units = list(Organization.objects.order_by("pk").values_list("pk", "name"))
    own = (world.ubnd.pk, world.ubnd.name)
    actors = list(User.objects.values_list("pk", "full_name"))
    rng = random.Random(have)  # noqa: S311  (invented rows)
    began = timezone.now().astimezone(UTC) - timedelta(days=DAYS)
    step = timedelta(days=DAYS) / max(1, target)
    rows = (
        _row(rng, number, began + step * number, units if number % 20 else [own], actors)
        for number in range(have, target)
    )
    while chunk := list(islice(rows, CHUNK)):
        _copy(chunk)
    start = time.perf_counter()
    while AuditWaiting.objects.exists():
        sequencer.run()
    spent = time.perf_counter() - start
    holders.export()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE core_auditwaiting, core_auditentry, core_auditevent")
    return spent


def _row(rng: random.Random, number: int, at: datetime, units: list, actors: list) -> list[Any]:
    unit_id, unit = units[rng.randrange(len(units))]
    actor_id, name = actors[rng.randrange(len(actors))]
    event, case = VERBS[number % len(VERBS)], rng.randrange(200_000)
    kind = "read" if event.startswith("case.read") else "act"
    note = f"giấy tờ số {number}" if number % 3 == 0 else ""
    detail = {"due": "2026-11-27T16:50:00+07:00"} if number % 5 == 0 else {}
    salt = rng.randbytes(16)
    digest = leaves.hash_texts(salt, [note, detail, name, "", "10.0.0.7"])
    facts = [
        event, leaves.microseconds(at), kind, actor_id, False, "Công chức", unit, unit_id, "onecase.case", case, unit_id,
        "submitted", "accepted", digest.hex(),
    ]  # fmt: skip
    leaf = leaves.hash_facts(facts)
    return [
        event, at.isoformat(), kind, actor_id, name, "Công chức", unit, unit_id, "", "f", "onecase.case", case, unit_id,
        "submitted", "accepted", note, leaves.canonical(detail), "10.0.0.7", _bytea(salt), _bytea(digest), _bytea(leaf),
    ]  # fmt: skip


def _bytea(value: bytes) -> str:
    return "\\\\x" + value.hex()


def _copy(rows: list[list[Any]]) -> None:
    text = io.StringIO("".join("\t".join(str(cell) for cell in row) + "\n" for row in rows))
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY core_auditevent ({', '.join(COLUMNS)}) FROM STDIN", text)


# ── verification ─────────────────────────────────────────────────────────────────────────────────────────────────────


def verification(size: int, spent: float) -> list[Row]:
    """The whole log, by two processes as the command does it; 1,000,000 events must not take longer than 30 s."""
    start = time.perf_counter()
    report = verify.verify(processes=2)
    seconds = time.perf_counter() - start
    if not report.intact:
        raise RuntimeError(f"the bench's own log is not intact: {report.first_fault}")
    allowed = 30 * report.events / 1_000_000
    return [
        Row(f"đánh số và ký {size:,} sự kiện", size / spent if spent else 0, "/s"),
        Row(
            f"kiểm tra toàn bộ {report.events:,} sự kiện",
            seconds,
            "s",
            seconds / allowed,
            "≤ 30 s / 1.000.000",
            seconds <= allowed or report.events < 100_000,
        ),
    ]


# ── the auditors' list ───────────────────────────────────────────────────────────────────────────────────────────────


def auditor_of(world: World) -> User:
    user, created = User.objects.get_or_create(
        email="kiemtra@bench.example.org", defaults={"full_name": "Đo Kiểm Tra"}
    )
    if created:
        person = Person.objects.create(user=user, full_name=user.full_name)
        post = world.clerk.hats[0].position
        hat = Assignment.objects.create(
            person=person, organization=world.office, position=post, valid_from="2025-07-01"
        )
        RoleGrant.objects.create(
            assignment=hat, role=Role.AUDITOR, organization=world.ubnd, include_descendants=True, valid_from="2025-07-01"
        )  # fmt: skip
    return user


def pages(world: World, size: int, seconds: float) -> list[Row]:
    """The list of an auditor of one commune, plain and narrowed, and the public page."""
    with override_settings(ALLOWED_HOSTS=["*"], DEBUG=False, ROOT_URLCONF="haiphong_egov.bench.floors"):
        client = Client()
        auditor = auditor_of(world)
        client.force_login(auditor)
        session = client.session
        step_up.whole_sign_in(session, auditor)
        session.save()
        addresses = {
            "list": "/lam-viec/nhat-ky/",
            "verb": "/lam-viec/nhat-ky/?viec=case.approve",
            "record": "/lam-viec/nhat-ky/?ban-ghi=onecase.case:777",
            "public": "/du-lieu/nhat-ky/",
            "trivial": "/bench/trivial/",
        }

        def fetch(address: str) -> Any:
            def call() -> None:
                answer = client.get(address)
                if answer.status_code != 200:
                    raise RuntimeError(f"{address}: {answer.status_code}")

            return call

        for address in addresses.values():  # nothing is measured cold
            client.get(address)
        times = interleaved(seconds * 3, **{name: fetch(one) for name, one in addresses.items()})
        with CaptureQueriesContext(connection) as captured:
            client.get(addresses["list"])
    median = {name: statistics.median(values) for name, values in times.items()}
    label = f"{size:,}"
    return [
        Row(f"nhật ký của người kiểm tra p95, {label}", p95(times["list"]) * 1000, "ms"),
        Row(f"… theo việc, {label}", median["verb"] * 1000, "ms", median["trivial"] / median["verb"]),
        Row(f"… theo bản ghi, {label}", median["record"] * 1000, "ms", median["trivial"] / median["record"]),
        Row(f"… số truy vấn, {label}", len(captured), ""),
        Row(f"trang công bố nhật ký, {label}", median["public"] * 1000, "ms"),
    ]


def growth(rows: list[Row]) -> list[Row]:
    """The list at the largest size against the smallest."""
    found = [row.value for row in rows if row.name.startswith("nhật ký của người kiểm tra p95")]
    if len(found) < 2:
        return []
    ratio = found[-1] / found[0]
    return [Row("p95 nhật ký: lớn nhất so với nhỏ nhất", found[-1], "ms", ratio, "≤ 1.5", ratio <= 1.5)]


def measure(world: World, sizes: list[int], seconds: float) -> Iterator[Row]:
    """All of the above, in a folder of its own for the roots."""
    with (
        tempfile.TemporaryDirectory() as folder,
        override_settings(AUDIT_HOLDER_DIR=folder, AUDIT_HOLDER_URL=""),
    ):
        yield from throughput(world, seconds * 2)
        rows: list[Row] = []
        for size in sizes:
            spent = fill(size, world)
            rows += pages(world, size, seconds) + verification(size, spent)
        yield from rows
        yield from growth(rows)
