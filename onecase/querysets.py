"""The questions that the one-stop mechanism asks of its records."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, FilteredRelation, Q, Value
from django.db.models.functions import StrIndex, Substr

from onecase import rules
from onecase.choices import CLOCK_RUNS, OPEN


def code_tail() -> Substr:
    """A case's code from the day on: «31.11344-261120-0027» → «261120-0027»."""
    return Substr("code", StrIndex("code", Value("-")) + Value(1))


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(rules.visible(user))

    def at_work(self, user: Any) -> Self:
        """Staff lists: what the present hat serves (own private cases stand under «Hồ sơ của tôi»)."""
        return self.filter(rules.at_work(user))

    def readable_by(self, user: Any) -> Self:
        """What the present hat serves, and what it keeps in its archive."""
        return self.filter(rules.at_work(user) | rules.archived(user))

    def archived(self, user: Any) -> Self:
        """Closed cases of agencies that are no more, for who keeps their archive now."""
        return self.filter(rules.archived(user))

    def own(self, user: Any) -> Self:
        return self.filter(rules.own(user))

    def open(self) -> Self:
        return self.filter(business_status__in=OPEN)

    def clock_running(self) -> Self:
        """Cases whose statutory time is passing: accepted, not paused, not ended."""
        return self.filter(business_status__in=CLOCK_RUNS, due_at__isnull=False)

    def overdue(self, at: datetime) -> Self:
        return self.clock_running().filter(due_at__lt=at)

    def with_pause_start(self) -> Self:
        """`paused_since` on every row: since when its clock stands, without a query a row."""
        standing = FilteredRelation("pauses", condition=Q(pauses__ended_at__isnull=True))
        return self.annotate(open_pause=standing, paused_since=F("open_pause__started_at"))

    def for_list(self) -> Self:
        """All that one row of a list shows: one query, whatever the page size."""
        return self.select_related("procedure").defer(
            "answers_sealed", "procedure__keywords", "procedure__summary"
        )


class ProcedureQuerySet(models.QuerySet):
    def search(self, folded: str) -> Self:
        """Every word of the folded query must occur; see onecase.search for the ranking."""
        found = self
        for word in folded.split():
            found = found.filter(folded__contains=word)
        return found

    def published(self) -> Self:
        return self.filter(Q(is_published=True))
