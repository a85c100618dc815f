"""Run a check on a stranger's file in a child process with limits, so that a hostile PDF costs seconds, not a worker."""

import contextlib
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from typing import Any

CPU_SECONDS = 12
WALL_SECONDS = 15.0
MEMORY_BYTES = 1024 * 1024 * 1024


class GaveUp(Exception):
    """The child ran out of time or memory, or died."""


def limited(work: Callable[[], dict[str, Any]], *, wall_seconds: float = WALL_SECONDS) -> dict[str, Any]:
    """What `work` returns (JSON), made in a fork. GaveUp: over the limits. The fork must not touch the database."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _in_child(work, reading, writing)
    os.close(writing)
    try:
        answer = _read_all(reading, time.monotonic() + wall_seconds)
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    try:
        result: dict[str, Any] = json.loads(answer)
    except ValueError as error:  # nothing, or cut short by the kill
        raise GaveUp from error
    return result


def _in_child(work: Callable[[], dict[str, Any]], reading: int, writing: int) -> None:
    """Never returns. os._exit: the parent's open files, connections and exit handlers are not ours to close."""
    status = 1
    try:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        used = int(_field("VmSize:")) * 1024
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        answer = json.dumps(work()).encode()
        while answer:
            answer = answer[os.write(writing, answer) :]
        status = 0
    finally:
        os._exit(status)


def _field(name: str) -> str:
    with open("/proc/self/status") as status:
        return next((line.split()[1] for line in status if line.startswith(name)), "0")


def _read_all(reading: int, deadline: float) -> bytes:
    answer = bytearray()
    while (left := deadline - time.monotonic()) > 0:
        ready, _none, _none = select.select([reading], [], [], left)
        if not ready:
            break
        chunk = os.read(reading, 1 << 16)
        if not chunk:
            return bytes(answer)
        answer += chunk
    return b""
