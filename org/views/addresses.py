"""One's own addresses of mail."""

from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from allauth.account.views import EmailView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from org import mailboxes
from org.models import User


@method_decorator(login_required, name="dispatch")
@method_decorator(reauthentication_required(allow_get=True, app="allauth.account"), name="dispatch")
class OwnAddresses(EmailView):
    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = cast(User, request.user)
        if user.must_use_second_factor and not mailboxes.is_official(request.POST.get("email")):
            text = _("Người giữ chức vụ chỉ dùng hộp thư công vụ (%(domains)s).")
            messages.error(request, text % {"domains": mailboxes.domains()})
            return None
        return super()._action_primary(request, *args, **kwargs)
