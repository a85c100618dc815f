"""Role × record × door: nobody sees, counts, guesses or changes what is not his. Generated from the doors that exist."""

import re
from typing import Any

import pytest
from django.contrib import admin

from onecase.choices import BusinessStatus as S
from tests.permissions.doors import (
    ACCOUNT_DOORS,
    ADMIN_MODELS,
    ADMIN_VIEWS,
    DOORS,
    SEEN_BY,
    SEES_CASE,
    SIGNERS,
    Door,
    Post,
    declared,
)
from tests.permissions.knocking import Answer
from tests.permissions.walk import doors

pytestmark = pytest.mark.django_db
RECORD_DOORS = sorted(key for key, door in DOORS.items() if door.sees)
ACT_DOORS = sorted(key for key, door in DOORS.items() if door.posts)
LIST_DOORS = sorted(
    key
    for key, door in DOORS.items()
    if door.kind in {"list", "search"} and key in doors() and not doors()[key].arguments
)
PLAIN_DOORS = sorted(
    key for key, door in DOORS.items() if not door.sees and not door.posts and key in doors()
)
FEW_STRANGERS = ("counter_officer_there", "hr_officer", "expired_grant", "other_citizen", "anonymous")
SOME_STRANGERS = ("anonymous", "other_citizen", "counter_officer_there", "system_administrator")
OPEN = {200, 302, 409}  # 409: it is yours, and not ready yet
EVIL = ("https://xau.example/x", "//xau.example/x")
WITHOUT_POST = ("expired_hat", "future_hat")


# --- the table is complete ------------------------------------------------------------------------------------


def test_every_door_is_declared() -> None:
    missing = sorted(set(doors()) - declared())
    assert not missing, (
        "New doors without an entry. Add each of them to DOORS in tests/permissions/doors.py and say who may come in "
        "(a model of the administrators' site: to ADMIN_MODELS, with the reason why it shows no content):\n"
        + "\n".join(f"  {key}   /{doors()[key].route}" for key in missing)
    )


def test_every_declared_door_exists() -> None:
    gone = sorted(declared() - set(doors()))
    assert not gone, f"tests/permissions/doors.py tells of doors that are no more: {gone}"


def test_every_address_with_a_record_says_who_sees_it() -> None:
    silent = [
        key
        for key, door in DOORS.items()
        if doors()[key].arguments and not (door.sees or door.posts or door.arguments)
    ]
    assert not silent, f"doors of records without `sees` or `posts`: {silent}"


# --- what a refusal is ----------------------------------------------------------------------------------------


def refusal_of(world: Any, door: Door, who: str) -> set[int]:
    """The statuses that may tell this person «not for you» at this side."""
    user = world.city.people[who]
    if user is None or not user.is_active:
        return {302}
    if door.side == "staff" and user.hat is None:
        return (
            {403, 404} if user.is_staff else {403}
        )  # administrators come in for emergencies, and find nothing
    return {404}


def refused(world: Any, key: str, door: Door, who: str, answer: Answer) -> list[str]:
    wrong = []
    if answer.status not in refusal_of(world, door, who):
        wrong.append(f"{key} as {who}: {answer.status}")
    if answer.status == 302 and not answer.asks_to_sign_in:
        wrong.append(f"{key} as {who}: leads to {answer.location}")
    if shown := answer.shows(world.city.marks()):
        wrong.append(f"{key} as {who}: shows {shown[:3]}")
    if answer.writes:
        wrong.append(f"{key} as {who}: writes {answer.writes[:3]}")
    return wrong


def sampled(table: Any) -> list[tuple[str, Any]]:
    """One record for each set of people: the list of cases below is compared for every status."""
    found: dict[Any, str] = {}
    for record, may in table.items():
        found.setdefault(may, record)
    return [(record, may) for may, record in found.items()]


def addresses(world: Any, key: str, record: str, verb: str = "") -> tuple[str, str]:
    """Where the record is, and an address of the same shape where there is nothing."""
    found, secret = doors()[key], world.city.secrets[record]
    at, nowhere = secret.at | {"verb": verb}, secret.nowhere | {"verb": verb}
    return (
        found.address({name: at[name] for name in found.arguments}),
        found.address({name: nowhere[name] for name in found.arguments}),
    )


def like_nothing(
    world: Any, key: str, record: str, who: str, method: str, sent: Any, answer: Answer, verb: str = ""
) -> list[str]:
    """The refusal reads as if the record did not exist."""
    here, nowhere = addresses(world, key, record, verb)
    if here == nowhere:
        return []
    asked = (key, who, method, verb)
    if asked not in world.nowhere:
        world.nowhere[asked] = world.visitors.ask(who, nowhere, method, sent)
    other = world.nowhere[asked]
    secret = world.city.secrets[record]
    same = answer.without(here, str(secret.at.get("code"))) == other.without(
        nowhere, str(secret.nowhere.get("code"))
    )
    return (
        []
        if same
        else [f"{key} as {who}: {answer.status} differs from {other.status} of a record that does not exist"]
    )


def offers_other_post(key: str, who: str, record: str, answer: Answer) -> bool:
    """Somebody whose other post serves the case is told so, without a word of its content."""
    return who == "other_hat" and record in SEES_CASE and answer.status == 404 and DOORS[key].side == "staff"


# --- reading --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", RECORD_DOORS)
def test_a_record_opens_to_whom_the_table_says(world: Any, key: str) -> None:
    door, wrong, opened = DOORS[key], [], 0
    for record, may in sampled(door.sees):
        here, _nowhere = addresses(world, key, record)
        for who in world.city.people:
            if who in may and (not door.costly or who == min(may)):
                answer = world.visitors.ask(who, here)
                opened += answer.status in OPEN
                if answer.status not in OPEN or answer.asks_to_sign_in:
                    wrong.append(f"{key} of {record} stays closed to {who}: {answer.status}")
    assert not wrong, "\n".join(wrong)
    assert opened


@pytest.mark.parametrize("key", RECORD_DOORS)
def test_a_record_does_not_exist_for_anybody_else(world: Any, key: str) -> None:
    door, wrong = DOORS[key], []
    for record, may in sampled(door.sees):
        here, _nowhere = addresses(world, key, record)
        for who in world.city.people:
            if who in may or (key == "onecase:result" and who in SEES_CASE[record]):
                continue  # who sees the case and does not write the result is led back to the case
            answer = world.visitors.ask(who, here)
            if offers_other_post(key, who, record, answer):
                code = world.city.secrets[record].at["code"]
                wrong += [
                    f"{key} as {who}: shows {shown}"
                    for shown in answer.shows(m for m in world.city.marks() if m != code)
                ]
                continue
            wrong += refused(world, key, door, who, without_code(world, record, here, answer))
            wrong += like_nothing(world, key, record, who, "GET", None, answer)
    assert not wrong, "\n".join(wrong)


def without_code(world: Any, record: str, here: str, answer: Answer) -> Answer:
    """The code that the visitor typed into the address may come back in `next`; everything else is looked at."""
    status, body, location = answer.without(here, str(world.city.secrets[record].at.get("code")))
    return Answer(status, body, location, "", answer.writes)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_other_ways_of_asking_tell_no_more(world: Any, method: str) -> None:
    wrong = []
    for key in (*RECORD_DOORS, *ACT_DOORS):
        door = DOORS[key]
        record = next(iter(door.sees), None) or door.posts[0].record
        here, nowhere = addresses(world, key, record, door.posts[0].verb if door.posts else "")
        for who in SOME_STRANGERS:
            answer, other = (world.visitors.ask(who, address, method) for address in (here, nowhere))
            if answer.without(here)[::2] != other.without(nowhere)[::2] or answer.writes:
                wrong.append(f"{method} {key} as {who}: {answer.status}, {other.status}, {answer.writes}")
            if answer.shows(m for m in world.city.marks() if m not in here):
                wrong.append(f"{method} {key} as {who} shows a mark")
    assert not wrong, "\n".join(wrong)


def test_a_part_of_a_page_is_as_closed_as_the_page(world: Any) -> None:
    wrong = []
    for key in RECORD_DOORS:
        record = next(iter(DOORS[key].sees))
        here, _nowhere = addresses(world, key, record)
        for who in SOME_STRANGERS:
            if who in DOORS[key].sees[record]:
                continue
            answer = world.visitors.ask(who, here, **{"HX-Request": "true", "HX-Target": "main"})
            wrong += refused(world, key, DOORS[key], who, without_code(world, record, here, answer))
    assert not wrong, "\n".join(wrong)


# --- lists and searches ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", LIST_DOORS)
def test_lists_read_as_if_there_were_nothing(world: Any, key: str) -> None:
    """Word for word what they said before the records came into the world: no row, no count, no hint."""
    address, wrong = doors()[key].address({}), []
    for who in world.readers:
        answer = world.visitors.ask(who, address)
        if answer.shows(world.city.marks()):
            wrong.append(f"{key} as {who} shows {answer.shows(world.city.marks())[:3]}")
        if answer.without() != world.lists_before[key, who]:
            wrong.append(f"{key} as {who} changed when records came that are not his")
    assert not wrong, "\n".join(wrong)


def test_only_signers_find_what_waits_for_a_signature(world: Any) -> None:
    """Leave cover, heads and officers handle; the leader signs, and the clerk keeps the seal."""
    for place, record, may in (("ky", "awaiting_approval", SIGNERS), ("dong-dau", "approved", {"clerk"})):
        secret = world.city.secrets[record]
        found = {
            who
            for who, user in world.city.people.items()
            if user is not None
            and user.is_active
            and user.hat is not None
            and secret.at["code"] in world.visitors.ask(who, f"/lam-viec/{place}/").body
        }
        assert found == set(may)


@pytest.mark.parametrize("who", sorted({name for people in SEES_CASE.values() for name in people}))
def test_the_list_of_cases_is_the_table(world: Any, who: str) -> None:
    body = world.visitors.ask(who, "/lam-viec/ho-so/").body
    listed = {name for name in SEES_CASE if f"/lam-viec/ho-so/{world.city.secrets[name].at['code']}/" in body}
    assert listed == {name for name, may in SEES_CASE.items() if who in may}


def test_a_search_finds_for_whom_the_table_says(world: Any) -> None:
    wrong = []
    for record in ("submitted", "completed"):
        secret = world.city.secrets[record]
        for words in (secret.at["code"], secret.marks[0]):
            for who in sorted(SEES_CASE["completed"] | set(world.readers)):
                user = world.city.people[who]
                if user is None or user.hat is None:
                    continue
                body = world.visitors.ask(who, f"/lam-viec/ho-so/?q={words}").body
                found = f'href="/lam-viec/ho-so/{secret.at["code"]}/"' in body
                if found != (who in SEES_CASE[record]):
                    wrong.append(f"«{words}» as {who}: {'found' if found else 'not found'}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("key", sorted(key for key in LIST_DOORS if DOORS[key].kind == "search"))
def test_a_search_for_a_secret_reads_like_one_for_nonsense(world: Any, key: str) -> None:
    wrong = []
    marks = [world.city.secrets[name].marks for name in ("submitted", "completed")]
    for who in FEW_STRANGERS:
        nonsense = [
            world.visitors.ask(who, f"{doors()[key].address({})}?q=Zq0nonsense").without("Zq0nonsense")
        ]
        for words in {mark for own in marks for mark in (own[0], own[1], own[3], own[-2], own[-3])}:
            answer = world.visitors.ask(who, f"{doors()[key].address({})}?q={words}").without(words)
            if answer not in nonsense:
                wrong.append(f"{key} as {who}: «{words}» reads otherwise")
    assert not wrong, "\n".join(wrong)


# --- changing -------------------------------------------------------------------------------------------------


def press(world: Any, key: str, who: str, post: Post) -> Answer:
    here, _nowhere = addresses(world, key, post.record, post.verb)
    return world.visitors.ask(who, here, "POST", dict(post.sent))


@pytest.mark.parametrize(
    ("key", "post"),
    [(key, post) for key in ACT_DOORS for post in DOORS[key].posts],
    ids=lambda one: getattr(one, "verb", one) or getattr(one, "record", one),
)
def test_a_press_by_anybody_else_changes_nothing(world: Any, key: str, post: Post) -> None:
    door, wrong = DOORS[key], []
    may_see = (
        SEEN_BY.get(post.record, frozenset())
        if door.side == "staff" or post.record == "batch"
        else frozenset()
    )
    for who in world.city.people:
        if who in post.may:
            continue
        answer = press(world, key, who, post)
        if answer.writes:
            wrong.append(f"{key} {post.verb} as {who} writes {answer.writes[:3]}")
        if who in may_see:  # who sees the record reads why not, on its page
            wrong += (
                []
                if answer.status in {302, 200, 404, 409}
                else [f"{key} {post.verb} as {who}: {answer.status}"]
            )
        elif "record" in addresses_differ(world, key, post) and not offers_other_post(
            key, who, post.record, answer
        ):
            here, _nowhere = addresses(world, key, post.record, post.verb)
            wrong += refused(world, key, door, who, without_code(world, post.record, here, answer))
            wrong += like_nothing(world, key, post.record, who, "POST", dict(post.sent), answer, post.verb)
    assert not wrong, "\n".join(wrong)


def addresses_differ(world: Any, key: str, post: Post) -> set[str]:
    here, nowhere = addresses(world, key, post.record, post.verb)
    return {"record"} if here != nowhere else set()


@pytest.mark.parametrize(
    ("key", "post"),
    [(key, post) for key in ACT_DOORS for post in DOORS[key].posts],
    ids=lambda one: getattr(one, "verb", one) or getattr(one, "record", one),
)
def test_a_press_by_whom_the_table_names_is_heard(world: Any, key: str, post: Post) -> None:
    """It changes something, or the form comes back and says what is missing."""
    wrong = []
    for who in sorted(post.may):
        answer = press(world, key, who, post)
        if (
            not answer.writes
            and answer.status != 200
            and "nhap=" not in answer.location  # the form again, with what was typed
            and not (answer.status == 302 and key == "onecase:check_components")
        ):
            wrong.append(f"{key} {post.verb} as {who}: {answer.status} {answer.location}")
    assert not wrong, "\n".join(wrong)


def test_no_press_counts_without_the_token_of_the_page(world: Any) -> None:
    wrong = []
    for key in ACT_DOORS:
        post = DOORS[key].posts[0]
        here, _nowhere = addresses(world, key, post.record, post.verb)
        answer = world.visitors.ask(
            min(post.may, default="counter_officer"), here, "POST", dict(post.sent), with_token=False
        )
        if answer.status != 403 or answer.writes:
            wrong.append(f"{key}: {answer.status}")
    assert not wrong, wrong


# --- doors without a record -----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", PLAIN_DOORS)
def test_doors_without_a_record_keep_to_their_side(world: Any, key: str) -> None:
    door, wrong = DOORS[key], []
    address = doors()[key].address(dict(door.arguments))
    for who, user in world.city.people.items():
        answer = world.visitors.ask(who, address)
        said = f"{key} as {who}: {answer.status} {answer.location}"
        unknown = user is None or not user.is_active
        if who in world.strangers and (shown := answer.shows(world.city.marks())):
            wrong.append(f"{said} shows {shown[:3]}")
        if unknown and door.side != "public" and not (answer.asks_to_sign_in or answer.status == 405):
            wrong.append(said)
        if (
            not unknown
            and door.side == "staff"
            and user.hat is None
            and answer.status not in refusal_of(world, door, who)
        ):
            wrong.append(f"{said} without a post")
        if door.only and not unknown and user.hat is not None and who not in door.only and answer.is_open:
            wrong.append(f"{said} is open")
        if answer.status >= 500 and key != "readyz":  # without a broker it says so
            wrong.append(said)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", ["anonymous", "counter_officer"])
def test_no_door_leads_out_of_the_house(world: Any, who: str) -> None:
    """`next` and its like go to our own pages only, wherever they are read."""
    wrong = []
    for key, found in doors().items():
        if found.namespaces[:1] == ("admin",) and key not in {"admin:index", "admin:login"}:
            continue
        secret = world.city.secrets["appraising"]
        known = (
            secret.at
            | {"verb": "accept", "notice_id": 10**9}
            | dict(DOORS[key].arguments if key in DOORS else {})
        )
        if any(name not in known for name in found.arguments) or "/" in key:
            continue
        address = found.address({name: known[name] for name in found.arguments})
        for method in ("GET", "POST"):
            for evil in (
                (*EVIL, "/\\xau.example", "javascript:alert(1)")
                if "sign_in" in key or "hat" in key or "login" in key
                else EVIL
            ):
                sent = {"next": evil, "url": evil, "return_to": evil, "hat": ""}
                answer = world.visitors.ask(
                    who, f"{address}?next={evil}&url={evil}", method, sent if method == "POST" else None
                )
                if "xau.example" in answer.location.split("?")[0] or answer.location.startswith(
                    "javascript:"
                ):
                    wrong.append(f"{method} {key} leads to {answer.location}")
                if re.search(r'(href|action|src)="(https?:)?(//|/\\)xau\.example', answer.body):
                    wrong.append(f"{method} {key} links to {evil}")
    assert not wrong, "\n".join(wrong)


# --- the administrators' site ---------------------------------------------------------------------------------


def admin_addresses(*, records: int = 1) -> list[tuple[str, str]]:
    """Every page of every model, on the newest records of that model."""
    found = []
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        newest = list(model._default_manager.order_by("-pk").values_list("pk", flat=True)[:records]) or [1]
        for view in ADMIN_VIEWS:
            door = doors()[f"admin:{name}_{view}"]
            asked = [{"object_id": pk} for pk in newest] if door.arguments else [{}]
            found += [(door.key, door.address(one)) for one in asked]
    return found


@pytest.mark.parametrize(
    "who", ["anonymous", "applicant", "leader", "unit_admin", "auditor", "expired_hat", "disabled_leader"]
)
def test_the_administrators_site_is_for_administrators(world: Any, who: str) -> None:
    wrong, user = [], world.city.people[who]
    for key, address in admin_addresses():
        for method in ("GET", "POST"):
            answer = world.visitors.ask(who, address, method)
            is_out = answer.asks_to_sign_in if user is None or not user.is_active else answer.status == 403
            if not is_out and answer.location[:17] != "/quan-tri/login/?":
                wrong.append(f"{method} {key} as {who}: {answer.status} {answer.location}")
            if answer.writes or answer.shows(world.city.marks()):
                wrong.append(f"{method} {key} as {who}: {answer.writes} {answer.shows(world.city.marks())}")
    assert not wrong, "\n".join(wrong)


def test_an_administrator_without_rights_sees_nothing(world: Any) -> None:
    wrong = []
    for key, address in admin_addresses():
        answer = world.visitors.ask("admin_without_rights", address)
        if answer.status != 403 and answer.location != "/quan-tri/":
            wrong.append(f"{key}: {answer.status}")
    assert not wrong, "\n".join(wrong)


def test_system_administrators_read_no_content(world: Any) -> None:
    """Lists, records, histories and searches of the administrators' site: accounts and facts, never what a case says."""
    wrong = []
    marks = [mark for mark in world.city.marks() if not mark.startswith("31.")]
    for key, address in admin_addresses(records=6):
        asked = [address, f"{address}?q={marks[0]}"] if key.endswith("_changelist") else [address]
        for one in asked:
            answer = world.visitors.ask("system_administrator", one)
            shown = answer.without(marks[0])[1] if "?q=" in one else answer.body
            if answer.status >= 500 or any(mark in shown for mark in marks):
                wrong.append(f"{key}: {answer.status} {[mark for mark in marks if mark in shown][:3]}")
    assert not wrong, "\n".join(wrong)


def test_what_the_administrators_site_completes_is_closed_too(world: Any) -> None:
    address = "/quan-tri/autocomplete/?app_label=org&model_name=assignment&field_name=person&term=a"
    for who in ("anonymous", "leader", "other_citizen", "admin_without_rights"):
        answer = world.visitors.ask(who, address)
        assert answer.status in {302, 403}, who
    assert world.visitors.ask("system_administrator", address).is_open


def test_every_status_of_a_case_is_a_record_here() -> None:
    assert set(SEES_CASE) | {"draft"} == {str(status) for status in S}
    assert set(ADMIN_MODELS)
    assert set(ACCOUNT_DOORS)
