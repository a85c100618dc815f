"""The tree of organizations on a day, and what it costs."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from org import tree
from org.actions import units
from org.choices import OrganizationKind
from org.models import Organization
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sub() -> Organization:
    """A chi cục of a sở under the city."""
    city = factories.organization("UBND thành phố", OrganizationKind.COMMITTEE)
    department = factories.organization("Sở Thử", OrganizationKind.DEPARTMENT, parent=city)
    return factories.organization("Chi cục Thử", OrganizationKind.SUBDEPARTMENT, parent=department)


def test_path_and_descendants(sub: Organization) -> None:
    found = tree.today()
    assert sub.parent is not None and sub.parent.parent is not None
    city = sub.parent.parent
    assert [node.name for node in found.path(sub.pk)] == ["UBND thành phố", "Sở Thử", "Chi cục Thử"]
    assert [node.name for node in found.ancestors(sub.pk)] == ["Sở Thử", "UBND thành phố"]
    assert found.descendants(city.pk) == {city.pk, sub.parent.pk, sub.pk}
    assert found.descendants(0) == set() and found.path(0) == [] and found.ancestors(0) == []
    assert [node.id for node in found.roots()] == [city.pk]


def test_a_day_before_it_began(sub: Organization) -> None:
    assert sub.pk not in tree.as_of(date(2025, 6, 30))
    assert sub.pk in tree.as_of(date(2025, 7, 1))


def test_versions_tell_the_past(sub: Organization) -> None:
    department, other = sub.parent_id, factories.organization("Sở Khác", OrganizationKind.DEPARTMENT)
    units.revise(sub, on=date(2026, 1, 1), basis=None, name="Chi cục Mới", parent=other)
    before = tree.as_of(date(2025, 12, 31)).node(sub.pk)
    after = tree.as_of(date(2026, 1, 1)).node(sub.pk)
    assert before is not None and (before.name, before.parent_id) == ("Chi cục Thử", department)
    assert after is not None and (after.name, after.parent_id) == ("Chi cục Mới", other.pk)


@pytest.mark.django_db(transaction=True)
def test_today_is_one_read_of_the_cache(
    sub: Organization, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree.today()
    reads: list[str] = []
    read = cache.get
    monkeypatch.setattr(tree, "cache", SimpleNamespace(get=lambda key: reads.append(key) or read(key)))
    with django_assert_num_queries(0):
        assert sub.pk in tree.today()
    assert reads == [tree.MARK]


@pytest.mark.django_db(transaction=True)
def test_a_change_is_seen_at_once_inside_and_by_all_when_kept(sub: Organization) -> None:
    tree.today()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        units.revise(sub, on=factories.EARLY, basis=None, name="Chi cục Dở dang")
        node = tree.today().node(sub.pk)
        assert node is not None and node.name == "Chi cục Dở dang"
        raise ZeroDivisionError
    node = tree.today().node(sub.pk)
    assert node is not None and node.name == "Chi cục Thử"
    with transaction.atomic():
        units.revise(sub, on=factories.EARLY, basis=None, name="Chi cục Mới")
    node = tree.today().node(sub.pk)
    assert node is not None and node.name == "Chi cục Mới"
