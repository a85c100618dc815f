"""Who may come in at which door: one table for all of them. A door that is not here fails the tests.

To add a door, put one line into DOORS under the name of its address (`app:name`):
- `side`: which refusal strangers get. staff: sign-in for the unknown, 403 for who has no post today, 404 for a post that
  does not serve the record. citizen: sign-in, 404. public: open to all, tells nothing personal. account: one's own account.
- `sees`: for an address that names a record, who may open it: name of the record (tests/permissions/world.py) → people.
- `posts`: for each form that changes something: the record, who may, and what is sent.
Everybody of the world who is not named is refused; what «refused» means is tested, not declared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from onecase.choices import BusinessStatus as S

People = frozenset[str]


def people(*names: str) -> People:
    return frozenset(names)


NOBODY = people()
COUNTER = people("counter_officer")
OFFICERS = people("case_officer", "cover_of_officer")
HEADS = people("unit_head", "head_of_subtree")
CASE_HEADS = HEADS | {"cover_of_head"}  # leave cover handles; it neither signs nor gives rights
AGENCY = people("leader", "clerk", "delegate")
SIGNERS = people("leader", "delegate")
APPLICANT = people("applicant")

# --- who sees a case ------------------------------------------------------------------------------------------

UNHANDLED = frozenset({S.SUBMITTED, S.INTAKE_RETURNED, S.INTAKE_REJECTED, S.ACCEPTED})
SEES_CASE: dict[str, People] = {
    str(status): COUNTER | AGENCY | (NOBODY if status in UNHANDLED else OFFICERS | CASE_HEADS)
    for status in S
    if status != S.DRAFT
}
# An emergency opens one case for reading, to one person, for an hour. It never acts and stands in no list.
READS_CASE = SEES_CASE | {"appraising": SEES_CASE["appraising"] | {"emergency"}}
ANY_COUNTER = people("counter_officer", "counter_officer_there", "other_hat")
PERSONNEL = people("hr_officer", "unit_admin")
ANY_PERSONNEL = PERSONNEL | people("hr_officer_there", "unit_admin_there")
UNIT_ADMIN = people("unit_admin")
ALL_HEADS = people(
    "leader", "leader_there", "unit_head", "unit_head_there", "unit_admin", "unit_admin_there", "city_leader",
    "head_of_subtree", "emergency", "emergency_over", "other_hat",
)  # fmt: skip
WITH_RESULT = ("appraising", "awaiting_approval", "approved", "completed", "returned")
OWN_CASE: dict[str, People] = {name: APPLICANT for name in SEES_CASE}


def of(table: Mapping[str, People], *names: str) -> dict[str, People]:
    return {name: table[name] for name in names}


@dataclass(frozen=True)
class Post:
    """One press of a button: on which record, by whom, with what."""

    record: str
    may: People
    sent: Mapping[str, Any] = field(default_factory=dict)
    verb: str = ""


@dataclass(frozen=True)
class Door:
    side: str
    kind: str = "page"  # page, list, search, export, file, act
    sees: Mapping[str, People] = field(default_factory=dict)
    posts: tuple[Post, ...] = ()
    costly: bool = False  # draws a PDF: one of those who may is asked, not all
    only: People = NOBODY  # staff doors that not every post may open
    arguments: Mapping[str, Any] = field(default_factory=dict)  # of addresses without a record


def moved(record: str, verb: str, may: People, **sent: Any) -> Post:
    return Post(record, may, sent, verb)


MOVES = (
    moved("submitted", "accept", COUNTER),
    moved("submitted", "return_intake", COUNTER),
    moved("submitted", "reject_intake", COUNTER),
    moved("intake_returned", "resubmit", COUNTER),
    moved("accepted", "hand_over", COUNTER),
    moved("forwarded", "take_up", OFFICERS),
    moved("forwarded", "assign", CASE_HEADS),
    moved("appraising", "propose_supplement", OFFICERS),
    moved("appraising", "request_supplement", CASE_HEADS),
    moved("appraising", "submit_for_approval", OFFICERS, note="x"),
    moved("appraising", "stop", CASE_HEADS, note="x"),
    moved("supplement_proposed", "decline_supplement", CASE_HEADS, note="x"),
    moved("supplement_required", "supply", COUNTER, note="x"),
    moved("awaiting_approval", "return_draft", SIGNERS | CASE_HEADS, note="x"),
    moved("completed", "return_result", COUNTER),
    moved("withdrawal_requested", "agree_withdrawal", CASE_HEADS),
)

PLANNERS = people("planner", "city_leader")
LEFTOVER_OWNERS = CASE_HEADS | {"unit_admin", "planner"}
# Who finds the record at all, and reads on its page why he may not do what he tried.
SEEN_BY: dict[str, People] = SEES_CASE | {
    "batch": PLANNERS | LEFTOVER_OWNERS,
    "paper": OFFICERS | CASE_HEADS | AGENCY,
    "asked_paper": OFFICERS | CASE_HEADS | AGENCY | people("case_officer_there", "unit_head_there"),
}


def of_batch(*may: str, **sent: Any) -> Door:
    return Door("citizen", "act", posts=(Post("batch", people(*may), sent),))


# A draft of the office: its drafter, his colleagues, head, clerk and leader. What another unit was asked about, that unit too.
SEES_PAPER = OFFICERS | CASE_HEADS | AGENCY
ASKED = people("case_officer_there", "unit_head_there")
PAPERS: dict[str, People] = {"paper": SEES_PAPER, "asked_paper": SEES_PAPER | ASKED}
PAPER = {"type": "QĐ", "title": "Thử", "urgency": "0", "body_html": "<p>thử</p>", "revision": "1"}
PAPER_MOVES = (
    moved("paper", "propose", OFFICERS, ban="1"),
    moved("paper", "cancel", OFFICERS, note="x", ban="1"),
    moved("paper", "initial", NOBODY, ban="1"),
    moved("paper", "pass_form", NOBODY, ban="1"),
    moved("paper", "send_back", NOBODY, note="x", ban="1"),
)
STAFF_LIST = Door("staff", "list")
PUBLIC = Door("public")
ACCOUNT = Door("account")
# The applicant, and whoever serves the case: both reach the same file.
MY_FILES = Door("citizen", "file", {name: APPLICANT | SEES_CASE[name] for name in SEES_CASE})

DOORS: dict[str, Door] = {
    # --- the public ---
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "text_size": PUBLIC,
    "onecase:home": PUBLIC,
    "onecase:procedures": Door("public", "search"),
    "onecase:procedure": Door("public", arguments={"slug": "thu-tuc-9-777001"}),
    "onecase:look_up": Door("public", "search"),
    "onecase:check": PUBLIC,
    "onecase:check_code": Door("public", arguments={"code": "KHONGCO123"}),
    "onecase:check_original": Door("public", "file", arguments={"code": "KHONGCO123"}),
    # --- applicants ---
    "onecase:start": Door("citizen", arguments={"slug": "thu-tuc-9-777001"}),
    "onecase:my_cases": Door("citizen", "list"),
    "onecase:draft": Door(
        "citizen", "page", {"draft": APPLICANT}, (Post("draft", APPLICANT, {"do": "next"}),)
    ),
    "onecase:drop_draft": Door("citizen", "act", posts=(Post("draft", APPLICANT),)),
    "onecase:draft_file": Door("citizen", "file", {"draft": APPLICANT}),
    "onecase:own_case": Door("citizen", "page", OWN_CASE),
    "onecase:own_file": MY_FILES,
    "onecase:own_form": MY_FILES,
    "onecase:receipt": Door("citizen", "file", of(OWN_CASE, "submitted", "returned"), costly=True),
    "onecase:supply": Door(
        "citizen",
        "page",
        of(OWN_CASE, "intake_returned", "supplement_required"),
        (Post("supplement_required", APPLICANT, {"note": "x"}),),
    ),
    "onecase:own_result": Door("citizen", "file", of(OWN_CASE, "completed", "returned")),
    "onecase:withdraw": Door(
        "citizen",
        "page",
        of(OWN_CASE, "submitted", "appraising"),
        (Post("appraising", APPLICANT, {"note": "xin rút"}),),
    ),
    "onecase:rate": Door(
        "citizen", "act", posts=(Post("completed", APPLICANT, {"level": "3", "comment": "x"}),)
    ),
    "own_notices:inbox": Door("citizen", "list"),
    "own_notices:mark_read": Door("citizen", "act", posts=(Post("notice_to_citizen", APPLICANT | COUNTER),)),
    "own_notices:open": Door("citizen", "act", {"notice_to_citizen": APPLICANT, "notice_to_staff": COUNTER}),
    # --- staff: cases ---
    "onecase:desk": STAFF_LIST,
    "onecase:cases": Door("staff", "search"),
    "onecase:case": Door("staff", "page", READS_CASE),
    "onecase:staff_file": Door("staff", "file", READS_CASE),
    "onecase:staff_form": Door("staff", "file", READS_CASE),
    "onecase:staff_result": Door("staff", "file", of(READS_CASE, *WITH_RESULT), costly=True),
    "onecase:application": Door("staff", "file", of(READS_CASE, "submitted", "appraising"), costly=True),
    "onecase:control_sheet": Door("staff", "file", of(READS_CASE, "submitted", "appraising"), costly=True),
    "onecase:check_components": Door(
        "staff", "act", posts=(Post("submitted", COUNTER), Post("appraising", OFFICERS))
    ),
    "onecase:reveal": Door(
        "staff", "act", posts=(Post("appraising", SEES_CASE["appraising"], {"ly-do": "doi-chieu"}),)
    ),
    "onecase:result": Door(
        "staff",
        "page",
        {"appraising": OFFICERS},
        (Post("appraising", OFFICERS, {"kind": "grant", "title": "Thử", "body_html": "<p>thử</p>"}),),
        costly=True,
    ),
    "onecase:result_preview": Door("staff", "file", of(SEES_CASE, "appraising"), costly=True),
    "onecase:move": Door("staff", "act", posts=MOVES),
    "onecase:intake": STAFF_LIST,
    "onecase:intake_form": Door("staff", "page", only=ANY_COUNTER, arguments={"slug": "thu-tuc-9-777001"}),
    # --- staff: signing ---
    "onecase:signing": STAFF_LIST,
    "onecase:confirm_signing": Door("staff", "act"),
    "onecase:signing_progress": Door("staff", "list"),
    "onecase:retry_signing": Door("staff", "act", posts=(Post("approved", NOBODY),)),
    "onecase:staff_document": Door("staff", "file", of(SEES_CASE, *WITH_RESULT[1:])),
    "onecase:seal": STAFF_LIST,
    "onecase:confirm_seal": Door("staff", "act"),
    "onecase:seal_progress": Door("staff", "list"),
    # --- staff: outgoing documents ---
    "documents:outgoing": STAFF_LIST,
    "documents:new_document": Door("staff"),
    "documents:recipients": Door("staff", "act"),
    "documents:document": Door("staff", "page", PAPERS, costly=True),
    "documents:edit": Door(
        "staff", "page", {"paper": SEES_PAPER}, (Post("paper", OFFICERS, PAPER),), costly=True
    ),
    "documents:paper": Door("staff", "file", PAPERS, costly=True),
    "documents:attach": Door("staff", "act", posts=(Post("paper", NOBODY),)),  # nothing is sent along
    "documents:attachment": Door("staff", "file", {"paper": SEES_PAPER}),
    "documents:detach": Door("staff", "act", posts=(Post("paper", OFFICERS),)),
    "documents:versions": Door("staff", "page", PAPERS),
    "documents:ask_opinion": Door(
        "staff", "page", {"paper": SEES_PAPER}, (Post("paper", NOBODY, {"hoi": "1"}),)
    ),
    "documents:retry_signing": Door("staff", "act", posts=(Post("paper", NOBODY),)),
    "documents:outgoing_move": Door("staff", "act", posts=PAPER_MOVES),
    "documents:opinions": STAFF_LIST,
    "documents:give_opinion": Door(
        "staff",
        "page",
        {"asked_paper": ASKED},
        (Post("asked_paper", ASKED, {"verdict": "agree", "revision": "1"}),),
        costly=True,
    ),
    "documents:withdraw_question": Door("staff", "act", posts=(Post("asked_paper", OFFICERS),)),
    "documents:answer_opinion": Door("staff", "act", posts=(Post("asked_paper", NOBODY, {"text": "x"}),)),
    "documents:sign_queue": STAFF_LIST,
    "documents:confirm_signing": Door("staff", "act"),
    "documents:sign_progress": Door("staff", "list"),
    "documents:seal_queue": STAFF_LIST,
    "documents:confirm_seal": Door("staff", "act"),
    "documents:seal_progress": Door("staff", "list"),
    "documents:copies": STAFF_LIST,
    "documents:new_copy": Door("staff", "act"),
    "documents:copy_file": Door("staff", "file", {"copy": AGENCY}),
    # --- staff: everything else ---
    "notices:inbox": Door("citizen", "list"),
    "notices:mark_read": Door("citizen", "act", posts=(Post("notice_to_staff", APPLICANT | COUNTER),)),
    "notices:open": Door("citizen", "act", {"notice_to_staff": COUNTER, "notice_to_citizen": APPLICANT}),
    "components": Door("staff"),
    "org:switch_hat": Door("citizen", "act"),
    "org:after_sign_in": Door("citizen"),
    "org:post_again": Door("account", arguments={"word": "khong-co"}),
    "org:directory": Door("staff", "search"),
    "org:directory_person": Door("staff", arguments={"person_id": 10**9}),
    "org:directory_export": Door("staff", "export"),
    "documents:search": Door("staff", "search"),
    "documents:search_export": Door("staff", "export"),
    "documents:star": Door("staff", "act"),
    "documents:save_view": Door("staff", "act"),
    "documents:drop_view": Door("staff", "act", arguments={"view_id": 10**9}),
    # --- people and rights ---
    "org:stand_in": Door("citizen", "act"),
    "org:my_rights": STAFF_LIST,
    "org:unit_rights": Door("staff", arguments={"slug": "khong-co"}),
    "org:grant_role": Door("staff", "page", {"post": PERSONNEL | HEADS}, (Post("post", PERSONNEL | HEADS),)),
    "org:end_grant": Door(
        "staff", "page", {"grant": UNIT_ADMIN}, (Post("grant", UNIT_ADMIN, {"reason": "x"}),)
    ),
    "org:role_requests": STAFF_LIST,
    "org:decide_role": Door(
        "staff",
        "act",
        posts=(Post("grant_request", UNIT_ADMIN | {"leader"}, {"quyet": "duyet", "note": "x"}),),
    ),
    "org:people": Door("staff", "search", only=ANY_PERSONNEL),
    "org:add_person": Door("staff", only=ANY_PERSONNEL),
    "org:person": Door("staff", "page", {"post": PERSONNEL}),
    "org:appoint": Door("staff", "page", {"post": PERSONNEL}, (Post("post", PERSONNEL),)),
    "org:end_service": Door("staff", "page", {"post": PERSONNEL}, (Post("post", PERSONNEL),)),
    "org:end_post": Door("staff", "page", {"post": PERSONNEL}, (Post("post", PERSONNEL),)),
    "org:change_post": Door("staff", "page", {"post": PERSONNEL}, (Post("post", PERSONNEL),)),
    "org:delegations": STAFF_LIST,
    "org:delegate": Door(
        "staff",
        "page",
        {"post": UNIT_ADMIN | HEADS | {"clerk"}},
        (Post("post", UNIT_ADMIN | HEADS | {"clerk"}),),
    ),
    "org:leave_cover": Door("staff", only=ALL_HEADS),
    "org:revoke_delegation": Door(
        "staff",
        "page",
        {"delegation": people("leader", "unit_admin", "head_of_subtree")},
        (Post("delegation", people("leader", "unit_admin", "head_of_subtree"), {"reason": "x"}),),
    ),
    "org:break_glass": Door("citizen", "list"),
    "org:open_record": Door("citizen"),
    "org:review_opening": Door(
        "citizen",
        "page",
        {"opening": HEADS | {"leader", "auditor"}},
        (Post("opening", HEADS | {"leader", "auditor"}, {"is_justified": "yes", "note": "x"}),),
    ),
    # --- one's own account and data ---
    "org:identity": ACCOUNT,
    "org:reveal_number": ACCOUNT,
    "org:prove_identity": Door("account", "act"),
    "org:choose_account": Door("public"),
    "org:link_account": ACCOUNT,
    "org:own_data": Door("citizen", "list"),
    "org:who_looked": Door("citizen", "list"),
    "org:request_copy": Door("account", "act"),
    "org:fetch_copy": Door("citizen", "file", {"data_copy": APPLICANT}),
    "org:ask": Door("citizen", arguments={"kind": "sua"}),
    "org:data_request": Door(
        "citizen", "page", {"data_request": APPLICANT}, (Post("data_request", APPLICANT),)
    ),
    "org:staff_data_requests": Door("staff", "list"),
    "org:staff_data_request": Door(
        "staff",
        "page",
        {"data_request": UNIT_ADMIN},
        (Post("data_request", UNIT_ADMIN, {"viec": "take_up"}),),
    ),
    "org:reveal_requester": Door(
        "staff", "act", posts=(Post("data_request", UNIT_ADMIN, {"ly-do": "doi-chieu"}),)
    ),
    "mfa_edit_webauthn": Door("account", "act", {"passkey": people("leader")}),
    "mfa_remove_webauthn": Door("account", "act", {"passkey": people("leader")}),
    # --- units ---
    "org:units": Door("public", "search"),
    "org:unit": Door("public", arguments={"slug": "khong-co"}),
    "org:territory": Door("public", arguments={"code": "11344", "since": "2025-07-01"}),
    "org:staff_units": Door("staff", "search"),
    "org:staff_unit": Door("staff", arguments={"slug": "khong-co"}),
    # --- restructuring ---
    "org:restructurings": Door("citizen", "list"),
    "org:restructuring_create": Door("citizen", only=PLANNERS),
    "org:restructuring": Door("citizen", "page", {"batch": PLANNERS}),
    "org:restructuring_progress": Door("citizen", "page", {"batch": PLANNERS}),
    "org:restructuring_leftovers": Door("citizen", "page", {"batch": PLANNERS | LEFTOVER_OWNERS}),
    "org:restructuring_settle": Door(
        "citizen", "page", {"batch": LEFTOVER_OWNERS}, (Post("batch", LEFTOVER_OWNERS),)
    ),
    "org:restructuring_edit": of_batch("planner"),
    "org:restructuring_step_new": of_batch("planner"),
    "org:restructuring_step": of_batch("planner"),
    "org:restructuring_drop_step": of_batch("planner"),
    "org:restructuring_check": of_batch("planner"),
    "org:restructuring_approve": of_batch(),
    "org:restructuring_send_back": of_batch(),
    "org:restructuring_withdraw": of_batch(),
    "org:restructuring_undo": of_batch(),
    "org:restructuring_close": of_batch(),
    # --- the trail ---
    "org:trail": Door("staff", "search", only=people("auditor", "auditor_there")),
    "org:trail_event": Door("staff", "page", {"event": people("auditor")}),
    "org:trail_proof": Door("staff", "file", {"event": people("auditor")}),
    "org:trail_export": Door("staff", "act"),
    "org:trail_export_progress": Door("staff", "page", {"extract": people("auditor")}),
    "org:trail_export_file": Door("staff", "file", {"extract": people("auditor")}),
    "core:log": PUBLIC,
    "core:log_batches_json": PUBLIC,
    "core:log_batch_json": Door("public", arguments={"number": 10**9}),
    "core:log_batch": Door("public", arguments={"number": 10**9}),
    "core:log_keys_json": PUBLIC,
    "core:log_script": PUBLIC,
    "core:event_proof": Door("citizen", "file", {"event": APPLICANT | SEES_CASE["appraising"]}),
}

# Doors of django-allauth: the account of whoever is signed in, or of nobody. None of them names a record of another.
ACCOUNT_DOORS = (
    "account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate", "account_email",
    "account_email_verification_sent", "account_change_password", "account_set_password", "account_reset_password",
    "account_change_phone", "account_complete_password_reset", "account_confirm_password_reset_code",
    "account_password_reset_completed", "account_verify_phone", "account_confirm_login_code", "mfa_index", "mfa_authenticate", "mfa_reauthenticate",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes", "usersessions_list", "mfa_add_webauthn", "mfa_list_webauthn", "mfa_login_webauthn", "mfa_reauthenticate_webauthn", "openid_connect_callback", "openid_connect_login",
    "socialaccount_connections", "socialaccount_login_cancelled", "socialaccount_login_error", "socialaccount_signup",
    "tai-khoan/3rdparty/", "tai-khoan/3rdparty/signup/", "tai-khoan/social/connections/", "tai-khoan/social/login/cancelled/",
    "tai-khoan/social/login/error/", "tai-khoan/social/signup/",
)  # fmt: skip

# The administrators' site: which models it shows, and why that is no content of a case and no secret.
ADMIN_SITE = (
    "admin:index", "admin:login", "admin:logout", "admin:password_change", "admin:password_change_done",
    "admin:autocomplete", "admin:jsi18n", "admin:view_on_site", "admin:app_list", "admin:-",
)  # fmt: skip
ADMIN_VIEWS = ("changelist", "add", "history", "delete", "change")
ADMIN_MODELS: dict[str, str] = {
    "core_workingday": "calendar", "core_officehours": "calendar", "core_numberseries": "numbers, no names",
    "core_issuednumber": "numbers, no names", "core_auditevent": "who did what, without the texts", "core_storedfile": "sizes, no bytes",
    "org_user": "accounts: name and mailbox", "org_organization": "public", "org_adminunit": "public", "org_position": "catalogue",
    "org_person": "who serves", "org_assignment": "who serves where", "notices_message": "that a sign-in letter left, without its text", "org_adminunitsuccession": "public", "org_legalbasis": "public",
    "org_orgidentifier": "public", "org_orgsuccession": "public", "org_orgversion": "public",
    "org_secondfactor": "that a second factor exists", "org_signedin": "where an account is signed in",
    "notices_notice": "proof of sending, without the text",
    "signing_trustanchor": "certificates", "signing_signingkey": "certificates, never keys", "signing_signaturerequest": "states",
    "signing_signature": "facts of signatures", "signing_publicpaper": "what anybody may check", "signing_verification": "verdicts",
    "documents_documenttype": "catalogue", "documents_mailbox": "where a mailbox lies, never its password",
    "documents_agencypractice": "an agency's own rules", "documents_retentionperiod": "catalogue", "documents_document": "facts without title and text", "onecase_procedure": "catalogue",
    "onecase_procedureversion": "catalogue", "onecase_component": "catalogue", "onecase_fee": "catalogue", "onecase_step": "catalogue",
    "onecase_electronicform": "catalogue", "onecase_resulttemplate": "catalogue", "onecase_legalreason": "catalogue",
    "auth_group": "groups of administrators",
}  # fmt: skip


def declared() -> set[str]:
    admin = {f"admin:{model}_{view}" for model in ADMIN_MODELS for view in ADMIN_VIEWS}
    return {*DOORS, *ACCOUNT_DOORS, *ADMIN_SITE, *admin}


def _of_other_parts() -> None:
    """Parts that keep their doors beside their records."""
    from tests.permissions import incoming_doors, office_doors

    for part in (incoming_doors, office_doors):
        DOORS.update(part.DOORS)
        SEEN_BY.update(part.SEEN_BY)


_of_other_parts()
