"""The path of a restructuring (domain/organisation.md §5): nothing is applied that a second person has not approved."""

from django.utils.translation import gettext_lazy as _

from core.workflow import NOTE, Move, Table
from org.choices import RestructuringStatus as S
from org.restructuring import rules

# fmt: off
MOVES = Table(
    #    verb         from                                to             who may
    Move("edit",      {S.DRAFT, S.CHECKED},               S.DRAFT,       rules.plans,     label=_("Sửa phương án")),
    Move("check",     {S.DRAFT, S.CHECKED},               S.CHECKED,     rules.plans,     label=_("Chạy thử")),
    Move("approve",   {S.CHECKED},                        S.APPROVED,    rules.approves,  label=_("Duyệt")),
    Move("send_back", {S.CHECKED, S.APPROVED},            S.DRAFT,       rules.works_on,  needs=NOTE, label=_("Trả lại để sửa")),
    Move("apply",     {S.APPROVED},                       S.APPLIED,     rules.is_system, label=_("Áp dụng")),
    Move("close",     {S.APPLIED},                        S.CLOSED,      rules.plans,     label=_("Kết thúc đợt")),
    Move("withdraw",  {S.DRAFT, S.CHECKED, S.APPROVED},   S.WITHDRAWN,   rules.plans,     needs=NOTE, label=_("Rút phương án")),
    status_field="status",
)
# fmt: on
