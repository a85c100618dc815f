"""What org itself moves: people with their rights and delegations, and the number books of units that end."""

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from org.choices import LeftoverKind, Role
from org.models import Assignment, Leftover, Organization, RoleGrant
from org.restructuring.hooks import (
    Event,
    Line,
    Move,
    Moved,
    note_all,
    note_moved,
    number,
    rows,
    run,
    same_columns,
)

HAT: Final = "org.assignment"
GRANT: Final = "org.rolegrant"
BOOK: Final = "core.numberseries"

# Who sits in a unit that ends, on the day or later, and where each goes: by name, back to where he came from, in turns.
_HATS = """
CREATE TEMP TABLE switch_hat ON COMMIT DROP AS
SELECT a.id AS old_hat, a.person_id, a.position_id, a.organization_id AS old_unit, u.certain, a.valid_to AS until,
       GREATEST(%(on)s::date, a.valid_from + 1) AS day,
       COALESCE(named.new_id, back.old_unit_id, t.new_id) AS new_unit,
       COALESCE(named.new_key, CASE WHEN back.id IS NOT NULL THEN 'back' END, t.new_key, '') AS new_key,
       (named.assignment_id IS NOT NULL OR back.id IS NOT NULL) AS named, NULL::bigint AS new_hat
FROM (
    SELECT *, (row_number() OVER (PARTITION BY organization_id ORDER BY id) - 1) AS turn FROM org_assignment
    WHERE valid_to IS NULL OR valid_to > %(on)s
) a
JOIN switch_unit u ON u.old_id = a.organization_id AND u.ends
LEFT JOIN switch_named named ON named.assignment_id = a.id
LEFT JOIN org_movedrecord back ON back.batch_id = u.back AND back.kind = 'org.assignment' AND back.heir_id = a.id
LEFT JOIN switch_target t ON t.old_id = a.organization_id AND t.n = a.turn %% t."of"
"""

# A right goes along with its hat when its role is carried: onto the hat's new unit, its agency, or what took over.
_GRANTS = """
CREATE TEMP TABLE switch_grant ON COMMIT DROP AS
SELECT g.id AS old_grant, g.role, g.organization_id AS old_unit, h.old_hat, COALESCE(h.new_hat, g.assignment_id) AS hat,
       CASE WHEN u.old_id IS NULL THEN g.organization_id
            WHEN h.new_unit IS NULL THEN u.new_id
            WHEN g.organization_id = h.old_unit THEN h.new_unit
            WHEN g.organization_id = own.agency_id THEN COALESCE(nw.agency_id, nw.id)
            ELSE COALESCE(like_new.id, u.new_id) END AS new_unit,
       GREATEST(COALESCE(h.day, %(on)s::date), g.valid_from + 1) AS day,
       (back.id IS NOT NULL OR u.old_id IS NULL OR r.role IS NOT NULL) AS carried,
       h.person_id, hat.person_id AS holder, back.id AS back_id
FROM org_rolegrant g
JOIN org_assignment hat ON hat.id = g.assignment_id
LEFT JOIN switch_hat h ON h.old_hat = g.assignment_id
LEFT JOIN switch_unit u ON u.old_id = g.organization_id AND u.ends
LEFT JOIN switch_unit hu ON hu.old_id = h.old_unit
LEFT JOIN org_organization own ON own.id = h.old_unit
LEFT JOIN org_organization nw ON nw.id = h.new_unit
LEFT JOIN org_organization was ON was.id = g.organization_id
LEFT JOIN LATERAL (
    SELECT o.id FROM org_organization o
    WHERE o.agency_id = COALESCE(nw.agency_id, nw.id) AND o.id <> o.agency_id AND o.kind = was.kind
      AND o.symbol = was.symbol AND o.valid_to IS NULL LIMIT 1
) like_new ON h.new_unit IS NOT NULL
LEFT JOIN switch_role r ON r.old_id = COALESCE(h.old_unit, g.organization_id) AND r.role = g.role
LEFT JOIN org_movedrecord back ON back.batch_id = COALESCE(hu.back, u.back) AND back.kind = 'org.rolegrant'
     AND back.heir_id = g.id
WHERE (g.valid_to IS NULL OR g.valid_to > %(on)s) AND (h.old_hat IS NOT NULL OR u.old_id IS NOT NULL)
"""


class PeopleMover:
    """Assignments end by one decision and go on in the successor; rights of ended units end (§6, §7)."""

    name = "org.people"
    order = 10

    def count(self, move: Move) -> dict[str, int]:
        self._hats(move)
        return {
            _("Người giữ chức vụ"): number("SELECT count(DISTINCT person_id) FROM switch_hat"),
            _("Chức vụ chuyển sang đơn vị mới"): number(
                "SELECT count(*) FROM switch_hat WHERE new_key <> ''"
            ),
            _("Chức vụ chưa có nơi đến"): number("SELECT count(*) FROM switch_hat WHERE new_key = ''"),
            _("Chức vụ cần xếp lại sau khi chuyển"): number(
                "SELECT count(*) FROM switch_hat WHERE NOT certain AND NOT named"
            ),
            _("Quyền kết thúc"): number(f"SELECT count(*) FROM ({_LIVE_GRANTS}) g", {"on": move.on}),
            _("Ủy quyền kết thúc"): number(f"SELECT count(*) FROM ({_LIVE_DELEGATIONS}) d", {"on": move.on}),
        }

    def move(self, move: Move) -> Moved:
        rows(
            "SELECT a.id FROM org_assignment a JOIN switch_unit u ON u.old_id = a.organization_id AND u.ends "
            "ORDER BY a.id FOR UPDATE OF a"
        )
        heads = number(_HEADS, {"on": move.on})
        self._hats(move)
        self._change_hats(move)
        run("DROP TABLE IF EXISTS switch_grant")
        run(_GRANTS, {"on": move.on})
        ended = self._end_grants(move)
        begun = self._begin_grants(move)
        closed = self._note_hats(move)
        revoked = self._end_delegations(move)
        after = number(_HEADS, {"on": move.on})
        return Moved(
            {
                _("Người giữ chức vụ trước"): heads,
                _("Người giữ chức vụ sau"): after,
                _("Chức vụ đã chuyển"): closed,
                _("Quyền đã kết thúc"): ended,
                _("Quyền cấp lại theo phương án"): begun,
                _("Ủy quyền đã kết thúc"): revoked,
            },
            [*self._places_to_settle(move), *self._roles_to_give(move)],
        )

    def orphans(self) -> dict[str, int]:
        ended = "JOIN switch_unit u ON u.old_id = x.organization_id AND u.ends JOIN org_organization o ON o.id = u.old_id"
        return {
            _("chức vụ ở đơn vị đã kết thúc"): number(
                f"SELECT count(*) FROM org_assignment x {ended} WHERE x.valid_to IS NULL OR x.valid_to > o.valid_to "
                "AND x.valid_to > x.valid_from + 1"
            ),
            _("quyền ở đơn vị đã kết thúc"): number(
                f"SELECT count(*) FROM org_rolegrant x {ended} WHERE x.valid_to IS NULL OR x.valid_to > o.valid_to "
                "AND x.valid_to > x.valid_from + 1"
            ),
        }

    def settle(self, leftover: Leftover, *, unit_id: int | None, actor: Any) -> bool:
        return leftover.kind in {LeftoverKind.PERSON, LeftoverKind.ROLE}

    # --- steps ------------------------------------------------------------------------------------------------

    def _hats(self, move: Move) -> None:
        run("DROP TABLE IF EXISTS switch_hat")
        run(_HATS, {"on": move.on})

    def _change_hats(self, move: Move) -> None:
        """One new hat for each person, unit and post, whatever number of old ones it comes from; those end first."""
        run(
            """UPDATE switch_hat h SET new_hat = n.id FROM (
                SELECT person_id, new_unit, position_id, nextval(pg_get_serial_sequence('org_assignment', 'id')) AS id
                FROM (SELECT DISTINCT person_id, new_unit, position_id FROM switch_hat WHERE new_unit IS NOT NULL) d
            ) n WHERE n.person_id = h.person_id AND n.new_unit = h.new_unit AND n.position_id = h.position_id"""
        )
        run(
            "UPDATE org_assignment a SET valid_to = h.day, ends_reason = %(why)s FROM switch_hat h "
            "WHERE a.id = h.old_hat",
            {"why": move.reason[:200]},
        )
        columns, chosen = same_columns(
            Assignment,
            "a",
            id="h.new_hat",
            organization_id="h.new_unit",
            valid_from="h.day",
            valid_to="CASE WHEN h.until IS NOT NULL THEN GREATEST(h.until, h.day + 1) END",
            decision_no="%(decision)s",
            ends_reason="''",
        )
        run(
            f"INSERT INTO org_assignment ({columns}) SELECT {chosen} FROM org_assignment a JOIN ("
            "  SELECT DISTINCT ON (h.new_hat) h.* FROM switch_hat h JOIN org_assignment o ON o.id = h.old_hat"
            "  WHERE h.new_hat IS NOT NULL ORDER BY h.new_hat, o.rank, o.id"
            ") h ON h.old_hat = a.id",
            {"decision": move.basis[:80]},
        )

    def _note_hats(self, move: Move) -> int:
        found = rows("SELECT old_hat, old_unit, new_unit, new_hat FROM switch_hat ORDER BY old_hat")
        lines = (Line(hat, old, new, heir_id=heir) for hat, old, new, heir in found)
        return note_moved(move, "assignment.move", HAT, lines)

    def _end_grants(self, move: Move) -> int:
        return run("UPDATE org_rolegrant g SET valid_to = s.day FROM switch_grant s WHERE g.id = s.old_grant")

    def _begin_grants(self, move: Move) -> int:
        run("""ALTER TABLE switch_grant ADD COLUMN new_grant bigint""")
        run(
            """UPDATE switch_grant s SET new_grant = n.id FROM (
                SELECT hat, role, new_unit, nextval(pg_get_serial_sequence('org_rolegrant', 'id')) AS id
                FROM (SELECT DISTINCT hat, role, new_unit FROM switch_grant
                      WHERE carried AND new_unit IS NOT NULL AND (old_hat IS NULL OR hat IS NOT NULL)) d
            ) n WHERE n.hat = s.hat AND n.role = s.role AND n.new_unit = s.new_unit AND s.carried"""
        )
        columns, chosen = same_columns(
            RoleGrant,
            "g",
            id="s.new_grant",
            assignment_id="s.hat",
            organization_id="s.new_unit",
            valid_from="s.day",
            valid_to="NULL",
            # Nobody grants to himself: what the approver carries along stands under the drafter's name.
            granted_by_id="CASE WHEN p.user_id = %(by)s THEN %(drafter)s ELSE %(by)s END",
        )
        begun = run(
            f"INSERT INTO org_rolegrant ({columns}) SELECT {chosen} FROM org_rolegrant g JOIN ("
            "  SELECT DISTINCT ON (new_grant) * FROM switch_grant WHERE new_grant IS NOT NULL ORDER BY new_grant, old_grant"
            ") s ON s.old_grant = g.id JOIN org_person p ON p.id = s.holder ON CONFLICT DO NOTHING",
            {"by": move.batch.approved_by_id, "drafter": move.batch.drafted_by_id},
        )
        found = rows(
            "SELECT old_grant, old_unit, new_unit, new_grant, role FROM switch_grant ORDER BY old_grant"
        )
        note_moved(
            move,
            "grant.move",
            GRANT,
            (
                Line(pk, old, new if heir else None, {"role": role}, heir)
                for pk, old, new, heir, role in found
            ),
        )
        return begun

    def _end_delegations(self, move: Move) -> int:
        found = rows(
            f"UPDATE org_delegation x SET revoked_at = %(at)s, revoked_by_id = %(by)s, revoke_reason = %(why)s "
            f"FROM ({_LIVE_DELEGATIONS}) d WHERE d.id = x.id RETURNING x.id",
            {"on": move.on, "at": move.at, "by": move.batch.approved_by_id, "why": move.reason[:300]},
        )
        return note_all(move, "delegation.end_by_move", "org.delegation", (Event(pk) for (pk,) in found))

    def _places_to_settle(self, move: Move) -> list[Leftover]:
        """One line a unit: its people sit with the first successor until somebody decides."""
        found = rows(
            "SELECT h.old_unit, min(h.new_unit), count(*), array_agg(DISTINCT h.new_unit) FROM switch_hat h "
            "WHERE NOT h.certain AND NOT h.named GROUP BY h.old_unit ORDER BY h.old_unit"
        )
        units = Organization.objects.in_bulk([pk for row in found for pk in row[:2] if pk])
        return [
            Leftover(
                batch=move.batch,
                kind=LeftoverKind.PERSON,
                subject_type="org.organization",
                subject_id=old,
                label=ngettext("%(n)s người của %(unit)s", "%(n)s người của %(unit)s", count)
                % {"n": count, "unit": units[old].name},
                why=_("Đơn vị chia về nhiều nơi: cần quyết định phân công cho từng người"),
                owner_unit_id=units[new].agency_id or new,
                options=sorted(pk for pk in options if pk),
            )
            for old, new, count, options in found
        ]

    def _roles_to_give(self, move: Move) -> list[Leftover]:
        """Rights that were not carried over: to be given anew, or not, by both administrators (§6)."""
        found = rows(
            """SELECT COALESCE(o.agency_id, o.id), s.role, count(DISTINCT s.holder),
                      string_agg(DISTINCT p.full_name, ', ' ORDER BY p.full_name)
               FROM switch_grant s JOIN org_organization o ON o.id = s.new_unit
               JOIN org_person p ON p.id = s.holder
               WHERE s.new_grant IS NULL GROUP BY 1, 2 ORDER BY 1, 2"""
        )
        roles = dict(Role.choices)
        return [
            Leftover(
                batch=move.batch,
                kind=LeftoverKind.ROLE,
                subject_type="org.organization",
                subject_id=unit,
                label=_("%(role)s: %(n)s người trước đây (%(names)s)")[:300]
                % {"role": roles.get(role, role), "n": count, "names": names[:200]},
                why=_("Quyền quyết định, ký, giữ dấu, quản trị không tự chuyển: cấp lại theo quyết định"),
                owner_unit_id=unit,
            )
            for unit, role, count, names in found
        ]


_HEADS = "SELECT count(DISTINCT person_id) FROM org_assignment WHERE valid_from <= %(on)s AND (valid_to IS NULL OR valid_to > %(on)s)"
_LIVE_GRANTS = """
SELECT g.id FROM org_rolegrant g LEFT JOIN switch_hat h ON h.old_hat = g.assignment_id
LEFT JOIN switch_unit u ON u.old_id = g.organization_id AND u.ends
WHERE (g.valid_to IS NULL OR g.valid_to > %(on)s) AND (h.old_hat IS NOT NULL OR u.old_id IS NOT NULL)"""
_LIVE_DELEGATIONS = """
SELECT d.id FROM org_delegation d
WHERE d.revoked_at IS NULL AND d.valid_to > %(on)s
  AND EXISTS (SELECT 1 FROM switch_hat h WHERE h.old_hat IN (d.giver_id, d.taker_id))"""


class BooksMover:
    """Number books of a unit that ends are closed at their last number; its successor begins its own at 1 (§6)."""

    name = "core.books"
    order = 20

    def count(self, move: Move) -> dict[str, int]:
        return {_("Sổ số khóa lại"): number(f"SELECT count(*) FROM ({_OPEN_BOOKS}) b")}

    def move(self, move: Move) -> Moved:
        found = rows(
            f"UPDATE core_numberseries s SET closed_at = %(at)s FROM ({_OPEN_BOOKS}) b WHERE b.id = s.id "
            "RETURNING s.id, s.owner_id, s.last",
            {"at": move.at},
        )
        heirs = dict(rows("SELECT old_id, new_id FROM switch_unit"))
        note_moved(
            move,
            "numbers.close",
            BOOK,
            (Line(pk, owner, heirs.get(owner), {"last": last}) for pk, owner, last in found),
        )
        back = self._reopen(move)
        counts = {_("Sổ số đã khóa"): len(found)}
        return Moved(counts | ({_("Sổ số mở lại"): back} if back else {}))

    def _reopen(self, move: Move) -> int:
        """A unit that lives again goes on at its old last number: the same number is never given twice."""
        if not move.batch.undo_of_id:
            return 0
        found = rows(
            "UPDATE core_numberseries s SET closed_at = NULL FROM org_movedrecord m WHERE m.batch_id = %(batch)s "
            "AND m.kind = %(kind)s AND m.record_id = s.id RETURNING s.id, s.last",
            {"batch": move.batch.undo_of_id, "kind": BOOK},
        )
        return note_all(
            move, "numbers.reopen", BOOK, (Event(pk, detail={"last": last}) for pk, last in found)
        )

    def orphans(self) -> dict[str, int]:
        return {_("sổ số còn mở của đơn vị đã kết thúc"): number(f"SELECT count(*) FROM ({_OPEN_BOOKS}) b")}

    def settle(self, leftover: Leftover, *, unit_id: int | None, actor: Any) -> bool:
        return False


_OPEN_BOOKS = (
    "SELECT b.id FROM core_numberseries b JOIN switch_unit u ON u.old_id = b.owner_id AND u.ends "
    "WHERE b.closed_at IS NULL"
)
