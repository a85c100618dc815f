"""Encrypted columns: every one is declared, keys change without losing a row, an interrupted change goes on."""

import json
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from onecase.models import Case, Party
from org import crypto, rotation, sealed
from org.models import CitizenIdentity
from org.sealed import Column
from tests import factories as make

pytestmark = pytest.mark.django_db
NUMBER = "031190123456"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_field_keys", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def new_key(settings):
    """Call it to put a new key before the old ones, as an operator does."""

    def put() -> str:
        settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
        return settings.FIELD_KEYS[0]

    return put


def test_every_sealed_column_is_declared():
    found = {
        Column(model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if field.name.endswith("_sealed")
    }
    assert found == {column for column in sealed.columns() if not column.keys}


def test_all_columns_go_under_the_new_key(new_key, settings):
    where = make.commune()
    case = make.case(where, applicant=make.citizen(number=NUMBER))
    case.answers = {"applicant_citizen_id": NUMBER}
    case.save(update_fields=["answers_sealed"])
    old = list(settings.FIELD_KEYS)
    new_key()
    told = json.loads(run("--json"))
    assert {name for name, count in told.items() if count["resealed"]} >= {
        "org.CitizenIdentity.number_sealed",
        "onecase.Case.answers_sealed",
    }
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]  # the old key is gone
    assert old != settings.FIELD_KEYS
    assert CitizenIdentity.objects.get(user=case.applicant).number == NUMBER
    assert Case.objects.get(pk=case.pk).answers == {"applicant_citizen_id": NUMBER}
    assert all(party.number is not None for party in Party.objects.all())


def test_a_second_run_changes_nothing(new_key):
    make.citizen()
    new_key()
    run()
    before = list(CitizenIdentity.objects.values_list("number_sealed", flat=True))
    told = json.loads(run("--json"))
    assert not any(count["old"] or count["resealed"] for count in told.values())
    assert before == list(CitizenIdentity.objects.values_list("number_sealed", flat=True))


def test_counting_only_changes_nothing_and_says_that_work_is_left(new_key):
    person = make.citizen()
    token = person.identity.number_sealed
    new_key()
    with pytest.raises(CommandError):
        run("--check")
    assert CitizenIdentity.objects.get().number_sealed == token


def test_an_interrupted_run_goes_on(new_key):
    for _n in range(5):
        make.citizen()
    new_key()

    class Killed(Exception):
        pass

    def kill(count):
        raise Killed

    column = Column("org.CitizenIdentity", "number_sealed")
    with pytest.raises(Killed):
        rotation.rotate(column, apply=True, batch=2, after=kill)
    count = rotation.rotate(column, apply=True, batch=2)
    assert (count.rows, count.old, count.resealed) == (5, 3, 3)


def test_what_no_key_opens_is_left_alone_and_told(new_key):
    identity = make.citizen().identity
    CitizenIdentity.objects.filter(pk=identity.pk).update(number_sealed="khong-mo-duoc")
    new_key()
    with pytest.raises(CommandError):
        run()
    assert CitizenIdentity.objects.get().number_sealed == "khong-mo-duoc"


def test_a_row_under_the_newest_key_is_not_touched(new_key):
    new_key()
    token = crypto.seal(NUMBER)
    assert crypto.is_under_newest_key(token)
    person = make.citizen()
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM org_citizenidentity")
        before = cursor.fetchall()
        rotation.rotate(Column("org.CitizenIdentity", "number_sealed"), apply=True)
        cursor.execute("SELECT xmin::text FROM org_citizenidentity")
        assert cursor.fetchall() == before
    assert person.identity.number


def test_secrets_of_second_factors_go_under_the_new_key_too(new_key, settings):
    """They lie in a table of a package, inside JSON."""
    from allauth.mfa.models import Authenticator

    person = make.citizen()
    row = Authenticator.objects.create(
        user=person, type="totp", data={"secret": crypto.seal("JBSWY3DPEHPK3PXP"), "other": "x"}
    )
    new_key()
    run()
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    row.refresh_from_db()
    assert crypto.unseal(row.data["secret"]) == "JBSWY3DPEHPK3PXP"
    assert row.data["other"] == "x"
