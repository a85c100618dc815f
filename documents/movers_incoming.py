"""What a restructuring moves of arrivals: open ones, their tasks, opinions, mailboxes and open work files (§6).

Numbers of arrival stay in the register of the agency that gave them; issuers keep the names that were printed.
"""

from typing import Any, Final

from django.utils.translation import gettext as _

from org.choices import LeftoverKind
from org.models import Leftover
from org.restructuring.hooks import Line, Move, Moved, note_moved, number, rows, run

INCOMING: Final = "documents.incomingdocument"
TASK: Final = "documents.task"
FILE: Final = "documents.workfile"
ENTRY: Final = "documents.catalogueentry"
_OPEN: Final = "('arrived', 'registered', 'submitted', 'assigned', 'in_progress')"
_OPEN_TASK: Final = "('new', 'seen', 'in_progress')"
_TOUCHED: Final = f"""
SELECT d.id, d.agency_id, d.lead_unit_id,
       COALESCE((m.before ->> 'agency')::bigint, a.new_id, d.agency_id) AS new_agency,
       COALESCE((m.before ->> 'lead')::bigint, u.new_id, d.lead_unit_id) AS new_lead,
       (a.ends AND NOT a.certain) IS TRUE AS unclear, COALESCE(a.why, '') AS why
FROM documents_incomingdocument d
LEFT JOIN switch_unit a ON a.old_id = d.agency_id AND a.ends
LEFT JOIN switch_unit u ON u.old_id = d.lead_unit_id AND u.ends
LEFT JOIN org_movedrecord m ON m.batch_id = COALESCE(a.back, u.back) AND m.kind = '{INCOMING}' AND m.record_id = d.id
WHERE d.state IN {_OPEN} AND (a.old_id IS NOT NULL OR u.old_id IS NOT NULL)
"""
_TOUCHED_TASKS: Final = f"""
SELECT t.id, t.unit_id, COALESCE((m.before ->> 'unit')::bigint, u.new_id, t.unit_id) AS new_unit
FROM documents_task t JOIN switch_unit u ON u.old_id = t.unit_id AND u.ends
LEFT JOIN org_movedrecord m ON m.batch_id = u.back AND m.kind = '{TASK}' AND m.record_id = t.id
WHERE t.state IN {_OPEN_TASK}
"""
_TOUCHED_FILES: Final = f"""
SELECT f.id, f.agency_id, f.unit_id,
       COALESCE((m.before ->> 'agency')::bigint, a.new_id, f.agency_id) AS new_agency,
       COALESCE((m.before ->> 'unit')::bigint, u.new_id, f.unit_id) AS new_unit
FROM documents_workfile f
LEFT JOIN switch_unit a ON a.old_id = f.agency_id AND a.ends
LEFT JOIN switch_unit u ON u.old_id = f.unit_id AND u.ends
LEFT JOIN org_movedrecord m ON m.batch_id = COALESCE(a.back, u.back) AND m.kind = '{FILE}' AND m.record_id = f.id
WHERE f.state = 'open' AND (a.old_id IS NOT NULL OR u.old_id IS NOT NULL)
"""
# Lines of a catalogue that is in use, in an agency that goes on; that of an agency that ends stays as it was issued.
_TOUCHED_ENTRIES: Final = f"""
SELECT e.id, e.unit_id, COALESCE((m.before ->> 'unit')::bigint, u.new_id) AS new_unit
FROM documents_catalogueentry e
JOIN documents_filecatalogue c ON c.id = e.catalogue_id
JOIN switch_unit u ON u.old_id = e.unit_id AND u.ends AND u.new_agency_id = c.agency_id
LEFT JOIN org_movedrecord m ON m.batch_id = u.back AND m.kind = '{ENTRY}' AND m.record_id = e.id
WHERE c.year >= extract(year FROM %s::date) AND u.new_id IS NOT NULL
"""
_WAITING_OPINIONS: Final = (
    "documents_opinion o JOIN switch_unit u ON u.old_id = o.unit_id AND u.ends "
    "WHERE o.given_at IS NULL AND o.withdrawn_at IS NULL"
)
_ENDING_BOXES: Final = "documents_mailbox b JOIN switch_unit a ON a.old_id = b.agency_id AND a.ends"


class IncomingMover:
    name = "documents_incoming"
    order = 41

    def count(self, move: Move) -> dict[str, int]:
        return {
            _("Văn bản đến đang giải quyết"): number(f"SELECT count(*) FROM ({_TOUCHED}) t"),
            _("Việc được giao chưa xong"): number(f"SELECT count(*) FROM ({_TOUCHED_TASKS}) t"),
            _("Ý kiến dự thảo đang chờ"): number(f"SELECT count(*) FROM {_WAITING_OPINIONS}"),
            _("Hồ sơ công việc đang mở"): number(f"SELECT count(*) FROM ({_TOUCHED_FILES}) t"),
            _("Hộp thư công vụ"): number(f"SELECT count(*) FROM {_ENDING_BOXES}"),
        }

    def move(self, move: Move) -> Moved:
        rows(
            f"SELECT id FROM documents_incomingdocument WHERE id IN (SELECT t.id FROM ({_TOUCHED}) t) "
            "ORDER BY id FOR UPDATE"
        )
        arrivals, unclear = self._arrivals(move)
        tasks = self._tasks(move)
        opinions = run(
            "UPDATE documents_opinion o SET unit_id = u.new_id FROM switch_unit u WHERE u.old_id = o.unit_id "
            "AND u.ends AND u.new_id IS NOT NULL AND o.given_at IS NULL AND o.withdrawn_at IS NULL"
        )
        opened, stuck = self._files(move)
        entries = self._entries(move)
        boxes, left = self._boxes(move)
        return Moved(
            {
                _("Văn bản đến đã chuyển"): arrivals,
                _("Việc đã chuyển"): tasks,
                _("Ý kiến đang chờ đã chuyển"): opinions,
                _("Hồ sơ công việc đã chuyển"): opened,
                _("Dòng danh mục hồ sơ đã chuyển"): entries,
                _("Hộp thư công vụ đã chuyển"): boxes,
            },
            [*unclear, *stuck, *left],
        )

    def _arrivals(self, move: Move) -> tuple[int, list[Leftover]]:
        found = rows(
            f"SELECT id, agency_id, lead_unit_id, new_agency, new_lead, unclear, why FROM ({_TOUCHED}) t ORDER BY id"
        )
        labels = dict(
            rows(
                "SELECT id, title FROM documents_incomingdocument WHERE id = ANY(%s)",
                [[row[0] for row in found if row[5]]],
            )
        )
        run(
            "UPDATE documents_incomingdocument d SET agency_id = s.new_agency, lead_unit_id = s.new_lead, "
            f"text_read_at = NULL FROM ({_TOUCHED}) s WHERE s.id = d.id"
        )
        note_moved(
            move,
            "incoming.move",
            INCOMING,
            (
                Line(pk, agency, new, {"agency": agency, "lead": lead})
                for pk, agency, lead, new, _new_lead, _unclear, _why in found
            ),
        )
        unclear = [
            self._leftover(move, INCOMING, pk, labels[pk], why, new)
            for pk, _agency, _lead, new, _new_lead, is_unclear, why in found
            if is_unclear
        ]
        return len(found), unclear

    def _tasks(self, move: Move) -> int:
        found = rows(f"SELECT id, unit_id, new_unit FROM ({_TOUCHED_TASKS}) t ORDER BY id")
        run(f"UPDATE documents_task t SET unit_id = s.new_unit FROM ({_TOUCHED_TASKS}) s WHERE s.id = t.id")
        note_moved(move, "task.move", TASK, (Line(pk, unit, new, {"unit": unit}) for pk, unit, new in found))
        return len(found)

    def _files(self, move: Move) -> tuple[int, list[Leftover]]:
        """A file whose notation stands in the heir's catalogue already waits for a person to decide."""
        found = rows(
            "SELECT t.id, t.agency_id, t.unit_id, t.new_agency, t.new_unit, f.title, EXISTS (SELECT 1 FROM "
            "documents_workfile o WHERE o.agency_id = t.new_agency AND o.id <> f.id AND o.year = f.year AND "
            f"o.notation = f.notation) FROM ({_TOUCHED_FILES}) t JOIN documents_workfile f ON f.id = t.id ORDER BY t.id"
        )
        free = [row for row in found if not row[6]]
        for pk, _agency, _unit, new_agency, new_unit, _title, _taken in free:
            run(
                "UPDATE documents_workfile SET agency_id = %s, unit_id = %s WHERE id = %s",
                [new_agency, new_unit, pk],
            )
        note_moved(
            move,
            "work_file.move",
            FILE,
            (Line(row[0], row[1], row[3], {"agency": row[1], "unit": row[2]}) for row in free),
        )
        why = _("Ký hiệu hồ sơ này đã có ở cơ quan kế thừa")
        return len(free), [self._leftover(move, FILE, row[0], row[5], why, row[3]) for row in found if row[6]]

    def _entries(self, move: Move) -> int:
        found = rows(f"{_TOUCHED_ENTRIES} ORDER BY e.id", [move.on])
        for pk, _unit, new in found:
            run("UPDATE documents_catalogueentry SET unit_id = %s WHERE id = %s", [new, pk])
        note_moved(
            move, "catalogue.move", ENTRY, (Line(pk, unit, new, {"unit": unit}) for pk, unit, new in found)
        )
        return len(found)

    def _boxes(self, move: Move) -> tuple[int, list[Leftover]]:
        """The mailbox goes to the heir unless he has one; then it is read no more until somebody decides."""
        found = rows(
            "SELECT b.id, b.user_name, a.new_id, EXISTS (SELECT 1 FROM documents_mailbox o WHERE o.agency_id = a.new_id) "
            f"FROM {_ENDING_BOXES} ORDER BY b.id"
        )
        moved, left, taken = 0, [], set()
        for pk, name, new, has_one in found:
            if has_one or new is None or new in taken:
                run("UPDATE documents_mailbox SET is_active = false WHERE id = %s", [pk])
                why = _("Đơn vị kế thừa đã có hộp thư công vụ; hộp thư cũ tạm dừng đọc")
                left.append(self._leftover(move, "documents.mailbox", pk, name, why, new))
            else:
                taken.add(new)
                run("UPDATE documents_mailbox SET agency_id = %s WHERE id = %s", [new, pk])
                moved += 1
        return moved, left

    def _leftover(self, move: Move, kind: str, pk: int, label: str, why: str, owner: int | None) -> Leftover:
        return Leftover(
            batch=move.batch,
            kind=LeftoverKind.DOCUMENT,
            subject_type=kind,
            subject_id=pk,
            label=label[:300],
            why=why[:300] or _("Chưa rõ đơn vị nào tiếp tục văn bản này"),
            owner_unit_id=owner,
        )

    def orphans(self) -> dict[str, int]:
        return {
            _("văn bản đến chưa xong ở đơn vị đã kết thúc"): number(
                f"SELECT count(*) FROM documents_incomingdocument d WHERE d.state IN {_OPEN} AND EXISTS "
                "(SELECT 1 FROM switch_unit u WHERE u.ends AND u.old_id IN (d.agency_id, d.lead_unit_id))"
            ),
            _("việc chưa xong ở đơn vị đã kết thúc"): number(
                f"SELECT count(*) FROM documents_task t WHERE t.state IN {_OPEN_TASK} AND EXISTS "
                "(SELECT 1 FROM switch_unit u WHERE u.ends AND u.old_id = t.unit_id)"
            ),
        }

    def settle(self, leftover: Leftover, *, unit_id: int | None, actor: Any) -> bool:
        return leftover.subject_type in {INCOMING, FILE, "documents.mailbox"}
