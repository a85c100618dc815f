"""/healthz asks nothing; /readyz names in words what is missing."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from core.tasks import HEARTBEAT
from haiphong_egov import health
from haiphong_egov.celery import BEAT_ALIVE, WORKER_ALIVE


def part(name: str) -> health.Part:
    return health.parts(only=[name])[0]


def test_healthz_needs_no_database(client: Any) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_names_what_is_missing(client: Any, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    body = answer.json()
    assert body["ready"] is False
    assert "Hàng đợi Redis/Valkey" in body["not_ready"]
    assert "Tiến trình xử lý nền (Celery worker)" in body["not_ready"]
    assert "Cơ sở dữ liệu PostgreSQL" not in body["not_ready"]
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_readyz_is_200_when_every_part_is_up(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "checks", lambda: [("disk", "Dung lượng đĩa", lambda: "đủ")])
    assert client.get("/readyz").status_code == 200


def test_worker_and_beat_are_told_apart() -> None:
    now = time.time()
    cache.set(WORKER_ALIVE, now)
    assert not part("beat").ready and part("worker").ready
    cache.set(BEAT_ALIVE, now)
    assert part("beat").ready
    assert not part("worker").ready  # beat has sent, and no pool process has run it
    cache.set(HEARTBEAT, now)
    assert part("worker").ready
    cache.set(WORKER_ALIVE, now - 120)
    assert not part("worker").ready and part("beat").ready


def test_a_surprise_counts_as_not_ready_and_keeps_its_details_to_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def surprise() -> str:
        raise OSError("mật khẩu là 123")

    found = health.look("x", "Phần lạ", surprise)
    assert not found.ready and "123" not in found.note


def test_a_full_disk_and_a_closed_store(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert part("file_store").ready and part("disk").ready
    monkeypatch.setattr(health, "FREE_MB_MIN", 10**9)
    assert "trống" in part("disk").note and not part("disk").ready
    (tmp_path / "tệp").write_text("")
    settings.FILE_STORE = tmp_path / "tệp" / "kho"
    assert not part("file_store").ready


def test_a_deaf_timestamp_authority(settings: Any) -> None:
    settings.TSA_URL = "http://127.0.0.1:1/tsa"
    assert not part("timestamps").ready


@pytest.mark.django_db
def test_an_expiring_seal_blocks_until_it_is_renewed() -> None:
    from signing.choices import KeyKind
    from signing.models import SigningKey
    from tests import factories

    unit = factories.commune().ubnd

    def seal(days: int) -> None:
        SigningKey.objects.create(
            kind=KeyKind.SEAL, owner_organization=unit, subject_name="UBND thử", certificate=b"x", serial=str(days),
            algorithm="rsa", valid_from=timezone.now() - timedelta(days=30), valid_to=timezone.now() + timedelta(days=days),
        )  # fmt: skip

    assert part("certificates").ready
    seal(3)
    assert "UBND thử" in part("certificates").note and not part("certificates").ready
    seal(300)
    assert part("certificates").ready


@pytest.mark.django_db
def test_doctor_prints_every_part_and_fails_when_one_is_missing(
    capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(SystemExit):
        call_command("doctor")
    out = capsys.readouterr().out
    assert "✗ Hàng đợi Redis/Valkey" in out and "✓ Python" in out
