"""Codes to a telephone or an address, where allauth's own doors fail or lead astray."""

from typing import Any, cast

from allauth.account.internal.stagekit import clear_login
from allauth.account.views import ChangePhoneView, ConfirmPasswordResetCodeView, SignupView
from allauth.core.exceptions import RateLimited
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from org import lockout

TOO_MANY = 429
AGAIN = "dang-ky-lai"


class SignUp(SignupView):
    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> Any:
        """Who mistyped the contact would wait for its code for ever; «Đăng ký lại» gives that sign-up up."""
        if AGAIN in request.GET:
            clear_login(request)
            return None
        return super()._redirect_to_pending_stage(request, stage)

    def form_valid(self, form: Any) -> HttpResponse:
        """An account whose code could not be sent is not made: one could never prove it."""
        with transaction.atomic():
            answer = self._sent(form)
            if answer is None:
                transaction.set_rollback(True)
        if answer is not None:
            return answer
        mail, phone = form.cleaned_data["email"] or "", form.cleaned_data["phone"]
        form.add_error("contact", lockout.no_code_now(self.request, mail=mail, phone=phone))
        return cast(HttpResponse, self.form_invalid(form))

    def _sent(self, form: Any) -> HttpResponse | None:
        """None: no code goes out now. allauth tells it in one way for telephones and in another for mail."""
        try:
            answer: HttpResponse = super().form_valid(form)
        except RateLimited:
            return None
        return None if answer.status_code == TOO_MANY else answer


class ChangePhone(ChangePhoneView):
    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return cast(HttpResponse, super().form_valid(form))
        except RateLimited:
            form.add_error("phone", lockout.no_code_now(self.request, phone=form.cleaned_data["phone"]))
            return cast(HttpResponse, self.form_invalid(form))


class ConfirmReset(ConfirmPasswordResetCodeView):
    def form_invalid(self, form: Any) -> HttpResponse:
        """After the last try one asks for a new code, where allauth would lead to the sign-in page."""
        answer: HttpResponse = super().form_invalid(form)
        ended = answer.headers.get("Location", "").startswith(reverse("account_login"))
        return redirect("account_reset_password") if ended else answer
