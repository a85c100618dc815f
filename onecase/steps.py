"""Steps of the internal process as they run: which one is open, and by when it should be done."""

from datetime import datetime

from onecase import clock
from onecase.models import Case, StepRun


def begin(case: Case, code: str, *, at: datetime) -> StepRun | None:
    """Close the running step and open the one with `code`, if the procedure has it."""
    case.step_runs.filter(ended_at__isnull=True).update(ended_at=at)
    step = case.version.steps.filter(code=code).first()
    if step is None:
        return None
    return StepRun.objects.create(
        case=case,
        seq=step.seq,
        code=step.code,
        name=step.name,
        started_at=at,
        due_at=clock.hours_from(case, at, float(step.hours)),
    )


def end(case: Case, *, at: datetime) -> None:
    case.step_runs.filter(ended_at__isnull=True).update(ended_at=at)
