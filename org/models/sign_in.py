"""allauth's records under names that administrators read."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.utils.translation import gettext_lazy as _


class SecondFactor(Authenticator):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("lớp bảo vệ thứ hai")

    def __str__(self) -> str:
        """Without the name that its owner gave to a key: administrators read this."""
        return f"{self.get_type_display()} {self.pk}"


class SignedIn(UserSession):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("nơi đang đăng nhập")
