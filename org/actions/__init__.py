"""Commands of org: one module per subject."""

from org.actions.delegations import delegate, revoke
from org.actions.emergency import break_glass, review
from org.actions.grants import ask_role, confirm_grant, end_grant, grant_role, refuse_grant
from org.actions.hats import stand_in, switch_hat
from org.actions.own_sessions import close_sessions, end_other_sessions, end_session, reset_second_factors
from org.actions.people import (
    acts_since,
    appoint,
    change_post,
    end_post,
    end_service,
    register_person,
    settle,
    settle_due,
    take_on,
)

__all__ = [
    "acts_since",
    "appoint",
    "ask_role",
    "break_glass",
    "change_post",
    "close_sessions",
    "confirm_grant",
    "delegate",
    "end_grant",
    "end_other_sessions",
    "end_post",
    "end_service",
    "end_session",
    "grant_role",
    "refuse_grant",
    "register_person",
    "reset_second_factors",
    "review",
    "revoke",
    "settle",
    "settle_due",
    "stand_in",
    "switch_hat",
    "take_on",
]
