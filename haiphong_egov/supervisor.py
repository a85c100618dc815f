"""Keeps a handful of processes running: logs to files, restart with back-off, an orderly end, no orphans."""

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
BACK_OFF_SECONDS = (1, 2, 4, 8, 15, 30)
STEADY_SECONDS = 60  # whoever lives this long starts again with the shortest back-off
STOP_SECONDS = 20
LOG_MB_MAX = 20


class AlreadyRunning(Exception):
    """Another supervisor holds this folder."""


def _prctl() -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    with suppress(OSError, AttributeError):
        return ctypes.CDLL(None, use_errno=True).prctl  # type: ignore[no-any-return]
    return None


PRCTL = _prctl()


def _die_with_parent() -> None:
    """In the child, before exec: the kernel sends SIGTERM when the supervisor is gone, even by kill -9."""
    if PRCTL is not None:
        PRCTL(PR_SET_PDEATHSIG, signal.SIGTERM)


def born_at(pid: int) -> str | None:
    """The start time of a process in clock ticks: with the pid it names one process for ever. None: it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


@dataclass
class Program:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    crashes: int = 0
    again_at: float | None = None
    log: IO[str] | None = field(default=None, repr=False)


class Supervisor:
    """One per data folder (a lock sees to it). `say` gets the lines meant for the person at the terminal."""

    def __init__(self, data_dir: Path, *, say: Callable[[str], None], environment: Mapping[str, str]) -> None:
        self.run_dir, self.log_dir = data_dir / "run", data_dir / "logs"
        self.say = say
        self.environment = {**os.environ, **environment, "PYTHONUNBUFFERED": "1"}
        self.programs: list[Program] = []
        self.follow = False
        for folder in (self.run_dir, self.log_dir):
            folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.run_dir / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise AlreadyRunning from error
        self._end_leftovers()

    @property
    def roster(self) -> Path:
        return self.run_dir / "processes.json"

    def start(self, name: str, command: Sequence[str]) -> None:
        program = Program(name, command)
        self.programs.append(program)
        self._launch(program)

    def watch(self) -> None:
        """One look around: restart what has crashed, pass on new log lines. Call it a few times a second."""
        now = time.monotonic()
        for program in self.programs:
            if self.follow:
                self._tell_log(program)
            if program.process is not None and program.process.poll() is not None:
                self._crashed(program, now)
            if program.again_at is not None and now >= program.again_at:
                self._launch(program)

    def alive(self, name: str) -> bool:
        return any(
            p.name == name and p.process is not None and p.process.poll() is None for p in self.programs
        )

    def stop(self) -> None:
        """SIGTERM to all, last started first; SIGKILL to the process group of whoever is deaf."""
        running = [program for program in reversed(self.programs) if program.process is not None]
        for program in running:
            assert program.process is not None
            with suppress(ProcessLookupError):
                program.process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for program in running:
            assert program.process is not None
            with suppress(subprocess.TimeoutExpired):
                program.process.wait(max(0.1, until - time.monotonic()))
            self._end_group(program.process.pid)
            program.process.wait()
            if self.follow:
                self._tell_log(program)
        self.programs.clear()
        self.roster.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Give the folder free for the next supervisor."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def tail(self, name: str, lines: int = 8) -> list[str]:
        path = self.log_dir / f"{name}.log"
        return path.read_text(errors="replace").splitlines()[-lines:] if path.exists() else []

    def _launch(self, program: Program) -> None:
        path = self.log_dir / f"{program.name}.log"
        if path.exists() and path.stat().st_size > LOG_MB_MAX * 2**20:
            path.replace(path.with_suffix(".log.1"))
            program.log = None
        with path.open("ab") as sink:
            program.process = subprocess.Popen(
                program.command, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
                env=self.environment, start_new_session=True, preexec_fn=_die_with_parent,
            )  # fmt: skip
            if program.log is None:
                program.log = path.open(errors="replace")
                program.log.seek(0, os.SEEK_END)
        program.started_at, program.again_at = time.monotonic(), None
        self._write_roster()

    def _crashed(self, program: Program, now: float) -> None:
        assert program.process is not None
        status, pid = program.process.returncode, program.process.pid
        program.process = None
        self._end_group(pid)
        if now - program.started_at > STEADY_SECONDS:
            program.crashes = 0
        pause = BACK_OFF_SECONDS[min(program.crashes, len(BACK_OFF_SECONDS) - 1)]
        program.crashes += 1
        program.again_at = now + pause
        self.say(f"[{program.name}] dừng bất thường (mã {status}); khởi động lại sau {pause} giây.")
        for line in [] if self.follow else self.tail(program.name, 4):
            self.say(f"[{program.name}]   {line}")

    def _tell_log(self, program: Program) -> None:
        if program.log is not None:
            for line in program.log:
                self.say(f"[{program.name}] {line.rstrip()}")

    @staticmethod
    def _end_group(pid: int) -> None:
        """What a program leaves behind (pool processes) ends with it. Its pid is its group: it began a session."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)

    def _write_roster(self) -> None:
        rows = [
            [p.name, p.process.pid, born_at(p.process.pid)] for p in self.programs if p.process is not None
        ]
        draft = self.roster.with_suffix(".new")
        draft.write_text(json.dumps(rows))
        draft.replace(self.roster)

    def _end_leftovers(self) -> None:
        """A former supervisor was killed: end exactly the processes it had written down, if they still live."""
        if not self.roster.exists():
            return
        with suppress(ValueError):
            rows = [
                row for row in json.loads(self.roster.read_text()) if row[2] and born_at(row[1]) == row[2]
            ]
            for _name, pid, _born in rows:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            until = time.monotonic() + STOP_SECONDS
            while time.monotonic() < until and any(born_at(pid) == born for _name, pid, born in rows):
                time.sleep(0.1)
            for _name, pid, born in rows:
                if born_at(pid) == born:
                    self._end_group(pid)
        self.roster.unlink(missing_ok=True)
