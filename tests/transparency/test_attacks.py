"""Somebody who rules the database rewrites the trail: every way is found, and the first event is named.

The five attacks: delete, edit, reorder, cut off the end, and edit with everything computed anew (without the key, and
with a stolen key against what the holders keep).
"""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from core import audit
from core.models import AuditBatch, AuditEntry, AuditEvent
from core.transparency import keys, leaves, merkle, sequencer, verify
from core.transparency.headers import Header

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(write):
    """Twenty events in four batches; [n] is the event with number n + 1."""
    return write(20)


def named(report: verify.Report | None = None) -> tuple[str, int | None, int | None]:
    """Kind, number in the log and number of the event of the first fault."""
    fault = (report or verify.verify()).first_fault
    assert fault is not None
    return fault.kind, fault.seq, fault.event


def rewrite(superuser, event: AuditEvent, **changed: str) -> bytes:
    """Change an event so that it agrees with itself again: texts hash and leaf are computed anew."""
    row = AuditEvent.objects.get(pk=event.pk)
    for name, value in changed.items():
        setattr(row, name, value)
    audit.seal(row)
    superuser(
        "UPDATE core_auditevent SET note = %s, after = %s, texts_hash = %s, leaf = %s WHERE id = %s",
        [row.note, row.after, row.texts_hash, row.leaf, row.pk],
    )
    superuser("UPDATE core_auditentry SET leaf = %s WHERE event_id = %s", [row.leaf, row.pk])
    return row.leaf


def recompute(superuser, *, stolen_key: str = "", settings=None) -> None:
    """All roots, chains and (with a key) signatures anew over whatever the entries say now."""
    previous = bytes(32)
    if stolen_key:
        settings.AUDIT_KEY = stolen_key
    for batch in AuditBatch.objects.order_by("number"):
        entries = AuditEntry.objects.filter(seq__gte=batch.first_seq, seq__lte=batch.last_seq).order_by("seq")
        hashes = [
            merkle.leaf_hash(merkle.entry_input(seq, event, bytes(leaf)))
            for seq, event, leaf in entries.values_list("seq", "event_id", "leaf")
        ]
        last_seq = batch.first_seq + len(hashes) - 1
        header = Header(
            batch.number,
            batch.first_seq,
            last_seq,
            merkle.root(hashes),
            previous,
            batch.closed_at,
            0,
            batch.key,
        )
        signature = keys.sign(header.message) if stolen_key else bytes(batch.signature)
        superuser(
            "UPDATE core_auditbatch SET last_seq = %s, root = %s, previous = %s, hash = %s, signature = %s "
            "WHERE number = %s",
            [last_seq, header.root, previous, header.hash, signature, batch.number],
        )
        previous = header.hash


def test_every_letter_survives_the_way_through_the_database(write, unit):
    """The database escapes JSON as Python does, or verification would cry wolf."""
    letters = "".join(map(chr, range(1, 0x100))) + '\u2028\u2029\ufeff\uffff😀ẵỘđ«»"\\/'
    audit.record(
        letters[:80], actor=None, subject=unit, before=letters[:60], after=letters[60:120], note=letters,
        detail={letters: [letters, 1, 1.5, None, True, {}], "a": {"b": []}}, on_behalf_of=letters[:300],
    )  # fmt: skip
    write(1)
    assert verify.verify().intact


def test_an_untouched_log_is_intact(log):
    report = verify.verify()
    assert (report.intact, report.events, report.batches, report.first_fault) == (True, 20, 4, None)
    assert report.holders == {"folder": 4} and report.warnings == []


class TestDelete:
    def test_an_event(self, log, superuser):
        superuser("DELETE FROM core_auditevent WHERE id = %s", [log[7].pk])
        assert named() == ("removed", 8, log[7].pk)

    def test_an_event_and_its_entry(self, log, superuser):
        for table, column in (("core_auditevent", "id"), ("core_auditentry", "event_id")):
            superuser(f"DELETE FROM {table} WHERE {column} = %s", [log[7].pk])
        assert named() == ("removed", 8, log[7].pk)

    def test_an_event_with_the_others_moved_up(self, log, superuser):
        for table, column in (("core_auditevent", "id"), ("core_auditentry", "event_id")):
            superuser(f"DELETE FROM {table} WHERE {column} = %s", [log[7].pk])
        superuser("UPDATE core_auditentry SET seq = -seq")
        superuser("UPDATE core_auditentry SET seq = CASE WHEN seq < -8 THEN -seq - 1 ELSE -seq END")
        assert named() == ("removed", 8, log[7].pk)

    def test_a_whole_batch(self, log, superuser):
        superuser("DELETE FROM core_auditbatch WHERE number = 2")
        superuser("DELETE FROM core_auditentry WHERE seq BETWEEN 6 AND 10")
        superuser("DELETE FROM core_auditevent WHERE id BETWEEN %s AND %s", [log[5].pk, log[9].pk])
        assert named() == ("removed", 6, log[5].pk)

    def test_all_of_it(self, log, superuser):
        superuser("DELETE FROM core_auditbatch; DELETE FROM core_auditentry; DELETE FROM core_auditevent")
        assert named() == ("cut_off", 1, log[0].pk)

    def test_before_it_got_its_number(self, write, unit, superuser):
        write(3)
        event = audit.record("unit.thu", actor=None, subject=unit)
        superuser("DELETE FROM core_auditevent WHERE id = %s", [event.pk])
        sequencer.run()
        assert named() == ("removed", 4, event.pk)


class TestEdit:
    @pytest.mark.parametrize(
        "change",
        [
            "note = 'khác'", "detail = '{\"n\": 99}'", "actor_name = 'Ai khác'", "after = 'x'", "ip = '10.9.9.9'",
            "at = at + interval '1 second'", "at = at - interval '3 months'", "unit_name = 'Phòng khác'",
            "subject_id = subject_id + 1", "on_behalf_of = 'x'", "salt = 'x'", "texts_hash = 'x'", "kind = 'read'",
        ],
    )  # fmt: skip
    def test_any_column(self, log, superuser, change):
        superuser(f"UPDATE core_auditevent SET {change} WHERE id = %s", [log[12].pk])
        assert named() == ("altered", 13, log[12].pk)

    def test_the_earliest_of_several_is_named(self, log, superuser):
        superuser("UPDATE core_auditevent SET note = 'x' WHERE id IN %s", [(log[18].pk, log[3].pk)])
        assert named() == ("altered", 4, log[3].pk)

    def test_an_event_with_its_own_leaf_and_entry(self, log, superuser):
        rewrite(superuser, log[12], note="khác", after="khác")
        assert named() == ("altered", 13, log[12].pk)

    def test_the_same_without_the_folder_names_the_batch(self, log, superuser, settings):
        settings.AUDIT_HOLDER_DIR = ""
        rewrite(superuser, log[12], note="khác")
        fault = verify.verify().first_fault
        assert (fault.kind, fault.batch, fault.seq) == ("batch", 3, 11)

    def test_texts_erased_without_an_erasure(self, log, superuser):
        superuser(
            "UPDATE core_auditevent SET note = '', detail = '{}', actor_name = '', salt = '', erased_at = now() "
            "WHERE id = %s",
            [log[4].pk],
        )
        assert named() == ("altered", 5, log[4].pk)

    def test_an_erasure_that_took_place_stands(self, log, superuser):
        audit.erase(log[4], "Quyết định 12/QĐ-UBND")
        assert verify.verify().intact
        sequencer.run()
        assert verify.verify().intact
        superuser("UPDATE core_auditevent SET note = 'lời khác' WHERE id = %s", [log[4].pk])
        assert named() == ("altered", 5, log[4].pk)


class TestReorder:
    def test_contents_of_two_events(self, log, superuser):
        superuser("UPDATE core_auditevent SET id = -1 WHERE id = %s", [log[1].pk])
        superuser("UPDATE core_auditevent SET id = %s WHERE id = %s", [log[1].pk, log[2].pk])
        superuser("UPDATE core_auditevent SET id = %s WHERE id = -1", [log[2].pk])
        assert named() == ("reordered", 2, log[1].pk)

    def test_numbers_of_two_entries(self, log, superuser):
        superuser("UPDATE core_auditentry SET seq = -1 WHERE seq = 2")
        superuser("UPDATE core_auditentry SET seq = 2 WHERE seq = 3")
        superuser("UPDATE core_auditentry SET seq = 3 WHERE seq = -1")
        assert named() == ("reordered", 2, log[1].pk)

    def test_two_batches(self, log, superuser):
        for low, high in ((6, 100), (11, 6), (100, 11)):
            superuser(
                "UPDATE core_auditentry SET seq = seq - %s + %s WHERE seq BETWEEN %s AND %s",
                [low, high, low, low + 4],
            )
        _kind, seq, event = named()
        assert (seq, event) == (6, log[5].pk)


class TestCutOff:
    def test_the_last_events(self, log, superuser):
        superuser("DELETE FROM core_auditevent WHERE id >= %s", [log[17].pk])
        assert named() == ("removed", 18, log[17].pk)

    def test_the_last_events_with_entries_and_batches(self, log, superuser):
        superuser("DELETE FROM core_auditevent WHERE id >= %s", [log[15].pk])
        superuser("DELETE FROM core_auditentry WHERE seq > 15; DELETE FROM core_auditbatch WHERE number = 4")
        assert named() == ("cut_off", 16, log[15].pk)

    def test_and_new_acts_written_over_it(self, log, superuser, write):
        superuser("DELETE FROM core_auditevent WHERE id >= %s", [log[15].pk])
        superuser("DELETE FROM core_auditentry WHERE seq > 15; DELETE FROM core_auditbatch WHERE number = 4")
        write(9, export=False)
        assert named() == ("removed", 16, log[15].pk)

    def test_the_export_after_it_rings_the_alarm(self, log, superuser, write):
        from core.transparency import health, holders

        superuser("DELETE FROM core_auditevent WHERE id >= %s", [log[15].pk])
        superuser("DELETE FROM core_auditentry WHERE seq > 15; DELETE FROM core_auditbatch WHERE number = 4")
        superuser("UPDATE core_auditholder SET held_to = 3")
        write(5, export=False)
        assert holders.export() == 0
        assert "bản khác" in health.outside_troubles()[0]


class TestComputedAnew:
    def test_everything_but_the_signature(self, log, superuser):
        rewrite(superuser, log[6], after="khác")
        recompute(superuser)
        assert named() == ("altered", 7, log[6].pk)

    def test_without_the_folder_the_signature_speaks(self, log, superuser, settings):
        settings.AUDIT_HOLDER_DIR = ""
        rewrite(superuser, log[6], after="khác")
        recompute(superuser)
        fault = verify.verify().first_fault
        assert (fault.kind, fault.batch) == ("signature", 2)

    def test_with_the_stolen_key_the_holders_speak(self, log, superuser, settings):
        rewrite(superuser, log[6], after="khác")
        recompute(superuser, stolen_key=settings.AUDIT_KEY, settings=settings)
        assert named() == ("altered", 7, log[6].pk)

    def test_with_the_stolen_key_and_an_event_left_out(self, log, superuser, settings):
        for table, column in (("core_auditevent", "id"), ("core_auditentry", "event_id")):
            superuser(f"DELETE FROM {table} WHERE {column} = %s", [log[19].pk])
        recompute(superuser, stolen_key=settings.AUDIT_KEY, settings=settings)
        assert named() == ("removed", 20, log[19].pk)

    def test_with_a_key_of_his_own(self, log, superuser, settings):
        real = settings.AUDIT_KEY
        rewrite(superuser, log[6], after="khác")
        recompute(superuser, stolen_key=keys.new_secret()[0], settings=settings)
        settings.AUDIT_KEY = real
        assert named() == ("altered", 7, log[6].pk)

    def test_with_a_folder_that_was_forged_as_well_but_for_the_key(self, log, superuser, settings):
        """Leaves in the folder count only under a root that our key has signed."""
        rewrite(superuser, log[6], after="khác")
        path = Path(settings.AUDIT_HOLDER_DIR) / "0000000" / "0000000002.leaves"
        path.chmod(0o644)
        lines = path.read_text().splitlines()
        path.write_text("\n".join([lines[1], lines[0], *lines[2:]]) + "\n")
        fault = verify.verify().first_fault
        assert (fault.kind, fault.batch) == ("batch", 2)

    def test_an_event_slipped_in(self, log, superuser):
        event = audit.record("unit.thu", actor=None, subject=log[0].__class__(pk=1))
        superuser("DELETE FROM core_auditwaiting")
        assert named() == ("added", None, event.pk)
        superuser(
            "INSERT INTO core_auditentry (seq, event_id, at, leaf) VALUES (21, %s, %s, %s)",
            [event.pk, event.at, event.leaf],
        )
        superuser("UPDATE core_auditbatch SET last_seq = 21 WHERE number = 4")
        recompute(superuser)
        assert named() == ("added", 21, event.pk)


class TestRanges:
    def test_a_range_rests_on_the_batch_before_it(self, log, superuser):
        superuser("UPDATE core_auditevent SET note = 'x' WHERE id = %s", [log[2].pk])
        assert verify.verify(2).intact
        assert verify.verify(2, 3).batches == 2
        assert named(verify.verify(1, 1)) == ("altered", 3, log[2].pk)
        superuser("UPDATE core_auditbatch SET clock_back_ms = 5 WHERE number = 2")
        assert verify.verify(3).first_fault.kind == "signature"

    def test_a_range_needs_a_batch_before_it(self, log, superuser):
        superuser("DELETE FROM core_auditbatch WHERE number = 1")
        assert verify.verify(2).first_fault.batch == 1

    def test_a_lost_file_is_told(self, log, settings):
        (Path(settings.AUDIT_HOLDER_DIR) / "0000000" / "0000000002.json").unlink()
        report = verify.verify()
        assert report.intact and "thiếu 1 lô" in report.warnings[0]

    def test_an_empty_log_is_intact(self, db):
        assert verify.verify().intact


class TestCommand:
    def run(self, *arguments: str) -> tuple[int, str]:
        out = io.StringIO()
        try:
            call_command("audit_verify", *arguments, stdout=out)
        except SystemExit as ended:
            return int(ended.code or 0), out.getvalue()
        return 0, out.getvalue()

    def test_json_and_words(self, log, superuser):
        code, text = self.run("--json")
        told = json.loads(text)
        assert code == 0 and told["intact"] is True and told["first_fault"] is None
        assert (told["events"], told["batches"]) == (20, 4)
        superuser("UPDATE core_auditevent SET note = 'x' WHERE id = %s", [log[9].pk])
        code, text = self.run("--json")
        assert code == 1 and json.loads(text)["first_fault"]["event"] == log[9].pk
        code, text = self.run()
        assert code == 1 and f"sự kiện {log[9].pk}, số thứ tự 10, lô 2" in text

    def test_from_and_to_take_numbers_and_days(self, log):
        day = f"{leaves.EPOCH:%Y-%m-%d}"
        assert json.loads(self.run("--json", "--from", "2", "--to", "3")[1])["batches"] == 2
        assert json.loads(self.run("--json", "--from", day)[1])["batches"] == 4
        with pytest.raises(Exception, match="Không có lô nào"):
            self.run("--to", "01/01/2020")
        with pytest.raises(Exception, match="không phải số lô"):
            self.run("--from", "hôm qua")
