"""Doors of org: which hat one wears, and where one lands after signing in."""

from django.urls import path

from org import views

app_name = "org"
urlpatterns = [
    path("sau-dang-nhap/", views.after_sign_in, name="after_sign_in"),
    path("lam-viec/doi-chuc-vu/", views.switch_hat, name="switch_hat"),
]
