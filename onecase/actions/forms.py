"""Owe a prescribed form: its data are frozen now, Celery renders and the unit's seal signs it."""

from typing import Any

from core import jobs
from onecase import papers
from onecase.choices import FormNo
from onecase.models import Case, LegalForm
from signing import services as signing


def owe_form(case: Case, form_no: FormNo, *, actor: Any, **facts: Any) -> LegalForm:
    """The form as a row of the act's transaction (`facts`: what only the act knows); the page of the case shows when the sealed PDF stands."""
    form = LegalForm.objects.create(
        case=case,
        form_no=form_no,
        snapshot=papers.snapshot(case, form_no, actor=actor, **facts),
        check_code=signing.new_code(),
        made_by=actor,
    )
    jobs.wake_on_commit("onecase.make_form", form.pk)
    return form
