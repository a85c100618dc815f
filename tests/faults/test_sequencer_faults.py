"""The sequencer and the export killed at every step, twice at once, beside acts that roll back: nothing lost or doubled."""

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context

import pytest
from django.db import connection, connections, transaction

from core import audit
from core.models import AuditBatch, AuditEntry, AuditEvent, AuditWaiting
from core.transparency import holders, keys, sequencer, verify
from tests import factories as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PATIENCE_SECONDS = 20


@pytest.fixture(autouse=True)
def small_log(settings, monkeypatch):
    settings.DEBUG, settings.AUDIT_KEY = True, keys.new_secret()[0]
    monkeypatch.setattr(sequencer, "BATCH_SIZE", 5)


@pytest.fixture
def unit():
    return make.organization("Phòng Thử", "phong")


def write(unit, count: int) -> None:
    for _number in range(count):
        audit.record("unit.thu", actor=None, subject=unit, note="việc")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Steps:
    """Counts the steps of a process and kills it before the chosen one."""

    def __init__(self, fatal: int) -> None:
        self.fatal, self.taken = fatal, 0

    def step(self) -> None:
        if self.taken == self.fatal:
            die()
        self.taken += 1

    def around(self, function: Callable) -> Callable:
        def stepped(*arguments, **named):
            self.step()
            answer = function(*arguments, **named)
            self.step()
            return answer

        return stepped

    def statement(self, execute, sql, parameters, many, context):
        self.step()
        return execute(sql, parameters, many, context)


def killed_before(fatal: int, work: Callable[[], object], *, files: bool = False) -> bool:
    """Run `work` in a process of its own that dies before its step number `fatal`. False: it came to its end."""

    def life() -> None:
        steps = Steps(fatal)
        connection.commit = steps.around(connection.commit)
        connection._commit = steps.around(connection._commit)
        if files:
            os.link, os.unlink = steps.around(os.link), steps.around(os.unlink)
        with connection.execute_wrapper(steps.statement):
            work()
        os._exit(0)

    connections.close_all()
    process = get_context("fork").Process(target=life)
    process.start()
    process.join(PATIENCE_SECONDS)
    assert process.exitcode in {0, -signal.SIGKILL}, process.exitcode
    return process.exitcode != 0


def number_all() -> None:
    """The server needs a moment to see that a killed client is gone, and with it the lock."""
    until = time.monotonic() + PATIENCE_SECONDS
    while AuditWaiting.objects.exists():
        assert time.monotonic() < until
        if not sequencer.run():
            time.sleep(0.02)


def assert_whole() -> None:
    """Every event has a number or waits, none both; the numbers have no gap; the log is intact."""
    seqs = list(AuditEntry.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))
    numbered = set(AuditEntry.objects.values_list("event_id", flat=True))
    waiting = set(AuditWaiting.objects.values_list("event_id", flat=True))
    assert numbered | waiting == set(AuditEvent.objects.values_list("id", flat=True))
    assert not numbered & waiting and len(numbered) == len(seqs)
    assert seqs == [] or AuditBatch.objects.latest("number").last_seq == seqs[-1]
    assert verify.verify().intact


def test_the_sequencer_killed_at_every_step_leaves_nothing_or_a_whole_batch(unit):
    for fatal in itertools.count():
        write(unit, 7)
        before = AuditEntry.objects.count()
        was_killed = killed_before(fatal, sequencer.run)
        time.sleep(0.05)
        assert AuditEntry.objects.count() - before in {0, 5, 7}
        assert_whole()
        number_all()
        assert_whole()
        if not was_killed:
            break
    assert fatal > 12  # two batches: lock, queue, last, entries, batch, commit


def test_the_export_killed_at_every_step_is_finished_by_the_next_one(unit, settings, tmp_path):
    for fatal in itertools.count():
        write(unit, 6)
        number_all()
        was_killed = killed_before(fatal, holders.export, files=True)
        time.sleep(0.05)
        from core.models import AuditHolder

        AuditHolder.objects.update(next_try_at=AuditBatch.objects.earliest("number").closed_at)
        holders.export()
        last = AuditBatch.objects.latest("number").number
        assert holders.folder().last() == last
        assert len(list(holders.folder().kept(1, last))) == last
        assert not AuditHolder.objects.filter(is_disputed=True).exists()
        assert verify.verify().intact
        if not was_killed:
            break
    assert fatal > 15
    assert holders.export() == 0


def test_while_one_works_another_leaves_at_once(unit):
    write(unit, 3)
    held, free = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            assert sequencer.close_batch()
            held.set()
            free.wait(PATIENCE_SECONDS)
        connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert held.wait(PATIENCE_SECONDS)
    write(unit, 2)
    began = time.monotonic()
    assert sequencer.run() == 0
    assert time.monotonic() - began < 2
    free.set()
    thread.join()
    number_all()
    assert AuditBatch.objects.count() == 2
    assert_whole()


def test_two_sequencers_beside_busy_writers_and_acts_that_roll_back(unit):
    stop = threading.Event()

    def writer() -> None:
        for number in range(40):
            try:
                with transaction.atomic():
                    write(unit, 1)
                    if number % 5 == 4:
                        raise KeyError
            except KeyError:
                pass
        connections.close_all()

    def sequencing() -> None:
        while not stop.is_set():
            sequencer.run()
        connections.close_all()

    writers = [threading.Thread(target=writer) for _ in range(4)]
    others = [threading.Thread(target=sequencing) for _ in range(2)]
    for thread in (*writers, *others):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in others:
        thread.join()
    number_all()
    assert AuditEntry.objects.count() == AuditEvent.objects.count() == 4 * 32
    assert_whole()


def test_an_act_that_commits_late_is_numbered_when_it_commits(unit):
    """Ids are given out before the commit: a lower id may arrive after a higher one was numbered."""
    written, go_on = threading.Event(), threading.Event()
    late: list[int] = []

    def slow() -> None:
        with transaction.atomic():
            late.append(audit.record("unit.thu", actor=None, subject=unit).pk)
            written.set()
            go_on.wait(PATIENCE_SECONDS)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(PATIENCE_SECONDS)
    write(unit, 1)
    number_all()
    go_on.set()
    thread.join()
    number_all()
    assert AuditEntry.objects.get(seq=2).event_id == late[0] < AuditEntry.objects.get(seq=1).event_id
    assert_whole()
