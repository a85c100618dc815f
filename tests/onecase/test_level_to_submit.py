"""Which level of identity submitting online asks for is configuration."""

import pytest

from core.errors import RuleError
from onecase import actions
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_by_default_any_account_may_submit(settings):
    assert (settings.ONLINE_SUBMIT_LEVEL, settings.ONLINE_SUBMIT_LEVELS) == (0, {})


@pytest.mark.parametrize(("level", "lets"), [(None, False), (1, False), (2, True)])
def test_a_procedure_may_ask_for_a_proven_number(settings, level, lets):
    procedure = make.procedure()
    settings.ONLINE_SUBMIT_LEVELS = {procedure.code: 2}
    person = make.user() if level is None else make.citizen()
    if level:
        person.identity.level = level
        person.identity.save(update_fields=["level"])
    if lets:
        assert actions.start(procedure, actor=person).procedure == procedure
        return
    with pytest.raises(RuleError, match="mức 2"):
        actions.start(procedure, actor=person)
    assert not Case.objects.exists()


def test_a_draft_begun_before_is_asked_at_submission(settings):
    where, person = make.commune(), make.citizen()
    case = make.case(where, S.DRAFT, applicant=person)
    settings.ONLINE_SUBMIT_LEVEL = 2
    with pytest.raises(RuleError, match="mức 2"):
        actions.submit(case.pk, actor=person)
    case.refresh_from_db()
    assert case.business_status == S.DRAFT
