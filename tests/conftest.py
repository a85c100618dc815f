"""Shared fixtures: real objects in the test database; only gateways, the bell and the clock are fakes."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from xdist.scheduler import LoadScopeScheduling

from core import jobs
from notices import context
from onecase.views import doors
from org import step_up
from signing import demo_pki
from tests import authority

JOURNEYS = "tests/e2e/"


class OnePerFile(LoadScopeScheduling):
    """One worker per file (its fixtures are shared there), one for all browser journeys (one running product).

    xdist's own `loadgroup` writes into an attribute that pytest 9 no longer reads: it groups nothing.
    """

    def _split_scope(self, nodeid: str) -> str:
        return JOURNEYS if nodeid.startswith(JOURNEYS) else nodeid.split("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OnePerFile:
    config.option.loadscopereorder = False  # the order of the collection, see below
    return OnePerFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The journeys take longest, so they begin first."""
    items.sort(key=lambda item: not item.nodeid.startswith(JOURNEYS))
    for item in items:
        if item.nodeid.startswith(JOURNEYS):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def pki_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Keys and certificates made once; the port is fixed because the certificates name it."""
    place = SimpleNamespace(folder=tmp_path_factory.mktemp("pki"), port=authority.free_port())
    with ExitStack() as running:
        with authority.in_place(place):
            demo_pki.prepare()
            running.enter_context(demo_pki.serving())
        yield place


@pytest.fixture(autouse=True)
def own_stores(settings: Any, tmp_path: Any) -> None:
    """Every test has a file store, an outbox and a cache of its own: nothing is left behind."""
    settings.FILE_STORE = tmp_path / "files"
    settings.AUDIT_HOLDER_DIR, settings.AUDIT_HOLDER_URL = str(tmp_path / "audit-holder"), ""
    settings.SMS_FILE_PATH = str(tmp_path / "sms")
    settings.STAFF_MAIL_DOMAINS = [
        "haiphong.gov.vn",
        "example.org",
    ]  # factories' people write from example.org
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": tmp_path.name}
    }


@pytest.fixture(autouse=True)
def still_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures in the bar are asked once a test, not anew because ten seconds of the clock have ended meanwhile."""
    for module, name in ((context, "KEPT_SECONDS"), (doors, "COUNT_KEPT_SECONDS")):
        monkeypatch.setattr(module, name, 10**9)
        module._counted.cache_clear()


@pytest.fixture(autouse=True)
def bell(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The jobs that were woken, in order. Browser journeys ring the real bell."""
    rung: list[tuple[Any, ...]] = []
    if "real_bell" not in request.keywords:
        monkeypatch.setattr(jobs, "ring", lambda task, *args: rung.append((task, *args)))
    return rung


@pytest.fixture(autouse=True)
def two_factors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """`client.force_login(user)` is a whole sign-in: password and second factor. Mark one_factor: the password alone."""
    methods = ["password"] if "one_factor" in request.keywords else ["password", "mfa"]
    force_login = Client.force_login

    def sign_in(client: Client, user: Any, backend: str | None = None) -> None:
        force_login(client, user, backend)
        session = client.session
        step_up.whole_sign_in(session, user, *methods)
        session.save()

    monkeypatch.setattr(Client, "force_login", sign_in)


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine may be talked to."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test talked to {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session", autouse=True)
def empty_the_trail_between_tests() -> Iterator[None]:
    """The database refuses to empty the trail; only the reset between transaction tests lays that guard aside."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    execute = DatabaseOperations.execute_sql_flush

    def unguarded(self: Any, sql_list: list[str]) -> None:
        lay_aside = "SELECT set_config('session_replication_role', 'replica', true)"
        execute(self, [lay_aside, *sql_list])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", unguarded)
        yield


@pytest.fixture
def pki(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The demo authority with timestamps and OCSP, served on loopback; made once per test run and process."""
    from signing import demo_pki

    settings.DEBUG = True
    settings.PKI_DIR = tmp_path_factory.getbasetemp() / "pki"
    settings.TSA_URL = ""
    with demo_pki.serving(0) as port:
        settings.PKI_PORT = port
        yield demo_pki


@pytest.fixture
def work(bell: list[tuple[Any, ...]], django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """Act as the browser and the worker would: commit, ring, and run what was woken until nothing is left."""
    from celery import current_app

    current_app.loader.import_default_modules()

    def run(act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            answer = act(*args, **kwargs)
        while bell:
            task, *arguments = bell.pop(0)
            if task == "notices.send":
                continue
            with django_capture_on_commit_callbacks(execute=True):
                current_app.tasks[task](*arguments)
        return answer

    return run
