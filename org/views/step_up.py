"""Where a posted form goes on after its confirmation."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from org import step_up


@login_required
def post_again(request: HttpRequest, word: str) -> HttpResponseBase:
    """The address is known to nobody but this session and serves once."""
    if not step_up.confirmed_lately(request):
        return step_up.ask(request)
    kept = step_up.take(request, word)
    if kept is None:
        messages.info(request, _("Việc này đã làm rồi, hoặc chờ quá 10 phút. Xem lại rồi làm lại nếu cần."))
        return redirect("org:after_sign_in")
    return step_up.post_again(request, kept)
