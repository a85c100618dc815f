"""The path of a document made here, of one that arrives, and of a task (domain/documents.md §7, §8).

Sign → number → seal → issue are acts of their own; a result of a case enters at «trình ký» (domain/onecase.md T12).
"""

from django.utils.translation import gettext_lazy as _

from core.workflow import NOTE, Move, Table
from documents import rules
from documents.choices import DocumentStatus as S
from documents.choices import IncomingState as I
from documents.choices import TaskState as T

# fmt: off
MOVES = Table(
    #    verb                 from            to           who may                clock
    Move("edit",              {S.DRAFT},      S.DRAFT,     rules.drafts,          label=_("Sửa dự thảo")),
    Move("submit",            {S.DRAFT},      S.SUBMITTED, rules.drafts_result,   label=_("Trình ký")),
    Move("propose",           {S.DRAFT},      S.REVIEW,    rules.drafts_official, label=_("Ký nháy, trình trưởng đơn vị")),
    Move("initial",           {S.REVIEW},     S.CHECKING,  rules.heads,           label=_("Ký nháy, chuyển kiểm tra thể thức")),
    Move("pass_form",         {S.CHECKING},   S.SUBMITTED, rules.checks_form,     label=_("Đạt thể thức, trình lãnh đạo")),
    Move("send_back",         {S.REVIEW, S.CHECKING, S.SUBMITTED}, S.DRAFT, rules.sends_back, needs=NOTE, label=_("Trả lại")),
    Move("sign",              {S.SUBMITTED},  S.SIGNING,   rules.signs,           label=_("Ký số")),
    Move("record_signature",  {S.SIGNING},    S.SIGNED,    rules.is_system,       label=_("Đã ký số")),
    Move("signing_failed",    {S.SIGNING},    S.SUBMITTED, rules.is_system,       needs=NOTE, label=_("Ký số không thành")),
    Move("seal",              {S.SIGNED},     S.SEALING,   rules.keeps_seal,      label=_("Đóng dấu số")),
    Move("sealing_failed",    {S.SEALING},    S.SIGNED,    rules.is_system,       needs=NOTE, label=_("Đóng dấu không thành")),
    Move("issue",             {S.SEALING},    S.ISSUED,    rules.is_system,       label=_("Phát hành")),
    Move("recall",            {S.SIGNED},     S.SUBMITTED, rules.is_system,       needs=NOTE, label=_("Trình lại tại đơn vị kế thừa")),
    Move("cancel",            {S.DRAFT, S.SUBMITTED}, S.CANCELLED, rules.drafts,  needs=NOTE, label=_("Bỏ dự thảo")),
    status_field="status",
)

INCOMING_MOVES = Table(
    #    verb            from                                to             who may                      needs
    Move("receive",      {I.ARRIVED},                        I.REGISTERED,  rules.keeps_register,        label=_("Tiếp nhận, vào sổ")),
    Move("turn_away",    {I.ARRIVED},                        I.RETURNED,    rules.keeps_register,        needs=NOTE, label=_("Trả lại nơi gửi")),
    Move("submit_up",    {I.REGISTERED},                     I.SUBMITTED,   rules.keeps_register,        label=_("Trình lãnh đạo")),
    Move("direct",       {I.REGISTERED, I.SUBMITTED, I.ASSIGNED}, I.ASSIGNED, rules.directs,             label=_("Cho ý kiến chỉ đạo")),
    Move("direct",       {I.IN_PROGRESS},                    I.IN_PROGRESS, rules.directs,               label=_("Cho ý kiến chỉ đạo")),
    Move("transfer",     {I.REGISTERED},                     I.ASSIGNED,    rules.keeps_register,        label=_("Chuyển thẳng đơn vị")),
    Move("hand_over",    {I.ARRIVED},                        I.ASSIGNED,    rules.is_system,             label=_("Chuyển thẳng văn bản nội bộ")),
    Move("start",        {I.ASSIGNED},                       I.IN_PROGRESS, rules.is_system,             label=_("Bắt đầu xử lý")),
    Move("finish",       {I.ASSIGNED, I.IN_PROGRESS},        I.DONE,        rules.is_system,             label=_("Hoàn thành")),
    Move("conclude",     {I.REGISTERED, I.SUBMITTED, I.ASSIGNED, I.IN_PROGRESS}, I.DONE, rules.directs,  needs=NOTE, label=_("Kết thúc, không cần xử lý thêm")),
    Move("reopen",       {I.DONE},                           I.IN_PROGRESS, rules.directs,               needs=NOTE, label=_("Yêu cầu xử lý tiếp")),
    Move("file",         {I.DONE},                           I.FILED,       rules.is_system,             label=_("Lập hồ sơ")),
    Move("give_back",    {I.ARRIVED, I.REGISTERED, I.SUBMITTED, I.ASSIGNED, I.IN_PROGRESS, I.DONE, I.FILED}, I.RECALLED, rules.keeps_register, label=_("Đồng ý thu hồi")),
    status_field="state",
)

TASK_MOVES = Table(
    #    verb            from                               to             who may            needs
    Move("see",          {T.NEW},                           T.SEEN,        rules.does,        label=_("Đã xem")),
    Move("start",        {T.NEW, T.SEEN},                   T.IN_PROGRESS, rules.does,        label=_("Nhận việc")),
    Move("report",       {T.NEW, T.SEEN, T.IN_PROGRESS},    T.IN_PROGRESS, rules.does,        needs=NOTE, label=_("Báo cáo tiến độ")),
    Move("finish",       {T.NEW, T.SEEN, T.IN_PROGRESS},    T.DONE,        rules.does,        label=_("Hoàn thành")),
    Move("hand_back",    {T.NEW, T.SEEN, T.IN_PROGRESS},    T.RETURNED,    rules.does,        needs=NOTE, label=_("Trả lại việc, nêu lý do")),
    Move("assign",       {T.NEW, T.SEEN, T.IN_PROGRESS},    T.IN_PROGRESS, rules.heads_task,  label=_("Giao người trong đơn vị")),
    Move("withdraw",     {T.NEW, T.SEEN, T.IN_PROGRESS},    T.WITHDRAWN,   rules.gave,        needs=NOTE, label=_("Rút việc")),
    status_field="state",
)
# fmt: on
