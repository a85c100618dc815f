"""A commune whose people work while something fails: real processes, a real broker, real signatures.

The processes that a test starts share the test's database and file store, and nothing else with anybody: the broker's
keys carry a prefix of their own. They end with the test, however it ends.
"""

import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
import requests
from celery import Celery, current_app
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from django.utils import timezone
from redis import Redis

from core import jobs
from core.models import Owed
from documents.models import DocumentType
from haiphong_egov import embedded, processes
from onecase import actions
from onecase.models import Case
from org import step_up
from org.models import User
from signing import demo_pki, gateways
from signing.models import SignatureRequest
from tests import factories as make
from tests.authority import free_port, in_place
from tests.samples import photo

PIN = "246810"
CLOSED_PORT = "redis://127.0.0.1:1/0"
PATIENCE_SECONDS = 60


# --- the certificate authority ------------------------------------------------------------------------------


@pytest.fixture
def pki(pki_place: SimpleNamespace) -> Iterator[Any]:
    gateways.forget_silence()
    with in_place(pki_place):
        yield demo_pki


class StampOffice:
    """The demo's timestamps, as slowly as told. `asked` tells that a request is being answered right now."""

    def __init__(self) -> None:
        self.delay_seconds = 0.0
        self.asked = threading.Event()
        office = self

        class Counter(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                office.asked.set()
                time.sleep(office.delay_seconds)
                answer = demo_pki.answer_timestamp(query)
                with suppress(OSError):  # whoever asked may be dead
                    self.send_response(200)
                    self.send_header("Content-Type", "application/timestamp-reply")
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Counter)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/tsa"


@pytest.fixture
def stamp_office(pki: Any) -> Iterator[StampOffice]:
    office = StampOffice()
    thread = threading.Thread(target=office.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield office
    office.server.shutdown()
    office.server.server_close()


# --- people and cases ---------------------------------------------------------------------------------------


@pytest.fixture
def world(pki: Any) -> SimpleNamespace:
    """The commune with every key that the walk needs. The test says which kind of database it wants."""
    made = make.commune()
    DocumentType.objects.create(code="QĐ", name="Quyết định", abbreviation="QĐ")
    pki.issue_demo_key(owner_user=made.leader, kind="personal", pin=PIN)
    pki.issue_demo_key(owner_organization=made.ubnd, kind="seal", pin=PIN, holders=[made.clerk])
    pki.issue_demo_key(owner_organization=made.counter, kind="system")
    return made


@pytest.fixture
def draft(world: SimpleNamespace) -> Case:
    """A citizen's draft that lacks nothing but the press on «Nộp hồ sơ»."""
    citizen = make.citizen()
    case = actions.start(make.procedure(), actor=citizen)
    actions.save_draft(
        case.pk, actor=citizen, answers={"applicant_full_name": citizen.full_name}, step=4, agency_id=world.ubnd.pk,
        return_way="online",
    )  # fmt: skip
    paper = case.version.components.get(seq=2)
    actions.attach(case.pk, actor=citizen, upload=photo(), component_id=paper.pk)
    case.refresh_from_db()
    return case


@pytest.fixture
def submitted(draft: Case) -> Case:
    return actions.submit(draft.pk, actor=draft.applicant)


@pytest.fixture
def looked_at(world: SimpleNamespace) -> Callable[[Case], None]:
    """The counter has a verdict on every paper, without which no page lets it accept."""

    def check(case: Case) -> None:
        make.looked_at(case, world.counter_officer)

    return check


@pytest.fixture
def appraised(world: SimpleNamespace, submitted: Case) -> Case:
    """In the hands of the case officer, with a draft of the result."""
    make.looked_at(submitted, world.counter_officer)
    actions.accept(submitted.pk, actor=world.counter_officer)
    actions.hand_over(submitted.pk, actor=world.counter_officer)
    case = actions.take_up(submitted.pk, actor=world.case_officer)
    title, body = actions.result_draft(case)
    actions.draft_result(case.pk, actor=world.case_officer, title=title, body_html=body)
    case.refresh_from_db()
    return case


@pytest.fixture
def awaiting(world: SimpleNamespace, appraised: Case, bell: list[Any]) -> Case:
    """On the leader's desk. What was woken so far is forgotten: the story begins with the signature."""
    actions.submit_for_approval(appraised.pk, actor=world.case_officer)
    appraised.refresh_from_db()
    bell.clear()
    return appraised


@pytest.fixture
def at_desk() -> Callable[[User], Client]:
    """A browser in which this person is signed in."""

    def sit(user: User) -> Client:
        client = Client(raise_request_exception=True)
        client.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
        return client

    return sit


@pytest.fixture
def run_woken(bell: list[tuple[Any, ...]]) -> Callable[[], None]:
    """Do what the bell called for, until nothing is left (mails aside)."""
    current_app.loader.import_default_modules()

    def run() -> None:
        while bell:
            task, *arguments = bell.pop(0)
            if task != "notices.send":
                current_app.tasks[task](*arguments)

    return run


def lease_is_over(rows: Any) -> None:
    """Whoever held them is given up; they are due."""
    rows.update(next_try_at=timezone.now())


# --- processes ----------------------------------------------------------------------------------------------


@dataclass
class Broker:
    """The environment's Redis, or the embedded one, under a prefix that nobody else uses."""

    url: str
    prefix: str
    app: Celery = field(repr=False)

    def ring(self, task: str, *args: object) -> None:
        self.app.send_task(task, args=args, retry=False)


@pytest.fixture
def broker() -> Iterator[Broker]:
    if not os.environ.get("REDIS_URL"):
        embedded.broker(django_settings.DATA_DIR).use()
    prefix = f"faults-{uuid.uuid4().hex[:8]}-"
    app = Celery("bell", broker=django_settings.REDIS_URL, set_as_current=False)
    app.conf.broker_transport_options = {"global_keyprefix": prefix}
    app.conf.task_ignore_result = True
    yield Broker(django_settings.REDIS_URL, prefix, app)
    app.close()
    with Redis.from_url(embedded.cache_location(django_settings.REDIS_URL)) as client:
        for key in client.scan_iter(f"{prefix}*", count=500):
            client.delete(key)


@pytest.fixture
def rings(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Broker:
    """What this process wakes goes to the real broker."""
    monkeypatch.setattr(jobs, "ring", broker.ring)
    return broker


class Process:
    """One of our programs in a group of its own."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as sink:
            self.popen = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
                cwd=django_settings.BASE_DIR, start_new_session=True,
            )  # fmt: skip

    def kill(self) -> None:
        """kill -9, the whole group: nobody says goodbye."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(10)


@pytest.fixture
def start(
    world: SimpleNamespace, broker: Broker, settings: Any, tmp_path: Path
) -> Iterator[Callable[..., Process]]:
    """Start `processes.WORKER` or `processes.WEB` on the test's own database."""
    running: list[Process] = []
    environment = {**os.environ, **shared(settings), "DATA_DIR": str(tmp_path), "REDIS_URL": broker.url}
    environment |= {"BROKER_PREFIX": broker.prefix, "WORKER_CONCURRENCY": "1", "WEB_WORKERS": "1"}

    def begin(command: list[str], **changes: str) -> Process:
        process = Process(command, environment | changes, tmp_path / f"process-{len(running)}.log")
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()


def shared(settings: Any) -> dict[str, str]:
    """What a process must know to work on the same data: the database, the keys, the files, the authority."""
    database = connection.settings_dict
    secret = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    where = f"{quote(str(database['HOST'] or '127.0.0.1'), safe='')}:{database['PORT'] or 5432}"
    return {
        "DATABASE_URL": f"postgres://{quote(database['USER'], safe='')}{secret}@{where}/{database['NAME']}",
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
        "BLIND_INDEX_KEY": settings.BLIND_INDEX_KEY,
        "SIGNING_MASTER_KEY": settings.SIGNING_MASTER_KEY,
        "FILE_STORE": str(settings.FILE_STORE),
        "PKI_DIR": str(settings.PKI_DIR),
        "PKI_PORT": str(settings.PKI_PORT),
        "TSA_URL": settings.TSA_URL,
        "DEBUG": "true",
        "PYTHONUNBUFFERED": "1",
    }


@dataclass
class Site:
    """A running web process, and visits to it."""

    address: str

    def visit(self, user: User) -> requests.Session:
        """A session in which this person is signed in already."""
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = django_settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        step_up.whole_sign_in(session, user)
        session.save()
        visitor = requests.Session()
        visitor.trust_env = False
        visitor.cookies.set(django_settings.SESSION_COOKIE_NAME, session.session_key or "")
        return visitor


@pytest.fixture
def open_site(start: Callable[..., Process]) -> Callable[..., Site]:
    """Start gunicorn on a free port and wait until it answers."""

    def begin(**changes: str) -> Site:
        site = Site(f"http://127.0.0.1:{(port := free_port())}")
        process = start(processes.WEB, PORT=str(port), **changes)

        def answers() -> bool:
            assert process.popen.poll() is None, process.log.read_text()
            with suppress(requests.RequestException):
                return requests.get(f"{site.address}/healthz", timeout=5).ok
            return False

        wait_until(answers, "the web process answers")
        return site

    return begin


def wait_until(happened: Callable[[], Any], what: str, *, log: Path | None = None) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        if time.monotonic() > until:
            tail = log.read_text()[-3000:] if log else ""
            raise AssertionError(f"not within {PATIENCE_SECONDS} s: {what}\n{tail}")
        time.sleep(0.1)


def signature_of(case: Case) -> SignatureRequest:
    """The request for the leader's signature on the result."""
    assert case.result_document is not None
    case.result_document.refresh_from_db()
    request = case.result_document.signature_request
    assert isinstance(request, Owed)
    request.refresh_from_db()
    return request
