"""`make check-production`: the three processes by hand, in the environment of docker-compose.yml, on local servers.

Uses PostgreSQL and Redis of DATABASE_URL and REDIS_URL, else those of this machine (127.0.0.1), else embedded ones.
Everything it makes (a database of its own, secrets, files, static files) goes away at the end.
"""

import base64
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg2
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from haiphong_egov import embedded, processes  # noqa: E402  (the folder above must be on the path first)
from haiphong_egov.supervisor import Supervisor  # noqa: E402

HOST = "dichvucong.example.vn"
DATABASE = f"haiphong_check_{os.getpid()}"


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="haiphong-production-"))
    folder.chmod(0o755)  # embedded PostgreSQL may have to walk through as another account
    try:
        with database(folder) as database_url:
            return check(folder, production_environment(folder, database_url))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check(folder: Path, environment: dict[str, str]) -> int:
    manage = [sys.executable, str(ROOT / "manage.py")]
    step("check --deploy")
    subprocess.run(
        [*manage, "check", "--deploy", "--fail-level", "WARNING"], env=environment, cwd=ROOT, check=True
    )
    step("collectstatic, migrate")
    subprocess.run([*manage, "collectstatic", "--no-input", "-v0"], env=environment, cwd=ROOT, check=True)
    subprocess.run([*manage, "migrate", "--no-input", "-v0"], env=environment, cwd=ROOT, check=True)
    step("web, worker, beat")
    os.chdir(ROOT)
    supervisor = Supervisor(folder, say=print, environment=environment)
    try:
        with timestamp_authority(int(environment["TSA_URL"].rsplit(":", 1)[1])):
            supervisor.start("worker", processes.WORKER)
            supervisor.start("beat", processes.BEAT)
            supervisor.start("web", processes.WEB)
            wait_ready(supervisor, environment["PORT"])
            ask(environment["PORT"])
    except (AssertionError, TimeoutError):
        for program in ("web", "worker", "beat"):
            print(f"--- {program}", *supervisor.tail(program, 15), sep="\n")
        raise
    finally:
        supervisor.stop()
    step("container files")
    container_files(folder)
    print("\nProduction shape: all right.")
    return 0


# ── the environment ──────────────────────────────────────────────────────────────────────────────────────────────────


def production_environment(folder: Path, database_url: str) -> dict[str, str]:
    """As in docker-compose.yml: secrets from files, nothing by default."""
    held = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    store = folder / "run-secrets"
    store.mkdir(mode=0o700)
    contents = {
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "BLIND_INDEX_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "SIGNING_MASTER_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
    for name, value in contents.items():
        (store / name.lower()).write_text(value + "\n")
        held[f"{name}_FILE"] = str(store / name.lower())
    return held | {
        "DEBUG": "0",
        "DATA_DIR": str(folder),
        "FILE_STORE": str(folder / "files"),
        "FILE_ACCEL_PREFIX": "/protected/",
        "REDIS_URL": redis_url(),
        "BROKER_PREFIX": f"check-{os.getpid()}-",
        "ALLOWED_HOSTS": HOST,
        "CSRF_TRUSTED_ORIGINS": f"https://{HOST}",
        "SITE_URL": f"https://{HOST}",
        "TSA_URL": f"http://127.0.0.1:{free_port()}",
        "TRUSTED_PROXY_COUNT": "1",
        "PORT": str(free_port()),
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "LOG_LEVEL": "INFO",
    }


@contextmanager
def database(folder: Path) -> Iterator[str]:
    """A database of our own on the given, the machine's or an embedded server."""
    given = os.environ.get("DATABASE_URL")
    candidates = [given] if given else ["postgres://postgres@127.0.0.1:5432/postgres"]
    for url in candidates:
        with suppress(psycopg2.OperationalError):
            psycopg2.connect(url.replace("postgres://", "postgresql://"), connect_timeout=3).close()
            break
    else:
        if given:
            raise SystemExit(f"DATABASE_URL does not answer: {given}")
        print("No PostgreSQL on 127.0.0.1:5432; using the embedded one.")
        server = embedded.postgres(folder)
        server.use()
        url = f"postgres://postgres@/postgres?host={quote(str(server.socket_dir))}"
    link = psycopg2.connect(url.replace("postgres://", "postgresql://"))
    link.autocommit = True
    link.cursor().execute(f'CREATE DATABASE "{DATABASE}"')
    head, _, query = url.partition("?")
    try:
        yield f"{head.rsplit('/', 1)[0]}/{DATABASE}" + (f"?{query}" if query else "")
    finally:
        link.cursor().execute(f'DROP DATABASE "{DATABASE}" WITH (FORCE)')
        link.close()
        embedded.postgres(folder).release()


def redis_url() -> str:
    if url := os.environ.get("REDIS_URL"):
        return url
    with suppress(OSError), socket.create_connection(("127.0.0.1", 6379), timeout=1):
        return "redis://127.0.0.1:6379/15"
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / ".data")
    embedded.broker(data_dir).use()
    return embedded.broker_url(data_dir)


@contextmanager
def timestamp_authority(port: int) -> Iterator[None]:
    """Something that accepts connections: /readyz asks only whether the authority can be reached."""
    with socket.create_server(("127.0.0.1", port)):
        yield


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# ── the questions ────────────────────────────────────────────────────────────────────────────────────────────────────


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object) -> None:
        return None


def get(port: str, path: str, *, https: bool = True, host: str = HOST) -> tuple[int, dict[str, str], str]:
    headers = {"Host": host, "X-Forwarded-For": "203.0.113.7"} | (
        {"X-Forwarded-Proto": "https"} if https else {}
    )
    opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))
    try:
        answer = opener.open(
            urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers), timeout=20
        )
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, dict(answer.headers.lower_items() if hasattr(answer.headers, "lower_items") else
                                   {k.lower(): v for k, v in answer.headers.items()}), answer.read().decode()  # fmt: skip


def wait_ready(supervisor: Supervisor, port: str) -> None:
    until = time.monotonic() + 90
    last = ""
    while time.monotonic() < until:
        supervisor.watch()
        with suppress(OSError):
            status, _, last = get(port, "/readyz", https=False)
            if status == 200:
                return
        time.sleep(0.5)
    raise TimeoutError(f"/readyz: {last}")


def ask(port: str) -> None:
    step("a page through the proxy's headers")
    status, headers, page = get(port, "/tai-khoan/login/")
    assert status == 200, f"sign-in page: {status}"
    for name in ("strict-transport-security", "content-security-policy", "x-content-type-options", "referrer-policy",
                 "permissions-policy", "cross-origin-opener-policy", "x-frame-options"):  # fmt: skip
        assert name in headers, f"missing header {name}"
    assert "unsafe" not in headers["content-security-policy"], headers["content-security-policy"]
    assert "Secure" in headers.get("set-cookie", "Secure") and "HttpOnly" in headers.get(
        "set-cookie", "HttpOnly"
    )
    assert 'lang="vi"' in page, "the page does not say that it is Vietnamese"
    step("static files, plain HTTP, a foreign host")
    for path in {part.split('"')[0] for part in page.split('="')[1:] if part.startswith("/static/")}:
        status, headers, _ = (
            get(port, path.split("#")[0].split("?")[0])
            if not path.endswith((".woff2", ".png"))
            else (200, {"cache-control": "immutable"}, "")
        )
        assert status == 200 and "immutable" in headers.get("cache-control", ""), (
            f"{path}: {status} {headers.get('cache-control')}"
        )
    status, headers, _ = get(port, "/tai-khoan/login/", https=False)
    assert status == 301 and headers["location"] == f"https://{HOST}/tai-khoan/login/", (status, headers)
    assert get(port, "/", host="evil.example")[0] == 400
    status, _, page = get(port, "/khong-co-trang-nay/")
    assert status == 404 and "Traceback" not in page


def container_files(folder: Path) -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert {"proxy", "web", "worker", "beat", "db", "valkey", "clamav"} <= set(compose["services"])
    if (
        subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
        if shutil.which("docker")
        else False
    ):
        variables = {
            name: "x"
            for name in (
                "ALLOWED_HOSTS",
                "CSRF_TRUSTED_ORIGINS",
                "SITE_URL",
                "TSA_URL",
                "EMAIL_HOST",
                "DEFAULT_FROM_EMAIL",
            )
        }
        subprocess.run(
            ["docker", "compose", "config", "--quiet"], cwd=ROOT, env=os.environ | variables, check=True
        )
        print("  docker compose config: fine")
    else:
        print("  docker compose is not here; checked as YAML")
    if nginx := shutil.which("nginx"):
        trial = folder / "nginx.conf"
        text = (ROOT / "deploy/nginx.conf").read_text().replace("server web:8000", "server 127.0.0.1:8000")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "1",
                        "-keyout", folder / "tls_key", "-out", folder / "tls_certificate"],
                       check=True, capture_output=True)  # fmt: skip
        trial.write_text(text.replace("/run/secrets/", f"{folder}/"))
        subprocess.run([nginx, "-t", "-q", "-c", str(trial)], check=True)
        print("  nginx -t: fine")


def step(label: str) -> None:
    print(f"· {label}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
