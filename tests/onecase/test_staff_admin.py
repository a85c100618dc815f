"""The administrators' door: catalogues yes, cases no; changes are logged; a changed calendar moves due times."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from core import jobs
from core.models import AuditEvent, Job, StoredFile, WorkingDay
from documents.models import Document
from notices.models import Notice
from onecase import clock, tasks
from onecase.choices import BusinessStatus as S
from onecase.models import Case, Party, Procedure
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    user = make.user("Quản Trị", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def test_no_case_and_no_party_is_shown_to_system_administrators():
    assert not admin.site.is_registered(Case)
    assert not admin.site.is_registered(Party)


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=lambda model: model._meta.label))
def test_every_list_opens(client, administrator, model):
    answer = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
    assert answer.status_code == 200


@pytest.mark.parametrize("model", [AuditEvent, Document, Notice, StoredFile])
def test_records_are_looked_at_and_never_changed(rf, administrator, model):
    page, request = admin.site._registry[model], rf.get("/")
    request.user = administrator
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    shown = set(page.get_fields(request))
    assert not shown & {"title", "text", "body_html", "note", "email"}


def test_a_change_of_the_catalogue_is_logged_with_its_fields(client, administrator):
    procedure = make.procedure()
    address = reverse("admin:onecase_procedure_change", args=[procedure.pk])
    page = client.get(address)
    form = page.context["adminform"].form
    posted = {name: form.initial.get(name) or "" for name in form.fields} | {
        "is_published": "",
        "name": "Tên mới",
    }
    posted |= {
        f"versions-{key}": value
        for key, value in {
            "TOTAL_FORMS": 0,
            "INITIAL_FORMS": 0,
            "MIN_NUM_FORMS": 0,
            "MAX_NUM_FORMS": 0,
        }.items()
    }
    answer = client.post(address, posted)
    assert answer.status_code == 302, answer.context and answer.context["errors"]
    procedure.refresh_from_db()
    assert procedure.name == "Tên mới"
    event = AuditEvent.objects.get(event="admin.change")
    assert event.detail["name"][1] == "Tên mới"
    assert event.actor == administrator


def test_a_changed_calendar_moves_open_due_times_and_says_so(client, administrator, monkeypatch):
    world = make.commune()
    received = timezone.make_aware(datetime(2026, 11, 16, 9))
    case = make.case(world, S.APPRAISING, received_at=received)
    case.due_at = case.first_due_at = clock.due_of(case).at
    case.save(update_fields=["due_at", "first_due_at"])
    before = case.due_at
    rung = []
    monkeypatch.setattr(jobs, "wake_on_commit", lambda task, *args: rung.append((task, *args)))
    posted = {"date": "18/11/2026", "name": "Nghỉ bão", "kind": "local_closure", "status": "official"}
    assert client.post(reverse("admin:core_workingday_add"), posted).status_code == 302
    assert WorkingDay.objects.filter(date=date(2026, 11, 18)).exists()
    (task, job_id), *_rest = rung
    assert task == "onecase.recalculate_open"
    tasks.recalculate_open(job_id)
    case.refresh_from_db()
    assert case.due_at - before >= timedelta(days=1)
    assert case.first_due_at == before
    event = AuditEvent.objects.get(event="case.recalculate")
    assert datetime.fromisoformat(event.detail["due_before"]) == before
    assert Job.objects.get().finished_at is not None
    assert Procedure.objects.count() == 1
