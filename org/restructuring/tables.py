"""The plan as temporary tables of the transaction, for movers that work set-based."""

from django.db import connection

from org.models import Organization
from org.restructuring.switch import Switch

_DROP = "DROP TABLE IF EXISTS switch_unit, switch_target, switch_rule, switch_role, switch_named, switch_heir, switch_document"
_CREATE = (
    """CREATE TEMP TABLE switch_unit (
        old_id bigint PRIMARY KEY, ends boolean NOT NULL, new_key text NOT NULL, new_id bigint,
        new_agency_id bigint, certain boolean NOT NULL, why text NOT NULL, back bigint
    ) ON COMMIT DROP""",
    """CREATE TEMP TABLE switch_target (
        old_id bigint, n int, "of" int, new_key text, new_id bigint, PRIMARY KEY (old_id, n)
    ) ON COMMIT DROP""",
    """CREATE TEMP TABLE switch_rule (old_id bigint, how text, value text, new_key text, new_id bigint) ON COMMIT DROP""",
    """CREATE TEMP TABLE switch_role (old_id bigint, role text, PRIMARY KEY (old_id, role)) ON COMMIT DROP""",
    """CREATE TEMP TABLE switch_named (assignment_id bigint PRIMARY KEY, new_key text, new_id bigint) ON COMMIT DROP""",
    """CREATE TEMP TABLE switch_heir (old_id bigint, new_key text, new_id bigint) ON COMMIT DROP""",
    """CREATE TEMP TABLE switch_document (document_id bigint PRIMARY KEY, agency_id bigint, unit_id bigint) ON COMMIT DROP""",
)


def fill(switch: Switch) -> None:
    """Write the tables anew. Inside a transaction; new units that are there already get their ids."""
    routes = list(switch.routes.values())
    with connection.cursor() as cursor:
        cursor.execute(_DROP)
        for statement in _CREATE:
            cursor.execute(statement)
        cursor.executemany(
            "INSERT INTO switch_unit (old_id, ends, new_key, certain, why, back) VALUES (%s, %s, %s, %s, %s, %s)",
            [(one.unit.pk, one.ends, one.target, one.certain, one.why, one.back) for one in routes],
        )
        cursor.executemany(
            'INSERT INTO switch_target (old_id, n, "of", new_key) VALUES (%s, %s, %s, %s)',
            [
                (one.unit.pk, n, len(set(one.targets)), slug)
                for one in routes
                for n, slug in enumerate(dict.fromkeys(one.targets))
            ],
        )
        cursor.executemany(
            "INSERT INTO switch_rule (old_id, how, value, new_key) VALUES (%s, %s, %s, %s)",
            [(rule.old_id, rule.by, rule.value, rule.to) for rule in switch.case_rules],
        )
        cursor.executemany(
            "INSERT INTO switch_role (old_id, role) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [(one.unit.pk, role) for one in routes for role in one.roles],
        )
        cursor.executemany(
            "INSERT INTO switch_named (assignment_id, new_key) VALUES (%s, %s)", list(switch.named.items())
        )
        cursor.executemany(
            "INSERT INTO switch_heir (old_id, new_key) VALUES (%s, %s)",
            [(one.old_id, one.new) for one in switch.successions if one.new],
        )
        for table in ("switch_unit", "switch_target", "switch_rule", "switch_named", "switch_heir"):
            cursor.execute(
                f"UPDATE {table} s SET new_id = o.id FROM org_organization o WHERE o.slug = s.new_key"
            )
        cursor.execute(
            "UPDATE switch_unit s SET new_agency_id = COALESCE(o.agency_id, o.id) FROM org_organization o "
            "WHERE o.id = s.new_id"
        )
        for table in ("switch_unit", "switch_target", "switch_rule"):
            cursor.execute(f"ANALYZE {table}")


def lock(switch: Switch) -> None:
    """Nobody writes a new record onto a unit that is about to end: such a write waits and then reads the end."""
    list(
        Organization.objects.select_for_update()
        .filter(pk__in=switch.ended_ids)
        .order_by("pk")
        .values_list("pk")
    )


def defer_constraints() -> None:
    """Between the first and the last statement two states of a unit stand side by side; at the end they may not."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def ask_the_database() -> None:
    """Overlaps, circles, parents that are not there: looked at now, while the batch can still say why. IntegrityError."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
