"""Dashboards: the numbers are right, each opens its list, and the city costs no more queries than a ward."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from documents import figures
from documents.choices import TaskState
from documents.models import IncomingDocument
from org import tree
from org.choices import OrganizationKind, Role
from org.models import AdminUnit
from tests import factories as people
from tests.documents import factories as make

HERE = "/lam-viec/van-ban/theo-doi/"


def some_work(a: Any) -> None:
    late = make.incoming(a.ubnd, "Báo cáo đã muộn")
    make.task(late, a.leader, a.office, a.case_officer, due_in=-4)
    make.task(make.incoming(a.ubnd, "Còn lâu"), a.leader, a.office, due_in=40)
    make.task(
        make.incoming(a.ubnd, "Xong rồi"), a.leader, a.office, state=TaskState.DONE, done_at=timezone.now()
    )


def test_late_work_stands_with_its_unit_and_opens_its_list(world: Any, client: Any) -> None:
    a = world.a
    some_work(a)
    now = timezone.now()
    line = figures.lines(figures.parts_of(a.ubnd.pk), now, figures.soon_until(now))[0]
    assert (line.id, line.late, line.on_time, line.done) == (a.office.pk, 1, 1, 1)
    assert line.oldest is not None
    for who in (a.clerk, a.leader, a.unit_head):
        client.force_login(who)
        page = client.get(HERE).content.decode()
        assert "Báo cáo đã muộn" in page
        rows = client.get(f"{HERE}viec/?nhom=qua-han&don-vi={a.office.pk}").content.decode()
        assert "Báo cáo đã muộn" in rows and "Còn lâu" not in rows
        assert "Xong rồi" in client.get(f"{HERE}viec/?nhom=da-xong").content.decode()


def test_nobody_else_sees_it(world: Any, client: Any) -> None:
    some_work(world.a)
    client.force_login(world.b.leader)
    assert "Báo cáo đã muộn" not in client.get(HERE).content.decode()
    assert client.get(f"{HERE}?co-quan={world.a.ubnd.pk}").status_code == 404
    client.force_login(world.a.case_officer)
    assert client.get(HERE).status_code == 404


def test_who_has_not_opened_what(world: Any, client: Any, django_assert_num_queries: Any) -> None:
    a, b, c = world.a, world.b, world.c
    for n in range(3):
        make.sent(make.issued(a.ubnd, a.office, a.case_officer, f"Gửi lần {n}"), b.agency, c.ubnd)
    make.sent(make.issued(a.ubnd, a.office, a.case_officer, "Đã mở"), b.agency, opened=True)
    with django_assert_num_queries(1):
        found = figures.unopened_by_unit(a.ubnd.pk)
    assert {(one.id, one.count) for one in found} == {(b.agency.pk, 3), (c.ubnd.pk, 3)}
    client.force_login(a.clerk)
    assert b.agency.name in client.get(f"{HERE}chua-mo/").content.decode()
    rows = client.get(f"{HERE}chua-mo/?don-vi={b.agency.pk}").content.decode()
    assert "Gửi lần 2" in rows and "Đã mở" not in rows
    dispatch = figures.unopened_by_dispatch(a.ubnd.pk)[0]
    assert dispatch.count == 2
    assert c.ubnd.name in client.get(f"{HERE}chua-mo/?lan-gui={dispatch.id}").content.decode()


def test_months_and_steps(world: Any, client: Any) -> None:
    a = world.a
    now = timezone.now()
    one = make.incoming(a.ubnd, due_at=now + timedelta(days=1))
    IncomingDocument.objects.filter(pk=one.pk).update(finished_at=now)
    make.issued(a.ubnd, a.office, a.case_officer)
    make.draft(a.ubnd, a.office, a.case_officer, "Đang chờ kiểm tra", status="checking")
    month = figures.months(a.ubnd.pk, timezone.localdate())[-1]
    assert (month.received, month.sent, month.finished, month.share) == (1, 1, 1, 100)
    assert len(figures.months(a.ubnd.pk, timezone.localdate())) == 12
    client.force_login(a.clerk)
    assert "Chờ kiểm tra thể thức" in client.get(HERE).content.decode()
    assert "Đang chờ kiểm tra" in client.get(f"{HERE}van-ban-di/?buoc=checking").content.decode()


def test_the_city_sees_figures_of_its_agencies_and_not_their_papers(world: Any, client: Any) -> None:
    place = AdminUnit.objects.create(
        code="31",
        level=1,
        kind="thanh-pho",
        name="Hải Phòng",
        full_name="Thành phố Hải Phòng",
        valid_from=people.EARLY,
    )
    AdminUnit.objects.filter(pk=world.a.territory.pk).update(parent=place)
    city = people.organization(
        "Ủy ban nhân dân thành phố", OrganizationKind.COMMITTEE, symbol="UBND", territory=place
    )
    city.agency = city
    city.save(update_fields=["agency"])
    world.b.agency.parent = city
    world.b.agency.save(update_fields=["parent"])
    people.mirror_back(world.b.agency)
    people.mirror_back(city)
    tree.forget()
    chief = people.hat("Lê Văn Chủ", city, "Chủ tịch UBND thành phố", Role.LEADER)
    some_work(world.a)
    client.force_login(chief)
    page = client.get(HERE)
    below = {row["line"].name: row["line"].late for row in page.context["below"]}
    assert below == {world.a.ubnd.name: 1, world.b.agency.name: 0}
    drilled = client.get(f"{HERE}?co-quan={world.a.ubnd.pk}").content.decode()
    assert world.a.office.name in drilled and "Báo cáo đã muộn" not in drilled
    assert client.get(f"{HERE}viec/?co-quan={world.a.ubnd.pk}").status_code == 404


def test_the_same_queries_for_little_and_much(world: Any, client: Any) -> None:
    a = world.a
    client.force_login(a.leader)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(HERE)
        return len(seen)

    some_work(a)
    make.sent(make.issued(a.ubnd, a.office, a.case_officer), world.b.agency)
    queries()
    few = queries()
    for _n in range(8):
        some_work(a)
        make.sent(make.issued(a.ubnd, a.office, a.case_officer), world.b.agency, world.c.ubnd)
    assert queries() == few
