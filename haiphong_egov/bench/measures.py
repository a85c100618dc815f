"""The measurements. Interleaved with their floors, medians over rounds; CPU time where one process does the work."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import count
from multiprocessing import get_context
from typing import Any

from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from core import pdf
from core.calendar import VIETNAM
from core.office_calendar import load
from haiphong_egov.bench.world import World
from onecase import actions, papers
from onecase.models import Case, Procedure
from org import step_up
from org.models import Organization, User
from signing import bench as signing_bench


@dataclass
class Row:
    """One line of the table: a figure, its ratio to a floor, and the bar that the ratio must reach."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    bar: str = ""
    met: bool | None = None

    def line(self) -> str:
        ratio = f"{self.ratio:9.3f}" if self.ratio is not None else " " * 9
        verdict = {None: "", True: "  đạt", False: "  KHÔNG ĐẠT"}[self.met]
        return f"{self.name:<52}{self.value:>9.1f} {self.unit:<4}{ratio}  {self.bar}{verdict}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _timed(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def interleaved(seconds: float, **calls: Callable[[], Any]) -> dict[str, list[float]]:
    """Wall times of each call, taken in turns for `seconds`, at least 15 rounds."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    stop = time.perf_counter() + seconds
    while time.perf_counter() < stop or len(next(iter(times.values()))) < 15:
        for name, call in calls.items():
            times[name].append(_timed(call))
    return times


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def lists(world: World, size: int, seconds: float) -> list[Row]:
    """The counter's list and a case page as a clerk with narrow rights, against a trivial and a raw SQL view."""
    with override_settings(ROOT_URLCONF="haiphong_egov.bench.floors", ALLOWED_HOSTS=["*"], DEBUG=False):
        client = Client()
        client.force_login(world.clerk)
        session = client.session
        step_up.whole_sign_in(session, world.clerk)
        session.save()
        last = Case.objects.filter(receiving_unit=world.counter).order_by("-pk").first()
        if last is None:
            raise RuntimeError("the measured unit has no case")
        pages = {
            "list": "/lam-viec/ho-so/",
            "raw": f"/bench/list/{world.counter.pk}/",
            "trivial": "/bench/trivial/",
            "case": f"/lam-viec/ho-so/{last.code}/",
            "desk": "/lam-viec/",
        }

        def fetch(address: str) -> Callable[[], None]:
            def call() -> None:
                response = client.get(address)
                if response.status_code != 200:
                    raise RuntimeError(f"{address}: {response.status_code}")

            return call

        times = interleaved(seconds * 3, **{name: fetch(address) for name, address in pages.items()})
        queries = _queries(client, world)
    median = {name: statistics.median(values) for name, values in times.items()}
    label = f"{size:,}"
    return [
        Row(f"danh sách 50 hồ sơ, {label}", 1 / median["list"], "/s", median["raw"] / median["list"], "≥ 0.30 × SQL thô", median["raw"] / median["list"] >= 0.3),
        Row(f"danh sách p95, {label}", p95(times["list"]) * 1000, "ms"),
        Row(f"bàn làm việc, {label}", 1 / median["desk"], "/s", median["trivial"] / median["desk"]),
        Row(f"trang hồ sơ, {label}", 1 / median["case"], "/s", median["trivial"] / median["case"], "≥ 0.05 × trang rỗng", median["trivial"] / median["case"] >= 0.05),
        Row(f"số truy vấn: 1 dòng / 50 dòng, {label}", queries[1], "", queries[0] / queries[1], "bằng nhau", queries[0] == queries[1]),
    ]  # fmt: skip


def _queries(client: Client, world: World) -> tuple[int, int]:
    """Queries of the list with one row and with fifty."""
    one = Case.objects.filter(receiving_unit=world.counter).order_by("-pk").first()
    counted = []
    for address in (f"/lam-viec/ho-so/?q={one.code if one else ''}", "/lam-viec/ho-so/"):
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        counted.append(len(captured))
    return counted[0], counted[1]


def growth(rows: list[Row], sizes: list[int]) -> list[Row]:
    """p95 of the list at the largest size against the smallest."""
    found = [row.value for row in rows if row.name.startswith("danh sách p95")]
    if len(found) < 2:
        return []
    ratio = found[-1] / found[0]
    return [
        Row(
            f"p95 danh sách: {sizes[-1]:,} so với {sizes[0]:,}",
            found[-1],
            "ms",
            ratio,
            "≤ 1.25",
            ratio <= 1.25,
        )
    ]


def creation(world: World, seconds: float) -> list[Row]:
    """Cases created a second on two cores, with code, parties, trail and owed notices, all written."""
    jobs = [(world.citizen.email, world.ubnd.pk, world.procedure.pk, seconds * 2)] * 2
    connections.close_all()
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        start = time.perf_counter()
        made = sum(pool.map(_create_for, jobs, range(2)))
        rate = made / (time.perf_counter() - start)
    return [Row("nộp hồ sơ (2 tiến trình, ghi đủ)", rate, "/s", rate / 20, "≥ 20 /s", rate >= 20)]


def _create_for(job: tuple[str, int, int, float], worker: int) -> int:
    _email, ubnd_id, procedure_id, seconds = job
    procedure = Procedure.objects.select_related("eform").get(pk=procedure_id)
    ubnd = Organization.objects.get(pk=ubnd_id)
    stop, made = time.perf_counter() + seconds, 0
    for number in count():
        if time.perf_counter() > stop:
            break
        citizen = User.objects.create(
            email=f"tao{worker}.{number}@bench.example.org", full_name="Đo Tạo", phone="0912000222"
        )
        case = actions.start(procedure, actor=citizen)
        actions.save_draft(
            case.pk, actor=citizen, answers={"applicant_full_name": "Đo Tạo"}, step=1, agency_id=ubnd.pk
        )
        actions.submit(case.pk, actor=citizen)
        made += 1
    connections.close_all()
    return made


def pure(world: World, seconds: float) -> list[Row]:
    """Due times, forms, signatures: no database on the way."""
    calendar = load(world.ubnd.pk)
    start = datetime(2026, 2, 13, 9, tzinfo=VIETNAM)
    naive_off = {day for day in calendar.days}

    def naive() -> datetime:
        at, left = start, 15
        while left:
            at += timedelta(days=1)
            if at.weekday() < 5 and at.date() not in naive_off:
                left -= 1
        return at

    due = interleaved(seconds, ours=lambda: calendar.due(start, 15), naive=naive)
    case = Case.objects.filter(receiving_unit=world.counter, received_at__isnull=False).order_by("pk").first()
    if case is None:
        raise RuntimeError("no accepted case to print")
    snapshot = papers.form01_snapshot(case)
    code = "7K4MQ-9XTB3"
    form = interleaved(
        seconds,
        ours=lambda: papers.render_snapshot("01", snapshot, check_code=code),
        empty=lambda: pdf.render_html("<!doctype html><html lang='vi'><title>x</title><p>x</p></html>"),
    )
    median = {name: statistics.median(values) for name, values in (("due", due["ours"]), ("naive", due["naive"]), ("form", form["ours"]), ("empty", form["empty"]))}  # fmt: skip
    rows = [
        Row("tính hạn có giải thích", 1 / median["due"], "/s", median["naive"] / median["due"]),
        Row(
            "in mẫu 01 (PDF/A), so với trang trống",
            1 / median["form"],
            "/s",
            median["empty"] / median["form"],
        ),
    ]
    return rows + signatures(seconds)


def signatures(seconds: float) -> list[Row]:
    """Per CPU second, so that one core and two give the same ratio; floors: raw RSA and a hash (signing.md §4)."""
    rates = signing_bench.measure(seconds=seconds)
    sign, recheck = rates.sign_b_b / rates.raw_rsa, rates.recheck_by_hash / rates.verify_one
    return [
        Row("ký PAdES B-B, so với RSA-2048 thô", rates.sign_b_b, "/s", sign, "≥ 0.06", sign >= 0.06),
        Row("ký PAdES B-T (cả dấu thời gian)", rates.sign_b_t, "/s", rates.sign_b_t / rates.raw_rsa),
        Row("kiểm tra tệp 1 chữ ký", rates.verify_one, "/s", rates.verify_one / rates.sign_b_b),
        Row("kiểm tra tệp 2 chữ ký", rates.verify_two, "/s", rates.verify_two / rates.sign_b_b),
        Row(
            "kiểm lại bằng mã băm, so với kiểm đủ",
            rates.recheck_by_hash,
            "/s",
            recheck,
            "≥ 100",
            recheck >= 100,
        ),
    ]
