"""The inbox of staff: by day, newest first, read one by one or all at once."""

import pytest
from django.urls import reverse

from notices import actions, services
from notices.models import Notice
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(client):
    user = make.commune().leader
    client.force_login(user)
    return user


def tell(user, number):
    return actions.tell_inbox(
        recipient=user,
        kind="case.assign",
        title=f"Việc số {number}",
        text="…",
        url="/lam-viec/ho-so/",
        subject=user,
    )


def test_new_notices_are_counted_listed_and_marked(client, leader):
    for number in range(3):
        tell(leader, number)
    page = client.get(reverse("notices:inbox")).content.decode()
    assert page.index("Việc số 2") < page.index("Việc số 0")
    assert "3 chưa đọc" in page
    answer = client.post(reverse("notices:mark_read"), follow=True)
    assert "Đã đánh dấu đọc 3 thông báo" in answer.content.decode()
    assert not Notice.objects.filter(read_at__isnull=True).exists()


def test_opening_one_marks_it_and_leads_on(client, leader):
    one, other = tell(leader, 1), tell(leader, 2)
    assert client.get(reverse("notices:open", args=[one.pk])).url == "/lam-viec/ho-so/"
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.read_at is not None, other.read_at is None) == (True, True)


def test_the_inbox_of_others_does_not_exist(client, leader):
    foreign = tell(make.commune("phường Khác").leader, 1)
    assert client.get(reverse("notices:open", args=[foreign.pk])).status_code == 404
    assert "Việc số 1" not in client.get(reverse("notices:inbox")).content.decode()


def test_long_inboxes_go_on_by_key(client, leader):
    rows = [tell(leader, number) for number in range(31)]
    page = client.get(reverse("notices:inbox")).content.decode()
    assert f"?truoc={rows[1].pk}" in page
    older = client.get(reverse("notices:inbox"), {"truoc": rows[1].pk}).content.decode()
    assert "Việc số 0" in older


def test_a_citizen_reads_his_own_inbox_in_his_own_look(client):
    someone = make.citizen()
    services.tell(
        recipient=someone, kind="thu", title="Đã tiếp nhận hồ sơ", text="Hẹn trả 25/11.", url="/ho-so/"
    )
    client.force_login(someone)
    page = client.get("/thong-bao/").content.decode()
    assert "Đã tiếp nhận hồ sơ" in page
    assert "/lam-viec/thong-bao/" not in page
    answer = client.post("/thong-bao/da-doc/")
    assert answer["Location"] == "/thong-bao/"
    assert services.unread_count(someone) == 0
