"""Whoever copies the database reads no national id number: every text column of every table is searched."""

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from documents.models import DocumentType
from onecase import actions
from onecase.choices import BusinessStatus as S
from onecase.choices import CheckState
from onecase.models import ComponentCheck, ResultTemplate
from org.actions import own_data
from org.choices import OrganizationKind
from tests import factories as make
from tests.onecase.staff_doors import enter

pytestmark = pytest.mark.django_db
OWNER, OTHER = "031190123456", "031085654321"


def open_texts() -> dict[str, str]:
    """«table.column» → everything in it, as the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying', 'character', 'jsonb', 'json', 'ARRAY', 'tsvector')"
        )
        found = {}
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}"::text FROM "{table}"')
            found[f"{table}.{column}"] = "\n".join(row[0] or "" for row in cursor.fetchall())
    return found


def test_no_number_lies_open_after_the_whole_life_of_a_case(client, settings, work):
    world, procedure = make.commune(), make.procedure()
    centre = make.organization("Trung tâm thành phố", OrganizationKind.ADMIN_UNIT)
    settings.DATA_OFFICER_UNIT = centre.slug
    DocumentType.objects.create(code="QĐ", name="Quyết định", abbreviation="QĐ")
    ResultTemplate.objects.update(body_template="<p>Xác nhận cho {{ answers.applicant_citizen_id }}.</p>")
    citizen = make.citizen("Phạm Thị Thu Hà", OWNER)
    case = actions.start(procedure, actor=citizen)
    actions.save_draft(
        case.pk,
        actor=citizen,
        answers={"applicant_full_name": "Phạm Thị Thu Hà", "applicant_citizen_id": OWNER},
        step=1,
        agency_id=world.ubnd.pk,
    )
    actions.submit(case.pk, actor=citizen)
    for component in case.version.components.all():
        ComponentCheck.objects.create(case=case, component=component, state=CheckState.OK)
    actions.accept(case.pk, actor=world.counter_officer)
    actions.hand_over(case.pk, actor=world.counter_officer)
    actions.take_up(case.pk, actor=world.case_officer)
    case.refresh_from_db()
    title, body = actions.result_draft(case)
    assert OWNER in body
    actions.draft_result(case.pk, actor=world.case_officer, title=title, body_html=body)
    actions.intake(
        actor=world.counter_officer,
        key="5f1f4f0a-1111-4222-8333-444455556666",
        procedure=procedure,
        agency_id=world.ubnd.pk,
        channel="1",
        owner={"full_name": "Trần Văn B", "number": OTHER},
    )
    staff = enter(world.case_officer)
    staff.get("/lam-viec/ho-so/", {"q": OWNER})
    staff.post(f"/lam-viec/ho-so/{case.code}/hien-so/", {"ly-do": "doi-chieu"})
    own_data.submit_request(
        actor=citizen, kind="correction", text=f"Số của tôi là {OWNER}, ghi sai ở đâu đó."
    )
    work(own_data.request_copy, actor=citizen)
    case.refresh_from_db()
    assert case.business_status == S.APPRAISING and timezone.now() > case.received_at
    texts = open_texts()
    assert len(texts) > 200
    lying = {place for place, text in texts.items() if OWNER in text or OTHER in text}
    assert lying == set()


def test_the_search_would_find_one():
    make.user("Người khai 031190123456")
    assert any(OWNER in text for text in open_texts().values())


def test_every_number_has_a_blind_index_beside_it():
    """What is looked up by number is looked up by its keyed hash."""
    sealed = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if field.name == "number_sealed"
    }
    indexed = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if field.name == "number_index" and field.db_index
    }
    assert sealed == indexed
