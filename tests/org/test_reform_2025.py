"""The scenario of 01/7/2025 in small: 27 districts and 374 communes become 114, and nothing and nobody is lost.

The full one (20,000 people, 50,000 open cases, two minutes) is a measurement of `make bench`.
"""

import io

import pytest
from django.core.management import call_command

from haiphong_egov.bench import reorganisation as reform
from org.models import AdminUnit, MovedRecord, OrgSuccession

pytestmark = pytest.mark.django_db
PEOPLE, CASES = 900, 1500


def test_the_reform_of_july_2025_moves_everything_and_gives_the_trees_of_the_files() -> None:
    world = reform.build(people=PEOPLE, cases=CASES)
    filed, people = reform.cases_as_filed(), reform.heads(reform.DAY_BEFORE)
    assert len(filed) == CASES and len(people) == PEOPLE + 2
    batch, _spent = reform.measure(world)
    assert reform.orphans() == dict.fromkeys(reform.orphans(), 0)
    assert reform.heads(reform.TWO_LEVELS) == people
    assert reform.cases_as_filed() == filed
    assert AdminUnit.objects.valid_on(reform.TWO_LEVELS).filter(level=3).count() == 114
    assert not AdminUnit.objects.valid_on(reform.TWO_LEVELS).filter(level=2).exists()
    assert MovedRecord.objects.filter(kind="onecase.case").count() == CASES
    unclear = batch.leftovers.filter(kind="case")
    assert unclear.exists() and not unclear.filter(owner_unit=None).exists()
    moved, heirs = reform.shape(reform.TWO_LEVELS), _heirs()
    _empty()
    call_command("load_reference", verbosity=0, stdout=io.StringIO())
    assert moved == reform.shape(reform.TWO_LEVELS)
    assert heirs == _heirs()


def _heirs() -> set[tuple[str, str]]:
    """Who took over from the committees of that day, district or commune."""
    rows = OrgSuccession.objects.filter(effective_on=reform.TWO_LEVELS, old__kind="ubnd", new__kind="ubnd")
    return set(rows.values_list("old__slug", "new__slug"))


def _empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE org_adminunit, org_organization, org_legalbasis, onecase_case CASCADE")
