"""Numbered entries under signed, chained, timestamped batches; whoever holds the roots outside."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


QUEUE = """
ALTER TABLE core_auditwaiting ADD COLUMN leaf bytea;
UPDATE core_auditwaiting w SET leaf = e.leaf FROM core_auditevent e WHERE e.id = w.event_id;
ALTER TABLE core_auditwaiting ALTER COLUMN leaf SET NOT NULL;
CREATE OR REPLACE FUNCTION core_auditevent_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO core_auditwaiting (event_id, at, leaf) VALUES (NEW.id, NEW.at, NEW.leaf);
  RETURN NULL;
END $$;
"""
QUEUE_BACK = """
CREATE OR REPLACE FUNCTION core_auditevent_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO core_auditwaiting (event_id, at) VALUES (NEW.id, NEW.at);
  RETURN NULL;
END $$;
INSERT INTO core_auditwaiting (event_id, at, leaf) SELECT event_id, at, leaf FROM core_auditentry;
ALTER TABLE core_auditwaiting DROP COLUMN leaf;
"""
KEPT = ("core_auditentry", "core_auditbatch", "core_audittimestamp")
GUARD = "\n".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION core_auditlog_refuse();"
    for table in KEPT
)
REFUSE = """
CREATE FUNCTION core_auditlog_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
"""
UNGUARD = "\n".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in KEPT)


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0005_owner_of_a_number_book'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='số thứ tự')),
                ('event_id', models.BigIntegerField(unique=True)),
                ('at', models.DateTimeField()),
                ('leaf', models.BinaryField(max_length=32)),
            ],
            options={
                'verbose_name': 'dòng của sổ minh bạch',
                'verbose_name_plural': 'dòng của sổ minh bạch',
            },
        ),
        migrations.CreateModel(
            name='AuditHolder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_try_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='lần thử tới')),
                ('attempts', models.PositiveIntegerField(default=0, verbose_name='số lần thử')),
                ('last_error', models.TextField(blank=True, verbose_name='lỗi gần nhất')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='xong lúc')),
                ('given_up_at', models.DateTimeField(blank=True, null=True, verbose_name='dừng thử lúc')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='tạo lúc')),
                ('name', models.CharField(max_length=40, unique=True)),
                ('held_to', models.BigIntegerField(default=0, verbose_name='giữ đến lô')),
                ('stamps_to', models.BigIntegerField(default=0, verbose_name='giữ dấu thời gian đến')),
                ('held_at', models.DateTimeField(blank=True, null=True, verbose_name='nhận lúc')),
                ('is_disputed', models.BooleanField(default=False, verbose_name='giữ bản khác')),
            ],
            options={
                'verbose_name': 'nơi giữ gốc',
                'verbose_name_plural': 'nơi giữ gốc',
            },
        ),
        migrations.RunSQL(
            QUEUE,
            QUEUE_BACK,
            state_operations=[
                migrations.AddField("auditwaiting", "leaf", models.BinaryField(default=b"", max_length=32), preserve_default=False)
            ],
        ),
        migrations.CreateModel(
            name='AuditBatch',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='số lô')),
                ('first_seq', models.BigIntegerField(unique=True, verbose_name='từ dòng')),
                ('last_seq', models.BigIntegerField(unique=True, verbose_name='đến dòng')),
                ('root', models.BinaryField(max_length=32, verbose_name='gốc Merkle')),
                ('previous', models.BinaryField(max_length=32, verbose_name='mã băm lô trước')),
                ('hash', models.BinaryField(max_length=32, verbose_name='mã băm')),
                ('closed_at', models.DateTimeField(verbose_name='chốt lúc')),
                ('clock_back_ms', models.BigIntegerField(default=0, verbose_name='đồng hồ lùi (mili giây)')),
                ('key', models.CharField(max_length=16, verbose_name='khóa')),
                ('signature', models.BinaryField(max_length=64, verbose_name='chữ ký')),
            ],
            options={
                'verbose_name': 'lô của sổ minh bạch',
                'verbose_name_plural': 'lô của sổ minh bạch',
                'indexes': [models.Index(fields=['closed_at'], name='audit_batch_closed')],
            },
        ),
        migrations.CreateModel(
            name='AuditTimestamp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.BinaryField()),
                ('stamped_at', models.DateTimeField(verbose_name='dấu thời gian')),
                ('batch', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='stamp', to='core.auditbatch')),
            ],
            options={
                'verbose_name': 'dấu thời gian của sổ minh bạch',
                'verbose_name_plural': 'dấu thời gian của sổ minh bạch',
            },
        ),
        migrations.RunSQL(REFUSE + GUARD, UNGUARD + "DROP FUNCTION core_auditlog_refuse();"),
    ]
