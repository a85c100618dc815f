"""Seeding on a database of its own: the same each time, and refused where it does not belong."""

from datetime import date
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from core.models import AuditEvent
from haiphong_egov.seeds import cases, people
from haiphong_egov.seeds.invention import Invention
from onecase.models import Case
from org.models import CitizenIdentity


def test_the_same_seed_gives_the_same_demo(db: None, settings: Any) -> None:
    settings.DEBUG = True
    call_command("load_reference", verbosity=0)
    assert _facts(11) == _facts(11)


def test_only_in_debug(db: None, settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError):
        call_command("seed_demo")


def test_needs_the_catalogue(db: None, settings: Any) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match="load_reference"):
        call_command("seed_demo")


def _facts(seed: int) -> list[Any]:
    """What one run makes, taken down and undone."""
    with transaction.atomic():
        invention = Invention(Random(seed))
        cast = people.seed(invention)
        chronicle = cases.Chronicle(cast, invention, today=date(2026, 11, 20))
        chronicle.write(chronicle.invent())
        columns = ("code", "business_status", "owner_name", "submitted_at", "due_at", "submission_key")
        facts: list[Any] = list(Case.objects.order_by("pk").values_list(*columns))
        facts += [case.answers for case in Case.objects.order_by("pk")]
        facts += list(AuditEvent.objects.order_by("pk").values_list("event", "at", "actor_name", "note"))
        facts += list(CitizenIdentity.objects.order_by("pk").values_list("number_index", "address"))
        transaction.set_rollback(True)
    return facts
