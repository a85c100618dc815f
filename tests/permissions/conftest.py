"""The world is built once for a module, in a transaction that is taken back at its end; every knock is taken back at once."""

import logging
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from documents.models import DocumentType
from onecase import lists
from tests.permissions.doors import DOORS
from tests.permissions.knocking import Visitors
from tests.permissions.walk import doors
from tests.permissions.world import City

ONE_OF_EACH = {
    "counter_officer_there", "leader_there", "hr_officer", "unit_admin", "reorganiser", "auditor", "city_leader", "expired_hat",
    "expired_grant", "delegate_revoked", "delegate_expired", "other_citizen", "system_administrator", "anonymous",
}  # fmt: skip


class World:
    """The city, its visitors, and what the lists said before there was anything to hide."""

    def __init__(self) -> None:
        self.city = City()
        # A catalogue that everybody may read: it is no secret that came with the records.
        DocumentType.objects.get_or_create(code="QĐ", defaults={"name": "Quyết định", "abbreviation": "QĐ"})
        self.visitors = Visitors(self.city.people)
        self.visitors.come_in()
        self.lists_before = self.read_lists()
        self.city.hide_secrets()
        self.file_store: Any = None
        self.nowhere: dict[Any, Any] = {}  # what was answered where there is nothing

    def read_lists(self) -> dict[tuple[str, str], Any]:
        found = {}
        for key, door in DOORS.items():
            if door.kind in {"list", "search"} and not doors()[key].arguments:
                for who in self.readers:
                    answer = self.visitors.ask(who, doors()[key].address({}))
                    found[key, who] = answer.without()
        return found

    @cached_property
    def strangers(self) -> list[str]:
        """Who has no business with any secret of this world."""
        known = {
            name
            for door in DOORS.values()
            for people in (*door.sees.values(), *(post.may for post in door.posts))
            for name in people
        }
        known.add("emergency_over")  # he reads on his own list what he opened once
        return [who for who in self.city.people if who not in known]

    @cached_property
    def readers(self) -> list[str]:
        """Strangers of every kind, one of each: lists are long to read."""
        return [who for who in self.strangers if who in ONE_OF_EACH]


@pytest.fixture(scope="module")
def _world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    stores = {
        "FILE_STORE": tmp_path_factory.mktemp("permissions") / "files",
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        "DEBUG_PROPAGATE_EXCEPTIONS": True,
    }
    logging.disable(logging.WARNING)  # hundreds of refusals, all of them wanted
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(**stores):
        lists._procedures.cache_clear()  # of the tests before; it would be read anew in the midst of these
        made = World()
        made.file_store = stores["FILE_STORE"]
        yield made
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(_world: World, settings: Any, own_stores: None) -> World:
    settings.FILE_STORE = _world.file_store
    settings.DATA_OFFICER_UNIT = _world.city.here.ubnd.slug
    return _world
