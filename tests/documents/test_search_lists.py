"""Pages over a union of rights hold exactly what the rules show, in order, each record once."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from documents import lists
from documents.choices import IncomingState
from documents.models import Document, IncomingDocument
from tests import factories as make
from tests.documents.test_search import arrival, rights_of_all_kinds


@pytest.fixture
def everything(world: SimpleNamespace) -> SimpleNamespace:
    return rights_of_all_kinds(world)


def test_the_branches_are_the_rules(everything: SimpleNamespace) -> None:
    people = [
        person
        for place in (everything.a, everything.b, everything.c)
        for person in vars(place).values()
        if hasattr(person, "email")
    ]
    for person in [*people, make.citizen()]:
        user = make.again(person)
        incoming = IncomingDocument.objects.visible_to(user).order_by("-pk")
        made = Document.objects.official().visible_to(user).order_by("-pk")
        assert lists.incoming_page(user).ids == list(incoming.values_list("pk", flat=True)), user.full_name
        assert lists.document_page(user).ids == list(made.values_list("pk", flat=True)), user.full_name
        assert lists.incoming_count(user) == incoming.count()
        assert lists.document_count(user) == made.count()


def test_pages_lead_there_and_back(everything: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    user = everything.c.leader
    for number in range(9):
        arrival(everything.c.ubnd, f"Thêm {number}")
    whole = lists.incoming_page(user).ids
    rows, branches = IncomingDocument.objects.all(), list(lists.incoming_branches(user))
    seen: list[int] = []
    page = lists.page_of(rows, branches, size=4)
    assert page.newer is None
    while True:
        seen += page.ids
        if page.older is None:
            break
        page = lists.page_of(rows, branches, older_than=page.older, size=4)
    assert seen == whole
    back = lists.page_of(rows, branches, newer_than=page.newer, size=4)
    assert back.ids == whole[whole.index(page.ids[0]) - 4 : whole.index(page.ids[0])]
    monkeypatch.setattr(lists, "COUNT_UP_TO", 3)
    assert lists.incoming_count(user) == 4
    assert lists.incoming_page(user, Q(state=IncomingState.DONE)).ids == []


def test_one_query(everything: SimpleNamespace) -> None:
    user = everything.a.leader
    lists.incoming_page(user)
    with CaptureQueriesContext(connection) as captured:
        lists.incoming_page(user)
    assert len(captured) <= 4  # the tree of the day is drawn anew inside a test
