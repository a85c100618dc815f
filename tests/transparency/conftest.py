"""A small log: events of one unit, numbered in batches of five, kept in a folder outside."""

from collections.abc import Callable

import pytest
from django.db import connection

from core import audit
from core.models import AuditEvent
from core.transparency import holders, keys, sequencer
from tests import factories as make

BATCH = 5


@pytest.fixture(autouse=True)
def own_key(settings):
    settings.DEBUG = True
    settings.AUDIT_KEY, settings.AUDIT_KEYS_PUBLISHED = keys.new_secret()[0], []


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(sequencer, "BATCH_SIZE", BATCH)


@pytest.fixture
def unit(db):
    return make.organization("Phòng Thử", "phong")


@pytest.fixture
def write(unit) -> Callable[..., list[AuditEvent]]:
    """Record so many events, number and export them."""

    def written(count: int = 20, *, export: bool = True) -> list[AuditEvent]:
        made = [
            audit.record("unit.thu", actor=None, subject=unit, note=f"việc {n}", detail={"n": n})
            for n in range(count)
        ]
        sequencer.run()
        if export:
            holders.export()
        return made

    return written


@pytest.fixture
def superuser() -> Callable[..., list]:
    """SQL as whoever rules the database: no trigger stands in the way."""

    def run(statement: str, parameters: object = None) -> list:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL session_replication_role = replica")
            cursor.execute(statement, parameters)
            found = cursor.fetchall() if cursor.description else []
            cursor.execute("SET LOCAL session_replication_role = DEFAULT; SET CONSTRAINTS ALL DEFERRED")
        return found

    return run
