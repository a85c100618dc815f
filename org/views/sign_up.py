"""Signing up, and changing the number: where allauth's own doors fail when a code went out a moment ago."""

from typing import Any, cast

from allauth.account.views import ChangePhoneView, SignupView
from allauth.core.exceptions import RateLimited
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from org import lockout

TOO_MANY = 429


class SignUp(SignupView):
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
