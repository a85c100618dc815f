"""Embedded servers: found or started on demand, shared, stopped by whoever lets go last, also after kill -9."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from haiphong_egov import embedded

ROOT = Path(__file__).resolve().parents[2]
USER = """
import sys, time
from pathlib import Path
from haiphong_egov import embedded
server = getattr(embedded, sys.argv[1])(Path(sys.argv[2]))
server.use()
print(server.pid(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Not pytest's own folder: another account (PostgreSQL never runs as root) must be able to walk to it."""
    with tempfile.TemporaryDirectory(prefix="haiphong-test-") as folder:
        yield Path(folder)
        for server in (embedded.Postgres(Path(folder)), embedded.Broker(Path(folder))):
            server.stop_if_unused()


def user_of(kind: str, data_dir: Path) -> tuple[subprocess.Popen[str], int]:
    """Another process that uses the server until its input closes; and the server's pid."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, kind, str(data_dir)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def ends(pid: int) -> bool:
    """PostgreSQL removes its pid file a moment before its process is gone."""
    until = time.monotonic() + 5
    while lives(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not lives(pid)


@pytest.mark.parametrize("kind", ["postgres", "broker"])
def test_two_processes_share_one_server_and_the_last_one_stops_it(kind: str, data_dir: Path) -> None:
    first, server = user_of(kind, data_dir)
    second, same = user_of(kind, data_dir)
    assert server == same
    first.communicate()
    assert lives(server)
    second.communicate()
    assert ends(server)


@pytest.mark.parametrize("kind", ["postgres", "broker"])
def test_a_killed_process_does_not_keep_the_server(kind: str, data_dir: Path) -> None:
    killed, server = user_of(kind, data_dir)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert lives(server)  # nobody was left to stop it …
    later, same = user_of(kind, data_dir)
    assert server == same
    later.communicate()
    assert ends(server)  # … until the next user leaves


def test_work_in_the_broker_survives_its_end_and_its_death(data_dir: Path) -> None:
    from redis import Redis

    def client() -> "Redis":
        return Redis.from_url(embedded.cache_location(embedded.broker_url(data_dir)))

    broker = embedded.Broker(data_dir)
    broker.use()
    client().set("việc", "còn nguyên")
    broker.release()
    broker.use()
    assert client().get("việc").decode() == "còn nguyên"
    pid = broker.pid()
    assert pid is not None
    time.sleep(1.1)  # the log reaches the disk every second
    os.kill(pid, signal.SIGKILL)
    while lives(pid):
        time.sleep(0.05)
    broker.use()
    assert client().get("việc").decode() == "còn nguyên"
    broker.release()


def test_an_unreadable_broker_log_is_set_aside(data_dir: Path) -> None:
    log = data_dir / "broker" / "appendonlydir"
    log.mkdir(parents=True)
    (log / "appendonly.aof.manifest").write_text("không phải manifest\n")
    broker = embedded.Broker(data_dir)
    broker.use()
    assert broker.is_up()
    assert list((data_dir / "broker").glob("appendonlydir.unreadable-*"))
    broker.release()


def test_the_database_knows_vietnamese_and_listens_to_nobody_else(data_dir: Path) -> None:
    server = embedded.Postgres(data_dir)
    server.use()
    link = psycopg2.connect(host=str(server.socket_dir), user="postgres", dbname=embedded.DATABASE_NAME)
    with link.cursor() as cursor:
        cursor.execute("SELECT lower('ĐẶNG THỊ ƯỚC'), current_setting('listen_addresses')")
        assert cursor.fetchone() == ("đặng thị ước", "")
    link.close()
    assert server.socket_dir.stat().st_mode & 0o077 == 0
    server.release()


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    server = embedded.Postgres(tmp_path / ("x" * 100))
    assert len(str(server.socket_dir / server.socket_name)) < embedded.SOCKET_PATH_MAX


def test_a_secret_is_made_once_and_is_nobody_elses_business(tmp_path: Path) -> None:
    first = embedded.local_secret(tmp_path, "secret_key", allowed=True)
    assert len(first) >= 50
    assert embedded.local_secret(tmp_path, "secret_key", allowed=True) == first
    assert (tmp_path / "secrets" / "secret_key").stat().st_mode & 0o077 == 0
    with pytest.raises(Exception, match="SECRET_KEY must be set"):
        embedded.local_secret(tmp_path, "secret_key", allowed=False)


def test_settings_start_no_server(tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DATABASE_URL": "", "REDIS_URL": "", "DEBUG": "1"}
    subprocess.run(
        [sys.executable, "manage.py", "--help"], cwd=ROOT, env=environment, check=True, capture_output=True
    )
    assert not (tmp_path / "postgres").exists()
    assert not (tmp_path / "broker").exists()
