"""Staff come in with a second factor, and act under one hat, chosen in the header and kept in the session."""

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from org import step_up
from org.restructuring import takeover

HAT_SESSION_KEY = "hat"
STAFF_PAGES = "/lam-viec/"
LISTED_SESSION_KEY = "listed"  # this session stands on the page of sessions
SEEN_EVERY_SECONDS = 300
STAND_IN_SESSION_KEY = "stands_in"  # the delegation under which alone one acts


STAFF_DOORS = ("/lam-viec/", "/quan-tri/")


class SecondFactorMiddleware:
    """Without a second factor given in this session nobody wears a hat: the person is a citizen among citizens.

    Who must have one is led from the staff's doors to the page where it is set up or given. Public pages, own cases
    and the pages of the account itself stay open.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if user.is_authenticated and not step_up.gave_second_factor(request):
            user.one_factor = True
            if request.path.startswith(STAFF_DOORS) and user.must_use_second_factor:
                return step_up.ask(request)
        return self.get_response(request)


class LastSeenMiddleware:
    """«Dùng lần cuối» on the page of sessions: one write in five minutes, and none for sessions that are not listed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and request.session.get(LISTED_SESSION_KEY):
            key = request.session.session_key
            if cache.add(f"seen-{key}", 1, SEEN_EVERY_SECONDS):
                seen = UserSession.objects.filter(session_key=key)
                seen.update(last_seen_at=timezone.now(), ip=request.META["REMOTE_ADDR"])
        return self.get_response(request)


class HatMiddleware:
    """Puts the chosen hat on `request.user.hat`; a hat no longer held falls back to the primary one, a delegation
    that has ended falls back to the hat, and says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.session.get(HAT_SESSION_KEY)
        if request.user.is_authenticated and (chosen or request.path.startswith(STAFF_PAGES)):
            self._wear(request, chosen)
        wanted = request.session.get(STAND_IN_SESSION_KEY)
        if wanted and request.user.is_authenticated:
            self._stand_in(request, wanted)
        return self.get_response(request)

    def _wear(self, request: HttpRequest, chosen: int | None) -> None:
        """The chosen hat; one whose unit was dissolved meanwhile goes on as its successor, and the page says so."""
        for hat in request.user.hats:
            if hat.pk == chosen:
                request.user.hat = hat
                return
        moved = takeover.of_hat(chosen, request.user) if chosen else None
        if moved is not None:
            told, heir = moved
            request.user.hat = heir or request.user.hat
            request.taken_over = told  # type: ignore[attr-defined]
            messages.warning(request, told.sentence)
        if request.user.hat is not None:  # known from now on, so that its end is noticed
            request.session[HAT_SESSION_KEY] = request.user.hat.pk

    def _stand_in(self, request: HttpRequest, wanted: int) -> None:
        user = request.user
        for delegation in user.delegations:
            if delegation.pk == wanted and user.hat is not None and delegation.taker_id == user.hat.pk:
                user.standing_in = delegation
                return
        del request.session[STAND_IN_SESSION_KEY]
        messages.warning(
            request,
            _("Ủy quyền đang dùng đã hết hiệu lực hoặc bị thu hồi. Từ giờ làm việc bằng chức vụ của mình."),
        )
