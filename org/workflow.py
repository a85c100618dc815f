"""The path of a citizen's request about his data. Mechanism: core/workflow.py."""

from django.utils.translation import gettext_lazy as _

from core.workflow import NOTE, Move, Table
from org import rules
from org.choices import DataRequestStatus as S

# fmt: off
DATA_REQUESTS = Table(
    #    verb        from                       to            who may
    Move("withdraw", {S.SUBMITTED, S.IN_HAND},  S.WITHDRAWN,  rules.is_requester,     label=_("Rút yêu cầu")),
    Move("take_up",  {S.SUBMITTED},             S.IN_HAND,    rules.answers_requests, label=_("Nhận xử lý")),
    Move("correct",  {S.IN_HAND},               S.FULFILLED,  rules.corrects,         needs=NOTE, label=_("Sửa dữ liệu")),
    Move("erase",    {S.IN_HAND},               S.FULFILLED,  rules.erases,           needs=NOTE, label=_("Xóa dữ liệu")),
    Move("refuse",   {S.IN_HAND},               S.REFUSED,    rules.answers_requests, needs=NOTE, label=_("Không thực hiện")),
    status_field="status",
)
# fmt: on
