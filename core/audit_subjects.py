"""What the trail tells about: each app says how its records are called and who may see them.

An app registers its record types in `apps.ready()`. Timelines, the auditors' pages and the proofs ask here, so that
nobody learns from the trail what he may not see in the record itself.
"""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from core.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Seen:
    """A record that somebody may see: its name, its page, and whether he may read the texts of its events."""

    name: str
    url: str = ""
    whole: bool = False


def nobody(user: Any, ids: Collection[int]) -> dict[int, Seen]:
    """For types whose texts nobody reads by way of the trail."""
    return {}


@dataclass(frozen=True, slots=True)
class Subject:
    """`seen(user, ids)`: those of the records that this user may see, in one query. `inner`: events for staff only.

    `plain(ids)`: names that hold no content, told to every auditor (a case's code, staff, never a citizen), in one query.
    """

    seen: Callable[[Any, Collection[int]], dict[int, Seen]] = nobody
    inner: frozenset[str] = frozenset()
    find: Callable[[str], int | None] | None = None  # the number of the record that is called so
    status: Callable[[str], str] = str  # «submitted» → «đã nộp»
    plain: Callable[[Collection[int]], dict[int, str]] | None = None


_subjects: dict[str, Subject] = {}


def register(subject_type: str, subject: Subject) -> None:
    """Several apps may tell about one type, each about the records that it knows."""
    known = _subjects.get(subject_type)
    _subjects[subject_type] = subject if known is None else _joined(known, subject)


def _joined(one: Subject, other: Subject) -> Subject:
    def seen(user: Any, ids: Collection[int]) -> dict[int, Seen]:
        return one.seen(user, ids) | other.seen(user, ids)

    def find(text: str) -> int | None:
        asked = (part.find(text) for part in (one, other) if part.find)
        return next((pk for pk in asked if pk is not None), None)

    def status(value: str) -> str:
        told = one.status(value)
        return told if told != value else other.status(value)

    def plain(ids: Collection[int]) -> dict[int, str]:
        return {pk: name for part in (one, other) if part.plain for pk, name in part.plain(ids).items()}

    return Subject(seen, one.inner | other.inner, find, status, plain)


def find(text: str) -> tuple[str, int] | None:
    """The record that is called so («31.11344-261120-0001»), of whatever type; or «onecase.case:12»."""
    subject_type, _colon, number = text.partition(":")
    if number.isascii() and number.isdecimal() and len(number) < 19 and "." in subject_type:
        return subject_type, int(number)
    for subject_type, subject in _subjects.items():
        if subject.find and (pk := subject.find(text)) is not None:
            return subject_type, pk
    return None


def kind_words(subject_type: str) -> str:
    """«hồ sơ», «văn bản»: the model's own name; the bare type when the model is gone."""
    try:
        return str(apps.get_model(subject_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return subject_type


def seen(user: Any, events: Iterable[AuditEvent]) -> dict[tuple[str, int], Seen]:
    """Of the records of these events those that the user may see: one query for each type of record."""
    wanted: dict[str, set[int]] = {}
    for event in events:
        wanted.setdefault(event.subject_type, set()).add(event.subject_id)
    found: dict[tuple[str, int], Seen] = {}
    for subject_type, ids in wanted.items():
        if subject := _subjects.get(subject_type):
            found.update({(subject_type, pk): one for pk, one in subject.seen(user, ids).items()})
    return found


def seen_one(user: Any, event: AuditEvent) -> Seen | None:
    """What the user may see of this event by way of its record; None: nothing."""
    one = seen(user, [event]).get((event.subject_type, event.subject_id))
    if one and not one.whole and event.event in _subjects[event.subject_type].inner:
        return None
    return one


def plain_names(events: Iterable[AuditEvent]) -> dict[tuple[str, int], str]:
    """How the records of these events are called without telling what is in them: one query for each type."""
    wanted: dict[str, set[int]] = {}
    for event in events:
        wanted.setdefault(event.subject_type, set()).add(event.subject_id)
    found: dict[tuple[str, int], str] = {}
    for subject_type, ids in wanted.items():
        subject = _subjects.get(subject_type)
        if subject and subject.plain:
            found.update({(subject_type, pk): name for pk, name in subject.plain(ids).items() if name})
    return found


def move_of(event: AuditEvent) -> str:
    """«đã nộp → đã tiếp nhận»; empty when the event moved nothing."""
    told = [value_words(event.subject_type, value) for value in (event.before, event.after) if value]
    return " → ".join(told) if event.before != event.after else ""


def value_words(subject_type: str, value: str) -> str:
    """A stored value as people say it: by the type's own words, as a day, or by a choice of the model's fields."""
    subject = _subjects.get(subject_type)
    if subject and (told := subject.status(value)) != value:
        return told
    with suppress(ValueError):
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return str(_choices(subject_type).get(value, value))


@cache
def _choices(subject_type: str) -> dict[str, Any]:
    """All values of all fields with choices; where two fields share a value, the first one's words."""
    try:
        fields = apps.get_model(subject_type)._meta.get_fields()
    except (LookupError, ValueError):
        return {}
    found: dict[str, Any] = {}
    for one in fields:
        for value, words in getattr(one, "flatchoices", None) or ():
            if isinstance(value, str) and value:
                found.setdefault(value, words)
    return found


def name_of(event: AuditEvent, seen_: Seen | None, plain: str = "") -> str:
    """The record's name; else its kind with the plain name, or «hồ sơ số 12» when it has none."""
    if seen_:
        return seen_.name
    kind = kind_words(event.subject_type)
    if plain:
        return f"{kind} {plain}"
    return _("%(kind)s số %(id)d") % {"kind": kind, "id": event.subject_id}
