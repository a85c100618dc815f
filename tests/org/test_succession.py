"""Who took over: walks over organizations, with parts, functions and circles."""

from datetime import date

import pytest

from org import succession
from org.choices import OrganizationKind, SuccessionRelation, SuccessionShare
from org.models import LegalBasis, Organization, OrgSuccession, OrgVersion
from tests import factories

pytestmark = pytest.mark.django_db
BEFORE, SWITCH, LATER, NOW = date(2025, 6, 30), date(2025, 7, 1), date(2026, 1, 1), date(2026, 11, 20)


def unit(name: str, since: date = date(2017, 1, 1), until: date | None = None) -> Organization:
    return factories.organization(name, OrganizationKind.DEPARTMENT, valid_from=since, valid_to=until)


def step(
    old: Organization,
    new: Organization | None,
    on: date = SWITCH,
    share: SuccessionShare = SuccessionShare.WHOLE,
    functions: tuple[str, ...] = (),
) -> None:
    OrgSuccession.objects.create(
        old=old,
        new=new,
        relation=SuccessionRelation.MERGE if new else SuccessionRelation.NONE,
        share=share,
        functions=list(functions),
        effective_on=on,
        legal_basis=LegalBasis.objects.get_or_create(number="NQ thử")[0],
    )


def names(found: list[succession.Heir]) -> list[tuple[str, str]]:
    return [(Organization.objects.get(pk=heir.id).name, heir.share) for heir in found]


def test_two_steps_to_the_present_one() -> None:
    first, second, third = unit("A", until=SWITCH), unit("B", SWITCH, LATER), unit("C", LATER)
    step(first, second)
    step(second, third, LATER)
    assert names(succession.heirs(first.pk, NOW)) == [("C", "whole")]
    assert names(succession.heirs(first.pk, SWITCH)) == [("B", "whole")]
    assert succession.heirs(first.pk, BEFORE) == []
    (heir,) = succession.heirs(first.pk, NOW)
    assert (heir.effective_on, heir.basis) == (LATER, "NQ thử")
    assert succession.responsible_org(first.pk, on=NOW) == third
    assert succession.responsible_org(first.pk, on=BEFORE) == first


def test_what_is_divided_is_never_whole() -> None:
    old, one, other = unit("A", until=SWITCH), unit("B", SWITCH), unit("C", SWITCH)
    step(old, one)  # the file says whole, but there are two
    step(old, other, share=SuccessionShare.PART)
    assert names(succession.heirs(old.pk, NOW)) == [("B", "part"), ("C", "part")]
    assert succession.responsible_org(old.pk, on=NOW) is None


def test_pieces_that_meet_again_are_whole() -> None:
    old, one, other, last = (
        unit("A", until=SWITCH),
        unit("B", SWITCH, LATER),
        unit("C", SWITCH, LATER),
        unit("D", LATER),
    )
    for piece in (one, other):
        step(old, piece, share=SuccessionShare.PART)
        step(piece, last, LATER)
    assert names(succession.heirs(old.pk, NOW)) == [("D", "whole")]


def test_functions_lead_to_different_heirs() -> None:
    old, main, press = unit("Sở TTTT", until=SWITCH), unit("Sở KHCN", SWITCH), unit("Sở VHTTDL", SWITCH)
    step(old, main)
    step(old, press, share=SuccessionShare.FUNCTION, functions=("bao-chi",))
    assert succession.responsible_org(old.pk, function="bao-chi", on=NOW) == press
    assert succession.responsible_org(old.pk, function="vien-thong", on=NOW) == main
    assert succession.responsible_org(old.pk, on=NOW) is None


def test_a_function_given_away_by_a_unit_that_goes_on() -> None:
    giver, taker = unit("A"), unit("B")
    step(giver, taker, share=SuccessionShare.FUNCTION, functions=("bao-chi",))
    assert succession.responsible_org(giver.pk, function="bao-chi", on=NOW) == taker
    assert succession.responsible_org(giver.pk, on=NOW) == giver


def test_nobody_took_over() -> None:
    old = unit("A", until=SWITCH)
    step(old, None)
    assert succession.heirs(old.pk, NOW) == []
    assert succession.responsible_org(old.pk, on=NOW) is None


def test_set_up_again_after_a_merger() -> None:
    """Undo by a second dated batch: the circle A → B → A ends, and A answers for itself again."""
    one, other = unit("A", until=SWITCH), unit("B", SWITCH, LATER)
    step(one, other)
    step(other, one, LATER)
    OrgVersion.objects.create(organization=one, name="A", valid_from=LATER)
    assert succession.heirs(one.pk, NOW) == []
    assert succession.responsible_org(one.pk, on=NOW) == one
    assert names(succession.heirs(other.pk, NOW)) == [("A", "whole")]
    assert names(succession.heirs(one.pk, SWITCH)) == [("B", "whole")]
