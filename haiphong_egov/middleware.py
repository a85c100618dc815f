"""The client's address, when reverse proxies stand before us; and our own words for «not found», in the demo too."""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import page_not_found, server_error

log = structlog.get_logger()


class ClientAddressMiddleware:
    """Puts the client's address into REMOTE_ADDR, for rate limits and the audit trail.

    Each of our own proxies appends the address it saw to X-Forwarded-For; what stands left of those entries was
    written by the client and proves nothing. With TRUSTED_PROXY_COUNT = 0 the header is not looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        count = settings.TRUSTED_PROXY_COUNT
        if count > 0:
            seen = [
                part.strip()
                for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
                if part.strip()
            ]
            if len(seen) >= count:
                request.META["REMOTE_ADDR"] = seen[-count]
        return self.get_response(request)


class NotFoundMiddleware:
    """With DEBUG on Django answers 404s and bugs with pages for programmers; whoever tries the demo gets ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.DEBUG and response.status_code == 404 and request.resolver_match is None:
            return page_not_found(request, Http404())
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A bug is logged with its traceback, as without DEBUG, and the visitor reads a sentence."""
        if not settings.DEBUG:
            return None
        if isinstance(exception, Http404):
            return page_not_found(request, exception)
        if isinstance(exception, PermissionDenied | SuspiciousOperation):
            return None
        log.exception("bug", path=request.path, error=type(exception).__name__)
        return server_error(request)
