"""What the portal holds about one person: each app says it once; the pages «Dữ liệu của tôi» ask here.

An app registers a `Holding` in its `apps.ready()`. A copy for the person, the list of who looked, and an erasure are
then complete without anybody knowing all apps. A test compares the registered apps with those that point to accounts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from core import audit
from core.models import AuditEvent, EventKind, StoredFile

FILES = "tep"  # the folder of the ZIP under which every `OwnFile.path` lies


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file that goes into the copy. `path` is its place in the ZIP: «tep/ho-so/31.11344-261120-0001/don.pdf»."""

    path: str
    stored: StoredFile


@dataclass(slots=True)
class Erasure:
    """What an app has erased, and what it had to keep and why; both in words for the person."""

    erased: list[str] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading in words: what was read, and on which ground (duty, typed reason)."""

    what: str
    why: str = ""


def _no_files(user: Any) -> Iterable[OwnFile]:
    return ()


def _no_names(kind: str, ids: set[int]) -> Mapping[int, str]:
    return {}


def _plain(events: Iterable[AuditEvent], names: Mapping[tuple[str, int], str]) -> Mapping[int, Reading]:
    return {}


def _nothing(user: Any) -> Erasure:
    return Erasure()


@dataclass(frozen=True, slots=True)
class Holding:
    """`collect` gives plain JSON (dicts, lists, texts, numbers, true, false, null) under English keys, numbers in full.

    `labels` says every one of those keys in Vietnamese: the readable copy is drawn from it, the JSON carries it.
    `subjects` names the records about the person as (type, ids), where type is what `core.audit.subject_type` gives.
    `names` gives what a subject is called, for the list of who looked: «hồ sơ 31.11344-261120-0001».
    `said` puts those events of its own records that it knows more about into words: by the event's id.
    `codes` are the keys that only machines need: the JSON has them, the readable copy does not.
    `lines` says, for a list under that key, what one item is in the readable copy: (left, right) of one row.
    `erase` runs inside the transaction of an answered request and removes what no law keeps.
    """

    name: str
    title: Any
    collect: Callable[[Any], dict[str, Any]]
    labels: Mapping[str, Any]
    subjects: Callable[[Any], Iterable[tuple[str, Iterable[int]]]]
    files: Callable[[Any], Iterable[OwnFile]] = _no_files
    names: Callable[[str, set[int]], Mapping[int, str]] = _no_names
    erase: Callable[[Any], Erasure] = _nothing
    codes: frozenset[str] = frozenset()
    lines: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = field(default_factory=dict)
    said: Callable[[Iterable[AuditEvent], Mapping[tuple[str, int], str]], Mapping[int, Reading]] = _plain


_holdings: dict[str, Holding] = {}


def register(
    name: str,
    *,
    title: Any,
    collect: Callable[[Any], dict[str, Any]],
    labels: Mapping[str, Any],
    subjects: Callable[[Any], Iterable[tuple[str, Iterable[int]]]],
    files: Callable[[Any], Iterable[OwnFile]] = _no_files,
    names: Callable[[str, set[int]], Mapping[int, str]] = _no_names,
    erase: Callable[[Any], Erasure] = _nothing,
    codes: frozenset[str] = frozenset(),
    lines: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] | None = None,
    said: Callable[[Iterable[AuditEvent], Mapping[tuple[str, int], str]], Mapping[int, Reading]] = _plain,
) -> None:
    """`name` is the app's; registering it again replaces the former."""
    _holdings[name] = Holding(
        name, title, collect, labels, subjects, files, names, erase, codes, lines or {}, said
    )


def holdings() -> Iterator[Holding]:
    """In the order of registration: from the ground upwards."""
    yield from _holdings.values()


def holding(name: str) -> Holding:
    return _holdings[name]


def told(sentence: str, about: str) -> str:
    """«Mở hồ sơ» of «hồ sơ 31.…» is «Mở hồ sơ 31.…»: what the sentence ends with is not said again."""
    said, named = sentence.split(), about.split()
    for size in range(min(len(said), len(named)), 0, -1):
        if [word.casefold() for word in said[-size:]] == [word.casefold() for word in named[:size]]:
            return " ".join([*said, *named[size:]])
    return f"{sentence}, {about}" if about else sentence


def about(user: Any) -> Q:
    """Audit events about this person's records. Ids per type, so that the index on (type, id) serves."""
    wanted: dict[str, set[int]] = {}
    for holding in holdings():
        for kind, ids in holding.subjects(user):
            wanted.setdefault(kind, set()).update(ids)
    found = Q(pk__in=[])
    for kind, numbers in sorted(wanted.items()):
        if numbers:
            found |= Q(subject_type=kind, subject_id__in=numbers)
    return found


def readings(user: Any) -> QuerySet[AuditEvent]:
    """Who looked at this person's data, newest first: every reading, also his own."""
    kinds = [EventKind.READ, EventKind.EMERGENCY]
    return AuditEvent.objects.filter(about(user), kind__in=kinds).order_by("-id")


def names_of(events: Iterable[AuditEvent]) -> dict[tuple[str, int], str]:
    """What the subjects of these events are called; one question per kind and app, whatever their number."""
    wanted: dict[str, set[int]] = {}
    for event in events:
        wanted.setdefault(event.subject_type, set()).add(event.subject_id)
    found: dict[tuple[str, int], str] = {}
    for holding in holdings():
        for kind, ids in wanted.items():
            found |= {(kind, number): words for number, words in holding.names(kind, ids).items()}
    return found


def said(events: Iterable[AuditEvent]) -> dict[int, Reading]:
    """These readings in words, by the event's id. What no app says more about: its sentence, its record, its note."""
    rows = list(events)
    names = names_of(rows)
    found = {row.pk: Reading(sentence(row, names), row.note) for row in rows}
    for holding in holdings():
        found |= holding.said(rows, names)
    return found


def sentence(row: AuditEvent, names: Mapping[tuple[str, int], str]) -> str:
    return told(
        str(audit.SENTENCES.get(row.event, row.event)), names.get((row.subject_type, row.subject_id), "")
    )
