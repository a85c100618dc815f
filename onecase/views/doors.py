"""What all staff doors share: who may come in, how a case is found, what the bar shows."""

import time
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render

from onecase import desk
from onecase.models import Case

View = Callable[..., HttpResponseBase]
COUNT_KEPT_SECONDS = 20
BESIDE = (
    "procedure",
    "version",
    "procedure_case",
    "agency",
    "receiving_unit",
    "handling_unit",
    "handler",
    "result_document__type",
)


def staff_only(view: View) -> View:
    """Somebody without a post reads what this place is for instead of the page."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.hat is None:
            return render(request, "onecase/staff/not_staff.html", status=403)
        try:
            return view(request, *args, **kwargs)
        except Http404:
            other = post_that_sees(request.user, kwargs.get("code", ""))
            if other is None:
                raise
            return page(
                request, "onecase/staff/other_post.html", {"other": other, "code": kwargs["code"]}, status=404
            )

    return guarded


def post_that_sees(user: Any, code: str) -> Any:
    """Another post of this person that serves the case: a notice may lead to what the present post does not see."""
    present = user.hat
    try:
        for hat in user.hats:
            user.hat = hat
            if code and hat != present and Case.objects.at_work(user).filter(code=code).exists():
                return hat
    finally:
        user.hat = present
    return None


def case_at_work(request: HttpRequest, code: str) -> Case:
    """A case that the present hat serves. A foreign one does not exist: 404."""
    return get_object_or_404(Case.objects.at_work(request.user).select_related(*BESIDE), code=code)


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A staff page with the figure beside «Bàn làm việc»."""
    context.setdefault("waiting_count", waiting_count(request.user))
    return render(request, template, context, status=status)


def waiting_count(user: Any) -> str:
    """The bar may lag some seconds behind the desk itself."""
    return shown_count(_counted(user, user.hat.pk, int(time.monotonic() // COUNT_KEPT_SECONDS)))


@lru_cache(maxsize=500)
def _counted(user: Any, hat_id: int, moment: int) -> int:
    """Kept in this process while `moment` stays the same."""
    return desk.count_of(user)


def shown_count(count: int) -> str:
    return "999+" if count > 999 else str(count or "")
