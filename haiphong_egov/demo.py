"""The steps behind `manage.py demo`: servers, certificates, data, then web, worker and beat until told to stop."""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command, get_commands
from django.db import OperationalError, connection, connections

from core.tasks import HEARTBEAT
from haiphong_egov import embedded, processes
from haiphong_egov.celery import BEAT_ALIVE, WORKER_ALIVE
from haiphong_egov.seeds.people import TOTP_SECRET
from haiphong_egov.supervisor import AlreadyRunning, Supervisor

READY_SECONDS = 120
# What the demo owns in DATA_DIR. Anything else that lies there stays.
OWN = (
    "postgres", "postgres.new", "broker", "files", "pki", "mail", "logs", "run", "secrets",
    "celerybeat-schedule", "celerybeat-schedule.db", "celerybeat-schedule.dir", "celerybeat-schedule.bak",
    "celerybeat-schedule.dat", "demo_people.json", "audit-holder", "audit-keeper", "demo_identities.json",
)  # fmt: skip


class DemoError(Exception):
    """The demo cannot go on. The text says why and what to do."""


class Stopped(BaseException):
    """SIGTERM, SIGHUP or Ctrl-C. Not an Exception: no step may swallow it."""


class Demo:
    def __init__(self, *, say: Callable[[str], None], follow: bool = False) -> None:
        self.say = say
        self.follow = follow
        self.data_dir = Path(settings.DATA_DIR)
        self.port = settings.PORT
        self.pki_port = settings.PKI_PORT
        self.supervisor: Supervisor | None = None
        self.steps_done = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # ── the whole ────────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self, once_ready: Sequence[str]) -> int:
        """Until stopped; or until `once_ready` has run, whose exit status is returned."""
        began = time.monotonic()
        previous = {
            number: signal.signal(number, self._on_signal)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            self._bring_up()
            self.say(f"\nSẵn sàng sau {_seconds(began)}.")
            if once_ready:
                return self._accompany(once_ready)
            self._welcome()
            while True:
                self._supervisor.watch()
                time.sleep(0.3)
        except Stopped:
            return 0 if not once_ready else 143
        finally:
            for number in previous:
                signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave orphans
            self._take_down()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _bring_up(self) -> None:
        with self._step("Cổng mạng, tiến trình còn sót"):
            self._claim()
        with self._step("PostgreSQL"):
            self._database()
        with self._step("Redis/Valkey"):
            self._broker()
        with self._step("Cấu trúc cơ sở dữ liệu"):
            call_command("migrate", interactive=False, verbosity=0)
        with self._step("Cơ quan chứng thực thử nghiệm (CA, TSA, OCSP)"):
            self._pki()
        self._keeper()
        self._data()
        self._identity_provider()
        connections.close_all()
        cache.delete_many([WORKER_ALIVE, BEAT_ALIVE, HEARTBEAT])  # signs of a former life prove nothing
        self._supervisor.start("worker", processes.WORKER)
        self._supervisor.start("beat", processes.BEAT)
        self._supervisor.start("web", processes.WEB)
        with self._step("Web, worker, beat"):
            self._until_ready()

    def _take_down(self) -> None:
        if self.supervisor is not None:
            self.say("\nĐang dừng …")
            self.supervisor.stop()
        connections.close_all()
        embedded.broker(settings.DATA_DIR).release()
        embedded.postgres(settings.DATA_DIR).release()
        if self.supervisor is not None:
            self.say(
                "Đã dừng. Dữ liệu còn nguyên; «make demo» để chạy tiếp, «make demo-reset» để làm lại từ đầu."
            )

    @property
    def _supervisor(self) -> Supervisor:
        assert self.supervisor is not None
        return self.supervisor

    def _on_signal(self, number: int, frame: Any) -> None:
        raise Stopped

    @contextmanager
    def _step(self, label: str) -> Iterator[None]:
        self.steps_done += 1
        began = time.monotonic()
        self.say(f"[{self.steps_done}] {label} …")
        yield
        self.say(f"    xong sau {_seconds(began)}")

    # ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _claim(self) -> None:
        """One demo per data folder; leftovers of a killed one end here; then the ports."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        environment = {"DATA_DIR": str(self.data_dir)}
        try:
            self.supervisor = Supervisor(self.data_dir, say=self.say, environment=environment)
        except AlreadyRunning:
            raise DemoError(
                f"Bản demo đang chạy với thư mục {self.data_dir}. Hãy dừng nó (Ctrl-C) trước."
            ) from None
        self.supervisor.follow = self.follow
        self.port = _free_port("PORT", settings.PORT, fixed=bool(os.environ.get("PORT")))
        remembered = (self.data_dir / "run" / "pki_port").exists()
        self.pki_port = _free_port(
            "PKI_PORT", settings.PKI_PORT, fixed=bool(os.environ.get("PKI_PORT")) or remembered
        )
        (self.data_dir / "run" / "pki_port").write_text(str(self.pki_port))
        site_url = os.environ.get("SITE_URL") or self.address
        settings.PORT, settings.PKI_PORT, settings.SITE_URL = self.port, self.pki_port, site_url
        self.supervisor.environment.update(
            PORT=str(self.port), PKI_PORT=str(self.pki_port), SITE_URL=site_url, E2E_BASE_URL=self.address
        )
        os.environ.update(PORT=str(self.port), PKI_PORT=str(self.pki_port), SITE_URL=site_url)

    def _database(self) -> None:
        if not os.environ.get("DATABASE_URL"):
            embedded.postgres(settings.DATA_DIR).use()
            self.say(f"    nhúng, trong {embedded.postgres(settings.DATA_DIR).home}")
            return
        self.say("    theo DATABASE_URL")
        try:
            connection.ensure_connection()
        except OperationalError as error:
            if "does not exist" not in str(error):
                raise DemoError(f"Không kết nối được DATABASE_URL: {error}") from error
            self._create_database()

    def _create_database(self) -> None:
        name = connection.settings_dict["NAME"]
        self.say(f"    tạo cơ sở dữ liệu «{name}»")
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}")

    def _broker(self) -> None:
        if os.environ.get("REDIS_URL"):
            self.say("    theo REDIS_URL")
            return
        embedded.broker(settings.DATA_DIR).use()
        self.say(f"    nhúng, trong {embedded.broker(settings.DATA_DIR).home}")

    def _pki(self) -> None:
        if "demo_pki" not in get_commands():
            self.say("    bỏ qua: chưa có lệnh demo_pki")
            return
        call_command("demo_pki", prepare=True)
        self._supervisor.start(
            "pki", [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo_pki", "--serve"]
        )
        self._wait(lambda: _answers(self.pki_port), "pki", seconds=30)

    def _identity_provider(self) -> None:
        """The simulated provider of citizens' identities, unless the environment names a real one."""
        program = settings.BASE_DIR / "tests" / "simulators" / "oidc_provider.py"
        if os.environ.get("OIDC_ISSUER") or not program.exists():
            return
        with self._step("Hệ thống định danh thử nghiệm (OpenID Connect)"):
            port = _free_port("OIDC_PORT", settings.OIDC_PORT, fixed=bool(os.environ.get("OIDC_PORT")))
            people = self.data_dir / "demo_identities.json"
            command = [sys.executable, str(program), "--port", str(port), "--people", str(people)]
            for address in {f"{settings.SITE_URL}/", f"{self.address}/", f"http://localhost:{self.port}/"}:
                command += ["--redirect", address]
            self._supervisor.start("oidc", command)
            self._supervisor.environment.update(
                OIDC_ISSUER=f"http://127.0.0.1:{port}",
                OIDC_CLIENT_ID="cong-hai-phong",
                OIDC_CLIENT_SECRET="chi-dung-cho-ban-thu",  # noqa: S106  (the simulator's own)
                OIDC_NAME="VNeID (bản thử)",
            )
            self._wait(lambda: _answers(port), "oidc", seconds=30)

    def _keeper(self) -> None:
        """The second holder of the audit trail's roots, unless the environment names a real one."""
        program = settings.BASE_DIR / "tests" / "simulators" / "audit_holder.py"
        if (
            not _has_people()
        ):  # a new database begins a new log; what was kept of the old one would contradict it
            for name in ("audit-holder", "audit-keeper"):
                shutil.rmtree(self.data_dir / name, ignore_errors=True)
        if os.environ.get("AUDIT_HOLDER_URL") or not program.exists():
            return
        with self._step("Nơi giữ gốc nhật ký thử nghiệm"):
            port, folder = _free_port("PORT", self.port + 700, fixed=False), self.data_dir / "audit-keeper"
            self._supervisor.start("keeper", [sys.executable, str(program), str(folder), "--port", str(port)])
            self._supervisor.environment["AUDIT_HOLDER_URL"] = f"http://127.0.0.1:{port}/"
            self._wait(lambda: _answers(port), "keeper", seconds=15)

    def _data(self) -> None:
        """Reference and demo data. Both commands are idempotent; they are skipped when nothing they read has changed."""
        stamp = self.data_dir / "run" / "data.stamp"
        wanted = _fingerprint()
        if stamp.exists() and stamp.read_text() == wanted and _has_people():
            with self._step("Dữ liệu danh mục và dữ liệu mẫu"):
                self.say("    đã có, giữ nguyên")
            return
        stamp.unlink(missing_ok=True)
        for name, label in (("load_reference", "Dữ liệu danh mục"), ("seed_demo", "Dữ liệu mẫu")):
            with self._step(label):
                if name in get_commands():
                    call_command(name)
                else:
                    self.say(f"    bỏ qua: chưa có lệnh {name}")
        stamp.write_text(wanted)

    def _until_ready(self) -> None:
        told: list[str] = []

        def ready() -> bool:
            missing = self._not_ready()
            if missing and missing != told:
                told[:] = missing
                self.say("    còn chờ: " + "; ".join(missing))
            return not missing

        self._wait(ready, "web", seconds=READY_SECONDS)

    def _not_ready(self) -> list[str]:
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"{self.address}/readyz", timeout=20
            ):
                return []
        except urllib.error.HTTPError as error:
            with suppress(ValueError, KeyError):
                return list(json.load(error)["not_ready"])
            return [f"HTTP {error.code}"]
        except OSError:
            return ["trang web"]

    def _wait(self, happened: Callable[[], bool], program: str, *, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not happened():
            self._supervisor.watch()
            if time.monotonic() > until:
                log = "\n".join(self._supervisor.tail(program))
                raise DemoError(
                    f"«{program}» chưa sẵn sàng sau {seconds:.0f} giây. Nhật ký: {self._supervisor.log_dir}\n{log}"
                )
            time.sleep(0.3)

    # ── afterwards ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _accompany(self, command: Sequence[str]) -> int:
        child = subprocess.Popen(command, env=self._supervisor.environment, stdin=subprocess.DEVNULL)
        try:
            while child.poll() is None:
                self._supervisor.watch()
                time.sleep(0.2)
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
        return child.returncode

    def _welcome(self) -> None:
        self.say(f"\n  Cổng Hải Phòng (bản thử, dữ liệu hư cấu):  {self.address}/")
        self.say(f"  Bàn làm việc: {self.address}/lam-viec/   Kiểm tra chữ ký số: {self.address}/kiem-tra/")
        self.say(
            f"  Thư điện tử gửi đi nằm trong {settings.EMAIL_FILE_PATH}; nhật ký trong {self._supervisor.log_dir}\n"
        )
        self.say(
            "  Người làm trong cơ quan đăng nhập bằng mật khẩu và mã 6 chữ số:  .venv/bin/python manage.py demo_code\n"
            f"  (hoặc thêm khóa {TOTP_SECRET} vào một ứng dụng xác thực; thử khóa truy cập tại http://localhost:{self.port}/)\n"
        )
        people_file = self.data_dir / "demo_people.json"
        if people_file.exists():
            for person in json.loads(people_file.read_text()):
                self._introduce(person)
        self.say(
            "\n  Dừng: Ctrl-C (mọi thứ đã khởi động đều dừng; dữ liệu giữ nguyên). Làm lại từ đầu: make demo-reset\n"
        )

    def _introduce(self, person: dict[str, Any]) -> None:
        secret = f"mật khẩu {person['password']}"
        secret += ", mã 6 chữ số" if person.get("totp_secret") else ""
        secret += f", PIN {person['pin']}" if person.get("pin") else ""
        self.say(f"  {person['name']}" + (f" – {person['post']}" if person.get("post") else ""))
        self.say(f"      {person['email']}  ({secret})")
        if tries := person.get("can_try"):
            self.say(f"      thử: {tries if isinstance(tries, str) else '; '.join(tries)}")


# ── starting anew ────────────────────────────────────────────────────────────────────────────────────────────────────


def reset(*, say: Callable[[str], None], confirm: Callable[[str], bool]) -> None:
    """Wipe what the demo made. A database or broker named by the environment is emptied only after a yes."""
    data_dir = Path(settings.DATA_DIR)
    if data_dir.exists():
        try:
            Supervisor(data_dir, say=say, environment={}).close()  # nobody runs; leftovers end
        except AlreadyRunning:
            raise DemoError("Bản demo đang chạy. Hãy dừng nó (Ctrl-C) trước khi làm lại từ đầu.") from None
    if os.environ.get("DATABASE_URL"):
        name = connection.settings_dict["NAME"]
        if not confirm(f"Xóa TOÀN BỘ dữ liệu trong cơ sở dữ liệu «{name}» theo DATABASE_URL?"):
            raise DemoError("Không xóa gì.")
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connections.close_all()
    if os.environ.get("REDIS_URL"):
        _empty_broker()
    for server in (embedded.postgres(settings.DATA_DIR), embedded.broker(settings.DATA_DIR)):
        if not server.stop_if_unused():
            raise DemoError(f"Một lệnh khác đang dùng {server.home}. Hãy đóng lệnh đó trước.")
    for name in OWN:
        path = data_dir / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    say(f"Đã xóa dữ liệu demo trong {data_dir}. «make demo» để bắt đầu lại.")


def _empty_broker() -> None:
    """Only keys of this installation (its prefix) and its cache."""
    from redis import Redis

    with Redis.from_url(embedded.cache_location(settings.REDIS_URL)) as client:
        for key in client.scan_iter(f"{settings.BROKER_PREFIX}*", count=500):
            client.delete(key)


# ── small questions ──────────────────────────────────────────────────────────────────────────────────────────────────


def _seconds(began: float) -> str:
    return f"{time.monotonic() - began:.1f} giây".replace(".", ",")


def _answers(port: int) -> bool:
    with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
        return True
    return False


def _free_port(name: str, wanted: int, *, fixed: bool) -> int:
    """The wanted port, or the next free one; a port that was asked for must be free."""
    for port in range(wanted, wanted + 50):
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((os.environ.get("HOST") or "127.0.0.1", port))
                return port
        if fixed:
            break
    raise DemoError(f"Cổng {wanted} đang bận. Hãy chọn cổng khác: {name}=… make demo")


def _has_people() -> bool:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.exists()


def _fingerprint() -> str:
    """Which database, and everything in the tree that the data commands could read."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid::text FROM pg_database WHERE datname = current_database()")
        digest.update(
            f"{connection.settings_dict['HOST']} {connection.settings_dict['NAME']} {cursor.fetchone()}".encode()
        )
    for top in sorted(settings.BASE_DIR.iterdir()):
        if top.name.startswith((".", "_")) or top.name in {
            "tests",
            "docs",
            "static",
            "staticfiles",
            "node_modules",
        }:
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else []:
            if path.is_file() and path.suffix != ".pyc":
                found = path.stat()
                digest.update(
                    f"{path.relative_to(settings.BASE_DIR)} {found.st_size} {found.st_mtime_ns}".encode()
                )
    return digest.hexdigest()
