"""Those who keep the roots: written once, tried again, and an alarm when they keep something else."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from core.models import AuditBatch, AuditHolder, AuditTimestamp
from core.transparency import health, holders, stamping, verify

pytestmark = pytest.mark.django_db
SIMULATOR = Path(__file__).parents[1] / "simulators" / "audit_holder.py"


@pytest.fixture
def keeper(tmp_path, settings) -> Iterator[str]:
    """The second holder as a process of its own on loopback."""
    command = [sys.executable, str(SIMULATOR), str(tmp_path / "keeper"), "--token", "bi-mat"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        settings.AUDIT_HOLDER_URL = f"http://127.0.0.1:{process.stdout.readline().strip()}/"
        settings.AUDIT_HOLDER_TOKEN = "bi-mat"
        yield settings.AUDIT_HOLDER_URL
        process.kill()


def later(minutes: int = 60) -> None:
    AuditHolder.objects.update(next_try_at=timezone.now() - timedelta(minutes=minutes))


class TestFolder:
    def test_files_are_whole_written_once_and_read_only(self, write, settings):
        events = write(7)
        folder = holders.folder()
        assert folder.last() == 2
        first, second = folder.kept(1, 2)
        assert first.header == AuditBatch.objects.get(number=1).header
        assert second.header.previous == first.header.hash
        assert [event for event, _leaf in folder.leaves_of(1)] == [event.pk for event in events[:5]]
        kept = sorted(Path(settings.AUDIT_HOLDER_DIR).rglob("*.*"))
        assert len(kept) == 4 and all(path.stat().st_mode & 0o777 == 0o444 for path in kept)

    def test_giving_the_same_again_changes_nothing(self, write):
        write(7)
        AuditHolder.objects.update(held_to=0)
        assert holders.export() == 2
        assert AuditHolder.objects.get().held_to == 2

    def test_another_version_is_refused_and_rings_the_alarm(self, write, settings):
        write(2)
        path = Path(settings.AUDIT_HOLDER_DIR) / "0000000" / "0000000001.json"
        path.chmod(0o644)
        path.write_text("{}")
        AuditHolder.objects.update(held_to=0)
        assert holders.export() == 0
        row = AuditHolder.objects.get()
        assert row.is_disputed and "bản khác" in row.last_error
        assert "bản khác" in health.outside_troubles()[0]
        assert path.read_text() == "{}"

    def test_a_folder_that_cannot_be_written_is_tried_again(self, write, settings, tmp_path):
        (tmp_path / "file").write_text("")
        settings.AUDIT_HOLDER_DIR = str(tmp_path / "file")
        write(2)
        row = AuditHolder.objects.get()
        assert (row.held_to, row.attempts) == (0, 1) and "Không ghi được" in row.last_error
        assert row.next_try_at > timezone.now()
        settings.AUDIT_HOLDER_DIR = str(tmp_path / "good")
        assert holders.export() == 0  # not due yet
        later()
        assert holders.export() == 1
        assert AuditHolder.objects.get().last_error == ""


class TestAddress:
    def test_batches_go_there_and_verification_asks(self, write, keeper, superuser, settings):
        events = write(12)
        assert AuditHolder.objects.get(name="https").held_to == 3
        report = verify.verify()
        assert report.intact and report.holders == {"folder": 3, "https": 3}
        superuser("DELETE FROM core_auditbatch WHERE number = 3; DELETE FROM core_auditentry WHERE seq > 10")
        superuser("DELETE FROM core_auditevent WHERE id >= %s", [events[10].pk])
        settings.AUDIT_HOLDER_DIR = ""
        fault = verify.verify().first_fault
        assert (fault.kind, fault.seq, fault.batch) == ("cut_off", 11, 3)

    @pytest.mark.parametrize("fail", ["500", "garbage", "drop", "hang"])
    def test_failures_are_tried_again_until_it_has_all(self, write, keeper, fail, monkeypatch):
        monkeypatch.setattr(holders, "HTTP_TIMEOUT_SECONDS", (1, 0.5))
        requests.post(f"{keeper}order", json={"fail": fail, "times": 2}, timeout=5)
        write(7)
        row = AuditHolder.objects.get(name="https")
        assert (row.held_to, row.attempts, row.is_disputed) == (0, 1, False) and row.last_error
        assert AuditHolder.objects.get(name="folder").held_to == 2  # the other one is served all the same
        assert health.outside_troubles() == []
        assert "thiếu 2 lô" in health.outside_troubles(timezone.now() + timedelta(minutes=11))[0]
        for _attempt in range(2):
            later()
            holders.export()
        assert AuditHolder.objects.get(name="https").held_to == 2

    def test_a_wrong_token_is_a_refusal(self, write, keeper, settings):
        settings.AUDIT_HOLDER_TOKEN = "khac"
        write(1)
        assert "403" in AuditHolder.objects.get(name="https").last_error

    def test_another_version_there_is_a_dispute_and_a_fault(self, write, keeper, superuser, settings):
        write(2)
        superuser("UPDATE core_auditbatch SET clock_back_ms = 9")
        AuditHolder.objects.update(held_to=0)
        settings.AUDIT_HOLDER_DIR = ""
        assert holders.export() == 0
        assert AuditHolder.objects.get(name="https").is_disputed

    def test_nobody_there_is_told_and_not_held_against_the_log(self, write, settings):
        settings.AUDIT_HOLDER_URL = "http://127.0.0.1:1/"
        write(2)
        report = verify.verify()
        assert report.intact and any("Không hỏi được" in warning for warning in report.warnings)

    def test_production_speaks_https_only(self, settings):
        settings.DEBUG, settings.AUDIT_HOLDER_URL = False, "http://example.vn/"
        with pytest.raises(ImproperlyConfigured, match="https"):
            holders.configured()

    def test_one_that_is_not_configured_here_is_named(self, write, keeper, settings):
        """A shell without the address would otherwise read as if that holder had agreed."""
        write(7)
        settings.AUDIT_HOLDER_URL = ""
        report = verify.verify()
        assert report.intact and report.holders == {"folder": 2}
        assert report.warnings == [
            "Nơi giữ «https» không được cấu hình ở đây nên không được hỏi."
        ]  # fmt: skip


class TestStampsThatAreGone:
    """Timestamps prove when; without them a rewritten log could be dated at will."""

    @pytest.fixture
    def stamped(self, write, monkeypatch) -> None:
        """Four batches, the second and the fourth with a timestamp, all handed over."""
        monkeypatch.setattr(stamping, "_registered", [])
        write(20)
        for number in (2, 4):
            AuditTimestamp.objects.create(batch_id=number, token=b"dau", stamped_at=timezone.now())
        later(0)
        holders.export()
        assert verify.verify().intact

    def test_every_row_deleted(self, stamped, superuser):
        superuser("DELETE FROM core_audittimestamp")
        fault = verify.verify().first_fault
        assert (fault.kind, fault.seq, fault.batch) == ("stamp", 6, 2) and "2 dấu" in fault.what

    def test_one_in_the_middle_is_known_to_the_folder(self, stamped, superuser):
        superuser("DELETE FROM core_audittimestamp WHERE batch_id = 2")
        fault = verify.verify().first_fault
        assert (fault.kind, fault.batch) == ("stamp", 2)
        assert verify.verify(3).intact and verify.verify(1, 2).first_fault.kind == "stamp"

    def test_without_the_folder_the_holders_row_speaks(self, stamped, superuser, settings):
        settings.AUDIT_HOLDER_DIR = ""
        superuser("DELETE FROM core_audittimestamp")
        fault = verify.verify().first_fault
        assert fault.kind == "stamp" and "«folder»" in fault.what

    def test_a_changed_event_is_named_before_a_stamp(self, stamped, superuser):
        superuser("DELETE FROM core_audittimestamp")
        superuser("UPDATE core_auditevent SET note = 'x' WHERE note = 'việc 12'")
        assert verify.verify().first_fault.kind == "altered"
