"""The trail of acts: frozen names, a leaf over the facts, erasable texts, months apart, and a database that refuses."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.db import Error, connection, transaction
from django.db.migrations.state import ProjectState

from core import audit
from core.errors import RuleError
from core.models import AuditEvent, AuditWaiting, EventKind
from tests import factories as make

pytestmark = pytest.mark.django_db


def sql(statement, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


class TestRecord:
    def test_names_are_frozen_and_the_leaf_covers_the_facts(self):
        world = make.commune()
        event = audit.record(
            "case.thu", actor=world.leader, subject=world.ubnd, before="a", after="b", note="bí mật"
        )
        stored = AuditEvent.objects.get(pk=event.pk)
        assert (stored.actor_name, stored.post_name) == ("Đặng Thu Phương", "Phó Chủ tịch")
        assert (stored.unit_id, stored.subject_unit_id) == (world.ubnd.pk, world.ubnd.pk)
        assert bytes(stored.leaf) == audit.leaf_of(stored)
        stored.after = "c"
        assert bytes(stored.leaf) != audit.leaf_of(stored)

    def test_texts_reach_the_leaf_only_as_a_salted_hash(self):
        detail = {"counts": {2: 1, 10: 1.5}, "due": None, "who": ["Trần Thị B", True]}
        here = audit.request_ip.set("::ffff:203.0.113.7")
        event = audit.record("case.thu", actor=None, subject=make.user(), note="Nguyễn A", detail=detail)
        audit.request_ip.reset(here)
        stored = AuditEvent.objects.get(pk=event.pk)
        assert stored.ip == "203.0.113.7"
        assert bytes(stored.texts_hash) == audit.texts_hash_of(stored)
        assert "Nguyễn A" not in str(audit.facts_of(stored))
        stored.note = "Nguyễn B"
        assert bytes(stored.texts_hash) != audit.texts_hash_of(stored)

    def test_whose_power_is_used_is_said(self, monkeypatch):
        world = make.commune()
        whom = "Trần Văn Bình · Chủ tịch UBND phường Thử Nghiệm"
        monkeypatch.setattr(type(world.leader), "acting_for", whom)
        event = audit.record("case.thu", actor=world.leader, subject=world.ubnd)
        assert event.is_delegated and event.on_behalf_of.startswith("Trần Văn Bình")
        monkeypatch.undo()
        other = audit.record("case.thu", actor=world.clerk, subject=world.ubnd, on_behalf_of="Trần C")
        assert (other.on_behalf_of, other.is_delegated) == ("Trần C", True)

    def test_a_reading_has_its_kind_and_reason(self):
        world = make.commune()
        event = audit.record_read(world.clerk, world.ubnd, "case.read_number", "đối chiếu giấy tờ")
        assert (event.kind, event.note) == (EventKind.READ, "đối chiếu giấy tờ")
        opened = audit.record_read(world.clerk, world.ubnd, "case.read", "cháy kho", emergency=True)
        assert opened.kind == EventKind.EMERGENCY
        assert audit.record("break_glass.open", actor=None, subject=world.ubnd).kind == EventKind.EMERGENCY

    def test_many_at_once_keep_their_order_and_their_leaves(self, django_assert_num_queries):
        units = [make.organization(f"Phòng {n}", "phong") for n in range(50)]
        with django_assert_num_queries(1):
            rows = ({"event": "unit.thu", "actor": None, "subject": unit} for unit in units)
            assert audit.record_many(rows) == 50
        stored = list(AuditEvent.objects.order_by("id"))
        assert [event.subject_id for event in stored] == [unit.pk for unit in units]
        assert all(bytes(event.leaf) == audit.leaf_of(event) for event in stored)
        assert AuditWaiting.objects.count() == 50

    def test_each_event_waits_for_its_number_and_a_rolled_back_act_leaves_nothing(self):
        someone = make.user()
        with pytest.raises(RuleError), transaction.atomic():
            audit.record("case.thu", actor=None, subject=someone)
            raise RuleError("không")
        assert not AuditEvent.objects.exists() and not AuditWaiting.objects.exists()
        event = audit.record("case.thu", actor=None, subject=someone)
        assert AuditWaiting.objects.get().event_id == event.pk


class TestErasure:
    def test_texts_go_and_the_leaf_stays(self):
        clerk = make.commune().clerk
        event = audit.record("case.thu", actor=clerk, subject=clerk, note="số 031190000001", detail={"a": 1})
        done = audit.erase(event, "Quyết định 12/QĐ-UBND", actor=clerk)
        stored = AuditEvent.objects.get(pk=event.pk)
        assert (stored.note, stored.detail, stored.actor_name, stored.ip) == ("", {}, "", None)
        assert bytes(stored.salt) == b"" and stored.erased_at == done.at
        assert bytes(stored.leaf) == bytes(event.leaf) == audit.leaf_of(stored)
        assert (done.event, done.subject_id, done.note) == ("audit.erase", event.pk, "Quyết định 12/QĐ-UBND")

    def test_refusals(self):
        event = audit.record("case.thu", actor=None, subject=make.user(), note="x")
        with pytest.raises(RuleError, match="căn cứ"):
            audit.erase(event, " ")
        done = audit.erase(event, "Quyết định 12")
        with pytest.raises(RuleError, match="đã xóa"):
            audit.erase(event, "Quyết định 12")
        with pytest.raises(RuleError, match="chính việc xóa"):
            audit.erase(done, "Quyết định 12")
        assert AuditEvent.objects.filter(event="audit.erase").count() == 1


ERASED = (
    "note = '', detail = '{}', actor_name = '', on_behalf_of = '', ip = NULL, salt = '', erased_at = now()"
)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE core_auditevent SET note = 'x'",
        "UPDATE core_auditevent SET note = ''",
        f"UPDATE core_auditevent SET {ERASED}, after = 'x'",
        f"UPDATE core_auditevent SET {ERASED}; UPDATE core_auditevent SET {ERASED}",
        "UPDATE core_auditevent SET erased_at = now()",
        "DELETE FROM core_auditevent",
        "TRUNCATE core_auditevent",
        "UPDATE {part} SET note = 'x'",
        "DELETE FROM {part}",
        "TRUNCATE {part}",
        "TRUNCATE core_auditevent_other",
    ],
)
def test_the_database_refuses_to_rewrite_the_trail(change):
    event = audit.record("case.thu", actor=None, subject=make.user(), note="y")
    part = f"core_auditevent_{event.at:%Y_%m}"
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        sql(change.replace("{part}", part))


class TestMonths:
    def test_two_months_lie_in_two_partitions_and_one_month_is_read_alone(self):
        someone = make.user()
        september, october = (datetime(2026, month, 15, tzinfo=UTC) for month in (9, 10))
        for at in (september, october):
            audit.record("case.thu", actor=None, subject=someone, at=at)
        found = sql("SELECT tableoid::regclass::text FROM core_auditevent ORDER BY at")
        assert found == [("core_auditevent_2026_09",), ("core_auditevent_2026_10",)]
        window = AuditEvent.objects.filter(
            at__gte=datetime(2026, 10, 2, tzinfo=UTC), at__lt=datetime(2026, 10, 30, tzinfo=UTC)
        )
        plan = window.explain()
        assert "2026_10" in plan and "2026_09" not in plan and "other" not in plan

    def test_months_are_those_of_the_city(self):
        first_minute = datetime(2026, 9, 30, 17, 0, tzinfo=UTC)  # 00:00 on 1 October in Hải Phòng
        audit.record("case.thu", actor=None, subject=make.user(), at=first_minute)
        assert sql("SELECT tableoid::regclass::text FROM core_auditevent") == [("core_auditevent_2026_10",)]

    def test_what_has_no_month_yet_is_caught_and_moves_when_the_month_comes(self):
        event = audit.record("case.thu", actor=None, subject=make.user(), at=datetime(2031, 5, 9, tzinfo=UTC))
        assert sql("SELECT tableoid::regclass::text FROM core_auditevent") == [("core_auditevent_other",)]
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        assert sql("SELECT core_auditevent_month('2031-05-01')") == [(True,)]
        assert sql("SELECT core_auditevent_month('2031-05-01')") == [(False,)]
        assert sql("SELECT tableoid::regclass::text FROM core_auditevent") == [("core_auditevent_2031_05",)]
        assert AuditEvent.objects.get(pk=event.pk).at.year == 2031
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            sql("TRUNCATE core_auditevent_2031_05")
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            sql("DELETE FROM core_auditevent_2031_05")


def test_the_rows_of_before_are_carried_over_and_back():
    """Both ways of migration 0004: ids and texts stay; the hash of the texts and the leaf are of today's rule."""
    migration = import_module("core.migrations.0004_transparency_log")
    steps = [step for step in migration.Migration.operations if not step.__class__.__name__.startswith("Sep")]
    state = ProjectState()
    with connection.schema_editor(atomic=False) as editor:
        for step in reversed(steps):
            step.database_backwards("core", editor, state, state)
        sql(
            "INSERT INTO core_auditevent (id, event, at, actor_name, post_name, unit_name, subject_type, subject_id, "
            "before, after, note, detail, ip, salt, leaf) VALUES (41, 'case.accept', '2026-01-31 23:59:59.123456+07', "
            "'Lê A', 'Công chức', 'Phòng', 'onecase.case', 7, 'a', 'b', 'ghi chú', '{\"z\": [1, 2.5], \"a\": \"ă\"}', "
            "'10.0.0.1', 'muối', 'cũ'), (42, 'case.old', '2019-02-03 00:00:00+07', '', '', '', 'onecase.case', 7, '', '', "
            "'', '{}', NULL, 'muối', 'cũ')"
        )
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        for step in steps:
            step.database_forwards("core", editor, state, state)
    old, older = AuditEvent.objects.order_by("id")
    assert (old.pk, old.note, old.detail["a"], older.at.year) == (41, "ghi chú", "ă", 2019)
    for event in (old, older):
        assert bytes(event.texts_hash) == audit.texts_hash_of(event)
        assert bytes(event.leaf) == audit.leaf_of(event)
    assert sql("SELECT event_id FROM core_auditwaiting ORDER BY 1") == [(41,), (42,)]
    assert sql("SELECT DISTINCT tableoid::regclass::text FROM core_auditevent ORDER BY 1") == [
        ("core_auditevent_2019_02",), ("core_auditevent_2026_01",),
    ]  # fmt: skip
    assert sql("SELECT nextval('core_auditevent_id_seq')") == [(43,)]
    with connection.schema_editor(atomic=False) as editor:
        for step in reversed(steps):
            step.database_backwards("core", editor, state, state)
    assert sql("SELECT id, note FROM core_auditevent ORDER BY id") == [(41, "ghi chú"), (42, "")]
