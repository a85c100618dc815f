"""The questions asked of documents, incoming documents, tasks and files."""

from datetime import date, datetime
from typing import Any, Self

from django.db import models

from documents import rules
from documents.choices import (
    INCOMING_OPEN,
    TASK_OPEN,
    DeliveryState,
    DocumentKind,
    DocumentStatus,
    FileState,
    TaskRole,
)
from org.choices import Role


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(rules.visible(user))

    def official(self) -> Self:
        return self.filter(kind=DocumentKind.OFFICIAL)

    def waiting_for_seal(self, user: Any) -> Self:
        """Signed documents of the agencies whose seal this hat keeps; those being sealed stand with them."""
        return self.filter(
            rules.serving(user, "agency", Role.CLERK),
            status__in=[DocumentStatus.SIGNED, DocumentStatus.SEALING],
        ).order_by("id")

    def waiting_for_signature(self, user: Any) -> Self:
        """Official documents on the leader's table. Results of cases stand in their own queue."""
        return (
            self.official()
            .filter(rules.serving(user, "agency", Role.LEADER), status=DocumentStatus.SUBMITTED)
            .order_by("-urgency", "submitted_at", "id")
        )

    def waiting_for_head(self, user: Any) -> Self:
        return (
            self.official()
            .filter(rules.serving(user, "unit", Role.UNIT_HEAD), status=DocumentStatus.REVIEW)
            .order_by("-urgency", "id")
        )

    def waiting_for_check(self, user: Any) -> Self:
        return (
            self.official()
            .filter(rules.serving(user, "agency", Role.CLERK), status=DocumentStatus.CHECKING)
            .order_by("-urgency", "id")
        )


class OpinionQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        return self.filter(given_at__isnull=True, withdrawn_at__isnull=True)

    def waiting_for(self, user: Any) -> Self:
        return self.waiting().filter(rules.opinions_waiting(user)).order_by("due_at", "id")

    def blocking(self, now: datetime) -> Self:
        """Still to be waited for: past the deadline silence is recorded and the draft may go on."""
        return self.waiting().filter(due_at__gt=now)


class RecipientRowQuerySet(models.QuerySet):
    def unopened(self) -> Self:
        """Delivered, and nobody there has opened it."""
        return self.filter(opened_at__isnull=True, arrived_at__isnull=False).exclude(
            state__in=[DeliveryState.REFUSED, DeliveryState.RECALLED]
        )


class IncomingQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(rules.incoming_visible(user))

    def open(self) -> Self:
        return self.filter(state__in=sorted(INCOMING_OPEN))

    def overdue(self, at: datetime) -> Self:
        return self.open().filter(due_at__lt=at)


class TaskQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(rules.task_visible(user))

    def open(self) -> Self:
        return self.filter(state__in=sorted(TASK_OPEN))

    def to_do(self, user: Any) -> Self:
        """What waits for this hat: tasks that name him, and as a head those given to the unit as a whole.

        «Để biết» waits until it was seen.
        """
        mine = models.Q(person=user) | models.Q(
            person__isnull=True, unit__in=user.units_as(Role.UNIT_HEAD, Role.LEADER)
        )
        return self.open().filter(mine)

    def work(self) -> Self:
        """Tasks that ask for an answer."""
        return self.exclude(role=TaskRole.INFORM)

    def overdue(self, at: datetime) -> Self:
        return self.open().work().filter(due_at__lt=at)


class GrantQuerySet(models.QuerySet):
    def in_force(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(user=user, ended_at__isnull=True)


class WorkFileQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(rules.files_visible(user))

    def open(self) -> Self:
        return self.filter(state=FileState.OPEN)

    def expired(self, day: date) -> Self:
        """Files whose retention has run out on `day`: candidates for a destruction list. One small query more."""
        periods = self.model._meta.get_field("retention").related_model.objects.filter(years__isnull=False)
        over = models.Q(pk__in=[])
        for pk, years in periods.values_list("pk", "years"):
            ended = day.replace(year=day.year - years, day=min(day.day, 28))
            over |= models.Q(retention=pk, closed_on__lte=ended)
        return self.filter(over, state__in=[FileState.CLOSED, FileState.TRANSFERRED])


class MailboxQuerySet(models.QuerySet):
    def due(self, now: datetime) -> Self:
        """Active, and nobody reads it now."""
        waits = models.Q(next_poll_at__isnull=True) | models.Q(next_poll_at__lte=now)
        return self.filter(waits, is_active=True)

    def lease(self, pk: int, *, until: datetime, now: datetime) -> bool:
        """False: another worker reads it."""
        return bool(self.due(now).filter(pk=pk).update(next_poll_at=until))
