"""The path of a document made here: sign → number → seal → issue are acts of their own (domain/onecase.md T12)."""

from django.utils.translation import gettext_lazy as _

from core.workflow import NOTE, Move, Table
from documents import rules
from documents.choices import DocumentStatus as S

# fmt: off
MOVES = Table(
    #    verb                 from            to           who may           clock
    Move("edit",              {S.DRAFT},      S.DRAFT,     rules.drafts,     label=_("Sửa dự thảo")),
    Move("submit",            {S.DRAFT},      S.SUBMITTED, rules.drafts,     label=_("Trình ký")),
    Move("send_back",         {S.SUBMITTED},  S.DRAFT,     rules.reviews,    needs=NOTE, label=_("Trả lại")),
    Move("sign",              {S.SUBMITTED},  S.SIGNING,   rules.signs,      label=_("Ký số")),
    Move("record_signature",  {S.SIGNING},    S.SIGNED,    rules.is_system,  label=_("Đã ký số")),
    Move("signing_failed",    {S.SIGNING},    S.SUBMITTED, rules.is_system,  needs=NOTE, label=_("Ký số không thành")),
    Move("seal",              {S.SIGNED},     S.SEALING,   rules.keeps_seal, label=_("Đóng dấu số")),
    Move("sealing_failed",    {S.SEALING},    S.SIGNED,    rules.is_system,  needs=NOTE, label=_("Đóng dấu không thành")),
    Move("issue",             {S.SEALING},    S.ISSUED,    rules.is_system,  label=_("Phát hành")),
    Move("recall",            {S.SIGNED},     S.SUBMITTED, rules.is_system,  needs=NOTE, label=_("Trình lại tại đơn vị kế thừa")),
    Move("cancel",            {S.DRAFT, S.SUBMITTED}, S.CANCELLED, rules.drafts, needs=NOTE, label=_("Bỏ dự thảo")),
    status_field="status",
)
# fmt: on
