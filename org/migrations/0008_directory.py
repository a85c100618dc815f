"""Sort keys of Vietnamese names and the search lines of the staff directory, both kept by the database.

Letters go by the Vietnamese alphabet (a ă â b c d đ e ê …), equal letters by tone (level, huyền, hỏi, ngã, sắc, nặng),
names by given name, then family name, then the rest. A word's tone counts, not the letter that carries it: hoà = hòa.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


LETTERS = "aAàÀảẢãÃáÁạẠăĂằẰẳẲẵẴắẮặẶâÂầẦẩẨẫẪấẤậẬbBcCdDđĐeEèÈẻẺẽẼéÉẹẸêÊềỀểỂễỄếẾệỆfFgGhHiIìÌỉỈĩĨíÍịỊjJkKlLmMnNoOòÒỏỎõÕóÓọỌôÔồỒổỔỗỖốỐộỘơƠờỜởỞỡỠớỚợỢpPqQrRsStTuUùÙủỦũŨúÚụỤưƯừỪửỬữỮứỨựỰvVwWxXyYỳỲỷỶỹỸýÝỵỴzZ"
ORDER_OF_LETTERS = "AAAAAAAAAAAABBBBBBBBBBBBCCCCCCCCCCCCDDEEFFGGHHHHHHHHHHHHIIIIIIIIIIIIJJKKLLMMMMMMMMMMMMNNOOPPQQRRSSSSSSSSSSSSTTTTTTTTTTTTUUUUUUUUUUUUVVWWXXYYZZaaaaaaaaaaaabbbbbbbbbbbbccddeeffffffffffffgg"
TONED_THEN_PLAIN = "àÀảẢãÃáÁạẠằẰẳẲẵẴắẮặẶầẦẩẨẫẪấẤậẬèÈẻẺẽẼéÉẹẸềỀểỂễỄếẾệỆìÌỉỈĩĨíÍịỊòÒỏỎõÕóÓọỌồỒổỔỗỖốỐộỘờỜởỞỡỠớỚợỢùÙủỦũŨúÚụỤừỪửỬữỮứỨựỰỳỲỷỶỹỸýÝỵỴaAăĂâÂbBcCdDđĐeEêÊfFgGhHiIjJkKlLmMnNoOôÔơƠpPqQrRsStTuUưƯvVwWxXyYzZ"
TONES = "112233445511223344551122334455112233445511223344551122334455112233445511223344551122334455112233445511223344551122334455"
MARKED = "AàÀảẢãÃáÁạẠăĂằẰẳẲẵẴắẮặẶâÂầẦẩẨẫẪấẤậẬBCDđĐEèÈẻẺẽẼéÉẹẸêÊềỀểỂễỄếẾệỆFGHIìÌỉỈĩĨíÍịỊJKLMNOòÒỏỎõÕóÓọỌôÔồỒổỔỗỖốỐộỘơƠờỜởỞỡỠớỚợỢPQRSTUùÙủỦũŨúÚụỤưƯừỪửỬữỮứỨựỰVWXYỳỲỷỶỹỸýÝỵỴZ"
UNMARKED = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabcdddeeeeeeeeeeeeeeeeeeeeeeefghiiiiiiiiiiijklmnooooooooooooooooooooooooooooooooooopqrstuuuuuuuuuuuuuuuuuuuuuuuvwxyyyyyyyyyyyz"

FUNCTIONS = f"""
CREATE FUNCTION org_name_key(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_agg(
    translate(word, '{LETTERS}', '{ORDER_OF_LETTERS}')
      || left(coalesce(nullif(translate(word, '{TONED_THEN_PLAIN}', '{TONES}'), ''), '0'), 1),
    ' ' ORDER BY place = last DESC, place), '')
  FROM (
    SELECT word, place, max(place) OVER () AS last
    FROM regexp_split_to_table(normalize(name, NFC), '[^{LETTERS}]+') WITH ORDINALITY AS split (word, place)
    WHERE word <> ''
  ) AS words
$$;
CREATE FUNCTION org_folded(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT translate(normalize(said, NFC), '{MARKED}', '{UNMARKED}')
$$;
-- Every word once; of a telephone number every ending of three digits or more, so that any part of it is a beginning.
CREATE FUNCTION org_directory_words(said text, phone text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_to_tsvector(coalesce(array_agg(DISTINCT word), '{{}}')) FROM (
    SELECT word FROM regexp_split_to_table(org_folded(said), '[^0-9a-z]+') AS word WHERE word <> ''
    UNION
    SELECT substr(digits, start)
    FROM (SELECT regexp_replace(regexp_replace(phone, '[^0-9]', '', 'g'), '^84', '0') AS digits) AS dialled,
         generate_series(1, length(digits) - 2) AS start
  ) AS all_words
$$;
"""
TRIGGERS = """
CREATE FUNCTION org_directory_refresh(ids bigint[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO org_directoryline AS line
    (assignment_id, person_id, organization_id, sort_key, words, valid_from, valid_to)
  SELECT post.id, post.person_id, post.organization_id, person.sort_key,
    org_directory_words(concat_ws(' ', person.full_name, position.title, unit.name, unit.short_name, agency.name,
      agency.short_name, split_part(account.email, '@', 1)), person.work_phone),
    post.valid_from, post.valid_to
  FROM org_assignment AS post
  JOIN org_person AS person ON person.id = post.person_id
  JOIN org_position AS position ON position.id = post.position_id
  JOIN org_organization AS unit ON unit.id = post.organization_id
  LEFT JOIN org_organization AS agency ON agency.id = unit.agency_id
  LEFT JOIN org_user AS account ON account.id = person.user_id
  WHERE post.id = ANY (ids)
  ORDER BY post.id
  ON CONFLICT (assignment_id) DO UPDATE SET
    person_id = excluded.person_id, organization_id = excluded.organization_id, sort_key = excluded.sort_key,
    words = excluded.words, valid_from = excluded.valid_from, valid_to = excluded.valid_to
  WHERE (line.*) IS DISTINCT FROM (excluded.*)
$$;
CREATE FUNCTION org_directory_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'org_assignment' THEN
    IF TG_OP = 'DELETE' THEN
      DELETE FROM org_directoryline WHERE assignment_id IN (SELECT id FROM gone);
    ELSIF TG_OP = 'UPDATE' THEN  -- most changes end a post: its words stay
      UPDATE org_directoryline AS line SET valid_from = post.valid_from, valid_to = post.valid_to FROM fresh AS post
      WHERE line.assignment_id = post.id
        AND (line.valid_from, line.valid_to) IS DISTINCT FROM (post.valid_from, post.valid_to);
      PERFORM org_directory_refresh(ARRAY(
        SELECT post.id FROM fresh AS post JOIN gone AS before ON before.id = post.id
        WHERE (post.person_id, post.organization_id, post.position_id)
          IS DISTINCT FROM (before.person_id, before.organization_id, before.position_id)));
    ELSE
      PERFORM org_directory_refresh(ARRAY(SELECT id FROM fresh));
    END IF;
  ELSIF TG_TABLE_NAME = 'org_person' THEN
    PERFORM org_directory_refresh(ARRAY(SELECT id FROM org_assignment WHERE person_id = NEW.id));
  ELSIF TG_TABLE_NAME = 'org_user' THEN
    PERFORM org_directory_refresh(ARRAY(
      SELECT post.id FROM org_assignment AS post JOIN org_person AS person ON person.id = post.person_id
      WHERE person.user_id = NEW.id));
  ELSIF TG_TABLE_NAME = 'org_position' THEN
    PERFORM org_directory_refresh(ARRAY(SELECT id FROM org_assignment WHERE position_id = NEW.id));
  ELSIF TG_TABLE_NAME = 'org_organization' THEN
    PERFORM org_directory_refresh(ARRAY(
      SELECT post.id FROM org_assignment AS post JOIN org_organization AS unit ON unit.id = post.organization_id
      WHERE unit.id = NEW.id OR unit.agency_id = NEW.id));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER directory_follows_new AFTER INSERT ON org_assignment REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION org_directory_follows();
CREATE TRIGGER directory_follows_changed AFTER UPDATE ON org_assignment
  REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION org_directory_follows();
CREATE TRIGGER directory_follows_gone AFTER DELETE ON org_assignment REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION org_directory_follows();
CREATE TRIGGER directory_follows AFTER UPDATE OF full_name, user_id, work_phone ON org_person FOR EACH ROW
  WHEN ((old.full_name, old.user_id, old.work_phone) IS DISTINCT FROM (new.full_name, new.user_id, new.work_phone))
  EXECUTE FUNCTION org_directory_follows();
CREATE TRIGGER directory_follows AFTER UPDATE OF email ON org_user FOR EACH ROW
  WHEN (old.email IS DISTINCT FROM new.email) EXECUTE FUNCTION org_directory_follows();
CREATE TRIGGER directory_follows AFTER UPDATE OF title ON org_position FOR EACH ROW
  WHEN (old.title IS DISTINCT FROM new.title) EXECUTE FUNCTION org_directory_follows();
CREATE TRIGGER directory_follows AFTER UPDATE OF name, short_name, agency_id ON org_organization FOR EACH ROW
  WHEN ((old.name, old.short_name, old.agency_id) IS DISTINCT FROM (new.name, new.short_name, new.agency_id))
  EXECUTE FUNCTION org_directory_follows();
SELECT org_directory_refresh(ARRAY(SELECT id FROM org_assignment));
"""
NO_TRIGGERS = """
DROP TRIGGER directory_follows ON org_organization;
DROP TRIGGER directory_follows ON org_position;
DROP TRIGGER directory_follows ON org_user;
DROP TRIGGER directory_follows ON org_person;
DROP TRIGGER directory_follows_gone ON org_assignment;
DROP TRIGGER directory_follows_changed ON org_assignment;
DROP TRIGGER directory_follows_new ON org_assignment;
DROP FUNCTION org_directory_follows();
DROP FUNCTION org_directory_refresh(bigint[]);
"""
NO_FUNCTIONS = """
DROP FUNCTION org_directory_words(text, text);
DROP FUNCTION org_folded(text);
DROP FUNCTION org_name_key(text);
"""


class Migration(migrations.Migration):
    dependencies = [("org", "0007_citizens")]

    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.AddField(
            "person",
            "work_phone",
            models.CharField(blank=True, max_length=40, verbose_name="điện thoại cơ quan"),
        ),
        migrations.RemoveField("person", "sort_key"),
        migrations.AddField(
            "person",
            "sort_key",
            models.GeneratedField(
                db_persist=True,
                expression=models.Func(models.F("full_name"), function="org_name_key"),
                output_field=models.CharField(db_collation="C", max_length=400),
            ),
        ),
        migrations.AddIndex("person", models.Index(fields=["sort_key", "id"], name="person_order")),
        migrations.CreateModel(
            name="DirectoryLine",
            fields=[
                (
                    "assignment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="directory_line",
                        serialize=False,
                        to="org.assignment",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="directory_lines",
                        to="org.person",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="directory_lines",
                        to="org.organization",
                    ),
                ),
                ("sort_key", models.CharField(db_collation="C", max_length=400)),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
            ],
            options={
                "verbose_name": "dòng danh bạ",
                "verbose_name_plural": "dòng danh bạ",
                "indexes": [
                    models.Index(fields=["sort_key", "person"], name="directory_order"),
                    models.Index(fields=["organization", "sort_key", "person"], name="directory_unit_order"),
                    models.Index(fields=["person"], name="directory_person"),
                    django.contrib.postgres.indexes.GinIndex(fields=["words"], name="directory_words", fastupdate=False),
                ],
            },
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.CreateModel(
            name="DirectorySnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_at", models.DateTimeField(db_index=True, verbose_name="lúc")),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("digests", models.JSONField(help_text="DN → digest of the entry")),
            ],
            options={"verbose_name": "lần xuất danh bạ", "verbose_name_plural": "lần xuất danh bạ"},
        ),
    ]
