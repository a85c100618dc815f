"""What a restructuring moves in documents: drafts and papers in process. What was issued never changes (§6)."""

from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import RuleError
from documents import actions
from documents.choices import DocumentStatus as S
from documents.models import Document
from org.choices import LeftoverKind
from org.models import Leftover
from org.restructuring.hooks import Line, Move, Moved, note_moved, number, rows, run
from signing import services as signing

LABEL: Final = "documents.document"
_OPEN: Final = "('draft', 'review', 'checking', 'submitted', 'signing', 'signed', 'sealing')"
_TOUCHED = f"""
SELECT d.id, d.status, d.agency_id, d.unit_id, w.document_id IS NOT NULL AS with_case,
       COALESCE(w.agency_id, back_agency.id, a.new_id, d.agency_id) AS new_agency,
       COALESCE(w.unit_id, back_unit.id, u.new_id, d.unit_id) AS new_unit,
       (a.ends OR u.ends) AND NOT COALESCE(a.certain, u.certain) AND w.document_id IS NULL AS unclear,
       COALESCE(a.why, u.why, '') AS why
FROM documents_document d
LEFT JOIN switch_document w ON w.document_id = d.id
LEFT JOIN switch_unit a ON a.old_id = d.agency_id AND a.ends
LEFT JOIN switch_unit u ON u.old_id = d.unit_id AND u.ends
LEFT JOIN org_movedrecord m ON m.batch_id = COALESCE(a.back, u.back) AND m.kind = '{LABEL}' AND m.record_id = d.id
LEFT JOIN org_organization back_agency ON back_agency.id = (m.before ->> 'agency')::bigint
LEFT JOIN org_organization back_unit ON back_unit.id = (m.before ->> 'unit')::bigint
WHERE d.status IN {_OPEN} AND (a.old_id IS NOT NULL OR u.old_id IS NOT NULL OR w.document_id IS NOT NULL)
"""


class DocumentMover:
    name = "documents"
    order = 40

    def count(self, move: Move) -> dict[str, int]:
        found = dict(rows(f"SELECT t.status, count(*) FROM ({_TOUCHED}) t GROUP BY t.status"))
        under_way = sum(found.get(status, 0) for status in (S.SIGNING, S.SIGNED, S.SEALING))
        return {
            _("Dự thảo văn bản"): found.get(S.DRAFT, 0),
            _("Văn bản trình ký"): sum(found.get(one, 0) for one in (S.REVIEW, S.CHECKING, S.SUBMITTED)),
            _("Văn bản đang ký, chưa phát hành: trình lại tại đơn vị kế thừa"): under_way,
        }

    def move(self, move: Move) -> Moved:
        rows(f"SELECT id FROM documents_document WHERE id IN (SELECT t.id FROM ({_TOUCHED}) t) FOR UPDATE")
        recalled, stuck = self._recall_unissued(move)
        run("DROP TABLE IF EXISTS switch_paper")
        run(f"CREATE TEMP TABLE switch_paper ON COMMIT DROP AS {_TOUCHED}")
        run(
            "UPDATE documents_document d SET agency_id = s.new_agency, unit_id = s.new_unit, text_read_at = NULL "
            "FROM switch_paper s WHERE s.id = d.id"
        )
        found = rows(
            "SELECT id, agency_id, unit_id, new_agency, new_unit, unclear, why FROM switch_paper ORDER BY id"
        )
        note_moved(
            move,
            "document.move",
            LABEL,
            (
                Line(pk, agency, new, {"agency": agency, "unit": unit})
                for pk, agency, unit, new, _new_unit, _unclear, _why in found
            ),
        )
        unclear = [
            Leftover(
                batch=move.batch,
                kind=LeftoverKind.DOCUMENT,
                subject_type=LABEL,
                subject_id=pk,
                label=Document.objects.values_list("title", flat=True).get(pk=pk)[:300],
                why=why[:300] or _("Chưa rõ đơn vị nào tiếp tục văn bản này"),
                owner_unit_id=new,
            )
            for pk, _agency, _unit, new, _new_unit, is_unclear, why in found
            if is_unclear
        ]
        return Moved(
            {_("Dự thảo, văn bản trình ký đã chuyển"): len(found), _("Văn bản trình ký lại"): recalled},
            [*unclear, *stuck],
        )

    def _recall_unissued(self, move: Move) -> tuple[int, list[Leftover]]:
        """A dissolved agency issues nothing: the number is kept as cancelled, the successor's leader signs anew."""
        recalled, stuck = 0, []
        waiting = rows(
            f"SELECT t.id, t.new_agency FROM ({_TOUCHED}) t JOIN switch_unit a ON a.old_id = t.agency_id AND a.ends "
            "WHERE t.status IN ('signing', 'signed', 'sealing') ORDER BY t.id"
        )
        for pk, new_agency in waiting:
            document = Document.objects.get(pk=pk)
            try:
                with transaction.atomic():
                    if document.status != S.SIGNED and document.signature_request_id:
                        signing.cancel(document.signature_request_id, move.reason)
                    if Document.objects.get(pk=pk).status == S.SIGNED:
                        actions.recall(pk, reason=move.reason)
                recalled += 1
            except RuleError as error:
                stuck.append(
                    Leftover(
                        batch=move.batch,
                        kind=LeftoverKind.DOCUMENT,
                        subject_type=LABEL,
                        subject_id=pk,
                        label=document.title[:300],
                        why=str(error)[:300],
                        owner_unit_id=new_agency,
                    )
                )
        return recalled, stuck

    def orphans(self) -> dict[str, int]:
        return {
            _("văn bản chưa phát hành ở đơn vị đã kết thúc"): number(
                f"SELECT count(*) FROM documents_document d WHERE d.status IN {_OPEN} AND EXISTS "
                "(SELECT 1 FROM switch_unit u WHERE u.ends AND u.old_id IN (d.agency_id, d.unit_id))"
            )
        }

    def settle(self, leftover: Leftover, *, unit_id: int | None, actor: Any) -> bool:
        return leftover.kind == LeftoverKind.DOCUMENT
