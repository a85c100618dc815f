"""Two addresses for machines: does this process live, and is the whole ready?"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from haiphong_egov import health


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Nothing else is asked, so a broken database does not make the balancer kill it."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all parts are up; else 503, and `not_ready` names the parts in words."""
    parts = health.parts()
    missing = [part.label for part in parts if not part.ready]
    return JsonResponse(
        {"ready": not missing, "not_ready": missing, "parts": [part.as_json() for part in parts]},
        status=503 if missing else 200,
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
