"""Every signed-in request acts under one hat, chosen in the header and kept in the session."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HAT_SESSION_KEY = "hat"


class HatMiddleware:
    """Puts the chosen hat on `request.user.hat`; a hat no longer held falls back to the primary one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.session.get(HAT_SESSION_KEY)
        if chosen and request.user.is_authenticated:
            for hat in request.user.hats:
                if hat.pk == chosen:
                    request.user.hat = hat
        return self.get_response(request)
