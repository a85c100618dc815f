"""No overlap and no circle, by the database; the versions of the units that were there before.

Exclusion by ranges alone (no extension): `int8range(x, x, '[]')` is equality that a GiST index understands; texts go
through a 64-bit hash. The triggers look at commit, one transaction after the other (advisory lock), so that two
administrators cannot together make what neither could make alone.
"""

from django.db import migrations

OVERLAPS = """
ALTER TABLE org_orgversion ADD CONSTRAINT org_version_no_overlap EXCLUDE USING gist (
  int8range(organization_id, organization_id, '[]') WITH &&, daterange(valid_from, valid_to) WITH &&
) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE org_orgidentifier ADD CONSTRAINT identifier_one_of_a_scheme EXCLUDE USING gist (
  int8range(organization_id, organization_id, '[]') WITH &&,
  int8range(hashtextextended(scheme, 0), hashtextextended(scheme, 0), '[]') WITH &&,
  daterange(valid_from, valid_to) WITH &&
) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE org_orgidentifier ADD CONSTRAINT identifier_one_holder EXCLUDE USING gist (
  int8range(hashtextextended(scheme || ' ' || value, 0), hashtextextended(scheme || ' ' || value, 0), '[]') WITH &&,
  daterange(valid_from, valid_to) WITH &&
) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE org_adminunit ADD CONSTRAINT admin_unit_code_no_overlap EXCLUDE USING gist (
  int8range(hashtextextended(code, level), hashtextextended(code, level), '[]') WITH &&,
  daterange(valid_from, valid_to) WITH &&
) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE org_adminunit ADD CONSTRAINT admin_unit_name_no_overlap EXCLUDE USING gist (
  int8range(coalesce(parent_id, 0), coalesce(parent_id, 0), '[]') WITH &&,
  int8range(hashtextextended(full_name, level), hashtextextended(full_name, level), '[]') WITH &&,
  daterange(valid_from, valid_to) WITH &&
) DEFERRABLE INITIALLY IMMEDIATE;
"""

NO_OVERLAPS = """
ALTER TABLE org_orgversion DROP CONSTRAINT org_version_no_overlap;
ALTER TABLE org_orgidentifier DROP CONSTRAINT identifier_one_of_a_scheme;
ALTER TABLE org_orgidentifier DROP CONSTRAINT identifier_one_holder;
ALTER TABLE org_adminunit DROP CONSTRAINT admin_unit_code_no_overlap;
ALTER TABLE org_adminunit DROP CONSTRAINT admin_unit_name_no_overlap;
"""

TREES = """
CREATE FUNCTION org_version_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v org_orgversion%ROWTYPE;
  lost bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('org_tree', 0));
  IF TG_OP <> 'DELETE' THEN
    SELECT * INTO v FROM org_orgversion WHERE id = NEW.id;
    IF FOUND AND v.parent_id IS NOT NULL THEN
      IF NOT coalesce((SELECT range_agg(daterange(p.valid_from, p.valid_to)) @> daterange(v.valid_from, v.valid_to)
                         FROM org_orgversion p WHERE p.organization_id = v.parent_id), false) THEN
        RAISE EXCEPTION 'org_version_parent_covers: parent % is not there all the time of version % of %',
          v.parent_id, v.id, v.organization_id USING ERRCODE = 'check_violation', CONSTRAINT = 'org_version_parent_covers';
      END IF;
      IF EXISTS (
        WITH RECURSIVE up(org, days, depth) AS (
          SELECT v.parent_id, daterange(v.valid_from, v.valid_to), 1
          UNION ALL
          SELECT p.parent_id, up.days * daterange(p.valid_from, p.valid_to), up.depth + 1
            FROM up JOIN org_orgversion p ON p.organization_id = up.org
           WHERE p.parent_id IS NOT NULL AND up.org <> v.organization_id AND up.depth < 20
             AND up.days && daterange(p.valid_from, p.valid_to)
        ) SELECT 1 FROM up WHERE org = v.organization_id OR depth >= 20
      ) THEN
        RAISE EXCEPTION 'org_version_no_circle: version % makes % a part of itself', v.id, v.organization_id
          USING ERRCODE = 'check_violation', CONSTRAINT = 'org_version_no_circle';
      END IF;
    END IF;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    SELECT c.id INTO lost FROM org_orgversion c
     WHERE c.parent_id = OLD.organization_id
       AND NOT coalesce((SELECT range_agg(daterange(p.valid_from, p.valid_to)) FROM org_orgversion p
                          WHERE p.organization_id = OLD.organization_id) @> daterange(c.valid_from, c.valid_to), false)
     LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'org_version_parent_covers: % would leave version % without its parent', OLD.organization_id, lost
        USING ERRCODE = 'check_violation', CONSTRAINT = 'org_version_parent_covers';
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER org_version_stands AFTER INSERT OR UPDATE OR DELETE ON org_orgversion
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION org_version_stands();

CREATE FUNCTION admin_unit_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  u org_adminunit%ROWTYPE;
  wrong bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('org_tree', 0));
  SELECT * INTO u FROM org_adminunit WHERE id = NEW.id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT c.id INTO wrong FROM org_adminunit c JOIN org_adminunit p ON p.id = c.parent_id
   WHERE c.id IN (SELECT u.id UNION ALL SELECT id FROM org_adminunit WHERE parent_id = u.id) AND p.level >= c.level LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'admin_unit_parent_above: unit % lies in one that is not of a higher level', wrong
      USING ERRCODE = 'check_violation', CONSTRAINT = 'admin_unit_parent_above';
  END IF;
  SELECT c.id INTO wrong FROM org_adminunit c JOIN org_adminunit p ON p.id = c.parent_id
   WHERE c.id IN (SELECT u.id UNION ALL SELECT id FROM org_adminunit WHERE parent_id = u.id)
     AND NOT daterange(p.valid_from, p.valid_to) @> daterange(c.valid_from, c.valid_to) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'admin_unit_parent_covers: the parent of unit % is not there all its time', wrong
      USING ERRCODE = 'check_violation', CONSTRAINT = 'admin_unit_parent_covers';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER admin_unit_stands AFTER INSERT OR UPDATE OF level, parent_id, valid_from, valid_to
  ON org_adminunit DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION admin_unit_stands();
"""

NO_TREES = """
DROP TRIGGER org_version_stands ON org_orgversion;
DROP FUNCTION org_version_stands();
DROP TRIGGER admin_unit_stands ON org_adminunit;
DROP FUNCTION admin_unit_stands();
"""

WHAT_THERE_IS = """
INSERT INTO org_orgversion (organization_id, name, short_name, symbol, parent_id, agency_id, territory_id, valid_from,
                            valid_to, note)
SELECT id, name, short_name, symbol, parent_id, agency_id, territory_id, valid_from, valid_to, ''
  FROM org_organization o
 WHERE NOT EXISTS (SELECT 1 FROM org_orgversion v WHERE v.organization_id = o.id);
INSERT INTO org_orgidentifier (organization_id, scheme, value, valid_from, valid_to, source)
SELECT id, 'qd20_2020', identifier, valid_from, valid_to, ''
  FROM org_organization o
 WHERE identifier <> '' AND NOT EXISTS (SELECT 1 FROM org_orgidentifier i WHERE i.organization_id = o.id);
"""


class Migration(migrations.Migration):
    dependencies = [("org", "0002_history_and_rights")]

    operations = [
        migrations.RunSQL(OVERLAPS, NO_OVERLAPS),
        migrations.RunSQL(TREES, NO_TREES),
        migrations.RunSQL(WHAT_THERE_IS, migrations.RunSQL.noop),
    ]
