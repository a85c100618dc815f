"""Processes are kept running, end together, and a killed supervisor leaves nothing behind for long."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from haiphong_egov import supervisor as module
from haiphong_egov.supervisor import AlreadyRunning, Supervisor

ROOT = Path(__file__).resolve().parents[2]
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
WITH_CHILD = [
    sys.executable,
    "-c",
    "import subprocess, time; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); time.sleep(600)",
]
OWNER = """
import sys, time
from pathlib import Path
from haiphong_egov import supervisor
supervisor.PRCTL = None  # the kernel's help is off: the next supervisor must find the orphan
s = supervisor.Supervisor(Path(sys.argv[1]), say=print, environment={})
s.start("mồ côi", [sys.executable, "-c", "import time; time.sleep(600)"])
print(s.programs[0].process.pid, flush=True)
time.sleep(600)
"""


def until(happened: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def gone(pid: int) -> bool:
    return module.born_at(pid) is None


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_crashed_process_comes_back_and_the_person_is_told(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BACK_OFF_SECONDS", (0.1, 0.2))
    supervisor = Supervisor(tmp_path, say=said.append, environment={"LÀ": "thử"})
    try:
        supervisor.start("worker", SLEEP)
        first = supervisor.programs[0].process
        assert first is not None
        first.kill()
        until(
            lambda: (
                supervisor.watch(),
                supervisor.alive("worker") and supervisor.programs[0].process is not first,
            )[1]
        )
        assert any("worker" in line and "khởi động lại" in line for line in said)
    finally:
        supervisor.stop()


def test_stopping_ends_the_children_of_the_children(tmp_path: Path, said: list[str]) -> None:
    supervisor = Supervisor(tmp_path, say=said.append, environment={})
    supervisor.start("web", WITH_CHILD)
    until(lambda: supervisor.tail("web"))
    grandchild = int(supervisor.tail("web")[0])
    assert not gone(grandchild)
    supervisor.stop()
    until(lambda: gone(grandchild))
    assert not (tmp_path / "run" / "processes.json").exists()


def test_one_supervisor_per_folder(tmp_path: Path, said: list[str]) -> None:
    first = Supervisor(tmp_path, say=said.append, environment={})
    with pytest.raises(AlreadyRunning):
        Supervisor(tmp_path, say=said.append, environment={})
    first.close()
    Supervisor(tmp_path, say=said.append, environment={}).close()


def test_the_next_supervisor_ends_what_a_killed_one_left(tmp_path: Path, said: list[str]) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    orphan = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    assert not gone(orphan)
    Supervisor(tmp_path, say=said.append, environment={}).close()
    until(lambda: gone(orphan))


def test_a_foreign_process_with_a_recycled_number_is_left_alone(tmp_path: Path, said: list[str]) -> None:
    other = subprocess.Popen(SLEEP)
    try:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "processes.json").write_text(f'[["web", {other.pid}, "1"]]')
        Supervisor(tmp_path, say=said.append, environment={}).close()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help exists on Linux only")
def test_the_kernel_ends_children_with_their_supervisor(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER.replace("supervisor.PRCTL = None", "pass"), str(tmp_path)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert owner.stdout is not None
    child = int(owner.stdout.readline())
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    until(lambda: gone(child))
