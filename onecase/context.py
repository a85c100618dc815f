"""What every staff page shows of the desk: the figure beside «Bàn làm việc»."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from onecase.views import doors


def desk(request: HttpRequest) -> dict[str, Any]:
    """Asked only by the template that draws the bar."""
    user = getattr(request, "user", None)
    inside = user is not None and user.is_authenticated
    return {"waiting_count": SimpleLazyObject(lambda: doors.waiting_count(user) if inside else "")}
