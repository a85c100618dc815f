"""Drafts are the applicant's own: thrown away by him, or by time; what is submitted never is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onecase import actions
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return make.case(make.commune(), S.DRAFT)


def test_the_applicant_drops_his_draft(draft, client):
    draft.parties.all().delete()
    client.force_login(draft.applicant)
    answer = client.post(f"/ho-so/nhap/{draft.submission_key}/bo/", follow=True)
    assert "Đã bỏ bản nháp" in answer.content.decode()
    assert not Case.objects.filter(pk=draft.pk).exists()


def test_nobody_else_does(draft, client):
    client.force_login(make.citizen("Người Lạ"))
    assert client.post(f"/ho-so/nhap/{draft.submission_key}/bo/").status_code == 404
    assert Case.objects.filter(pk=draft.pk).exists()


def test_thirty_days_untouched_and_it_goes_but_no_submitted_case(draft):
    draft.parties.all().delete()
    long_ago = timezone.now() - timedelta(days=31)
    kept = make.case(make.commune("phường Thử Nghiệm Hai"), S.SUBMITTED)
    Case.objects.update(created_at=long_ago)
    Case.objects.filter(pk=draft.pk).update(saved_at=timezone.now())
    assert actions.expire_drafts(now=timezone.now()) == 0
    Case.objects.filter(pk=draft.pk).update(saved_at=long_ago)
    assert actions.expire_drafts(now=timezone.now()) == 1
    assert list(Case.objects.all()) == [kept]
