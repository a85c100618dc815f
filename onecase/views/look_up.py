"""«Hồ sơ của tôi đến đâu?» without an account: code and a second factor, no personal data."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.calendar import said_in_full
from onecase import own_page, procedure_page
from onecase.choices import STATUS_SHAPE, BusinessStatus
from onecase.citizen_forms import LookUpForm
from onecase.limits import spent

MOST, SECONDS = 10, 600


@never_cache
@require_http_methods(["GET", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """POST, so that neither code nor digits stand in addresses and logs. The same words for every kind of miss."""
    if request.method == "GET":
        return render(
            request,
            "onecase/citizen/look_up.html",
            {"form": LookUpForm(initial={"ma": request.GET.get("ma", "")[:60]})},
        )
    form = LookUpForm(request.POST)
    if not form.is_valid():
        return render(request, "onecase/citizen/look_up.html", {"form": form})
    code, digits = form.cleaned_data["ma"], form.cleaned_data["so_cuoi"]
    meant = "".join(sign for sign in code.upper() if sign.isalnum())
    if spent("look-up", most=MOST, seconds=SECONDS) | spent(
        "look-up-code", who=meant, most=MOST, seconds=SECONDS
    ):
        form.add_error(None, _("Đã thử quá nhiều lần. Chờ 10 phút rồi tra lại, hoặc gọi 1022."))
        return render(request, "onecase/citizen/look_up.html", {"form": form}, status=429)
    case = own_page.found_by(code, digits)
    if case is None:
        form.add_error(
            None,
            _(
                "Không có hồ sơ «%(code)s» với 4 số cuối đã nhập. Xem lại mã trên biên nhận và số điện thoại, số định danh đã khai."
            )
            % {"code": code},
        )
        return render(request, "onecase/citizen/look_up.html", {"form": form})
    now = timezone.now()
    return render(
        request,
        "onecase/citizen/look_up_found.html",
        {
            "case": case,
            "title": procedure_page.short_name(case.procedure.name),
            "kind": STATUS_SHAPE.get(BusinessStatus(case.business_status), "half"),
            "chip": own_page.chip(case, now),
            "due": said_in_full(case.due_at) if case.due_at else "",
            "history": own_page.road(case, public=True),
            "truth": own_page.truth_about_time(case, now)
            if case.business_status == BusinessStatus.SUBMITTED
            else "",
            "asked_at": now,
        },
    )
