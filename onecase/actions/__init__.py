"""Commands of the one-stop mechanism, one per verb; split by who stands where in the life of a case."""

from onecase.actions.application import (
    attach,
    detach,
    drop_draft,
    expire_drafts,
    resubmit,
    save_draft,
    start,
    submit,
    supply,
)
from onecase.actions.base import open_moves
from onecase.actions.clocks import recalculate
from onecase.actions.counter import (
    accept,
    check_components,
    hand_over,
    intake,
    reject_intake,
    return_intake,
    return_result,
)
from onecase.actions.ending import agree_withdrawal, collect_online, rate, request_withdrawal, stop
from onecase.actions.processing import (
    assign,
    decline_supplement,
    propose_supplement,
    request_supplement,
    take_up,
)
from onecase.actions.result import (
    approve,
    draft_result,
    record_result,
    record_signing_failure,
    result_draft,
    return_draft,
    submit_for_approval,
)

__all__ = [
    "accept",
    "agree_withdrawal",
    "approve",
    "assign",
    "attach",
    "check_components",
    "collect_online",
    "decline_supplement",
    "detach",
    "draft_result",
    "drop_draft",
    "expire_drafts",
    "hand_over",
    "intake",
    "open_moves",
    "propose_supplement",
    "rate",
    "recalculate",
    "record_result",
    "record_signing_failure",
    "reject_intake",
    "request_supplement",
    "request_withdrawal",
    "resubmit",
    "result_draft",
    "return_draft",
    "return_intake",
    "return_result",
    "save_draft",
    "start",
    "stop",
    "submit",
    "submit_for_approval",
    "supply",
    "take_up",
]
