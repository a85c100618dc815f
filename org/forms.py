"""Sign-in and sign-up in the portal's words."""

from typing import Any

from allauth.account.forms import LoginForm as BaseLoginForm
from allauth.account.forms import SignupForm as BaseSignupForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from org.models import User


class LoginForm(BaseLoginForm):
    pass


class SignupForm(BaseSignupForm):
    full_name = forms.CharField(label=_("Họ và tên"), max_length=120)
    phone = forms.CharField(label=_("Số điện thoại"), max_length=15, required=False)
    field_order = ["full_name", "email", "phone", "password1", "password2"]

    def save(self, request: HttpRequest) -> User:
        user = super().save(request)
        user.full_name, user.phone = self.cleaned_data["full_name"], self.cleaned_data["phone"]
        user.save(update_fields=["full_name", "phone"])
        return user

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
