"""Shared fixtures: real objects in the test database; only gateways, the bell and the clock are fakes."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core import jobs


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker per file (its fixtures are shared there), one for all browser journeys (one running product)."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(autouse=True)
def own_stores(settings: Any, tmp_path: Any) -> None:
    """Every test has a file store, an outbox and a cache of its own: nothing is left behind."""
    settings.FILE_STORE = tmp_path / "files"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": tmp_path.name}
    }


@pytest.fixture(autouse=True)
def bell(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The jobs that were woken, in order. Browser journeys ring the real bell."""
    rung: list[tuple[Any, ...]] = []
    if "real_bell" not in request.keywords:
        monkeypatch.setattr(jobs, "ring", lambda task, *args: rung.append((task, *args)))
    return rung


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine may be talked to."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test talked to {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


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
