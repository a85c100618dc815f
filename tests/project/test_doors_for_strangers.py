"""Pages that a stranger may hit by accident answer in words, never with a traceback."""

import pytest
from django.urls import reverse

from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["nobody", "citizen", "officer"])
def test_the_admin_sends_strangers_to_our_own_sign_in(client, who):
    if who != "nobody":
        client.force_login(make.citizen() if who == "citizen" else make.commune().counter_officer)
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.status_code == (200 if who == "nobody" else 403)


def test_an_administrator_comes_in(client):
    client.force_login(make.user(is_staff=True, is_superuser=True))
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_nul_in_a_search_finds_nothing(client):
    client.force_login(make.commune().counter_officer)
    assert client.get("/lam-viec/ho-so/?q=%00").status_code == 200
