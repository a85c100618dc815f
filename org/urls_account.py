"""Doors under /tai-khoan/ that stand before allauth's of the same name."""

from django.urls import path

from org.views import addresses, own_sessions, second_factors, sign_up

urlpatterns = [
    path("signup/", sign_up.SignUp.as_view(), name="account_signup"),
    path("phone/change/", sign_up.ChangePhone.as_view(), name="account_change_phone"),
    path(
        "password/reset/confirm/", sign_up.ConfirmReset.as_view(), name="account_confirm_password_reset_code"
    ),
    path("email/", addresses.OwnAddresses.as_view(), name="account_email"),
    path("sessions/", own_sessions.own_sessions, name="usersessions_list"),
    path("2fa/totp/deactivate/", second_factors.TurnAppOff.as_view(), name="mfa_deactivate_totp"),
    path("2fa/webauthn/add/", second_factors.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path(
        "2fa/webauthn/keys/<int:pk>/remove/",
        second_factors.RemovePasskey.as_view(),
        name="mfa_remove_webauthn",
    ),
    path(
        "2fa/webauthn/reauthenticate/",
        second_factors.ConfirmByPasskey.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
]
