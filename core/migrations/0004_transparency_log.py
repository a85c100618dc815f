"""Events by month, with a salted hash of their texts; each new event waits for its number in the transparency log.

The table is made anew (PostgreSQL cannot divide an existing one); rows are carried over with their ids and get the hash
of their texts and the leaf of version 1. Nothing was numbered or published before this migration.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

COLUMNS = """
  event varchar(80) NOT NULL,
  at timestamptz NOT NULL,
  kind varchar(10) NOT NULL DEFAULT 'act',
  actor_id bigint,
  actor_name varchar(200) NOT NULL DEFAULT '',
  post_name varchar(200) NOT NULL DEFAULT '',
  unit_name varchar(300) NOT NULL DEFAULT '',
  unit_id bigint,
  on_behalf_of varchar(400) NOT NULL DEFAULT '',
  is_delegated boolean NOT NULL DEFAULT false,
  subject_type varchar(60) NOT NULL,
  subject_id bigint NOT NULL,
  subject_unit_id bigint,
  before varchar(60) NOT NULL DEFAULT '',
  after varchar(60) NOT NULL DEFAULT '',
  note text NOT NULL DEFAULT '',
  detail jsonb NOT NULL DEFAULT '{}',
  ip inet,
  salt bytea NOT NULL,
  texts_hash bytea NOT NULL,
  leaf bytea NOT NULL,
  erased_at timestamptz
"""

DIVIDE = f"""
DROP TRIGGER core_auditevent_append_only ON core_auditevent;
ALTER TABLE core_auditevent RENAME TO core_auditevent_before;
ALTER TABLE core_auditevent_before ALTER COLUMN id DROP IDENTITY;
ALTER TABLE core_auditevent_before RENAME CONSTRAINT core_auditevent_pkey TO core_auditevent_before_pkey;
ALTER INDEX audit_subject RENAME TO audit_subject_before;
ALTER INDEX audit_actor RENAME TO audit_actor_before;

CREATE SEQUENCE core_auditevent_id_seq;
CREATE TABLE core_auditevent (
  id bigint NOT NULL DEFAULT nextval('core_auditevent_id_seq'),
  {COLUMNS},
  CONSTRAINT core_auditevent_pkey PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE core_auditevent_id_seq OWNED BY core_auditevent.id;
CREATE TABLE core_auditevent_other PARTITION OF core_auditevent DEFAULT;
CREATE INDEX audit_subject ON core_auditevent (subject_type, subject_id, id);
CREATE INDEX audit_actor ON core_auditevent (actor_id, id DESC);
CREATE INDEX audit_unit ON core_auditevent (unit_id, id DESC);
CREATE INDEX audit_subject_unit ON core_auditevent (subject_unit_id, id DESC);
CREATE INDEX audit_verb ON core_auditevent (event, id DESC);
CREATE INDEX audit_kind ON core_auditevent (kind, id DESC);
CREATE INDEX audit_delegated ON core_auditevent (id DESC) WHERE is_delegated;

CREATE TABLE core_auditwaiting (event_id bigint NOT NULL PRIMARY KEY, at timestamptz NOT NULL);
"""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION core_auditevent_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  texts text[] := ARRAY['note', 'detail', 'actor_name', 'on_behalf_of', 'ip', 'salt', 'erased_at'];
BEGIN
  IF TG_OP = 'UPDATE' THEN  -- the erasure of texts: exactly that, and once
    IF OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL
       AND NEW.note = '' AND NEW.detail = '{}' AND NEW.actor_name = '' AND NEW.on_behalf_of = ''
       AND NEW.ip IS NULL AND NEW.salt = '' AND to_jsonb(NEW) - texts = to_jsonb(OLD) - texts THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

CREATE FUNCTION core_auditevent_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO core_auditwaiting (event_id, at) VALUES (NEW.id, NEW.at);
  RETURN NULL;
END $$;

-- One month's partition. False: it exists. Rows of that month that lie in the default partition are moved into it.
CREATE FUNCTION core_auditevent_month(month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  part text := 'core_auditevent_' || to_char(month, 'YYYY_MM');
  begins timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'Asia/Ho_Chi_Minh';
  ends timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'Asia/Ho_Chi_Minh';
  strays boolean;
BEGIN
  IF to_regclass(part) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE core_auditevent INCLUDING DEFAULTS)', part);
  SELECT EXISTS (SELECT FROM core_auditevent_other WHERE at >= begins AND at < ends) INTO strays;
  IF strays THEN
    ALTER TABLE core_auditevent_other DISABLE TRIGGER USER;
    EXECUTE format(
      'WITH moved AS (DELETE FROM core_auditevent_other WHERE at >= %L AND at < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
      begins, ends, part);
    ALTER TABLE core_auditevent_other ENABLE TRIGGER USER;
  END IF;
  EXECUTE format('ALTER TABLE core_auditevent ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, begins, ends);
  EXECUTE format(
    'CREATE TRIGGER core_auditevent_no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT '
    'EXECUTE FUNCTION core_auditevent_refuse()', part);
  RETURN true;
END $$;

-- From the month of the first event (at the latest 7/2025, when the two-level model begins) to three months ahead.
SELECT core_auditevent_month(month::date) FROM generate_series(
  date_trunc('month', least(timestamp '2025-07-01', (SELECT min(at) FROM core_auditevent_before)::timestamp)),
  date_trunc('month', now() AT TIME ZONE 'Asia/Ho_Chi_Minh') + interval '3 months',
  interval '1 month') AS month;
"""

GUARD = """
INSERT INTO core_auditwaiting (event_id, at) SELECT id, at FROM core_auditevent ORDER BY id;
SELECT setval('core_auditevent_id_seq', coalesce((SELECT max(id) FROM core_auditevent), 0) + 1, false);
DROP TABLE core_auditevent_before;
CREATE TRIGGER core_auditevent_append_only BEFORE UPDATE OR DELETE ON core_auditevent
  FOR EACH ROW EXECUTE FUNCTION core_auditevent_refuse();
CREATE TRIGGER core_auditevent_no_truncate BEFORE TRUNCATE ON core_auditevent
  FOR EACH STATEMENT EXECUTE FUNCTION core_auditevent_refuse();
CREATE TRIGGER core_auditevent_no_truncate BEFORE TRUNCATE ON core_auditevent_other
  FOR EACH STATEMENT EXECUTE FUNCTION core_auditevent_refuse();
CREATE TRIGGER core_auditevent_wait AFTER INSERT ON core_auditevent
  FOR EACH ROW EXECUTE FUNCTION core_auditevent_wait();
ALTER TABLE core_auditevent ADD CONSTRAINT core_auditevent_actor_id_fk
  FOREIGN KEY (actor_id) REFERENCES org_user (id) DEFERRABLE INITIALLY DEFERRED;
"""

JOIN = """
CREATE TABLE core_auditevent_flat (
  id bigint NOT NULL PRIMARY KEY,
  event varchar(80) NOT NULL,
  at timestamptz NOT NULL,
  actor_name varchar(200) NOT NULL,
  post_name varchar(200) NOT NULL,
  unit_name varchar(300) NOT NULL,
  subject_type varchar(60) NOT NULL,
  subject_id bigint NOT NULL,
  before varchar(60) NOT NULL,
  after varchar(60) NOT NULL,
  note text NOT NULL,
  detail jsonb NOT NULL,
  ip inet,
  salt bytea NOT NULL,
  leaf bytea NOT NULL,
  actor_id bigint REFERENCES org_user (id) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO core_auditevent_flat SELECT id, event, at, actor_name, post_name, unit_name, subject_type, subject_id, before,
  after, note, detail, ip, salt, leaf, actor_id FROM core_auditevent;
SET CONSTRAINTS ALL IMMEDIATE;
DROP TABLE core_auditwaiting;
DROP TABLE core_auditevent;
DROP FUNCTION core_auditevent_month(date);
DROP FUNCTION core_auditevent_wait();
CREATE OR REPLACE FUNCTION core_auditevent_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'core_auditevent is append-only';
END $$;
ALTER TABLE core_auditevent_flat RENAME TO core_auditevent;
ALTER TABLE core_auditevent RENAME CONSTRAINT core_auditevent_flat_pkey TO core_auditevent_pkey;
ALTER TABLE core_auditevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;
SELECT setval(pg_get_serial_sequence('core_auditevent', 'id'), coalesce((SELECT max(id) FROM core_auditevent), 0) + 1, false);
CREATE INDEX audit_subject ON core_auditevent (subject_type, subject_id, id);
CREATE INDEX audit_actor ON core_auditevent (actor_id, id DESC);
CREATE TRIGGER core_auditevent_append_only BEFORE UPDATE OR DELETE ON core_auditevent
  FOR EACH ROW EXECUTE FUNCTION core_auditevent_refuse();
"""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATCH = 2000
READ = """
SELECT id, event, at, actor_id, actor_name, post_name, unit_name, subject_type, subject_id, before, after, note,
       detail::text, host(ip), salt
FROM core_auditevent_before WHERE id > %s ORDER BY id LIMIT %s
"""
WRITE = """
INSERT INTO core_auditevent (id, event, at, actor_id, actor_name, post_name, unit_name, subject_type, subject_id,
  before, after, note, detail, ip, salt, texts_hash, leaf)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def _json(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def carry_over(apps, schema_editor):
    """core/transparency/leaves.py as it was at version 1."""
    with schema_editor.connection.cursor() as cursor:
        last = 0
        while True:
            cursor.execute(READ, [last, BATCH])
            rows = cursor.fetchall()
            if not rows:
                return
            cursor.executemany(WRITE, [_sealed(*row) for row in rows])
            last = rows[-1][0]


def _sealed(pk, event, at, actor, name, post, unit, kind, subject, before, after, note, detail, ip, salt):
    texts = _json([note, json.loads(detail), name, "", ip or ""])
    texts_hash = hashlib.sha256(bytes(salt) + texts).digest()
    facts = [
        event,
        (at - EPOCH) // timedelta(microseconds=1),
        "act",
        actor,
        False,
        post,
        unit,
        None,
        kind,
        subject,
        None,
        before,
        after,
        texts_hash.hex(),
    ]
    leaf = hashlib.sha256(b"haiphong.audit.event.1\n" + _json(facts)).digest()
    # fmt: off
    return [pk, event, at, actor, name, post, unit, kind, subject, before, after, note, detail, ip, bytes(salt),
            texts_hash, leaf]
    # fmt: on


NOTHING = migrations.RunSQL.noop


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_audit_is_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="AuditWaiting",
                    fields=[
                        ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "nhật ký chờ đánh số",
                        "verbose_name_plural": "nhật ký chờ đánh số",
                    },
                ),
                migrations.AddField(
                    "auditevent",
                    "kind",
                    models.CharField(
                        choices=[
                            ("act", "việc đã làm"),
                            ("read", "lượt xem dữ liệu cá nhân"),
                            ("emergency", "truy cập khẩn"),
                        ],
                        default="act",
                        max_length=10,
                        verbose_name="loại",
                    ),
                ),
                migrations.AddField(
                    "auditevent",
                    "unit_id",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="đơn vị của người thực hiện"
                    ),
                ),
                migrations.AddField(
                    "auditevent",
                    "on_behalf_of",
                    models.CharField(blank=True, default="", max_length=400, verbose_name="thay cho"),
                ),
                migrations.AddField(
                    "auditevent",
                    "is_delegated",
                    models.BooleanField(default=False, verbose_name="theo ủy quyền"),
                ),
                migrations.AddField(
                    "auditevent",
                    "subject_unit_id",
                    models.BigIntegerField(blank=True, null=True, verbose_name="đơn vị quản lý đối tượng"),
                ),
                migrations.AddField(
                    "auditevent",
                    "texts_hash",
                    models.BinaryField(max_length=32, default=b""),
                    preserve_default=False,
                ),
                migrations.AddField(
                    "auditevent",
                    "erased_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="đã xóa nội dung lúc"),
                ),
                migrations.AddIndex(
                    "auditevent", models.Index(fields=["unit_id", "-id"], name="audit_unit")
                ),
                migrations.AddIndex(
                    "auditevent", models.Index(fields=["subject_unit_id", "-id"], name="audit_subject_unit")
                ),
                migrations.AddIndex("auditevent", models.Index(fields=["event", "-id"], name="audit_verb")),
                migrations.AddIndex("auditevent", models.Index(fields=["kind", "-id"], name="audit_kind")),
                migrations.AddIndex(
                    "auditevent",
                    models.Index(fields=["-id"], condition=Q(is_delegated=True), name="audit_delegated"),
                ),
            ],
        ),
        migrations.RunSQL(DIVIDE, JOIN),
        migrations.RunSQL(FUNCTIONS, NOTHING),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RunSQL(GUARD, NOTHING),
    ]
