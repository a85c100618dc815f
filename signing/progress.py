"""How far a signature is, for the page that waits for it."""

from dataclasses import dataclass

from django.db import models

from core import audit
from signing.choices import RequestState
from signing.models import SignatureRequest


@dataclass(frozen=True)
class Progress:
    """`percent` counts the steps done; `error` is Vietnamese, also while the system still tries by itself."""

    request_id: int
    state: str
    label: str
    percent: int
    error: str
    is_open: bool
    needs_pin: bool  # trying again takes a PIN
    result_id: int | None


_PERCENT = {
    RequestState.QUEUED: 10,
    RequestState.PREPARED: 40,
    RequestState.EMBEDDED: 70,
    RequestState.VALIDATED: 100,
}


def progress(request_id: int) -> Progress:
    return _shown(SignatureRequest.objects.select_related("key").get(pk=request_id))


def progress_of(subject: models.Model, *, field_name: str = "") -> Progress | None:
    """The latest request about a record, of one field if named."""
    requests = SignatureRequest.objects.select_related("key").filter(
        subject_type=audit.subject_type(subject), subject_id=subject.pk
    )
    if field_name:
        requests = requests.filter(field_name=field_name)
    latest = requests.order_by("-id").first()
    return _shown(latest) if latest else None


def _shown(request: SignatureRequest) -> Progress:
    return Progress(
        request_id=request.pk,
        state=request.state,
        label=str(request.get_state_display()),
        percent=_PERCENT.get(RequestState(request.state), 0),
        error=request.last_error,
        is_open=request.is_open,
        needs_pin=(
            request.state == RequestState.FAILED
            and not request.signature_value
            and request.key.kind != "system"
        ),
        result_id=request.result_id,
    )
