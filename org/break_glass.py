"""Emergency reading of one record outside one's rights: which kinds of records have such a door.

Each app above names its records; its own rules then honour an open door for reading, never for acting.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import timezone

from core import audit
from org.models import BreakGlass


@dataclass(frozen=True)
class Door:
    """`find(code)` looks a record up by the code people know; `sees(user, record)`: does he see it anyway?"""

    label: Any
    hint: Any
    find: Callable[[str], models.Model | None]
    unit_id: Callable[[Any], int]
    words: Callable[[Any], str]
    url: Callable[[Any], str]
    sees: Callable[[Any, Any], bool]


DOORS: dict[str, Door] = {}


def register(subject_type: str, door: Door) -> None:
    DOORS[subject_type] = door


def open_for(user: Any, record: models.Model) -> BreakGlass | None:
    """The emergency under which this person may read the record now."""
    if not user.is_authenticated:
        return None
    return (
        BreakGlass.objects.filter(
            user=user,
            subject_type=audit.subject_type(record),
            subject_id=record.pk,
            closes_at__gt=timezone.now(),
        )
        .order_by("-id")
        .first()
    )


def note_reading(user: Any, record: models.Model, opened: BreakGlass, what: str) -> None:
    """Every page read under it stands in the trail, with its reason."""
    audit.record_read(user, record, what, opened.reason, emergency=True)
