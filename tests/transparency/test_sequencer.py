"""Numbers, chain, signatures, clocks, keys, timestamps."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import Error, connection, transaction
from django.utils import timezone

from core import audit, tasks
from core.models import AuditBatch, AuditEntry, AuditTimestamp, AuditWaiting
from core.transparency import health, keys, sequencer, stamping, verify
from core.transparency.headers import NO_HASH

pytestmark = pytest.mark.django_db


def test_events_are_numbered_without_gaps_under_chained_and_signed_roots(write):
    events = write(12)
    assert list(AuditEntry.objects.order_by("seq").values_list("seq", "event_id")) == [
        (n + 1, event.pk) for n, event in enumerate(events)
    ]
    first, second, third = AuditBatch.objects.order_by("number")
    assert [(batch.first_seq, batch.last_seq) for batch in (first, second, third)] == [
        (1, 5),
        (6, 10),
        (11, 12),
    ]
    assert bytes(first.previous) == NO_HASH and bytes(second.previous) == first.header.hash
    assert all(keys.is_signed(b.header.message, b.key, bytes(b.signature)) for b in (first, second, third))
    assert not AuditWaiting.objects.exists()


def test_a_quiet_second_makes_no_batch(write):
    write(3)
    assert sequencer.run() == 0
    assert AuditBatch.objects.count() == 1


def test_batches_stay_in_order_when_the_clock_jumps_back_and_say_so(write, monkeypatch):
    write(1)
    before = AuditBatch.objects.get()
    monkeypatch.setattr(timezone, "now", lambda: before.closed_at - timedelta(hours=2))
    write(1)
    after = AuditBatch.objects.latest("number")
    assert after.closed_at > before.closed_at
    assert after.clock_back_ms == 2 * 3600 * 1000
    monkeypatch.undo()
    assert verify.verify().intact


def test_nothing_of_the_log_can_be_changed(write):
    write(3)
    for change in (
        "UPDATE core_auditentry SET event_id = 1",
        "DELETE FROM core_auditentry",
        "TRUNCATE core_auditentry",
        "UPDATE core_auditbatch SET clock_back_ms = 1",
        "DELETE FROM core_auditbatch WHERE number = 77",
        "DELETE FROM core_audittimestamp",
    ):
        with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


class TestKeys:
    def test_after_a_rotation_old_batches_are_still_believed(self, write, settings):
        write(2)
        (old,) = keys.published().values()
        settings.AUDIT_KEY, settings.AUDIT_KEYS_PUBLISHED = keys.new_secret()[0], [old.text]
        write(2)
        assert AuditBatch.objects.values("key").distinct().count() == 2
        assert [key.is_current for key in keys.published().values()] == [True, False]
        assert verify.verify().intact
        settings.AUDIT_KEYS_PUBLISHED = []
        assert verify.verify().first_fault.kind == "signature"

    def test_a_process_without_the_secret_reads_but_cannot_number(self, write, settings):
        write(2)
        (key,) = keys.published().values()
        settings.AUDIT_KEY, settings.AUDIT_KEYS_PUBLISHED = "", [key.text]
        assert verify.verify().intact
        with pytest.raises(ImproperlyConfigured), transaction.atomic():
            write(1)
        assert AuditBatch.objects.count() == 1

    def test_a_broken_secret_is_named(self, settings):
        settings.AUDIT_KEY = "kurz"
        with pytest.raises(ImproperlyConfigured, match="AUDIT_KEY"):
            keys.published()

    def test_the_command_makes_a_key_and_never_overwrites_one(self, tmp_path, capsys, settings):
        call_command("audit_key", new=str(tmp_path / "key"))
        settings.AUDIT_KEY = (tmp_path / "key").read_text().strip()
        (made,) = keys.published().values()
        assert made.id in capsys.readouterr().out
        assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
        with pytest.raises(Exception, match="Không tạo được"):
            call_command("audit_key", new=str(tmp_path / "key"))


class TestTimestamps:
    @pytest.fixture
    def authority(self, pki):
        pki.prepare()
        pki.register_anchor()
        return pki

    def test_the_latest_batch_gets_one_and_only_one(self, write, authority):
        write(7)
        tasks.stamp_audit()
        tasks.stamp_audit()
        stamp = AuditTimestamp.objects.get()
        assert stamp.batch_id == 2
        assert abs(stamp.stamped_at - timezone.now()) < timedelta(minutes=1)
        report = verify.verify()
        assert (report.intact, report.timestamps, report.warnings) == (True, 1, [])

    def test_an_authority_that_is_away_is_asked_again_later(self, write, authority, settings):
        write(1)
        settings.PKI_PORT = 1
        tasks.stamp_audit()
        assert not AuditTimestamp.objects.exists()

    def test_a_token_for_something_else_speaks_against_the_log(self, write, authority, superuser):
        write(7)
        tasks.stamp_audit()
        superuser("UPDATE core_audittimestamp SET batch_id = 1")
        fault = verify.verify().first_fault
        assert (fault.kind, fault.batch) == ("stamp", 1)

    def test_a_token_that_was_touched_speaks_against_the_log(self, write, authority, superuser):
        write(2)
        tasks.stamp_audit()
        token = bytearray(AuditTimestamp.objects.get().token)
        token[-5] ^= 1  # inside the signature value
        superuser("UPDATE core_audittimestamp SET token = %s", [bytes(token)])
        assert verify.verify().first_fault.kind == "stamp"

    def test_those_checked_before_a_fault_are_counted(self, write, authority, superuser):
        write(7)
        tasks.stamp_audit()
        (event,) = write(1)
        superuser("UPDATE core_auditevent SET note = 'x' WHERE id = %s", [event.pk])
        report = verify.verify()
        assert report.first_fault.event == event.pk and report.timestamps == 1

    def test_a_stranger_s_token_is_told_and_not_held_against_the_log(self, write, authority):
        from signing.models import TrustAnchor

        write(2)
        tasks.stamp_audit()
        TrustAnchor.objects.update(active=False)
        report = verify.verify()
        assert report.intact and "tin cậy" in report.warnings[0]
        TrustAnchor.objects.update(active=True)


class TestHealth:
    def test_all_is_well(self, write):
        write(3)
        assert health.sequencer_trouble() == "" and health.outside_troubles() == []

    def test_a_sequencer_that_falls_behind_is_named(self, unit):
        audit.record("unit.thu", actor=None, subject=unit)
        assert health.sequencer_trouble() == ""
        later = timezone.now() + timedelta(minutes=2)
        assert "chậm 1" in health.sequencer_trouble(later)

    def test_missing_stamps_and_exports_are_named_after_a_while(self, write):
        write(3, export=False)
        assert health.outside_troubles() == []
        later = timezone.now() + timedelta(minutes=20)
        holder, stamp = health.outside_troubles(later)
        assert "thiếu 1 lô" in holder and "dấu thời gian" in stamp

    def test_production_wants_two_holders(self, write, settings):
        write(1)
        settings.DEBUG = False
        assert "hai nơi giữ" in health.outside_troubles()[0]

    def test_no_key_no_log(self, settings):
        settings.AUDIT_KEY = ""
        assert "AUDIT_KEY" in health.sequencer_trouble()


def test_the_month_job_makes_partitions_ahead():
    tasks.audit_months()
    month = f"core_auditevent_{timezone.localdate() + timedelta(days=60):%Y_%m}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [month])
        assert cursor.fetchone()[0]


def test_beat_rings_each_second_and_the_task_calls_for_the_export(write, bell, settings, unit):
    entry = settings.CELERY_BEAT_SCHEDULE["sequence-audit"]
    assert (entry["task"], entry["schedule"]) == ("core.sequence", 1.0)
    audit.record("unit.thu", actor=None, subject=unit)
    tasks.sequence()
    assert bell == [("core.export_audit",)]
    tasks.sequence()
    assert len(bell) == 1


def test_without_an_authority_no_stamp_is_missed(write, monkeypatch):
    monkeypatch.setattr(stamping, "_registered", [])
    write(1)
    assert stamping.stamp_latest() is None
    assert health.outside_troubles(timezone.now() + timedelta(minutes=20)) == []
