"""What a restructuring moves of the one-stop mechanism: open cases and citizens' drafts (domain/organisation.md §6).

Code, day of receipt and due time stay. A case goes where it came from (undo), else where a rule of the plan sends it
(its procedure, who decides that procedure now, or the address of its owner), else along with its agency. Where none of these is certain it sits with
the first successor, and a leftover with an owner asks for the decision.
"""

from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from core.search import MARKED, fold
from notices import services as notices
from onecase.actions.succession import place
from onecase.choices import OPEN, BusinessStatus
from onecase.models import Procedure
from org.choices import LeftoverKind, OrganizationKind, Role
from org.models import Leftover, Organization
from org.restructuring.hooks import Line, Move, Moved, note_moved, number, rows, run
from org.services import CITY_CENTRE

LABEL: Final = "onecase.case"
# A result that was not handed out yet is handed out by the successor's counter.
LIVE: Final = sorted(OPEN | {BusinessStatus.COMPLETED, BusinessStatus.REFUSED, BusinessStatus.DRAFT})

_FOLDED = "' ' || regexp_replace(translate(%s, %%(marked)s, %%(plain)s), '[^a-z0-9]+', ' ', 'g') || ' '"
_ADDRESS = _FOLDED % (
    "COALESCE((SELECT y.address FROM onecase_party y WHERE y.case_id = c.id AND y.address <> '' "
    "ORDER BY y.role <> 'owner' LIMIT 1), (SELECT i.address FROM org_citizenidentity i WHERE i.user_id = c.applicant_id), '')"
)
_TOUCHED = f"""
CREATE TEMP TABLE switch_case ON COMMIT DROP AS
SELECT c.id, c.business_status AS status, c.agency_id, c.receiving_unit_id AS receiving_id, c.handling_unit_id AS handling_id,
       c.handler_id, c.result_document_id AS document_id, p.handled_by_symbol AS symbol,
       (m.before ->> 'agency')::bigint AS back_agency, (m.before ->> 'receiving')::bigint AS back_receiving,
       (m.before ->> 'handling')::bigint AS back_handling, m.id IS NOT NULL AS is_back,
       cardinality(rule.keys) = 1 AS is_ruled, COALESCE(cardinality(rule.keys), 0) > 1 AS is_doubtful,
       CASE WHEN cardinality(rule.keys) = 1 THEN rule.keys[1] WHEN a.ends THEN a.new_key END AS new_key,
       CASE WHEN cardinality(rule.ids) = 1 THEN rule.ids[1] WHEN a.ends THEN a.new_id ELSE c.agency_id END AS new_agency,
       COALESCE(a.ends, false) AS agency_ends, COALESCE(a.certain, true) AS certain, COALESCE(a.why, '') AS why,
       NULL::bigint AS new_receiving, NULL::bigint AS new_handling, NULL::bigint AS new_handler
FROM onecase_case c JOIN onecase_procedure p ON p.id = c.procedure_id
LEFT JOIN switch_unit a ON a.old_id = c.agency_id
LEFT JOIN switch_unit r ON r.old_id = c.receiving_unit_id AND r.ends
LEFT JOIN switch_unit h ON h.old_id = c.handling_unit_id AND h.ends
LEFT JOIN org_movedrecord m ON m.batch_id = COALESCE(a.back, r.back, h.back) AND m.kind = '{LABEL}' AND m.record_id = c.id
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT q.new_key) AS keys, array_agg(DISTINCT q.new_id) AS ids
    FROM (SELECT s.new_key, s.new_id, v.strength, max(v.strength) OVER () AS strongest
          FROM (SELECT {_ADDRESS} AS text OFFSET 0) t
          JOIN switch_rule s ON s.old_id = c.agency_id
               AND ((s.how = 'address' AND t.text LIKE '%% ' || s.value || ' %%')
                    OR (s.how = 'decided_by' AND s.value = p.decided_by) OR (s.how = 'procedure' AND s.value = p.code))
          JOIN (VALUES ('address', 1), ('decided_by', 2), ('procedure', 3)) v(how, strength) ON v.how = s.how) q
    WHERE q.strength = q.strongest
) rule ON a.old_id IS NOT NULL
WHERE c.business_status = ANY(%(live)s) AND (a.ends OR r.old_id IS NOT NULL OR h.old_id IS NOT NULL
      OR (a.old_id IS NOT NULL AND rule.keys IS NOT NULL))
"""
_UNCLEAR = "status <> 'draft' AND NOT is_back AND NOT COALESCE(is_ruled, false) AND agency_ends AND (NOT certain OR is_doubtful)"
# The counter and the handling part of the successor, as org.services would choose them for one case.
_PLACES = """
UPDATE switch_case s SET
  new_agency = CASE WHEN s.is_back THEN s.back_agency ELSE s.new_agency END,
  new_receiving = CASE
    WHEN s.is_back THEN s.back_receiving
    WHEN s.new_agency = s.agency_id AND r.old_id IS NULL THEN s.receiving_id
    WHEN s.new_agency = s.agency_id THEN r.new_id
    ELSE COALESCE((SELECT o.id FROM org_organization o WHERE o.agency_id = s.new_agency AND o.id <> s.new_agency
                   AND o.kind = %(counter)s AND o.valid_to IS NULL ORDER BY o.id LIMIT 1),
                  CASE WHEN r.old_id IS NULL THEN s.receiving_id END, r.new_id, %(centre)s) END,
  new_handling = CASE
    WHEN s.handling_id IS NULL THEN NULL
    WHEN s.is_back THEN COALESCE(s.back_handling, s.back_agency)
    WHEN s.new_agency = s.agency_id AND h.old_id IS NULL THEN s.handling_id
    WHEN s.new_agency = s.agency_id THEN h.new_id
    ELSE COALESCE((SELECT o.id FROM org_organization o WHERE s.symbol <> '' AND o.agency_id = s.new_agency
                   AND o.symbol LIKE s.symbol || '%%' AND o.valid_to IS NULL
                   AND NOT EXISTS (SELECT 1 FROM switch_unit u WHERE u.old_id = o.id AND u.ends)
                   ORDER BY o.symbol LIMIT 1), s.new_agency) END
FROM switch_case x
LEFT JOIN switch_unit r ON r.old_id = x.receiving_id AND r.ends
LEFT JOIN switch_unit h ON h.old_id = x.handling_id AND h.ends
WHERE x.id = s.id
"""
# Whoever has the case in hand keeps it when his new hat handles cases of the new unit.
_HANDLERS = """
UPDATE switch_case s SET new_handler = s.handler_id WHERE s.handler_id IS NOT NULL AND (
  s.new_handling IS NOT DISTINCT FROM s.handling_id OR EXISTS (
    SELECT 1 FROM org_rolegrant g JOIN org_assignment a ON a.id = g.assignment_id JOIN org_person p ON p.id = a.person_id
    WHERE p.user_id = s.handler_id AND g.organization_id = s.new_handling AND g.role = %(role)s
      AND (g.valid_to IS NULL OR g.valid_to > %(today)s) AND (a.valid_to IS NULL OR a.valid_to > %(today)s)))
"""


class CaseMover:
    name = "onecase"
    order = 30

    def count(self, move: Move) -> dict[str, int]:
        self._touched()
        return {
            _("Hồ sơ đang giải quyết"): number(
                "SELECT count(*) FROM switch_case WHERE status NOT IN ('draft', 'completed', 'refused')"
            ),
            _("Hồ sơ có kết quả chưa trả"): number(
                "SELECT count(*) FROM switch_case WHERE status IN ('completed', 'refused')"
            ),
            _("Bản nháp của người dân"): number("SELECT count(*) FROM switch_case WHERE status = 'draft'"),
            _("Hồ sơ chuyển theo quy tắc thủ tục, địa chỉ"): number(
                "SELECT count(*) FROM switch_case WHERE is_ruled AND status <> 'draft'"
            ),
            _("Hồ sơ chưa rõ nơi nhận"): number(f"SELECT count(*) FROM switch_case WHERE {_UNCLEAR}"),
        }

    def move(self, move: Move) -> Moved:
        rows(
            "SELECT c.id FROM onecase_case c WHERE c.business_status = ANY(%(live)s) AND EXISTS (SELECT 1 FROM switch_unit u "
            "WHERE u.old_id IN (c.agency_id, c.receiving_unit_id, c.handling_unit_id)) ORDER BY c.id FOR UPDATE",
            {"live": LIVE},
        )
        self._touched()
        centre = Organization.objects.filter(slug=CITY_CENTRE).values_list("pk", flat=True).first()
        run(_PLACES, {"counter": OrganizationKind.ADMIN_UNIT, "centre": centre})
        run(_HANDLERS, {"role": Role.CASE_OFFICER, "today": timezone.localdate()})
        run("CREATE UNIQUE INDEX ON switch_case (id)")
        run("ANALYZE switch_case")
        # A draft whose place is in doubt has none again: its owner chooses, nobody guesses.
        run(
            "UPDATE switch_case SET new_agency = NULL, new_receiving = NULL WHERE status = 'draft' AND agency_ends "
            "AND NOT is_back AND NOT COALESCE(is_ruled, false) AND (NOT certain OR is_doubtful)"
        )
        run(
            "UPDATE onecase_case c SET agency_id = s.new_agency, receiving_unit_id = s.new_receiving, "
            "handling_unit_id = s.new_handling, handler_id = s.new_handler FROM switch_case s WHERE s.id = c.id"
        )
        run(
            "INSERT INTO switch_document (document_id, agency_id, unit_id) SELECT document_id, new_agency, "
            "COALESCE(new_handling, new_agency) FROM switch_case WHERE document_id IS NOT NULL AND new_agency IS NOT NULL "
            "ON CONFLICT DO NOTHING"
        )
        self._hand_over(move)
        moved = self._note(move)
        told = self._tell(move)
        waiting = number(
            "SELECT count(*) FROM switch_case WHERE handler_id IS NOT NULL AND new_handler IS NULL"
        )
        drafts = number("SELECT count(*) FROM switch_case WHERE status = 'draft'")
        return Moved(
            {
                _("Hồ sơ đã chuyển"): moved - drafts,
                _("Bản nháp đã chuyển"): drafts,
                _("Hồ sơ chờ phân công lại"): waiting,
                _("Người dân được báo"): told,
            },
            [*self._unclear(move), *self._without_handler(move)],
        )

    def orphans(self) -> dict[str, int]:
        live = [status for status in LIVE if status != BusinessStatus.DRAFT]
        ended = (
            "SELECT count(*) FROM onecase_case c WHERE c.business_status = ANY(%s) AND EXISTS (SELECT 1 FROM switch_unit u "
            "WHERE u.ends AND u.old_id IN (c.agency_id, c.receiving_unit_id, c.handling_unit_id))"
        )
        return {
            _("hồ sơ ở đơn vị đã kết thúc"): number(ended, [live]),
            _("bản nháp ở đơn vị đã kết thúc"): number(ended, [[BusinessStatus.DRAFT]]),
        }

    def settle(self, leftover: Leftover, *, unit_id: int | None, actor: Any) -> bool:
        if leftover.kind == LeftoverKind.CASE and leftover.subject_type == LABEL:
            if unit_id is not None:
                place(
                    leftover.subject_id,
                    Organization.objects.get(pk=unit_id),
                    actor=actor,
                    batch=leftover.batch,
                )
            return True
        return leftover.kind == LeftoverKind.HANDLER

    # --- steps ------------------------------------------------------------------------------------------------

    def _touched(self) -> None:
        """Rules on a field become rules on its procedures; then each touched case with its target."""
        fields = rows("SELECT old_id, value, new_key, new_id FROM switch_rule WHERE how = 'field'")
        if fields:
            codes = [(code, fold(name)) for code, name in Procedure.objects.values_list("code", "field")]
            for old, value, key, new in fields:
                for code, name in codes:
                    if name == value:
                        run(
                            "INSERT INTO switch_rule VALUES (%s, 'procedure', %s, %s, %s)",
                            [old, code, key, new],
                        )
            run("UPDATE switch_rule SET how = 'field, read' WHERE how = 'field'")
        run("DROP TABLE IF EXISTS switch_case")
        run(_TOUCHED, {"marked": MARKED[0], "plain": MARKED[1], "live": LIVE})

    def _note(self, move: Move) -> int:
        found = rows(
            "SELECT id, agency_id, new_agency, receiving_id, handling_id, handler_id FROM switch_case ORDER BY id"
        )
        return note_moved(
            move,
            "case.move",
            LABEL,
            (
                Line(
                    pk,
                    agency or receiving,
                    new,
                    {"agency": agency, "receiving": receiving, "handling": handling, "handler": handler},
                )
                for pk, agency, new, receiving, handling, handler in found
                if agency or receiving
            ),
        )

    def _hand_over(self, move: Move) -> None:
        """A line of Form 06 for every case that changes its handling unit."""
        run(
            "INSERT INTO onecase_handover (case_id, giver_id, giver_unit, taker_unit_id, taker_id, given_at, taken_at, note) "
            "SELECT s.id, %(by)s, left(o.name, 300), s.new_handling, s.new_handler, %(at)s, "
            "CASE WHEN s.new_handler IS NOT NULL THEN %(at)s::timestamptz END, %(why)s "
            "FROM switch_case s JOIN org_organization o ON o.id = s.handling_id "
            "WHERE s.new_handling IS NOT NULL AND s.new_handling <> s.handling_id",
            {"by": move.batch.approved_by_id, "at": move.at, "why": move.reason[:300]},
        )

    def _tell(self, move: Move) -> int:
        """Who asked for something reads who handles it now; code and due time are the same."""
        found = rows(
            """SELECT s.id, s.status, c.code, c.applicant_id, COALESCE(u.email, ''), o.name, r.name,
                      COALESCE((SELECT y.email FROM onecase_party y WHERE y.case_id = c.id AND y.email <> '' LIMIT 1), '')
               FROM switch_case s JOIN onecase_case c ON c.id = s.id LEFT JOIN org_user u ON u.id = c.applicant_id
               LEFT JOIN org_organization o ON o.id = s.new_agency LEFT JOIN org_organization r ON r.id = s.new_receiving
               WHERE s.new_agency IS DISTINCT FROM s.agency_id OR s.new_receiving IS DISTINCT FROM s.receiving_id
               ORDER BY s.id"""
        )
        letters = []
        for pk, status, code, applicant, email, agency, counter, party_email in found:
            address = email if applicant else party_email
            if not applicant and not address:
                continue
            title, text = _letter(status, code, agency, counter, move)
            letters.append(
                notices.Letter(
                    recipient_id=applicant,
                    email=address,
                    kind="case.move",
                    title=title,
                    text=text,
                    url=f"/ho-so/{code}/" if applicant and code else "/tra-cuu/" if code else "/ho-so/",
                    subject_type=LABEL,
                    subject_id=pk,
                )
            )
        return notices.tell_many(letters)

    def _unclear(self, move: Move) -> list[Leftover]:
        found = rows(
            f"""SELECT s.id, c.code, p.name, s.new_agency, s.why,
                       ARRAY(SELECT DISTINCT x.new_id FROM (
                           SELECT t.new_id FROM switch_target t WHERE t.old_id = s.agency_id
                           UNION SELECT r.new_id FROM switch_rule r WHERE r.old_id = s.agency_id
                           UNION SELECT h.new_id FROM switch_heir h WHERE h.old_id = s.agency_id) x
                             WHERE x.new_id IS NOT NULL ORDER BY 1)
                FROM switch_case s JOIN onecase_case c ON c.id = s.id JOIN onecase_procedure p ON p.id = c.procedure_id
                WHERE {_UNCLEAR} ORDER BY s.id"""
        )
        return [
            Leftover(
                batch=move.batch,
                kind=LeftoverKind.CASE,
                subject_type=LABEL,
                subject_id=pk,
                label=f"{code} · {name}"[:300],
                why=(why or _("Địa chỉ trong hồ sơ khớp nhiều nơi"))[:300],
                owner_unit_id=agency,
                options=options,
            )
            for pk, code, name, agency, why, options in found
        ]

    def _without_handler(self, move: Move) -> list[Leftover]:
        found = rows(
            "SELECT new_handling, count(*) FROM switch_case WHERE handler_id IS NOT NULL AND new_handler IS NULL "
            "AND status NOT IN ('draft', 'completed', 'refused') GROUP BY 1 ORDER BY 1"
        )
        names = Organization.objects.in_bulk([pk for pk, _count in found])
        return [
            Leftover(
                batch=move.batch,
                kind=LeftoverKind.HANDLER,
                subject_type="org.organization",
                subject_id=unit,
                label=_("%(n)s hồ sơ tại %(unit)s chờ phân công người thụ lý")
                % {"n": count, "unit": names[unit].name},
                why=_("Người thụ lý trước đây không làm việc ở đơn vị nhận hồ sơ"),
                owner_unit_id=unit,
            )
            for unit, count in found
        ]


def _letter(status: str, code: str, agency: str | None, counter: str | None, move: Move) -> tuple[str, str]:
    day, basis = f"{move.on:%d/%m/%Y}", move.basis
    if status == BusinessStatus.DRAFT:
        if agency is None:
            return _("Chọn lại nơi giải quyết cho bản nháp"), _(
                "Cơ quan trong bản nháp đã sắp xếp lại từ %(day)s theo %(basis)s. Những gì đã điền vẫn còn; mở bản nháp và "
                "chọn nơi giải quyết trước khi nộp."
            ) % {"day": day, "basis": basis}
        return _("Bản nháp chuyển sang %(agency)s")[:200] % {"agency": agency}, _(
            "Cơ quan trong bản nháp đã sắp xếp lại từ %(day)s theo %(basis)s. Hồ sơ sẽ nộp tới %(agency)s; những gì đã "
            "điền vẫn còn."
        ) % {"day": day, "basis": basis, "agency": agency}
    title = _("Hồ sơ %(code)s nay do %(agency)s giải quyết") % {"code": code, "agency": agency or counter}
    text = _(
        "Từ %(day)s, theo %(basis)s, hồ sơ %(code)s do %(agency)s giải quyết; nơi tiếp nhận và trả kết quả: %(counter)s. "
        "Mã hồ sơ, ngày tiếp nhận và hạn trả kết quả giữ nguyên; không phải nộp lại giấy tờ."
    ) % {"day": day, "basis": basis, "code": code, "agency": agency, "counter": counter}
    return title[:200], text
