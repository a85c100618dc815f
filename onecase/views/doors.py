"""What all staff doors share: who may come in, how a case is found, what the bar shows."""

import re
import time
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onecase import desk
from onecase.choices import CheckState
from onecase.models import Case, Component
from org import break_glass
from org.restructuring import takeover
from org.restructuring.takeover import TakenOver

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
        if request.user.hat is None and not (kwargs.get("code") and request.user.is_staff):
            typed = typed_text(request)
            context = {"typed": typed, "told": taken_over(request, kwargs.get("code", ""))}
            template = "taken_over" if typed else "not_staff"
            return render(request, f"onecase/staff/{template}.html", context, status=403)
        try:
            return view(request, *args, **kwargs)
        except Http404:
            if request.user.hat is None:
                raise
            told = taken_over(request, kwargs.get("code", ""))
            if told is not None:
                return keep_text(request, told=told, status=409 if request.method == "POST" else 404)
            other = post_that_sees(request.user, kwargs.get("code", ""))
            if other is None:
                raise
            return page(
                request, "onecase/staff/other_post.html", {"other": other, "code": kwargs["code"]}, status=404
            )

    return guarded


LABELS: Final = {
    "note": gettext_lazy("Nội dung, lý do"),
    "title": gettext_lazy("Trích yếu"),
    "body_html": gettext_lazy("Nội dung dự thảo"),
    "guidance": gettext_lazy("Hướng dẫn"),
    "reply_by": gettext_lazy("Hạn bổ sung"),
    "text": gettext_lazy("Giấy tờ, nội dung"),
    "more": gettext_lazy("Nói rõ thêm"),
}
ON_A_PAPER: Final = re.compile(r"(state|note)-(\d{1,18})")
NOT_TEXT: Final = {"csrfmiddlewaretoken", "pin", "password", "next", "hat", "trinh", "kind"}


def typed_text(request: HttpRequest) -> list[tuple[str, str]]:
    """What somebody wrote into the posted form, with its labels, and his verdicts on papers; secrets are left out."""
    posted = list(request.POST.items()) if request.method == "POST" else []
    named = (ON_A_PAPER.fullmatch(name) for name, _value in posted)
    papers = Component.objects.in_bulk([int(hit[2]) for hit in named if hit])
    found = []
    for name, value in posted:
        text = str(value).strip()
        if (of := ON_A_PAPER.fullmatch(name)) and (paper := papers.get(int(of[2]))) and text:
            known = of[1] == "state" and text in CheckState.values
            found.append((paper.name, str(CheckState(text).label) if known else text))
        elif name not in NOT_TEXT and any(char.isspace() or not char.isascii() for char in text):
            stem = re.sub(r"[-_]?\d+.*$", "", name).split("-")[-1]
            found.append((str(LABELS.get(name) or LABELS.get(stem) or _("Đã nhập")), text))
    return found


def taken_over(request: HttpRequest, code: str) -> TakenOver | None:
    """Who has this case now, when the person served it before a restructuring; without a case: what became of his hat."""
    if not code:
        return getattr(request, "taken_over", None)
    case = Case.objects.filter(code=code).first()
    return takeover.of_record(case, request.user) if case is not None else None


def keep_text(
    request: HttpRequest, *, told: TakenOver | None, why: str = "", status: int = 409
) -> HttpResponse:
    """Nothing was saved: say why and who has it now, and show what was typed, to copy."""
    context = {"told": told, "why": why, "typed": typed_text(request), "hat": request.user.hat}
    return page(request, "onecase/staff/taken_over.html", context, status=status)


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


def case_to_read(request: HttpRequest, code: str) -> Case:
    """A case that the present hat serves or keeps in its archive, or one that this person opened in an emergency."""
    case = Case.objects.filter(code=code)
    found = case.readable_by(request.user).select_related(*BESIDE).first()
    if found is not None:
        return found
    foreign = case.exclude(business_status="draft").first()
    opened = break_glass.open_for(request.user, foreign) if foreign else None
    if opened is None:
        raise Http404
    record = case.select_related(*BESIDE).get()
    break_glass.note_reading(request.user, record, opened, "break_glass.read")
    record.opened_in_emergency = opened
    return record


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A staff page; the figure beside «Bàn làm việc» comes from onecase.context."""
    return render(request, template, context, status=status)


def waiting_count(user: Any) -> str:
    """The bar may lag some seconds behind the desk itself."""
    if user.hat is None:
        return ""
    return shown_count(
        _counted(
            user,
            (user.hat.pk, user.standing_in and user.standing_in.pk),
            int(time.monotonic() // COUNT_KEPT_SECONDS),
        )
    )


@lru_cache(maxsize=500)
def _counted(user: Any, capacity: tuple[int, int | None], moment: int) -> int:
    """Kept in this process while `moment` stays the same."""
    return desk.count_of(user)


def shown_count(count: int) -> str:
    return "999+" if count > 999 else str(count or "")
