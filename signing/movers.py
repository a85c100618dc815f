"""What a restructuring does to keys: those of units that end rest from the switch; what they signed stays verifiable (§6)."""

from typing import Any, Final

from django.utils.translation import gettext as _

from org.choices import LeftoverKind
from org.models import Leftover, Organization
from org.restructuring.hooks import Event, Line, Move, Moved, note_all, note_moved, number, rows, run
from signing.choices import KeyKind

LABEL: Final = "signing.signingkey"
_KEYS = (
    "SELECT k.id, k.owner_organization_id AS owner, k.kind, u.new_id, u.new_agency_id FROM signing_signingkey k "
    "JOIN switch_unit u ON u.old_id = k.owner_organization_id AND u.ends WHERE k.suspended_at IS NULL AND k.revoked_at IS NULL"
)


class KeyMover:
    name = "signing"
    order = 50

    def count(self, move: Move) -> dict[str, int]:
        return {
            _("Chứng thư số cơ quan tạm dừng"): number(f"SELECT count(*) FROM ({_KEYS}) k"),
            _("Người được giao giữ khóa"): number(
                f"SELECT count(*) FROM signing_keycustody c JOIN ({_KEYS}) k ON k.id = c.key_id "
                "WHERE c.valid_to IS NULL OR c.valid_to > %(on)s",
                {"on": move.on},
            ),
        }

    def move(self, move: Move) -> Moved:
        found = rows(f"SELECT id, owner, kind, new_id, new_agency_id FROM ({_KEYS}) k ORDER BY id")
        custody = run(
            f"UPDATE signing_keycustody c SET valid_to = GREATEST(%(day)s::date, c.valid_from + 1) FROM ({_KEYS}) k "
            "WHERE k.id = c.key_id AND (c.valid_to IS NULL OR c.valid_to > %(day)s)",
            {"day": move.at.date()},
        )
        run(
            f"UPDATE signing_signingkey s SET suspended_at = %(at)s FROM ({_KEYS}) k WHERE k.id = s.id",
            {"at": move.at},
        )
        note_moved(
            move,
            "signing.key_suspended",
            LABEL,
            (Line(pk, owner, new) for pk, owner, _kind, new, _agency in found),
        )
        counts = {_("Chứng thư số đã tạm dừng"): len(found), _("Việc giữ khóa đã kết thúc"): custody}
        back = self._resume(move)
        return Moved(
            counts | ({_("Chứng thư số dùng lại"): back} if back else {}), self._to_order(move, found)
        )

    def _to_order(self, move: Move, found: list[tuple[Any, ...]]) -> list[Leftover]:
        """A successor without a seal of its own cannot issue anything: somebody has to apply for one."""
        wanted: dict[tuple[int, str], None] = {}
        for _pk, _owner, kind, new, agency in found:
            unit = agency if kind == KeyKind.SEAL else new
            if unit is not None:
                wanted[unit, kind] = None
        held = set(
            rows(
                "SELECT owner_organization_id, kind FROM signing_signingkey WHERE suspended_at IS NULL AND revoked_at IS NULL "
                "AND owner_organization_id = ANY(%s)",
                [[unit for unit, _kind in wanted]],
            )
        )
        names = Organization.objects.in_bulk([unit for unit, _kind in wanted])
        kinds = dict(KeyKind.choices)
        return [
            Leftover(
                batch=move.batch,
                kind=LeftoverKind.KEY,
                subject_type="org.organization",
                subject_id=unit,
                label=_("%(unit)s: %(kind)s") % {"unit": names[unit].name, "kind": kinds[kind]},
                why=_("Khóa của đơn vị cũ đã tạm dừng; đơn vị mới đăng ký chứng thư số của mình"),
                owner_unit_id=unit,
            )
            for unit, kind in wanted
            if (unit, kind) not in held
        ]

    def _resume(self, move: Move) -> int:
        """Keys of units that live again, unless something else happened to them meanwhile."""
        if not move.batch.undo_of_id:
            return 0
        found = rows(
            "UPDATE signing_signingkey k SET suspended_at = NULL FROM org_movedrecord m, org_restructuring b "
            "WHERE m.batch_id = %(batch)s AND b.id = m.batch_id AND m.kind = %(kind)s AND m.record_id = k.id "
            "AND k.suspended_at = b.done_at AND k.revoked_at IS NULL RETURNING k.id",
            {"batch": move.batch.undo_of_id, "kind": LABEL},
        )
        return note_all(move, "signing.key_resumed", LABEL, (Event(pk) for (pk,) in found))

    def orphans(self) -> dict[str, int]:
        return {
            _("khóa ký còn dùng được của đơn vị đã kết thúc"): number(f"SELECT count(*) FROM ({_KEYS}) k")
        }

    def settle(self, leftover: Leftover, *, unit_id: int | None, actor: Any) -> bool:
        return leftover.kind == LeftoverKind.KEY
