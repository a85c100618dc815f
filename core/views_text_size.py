"""«Cỡ chữ»: a preference of this browser, kept in a cookie, set by a plain link."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

COOKIE = "co_chu"
SIZES = {"100", "118", "137"}
YEAR = 365 * 24 * 3600


@require_GET
def text_size(request: HttpRequest) -> HttpResponse:
    """Set the size and go back to the page; an address of another site is not followed."""
    back = request.GET.get("ve", "/")
    if not url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        back = "/"
    response = HttpResponseRedirect(back)
    size = request.GET.get("co", "100")
    if size in SIZES:
        response.set_cookie(
            COOKIE, size, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True
        )
    return response
