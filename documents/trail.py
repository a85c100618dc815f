"""Documents, arrivals, tasks and work files in the audit trail: by number, never by title (core/audit_subjects.py).

A title may hold a citizen's name, and auditors read names of records that they may not open.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.audit_subjects import Seen, Subject, kind_words, register
from documents import links, rules
from documents.models import Document, IncomingDocument, Task, WorkFile

Row = tuple[Any, ...]


def _numbered(row: Row) -> str:
    _pk, number = row
    return _("số %(number)s") % {"number": number} if number else _("dự thảo mã %(pk)s") % {"pk": row[0]}


def _arrival(number: int | None, year: int | None, pk: int) -> str:
    if number is None:
        return _("chưa có số đến, mã %(pk)s") % {"pk": pk}
    return _("số đến %(number)s/%(year)s") % {"number": number, "year": year}


def _documents() -> QuerySet[Document, Row]:
    return Document.objects.official().values_list("pk", "number_printed")


def _arrivals() -> QuerySet[IncomingDocument, Row]:
    return IncomingDocument.objects.values_list("pk", "arrival_number", "arrival_year")


def _tasks() -> QuerySet[Task, Row]:
    return Task.objects.values_list("pk", "incoming__arrival_number", "incoming__arrival_year", "incoming")


def _files() -> QuerySet[WorkFile, Row]:
    return WorkFile.objects.values_list("pk", "notation", "year")


def _task_name(row: Row) -> str:
    return _("theo văn bản %(arrival)s") % {"arrival": _arrival(*row[1:])}


def _tasks_seen(user: Any) -> Q:
    """As the page of a task: its own people, and the clerk and leaders of the agency."""
    return rules.task_visible(user) | Q(
        incoming__in=IncomingDocument.objects.filter(rules.incoming_of_office(user))
    )


def _tell(
    label: str,
    rows: Callable[[], QuerySet[Any, Row]],
    visible: Callable[[Any], Q],
    named: Callable[[Row], str],
    address: Callable[[int], str],
) -> None:
    """One type of record: `named` says what follows the word for it."""

    def names(found: QuerySet[Any, Row]) -> Iterator[tuple[int, str]]:
        return ((row[0], named(row)) for row in found)

    def seen(user: Any, ids: Collection[int]) -> dict[int, Seen]:
        if getattr(user, "hat", None) is None:
            return {}
        mine = rows().filter(visible(user), pk__in=ids).distinct()
        return {pk: Seen(f"{kind_words(label)} {name}", address(pk), whole=True) for pk, name in names(mine)}

    def plain(ids: Collection[int]) -> dict[int, str]:
        return dict(names(rows().filter(pk__in=ids)))

    register(label, Subject(seen=seen, plain=plain))


def register_all() -> None:
    _tell("documents.document", _documents, rules.visible, _numbered, links.outgoing)
    _tell(
        "documents.incomingdocument",
        _arrivals,
        rules.incoming_visible,
        lambda row: _arrival(row[1], row[2], row[0]),
        links.incoming,
    )
    _tell("documents.task", _tasks, _tasks_seen, _task_name, lambda pk: reverse("documents:task", args=[pk]))
    _tell(
        "documents.workfile",
        _files,
        rules.files_visible,
        lambda row: f"{row[1]} ({row[2]})",
        lambda pk: reverse("documents:work_file", args=[pk]),
    )
