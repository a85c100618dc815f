"""The emergency door of cases: reading only."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onecase import rules
from onecase.models import Case
from org.break_glass import Door


def _find(code: str) -> Case | None:
    found = Case.objects.exclude(business_status="draft").select_related(
        "procedure", "agency", "handling_unit"
    )
    return found.filter(code=code).first()


def _unit_id(case: Case) -> int:
    """Where it lies now: the handling unit, before the hand-over the agency."""
    unit_id = case.handling_unit_id or case.agency_id
    assert unit_id is not None  # submitted cases have an agency
    return unit_id


def _url(case: Any) -> str:
    return reverse("onecase:case", args=[case.code])


DOOR = Door(
    label=_("Hồ sơ"),
    hint=_("Mã hồ sơ, ghi trên giấy tiếp nhận"),
    find=_find,
    unit_id=_unit_id,
    words=lambda case: f"{case.code} · {case.procedure.name}",
    url=_url,
    sees=rules.works_on,
)
