"""Which papers a case must bring, and which of the obligatory ones nobody has looked at yet."""

from onecase.choices import CheckState
from onecase.models import Case, Component


def components_of(case: Case) -> list[Component]:
    """The papers of the case: those of its variant and those common to all, without the explanations."""
    found = case.version.components.filter(is_note=False)
    return [one for one in found if one.procedure_case_id in (None, case.procedure_case_id)]


def unchecked(case: Case) -> list[Component]:
    """Obligatory papers without a verdict of the counter."""
    seen = set(case.checks.exclude(state=CheckState.UNSEEN).values_list("component_id", flat=True))
    return [one for one in components_of(case) if one.required == "yes" and one.pk not in seen]
