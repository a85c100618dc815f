"""One's own addresses of mail."""

from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.views import EmailView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from org import mailboxes
from org.models import User


@method_decorator(login_required, name="dispatch")
@method_decorator(reauthentication_required(allow_get=True, app="allauth.account"), name="dispatch")
class OwnAddresses(EmailView):
    """Citizens manage their addresses here; who serves only reads, and asks for a code for the one he has."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = cast(User, request.user)
        if mailboxes.come_from_the_office(user) and not self._is_own_code(request, user):
            messages.error(request, from_the_office())
            return redirect("account_email")
        return cast(HttpResponse, super().post(request, *args, **kwargs))

    def _is_own_code(self, request: HttpRequest, user: User) -> bool:
        asked = request.POST.get("email", "").lower()
        return "action_send" in request.POST and "action_add" not in request.POST and asked == user.email

    def _action_send(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        address = request.POST.get("email", "")
        if mailboxes.is_official(address) and address.lower() != cast(User, request.user).email:
            messages.error(request, mailboxes.not_by_oneself(address))
            return None
        found = self._get_email_address(request)
        if found is not None and found.verified:
            messages.info(request, _("%(mail)s đã được xác nhận.") % {"mail": found.email})
            return None
        return super()._action_send(request, *args, **kwargs)

    @transaction.atomic
    def _action_remove(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """allauth leaves an empty address behind, which stands once in the whole table; no address at all is None."""
        user = User.objects.select_for_update().get(pk=cast(User, request.user).pk)
        request.user = user  # the last of two removals at the same moment sees what the first has left
        address = self._get_email_address(request)
        if address is None:
            return None
        if why := mailboxes.why_kept(address):
            messages.error(request, why)
            return None
        if user.email == address.email:
            user.email = None
            user.save(update_fields=["email"])
            told = {"deleted_email": address.email}  # no address is left to which allauth would write
            get_adapter().send_notification_mail("account/email/email_deleted", user, told, address.email)
        return super()._action_remove(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        if mailboxes.come_from_the_office(cast(User, self.request.user)):
            found |= {"from_the_office": from_the_office(), "can_add_email": False}
        addresses = found["emailaddresses"]
        return found | {
            "can_choose": any(not one.primary for one in addresses),
            "can_confirm": any(not one.verified for one in addresses),
        }

    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        address = self._get_email_address(request)
        if address is not None and address.primary:
            messages.info(request, _("%(mail)s đã là địa chỉ chính.") % {"mail": address.email})
            return None
        return super()._action_primary(request, *args, **kwargs)


def from_the_office() -> str:
    return _(
        "Hộp thư công vụ đi theo chức vụ và do người quản trị của cơ quan cấp, nên không tự thêm, đổi hoặc bỏ được ở đây. Cần đổi thì báo người quản trị."
    )
