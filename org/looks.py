"""«Ai đã xem»: the readings of one person's data as a list that he can read; the trail itself stays whole.

The same reading by the same person on the same record within an hour is one line with its count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core import own_data
from core.models import AuditEvent, EventKind
from org.models import User

SAME_LOOK = timedelta(hours=1)
CHUNK = 100
MOST_EVENTS = 1000  # read for one page, however often somebody opened the same record


@dataclass
class Look:
    """One line. `first` and `last`: the times of the oldest and the newest of `count` readings."""

    event: AuditEvent
    what: str
    why: str
    own: bool
    first: datetime
    last: datetime
    count: int = 1

    @property
    def who(self) -> str:
        return self.event.actor_name or _("Hệ thống")

    @property
    def place(self) -> str:
        """Acts of office are public to the person concerned: post and unit as they were."""
        return ", ".join(part for part in (self.event.post_name, self.event.unit_name) if part)

    @property
    def on_behalf_of(self) -> str:
        return self.event.on_behalf_of

    @property
    def emergency(self) -> bool:
        return self.event.kind == EventKind.EMERGENCY


def page(events: QuerySet[AuditEvent], user: User, *, size: int) -> tuple[list[Look], int | None]:
    """The newest `size` lines, and the event before which the next page begins (None: this was the last)."""
    looks: list[Look] = []
    open_looks: dict[tuple[Any, ...], Look] = {}
    end: int | None = None
    chunk: list[AuditEvent] = []
    for chunk in _newest(events):
        said = own_data.said(chunk)
        for event in chunk:
            reading = said[event.pk]
            who = (event.actor_id, event.post_name, event.on_behalf_of, event.kind)
            key = (who, event.subject_type, event.subject_id, reading)
            same = open_looks.get(key)
            if same is not None and same.first - event.at <= SAME_LOOK:
                same.first, same.count = event.at, same.count + 1
            elif len(looks) == size:
                return looks, end
            else:
                own = event.actor_id == user.pk
                look = Look(event, reading.what, "" if own else reading.why, own, event.at, event.at)
                open_looks[key] = look
                looks.append(look)
            end = event.pk
    return looks, None if len(chunk) < CHUNK else end


def _newest(events: QuerySet[AuditEvent]) -> Iterator[list[AuditEvent]]:
    """By cursor, a chunk at a time, so that a page of few lines reads few rows."""
    last: int | None = None
    for _n in range(MOST_EVENTS // CHUNK):
        rows = list((events if last is None else events.filter(pk__lt=last))[:CHUNK])
        yield rows
        if len(rows) < CHUNK:
            return
        last = rows[-1].pk
