"""The path of a case. T-numbers: domain/onecase.md §3.3. Mechanism: core/workflow.py."""

from django.utils.translation import gettext_lazy as _

from core.workflow import NOTE, Move, Table
from onecase import rules
from onecase.choices import BusinessStatus as S

IN_HAND = {S.ACCEPTED, S.FORWARDED, S.APPRAISING, S.SUPPLEMENT_PROPOSED, S.SUPPLEMENT_REQUIRED}

# fmt: off
MOVES = Table(
    #    verb                    from                        to                       who may                clock
    Move("submit",               {S.DRAFT},                  S.SUBMITTED,             rules.is_applicant,    "keep",   label=_("Nộp hồ sơ")),                         # T1
    Move("accept",               {S.SUBMITTED},              S.ACCEPTED,              rules.at_counter,      "start",  label=_("Tiếp nhận")),                         # T5
    Move("return_intake",        {S.SUBMITTED},              S.INTAKE_RETURNED,       rules.at_counter,      "keep",   NOTE, label=_("Yêu cầu bổ sung")),              # T3
    Move("resubmit",             {S.INTAKE_RETURNED},        S.SUBMITTED,             rules.brings_papers,   "keep",   label=_("Nộp bổ sung")),
    Move("reject_intake",        {S.SUBMITTED, S.INTAKE_RETURNED}, S.INTAKE_REJECTED, rules.at_counter,      "keep",   NOTE, label=_("Từ chối tiếp nhận")),            # T4
    Move("hand_over",            {S.ACCEPTED},               S.FORWARDED,             rules.at_counter,      "keep",   label=_("Chuyển giải quyết")),                 # T6
    Move("assign",               {S.FORWARDED, S.APPRAISING}, S.APPRAISING,           rules.heads_unit,      "keep",   label=_("Phân công")),                         # T7
    Move("take_up",              {S.FORWARDED},              S.APPRAISING,            rules.may_take_up,     "keep",   label=_("Nhận thụ lý")),                       # T7
    Move("propose_supplement",   {S.APPRAISING},             S.SUPPLEMENT_PROPOSED,   rules.handles,         "keep",   NOTE, label=_("Đề nghị yêu cầu bổ sung")),      # T8
    Move("request_supplement",   {S.APPRAISING, S.SUPPLEMENT_PROPOSED}, S.SUPPLEMENT_REQUIRED, rules.heads_unit, "pause", NOTE, label=_("Yêu cầu bổ sung")),         # T8
    Move("decline_supplement",   {S.SUPPLEMENT_PROPOSED},    S.APPRAISING,            rules.heads_unit,      "keep",   NOTE, label=_("Không yêu cầu bổ sung")),
    Move("supply",               {S.SUPPLEMENT_REQUIRED},    S.APPRAISING,            rules.brings_papers,   "resume", label=_("Gửi bổ sung")),                       # T9
    Move("submit_for_approval",  {S.APPRAISING},             S.AWAITING_APPROVAL,     rules.handles,         "keep",   label=_("Trình lãnh đạo ký")),                 # T12
    Move("return_draft",         {S.AWAITING_APPROVAL},      S.APPRAISING,            rules.reviews,         "keep",   NOTE, label=_("Trả lại dự thảo")),
    Move("approve",              {S.AWAITING_APPROVAL},      S.APPROVED,              rules.leads,           "keep",   label=_("Duyệt và ký số")),                    # T12
    Move("signing_failed",       {S.APPROVED},               S.AWAITING_APPROVAL,     rules.is_system,       "keep",   NOTE, label=_("Ký không thành")),
    Move("complete",             {S.APPROVED},               S.COMPLETED,             rules.is_system,       "stop",   label=_("Có kết quả")),                        # T12
    Move("refuse",               {S.APPROVED},               S.REFUSED,               rules.is_system,       "stop",   label=_("Có văn bản từ chối giải quyết")),     # T15
    Move("return_result",        {S.COMPLETED, S.REFUSED},   S.RETURNED,              rules.at_counter,      "keep",   NOTE, label=_("Trả kết quả")),                  # T17
    Move("collect_online",       {S.COMPLETED, S.REFUSED},   S.RETURNED,              rules.is_applicant,    "keep",   label=_("Tải kết quả")),                       # T17
    Move("request_withdrawal",   {S.SUBMITTED, S.INTAKE_RETURNED} | IN_HAND, S.WITHDRAWAL_REQUESTED, rules.is_applicant, "keep", NOTE, label=_("Xin rút hồ sơ")),     # T16
    Move("agree_withdrawal",     {S.WITHDRAWAL_REQUESTED},   S.WITHDRAWN,             rules.decides_stop,    "stop",   label=_("Đồng ý cho rút")),                    # T16
    Move("stop",                 IN_HAND,                    S.STOPPED,               rules.heads_unit,      "stop",   NOTE, label=_("Dừng giải quyết")),              # T16
)
# fmt: on
