"""What the staff doors of org share: only somebody with a post today comes in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

View = Callable[..., HttpResponseBase]


def staff_only(view: View) -> View:
    """Somebody without a post reads what this place is for instead of the page."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.hat is None:  # type: ignore[union-attr]
            return render(request, "onecase/staff/not_staff.html", status=403)
        return view(request, *args, **kwargs)

    return guarded
