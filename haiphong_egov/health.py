"""Is every part up? For /readyz, the demo's start and `manage.py doctor`. Each check answers with a sentence."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _
from redis import Redis

from core.tasks import HEARTBEAT
from core.transparency import health as audit_health
from haiphong_egov import embedded
from haiphong_egov.celery import BEAT_ALIVE, WORKER_ALIVE
from signing.choices import KeyKind

log = structlog.get_logger()

STALE_SECONDS = 60.0  # beat rings every 15 s, the worker's timer every 10 s
FREE_MB_MIN = 500
CERTIFICATE_DAYS_MIN = 7


class NotReady(Exception):
    """A part is not up. The text is Vietnamese and says what is the matter."""


@dataclass(frozen=True)
class Part:
    name: str
    label: str
    ready: bool
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise NotReady(
            _("Còn %(count)s bước cập nhật cơ sở dữ liệu chưa chạy (manage.py migrate)")
            % {"count": len(missing)}
        )
    return ""


def broker() -> str:
    client = Redis.from_url(
        embedded.cache_location(settings.CELERY_BROKER_URL), socket_connect_timeout=1, socket_timeout=1
    )
    with client:
        client.ping()
    return ""


def _age(key: str) -> float | None:
    at = caches["default"].get(key)
    return None if at is None else time.time() - at


def beat() -> str:
    age = _age(BEAT_ALIVE)
    if age is None:
        raise NotReady(_("Chưa thấy nhịp nào của bộ hẹn giờ"))
    if age > STALE_SECONDS:
        raise NotReady(_("Bộ hẹn giờ im lặng đã %(seconds)s giây") % {"seconds": round(age)})
    return ""


def worker() -> str:
    age = _age(WORKER_ALIVE)
    if age is None:
        raise NotReady(_("Chưa có tiến trình xử lý nền nào hoạt động"))
    if age > STALE_SECONDS:
        raise NotReady(_("Tiến trình xử lý nền im lặng đã %(seconds)s giây") % {"seconds": round(age)})
    beat_age, run_age = _age(BEAT_ALIVE), _age(HEARTBEAT)
    if (
        beat_age is not None
        and beat_age <= STALE_SECONDS
        and (run_age is None or run_age > 5 * STALE_SECONDS)
    ):
        raise NotReady(_("Tiến trình xử lý nền có mặt nhưng không chạy việc nào"))
    return ""


def file_store() -> str:
    folder = Path(settings.FILE_STORE)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".readyz-") as probe:
        probe.write(b"x")
        probe.flush()
    return ""


def disk() -> str:
    folder = Path(settings.FILE_STORE)
    while not folder.exists():
        folder = folder.parent
    free_mb = shutil.disk_usage(folder).free // 2**20
    if free_mb < FREE_MB_MIN:
        raise NotReady(
            _("Đĩa chỉ còn trống %(free)s MB, cần ít nhất %(least)s MB")
            % {"free": free_mb, "least": FREE_MB_MIN}
        )
    return _("còn trống %(free)s GB") % {"free": round(free_mb / 1024)}


def timestamps() -> str:
    url = urlsplit(settings.TSA_URL or f"http://127.0.0.1:{settings.PKI_PORT}")
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        # An answer, whatever it says: a frozen service still lets the kernel accept connections.
        link = (HTTPSConnection if url.scheme == "https" else HTTPConnection)(
            url.hostname or "", port, timeout=2
        )
        link.request("HEAD", url.path or "/")
        link.getresponse().close()
    except (OSError, HTTPException) as error:
        raise NotReady(
            _("Không kết nối được dịch vụ cấp dấu thời gian %(host)s") % {"host": url.netloc}
        ) from error
    return ""


def certificates() -> str:
    """Keys of agencies and of the system itself. A person's certificate is that person's matter: told, not blocking."""
    keys = apps.get_model("signing", "SigningKey").objects.filter(revoked_at__isnull=True)
    soon = timezone.now() + timedelta(days=CERTIFICATE_DAYS_MIN)
    ours = keys.exclude(kind=KeyKind.PERSONAL).order_by("valid_to")
    latest = {
        (key.kind, key.owner_organization_id): key for key in ours
    }  # a renewed certificate replaces the old
    for key in latest.values():
        if key.valid_to <= soon:
            raise NotReady(
                _("Chứng thư «%(name)s» hết hạn ngày %(day)s")
                % {"name": key.subject_name, "day": f"{timezone.localtime(key.valid_to):%d/%m/%Y}"}
            )
    personal = keys.filter(kind=KeyKind.PERSONAL, valid_to__gt=timezone.now(), valid_to__lte=soon).count()
    return _("%(count)s chứng thư cá nhân sắp hết hạn") % {"count": personal} if personal else ""


def audit_log() -> str:
    """Is what was done numbered and signed within seconds?"""
    if trouble := audit_health.sequencer_trouble():
        raise NotReady(trouble)
    return ""


def audit_holders() -> str:
    """Do those outside have the roots, and is the log timestamped?"""
    if troubles := audit_health.outside_troubles():
        raise NotReady("; ".join(troubles))
    return ""


def checks() -> Iterable[tuple[str, str, Callable[[], str]]]:
    yield "database", _("Cơ sở dữ liệu PostgreSQL"), database
    yield "migrations", _("Cấu trúc cơ sở dữ liệu"), migrations
    yield "broker", _("Hàng đợi Redis/Valkey"), broker
    yield "worker", _("Tiến trình xử lý nền (Celery worker)"), worker
    yield "beat", _("Bộ hẹn giờ (Celery beat)"), beat
    yield "file_store", _("Kho tệp"), file_store
    yield "disk", _("Dung lượng đĩa"), disk
    yield "timestamps", _("Dịch vụ cấp dấu thời gian (TSA)"), timestamps
    yield "certificates", _("Chứng thư số"), certificates
    yield "audit_log", _("Đánh số và ký nhật ký"), audit_log
    yield "audit_holders", _("Nơi giữ gốc nhật ký, dấu thời gian"), audit_holders


def parts(*, only: Iterable[str] = ()) -> list[Part]:
    """Every part with its state. An unforeseen error counts as not ready; its details go to the log, not to the page."""
    wanted = set(only)
    return [look(name, label, check) for name, label, check in checks() if not wanted or name in wanted]


def look(name: str, label: str, check: Callable[[], str]) -> Part:
    try:
        return Part(name, label, ready=True, note=check())
    except NotReady as reason:
        return Part(name, label, ready=False, note=str(reason))
    except Exception as error:  # a health check reports whatever happens
        log.warning("not_ready", part=name, error=f"{type(error).__name__}: {error}")
        return Part(
            name, label, ready=False, note=_("Không hoạt động (%(kind)s)") % {"kind": type(error).__name__}
        )
