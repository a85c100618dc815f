"""Who is told of a restructuring: everybody whose post moved, in his inbox (citizens are told by onecase)."""

from typing import Any

from django.utils.translation import gettext as _

from notices.actions import Letter, tell_many
from org.models import Leftover
from org.restructuring.hooks import Move, Moved, number, rows


class NoticeMover:
    name = "notices"
    order = 90

    def count(self, move: Move) -> dict[str, int]:
        return {
            _("Thông báo cho người giữ chức vụ"): number(
                "SELECT count(DISTINCT p.user_id) FROM switch_hat h JOIN org_person p ON p.id = h.person_id"
            )
        }

    def move(self, move: Move) -> Moved:
        found = rows(
            """SELECT DISTINCT ON (p.user_id) p.user_id, o.name, n.name, t.title FROM switch_hat h
               JOIN org_person p ON p.id = h.person_id JOIN org_organization o ON o.id = h.old_unit
               JOIN org_position t ON t.id = h.position_id LEFT JOIN org_organization n ON n.id = h.new_unit
               WHERE p.user_id IS NOT NULL ORDER BY p.user_id, h.old_hat"""
        )
        words = {"day": f"{move.on:%d/%m/%Y}", "basis": move.basis}
        letters = [
            Letter(
                recipient_id=user,
                kind="unit.move",
                title=(_("Nay làm việc tại %(unit)s") % {"unit": new} if new else _("Chức vụ đã kết thúc"))[
                    :200
                ],
                text=_(
                    "%(old)s kết thúc hoạt động từ %(day)s theo %(basis)s. Chức vụ «%(post)s» và việc đang làm:"
                )
                % {**words, "old": old, "post": post}
                + " "
                + (
                    _("chuyển sang %(unit)s.") % {"unit": new}
                    if new
                    else _("chờ quyết định của cơ quan có thẩm quyền.")
                ),
                url="/lam-viec/",
                subject_type="org.restructuring",
                subject_id=move.batch.pk,
            )
            for user, old, new, post in found
        ]
        return Moved({_("Người giữ chức vụ được báo"): tell_many(letters)})

    def orphans(self) -> dict[str, int]:
        return {}

    def settle(self, leftover: Leftover, *, unit_id: int | None, actor: Any) -> bool:
        return False
