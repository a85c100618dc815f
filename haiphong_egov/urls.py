"""All addresses. Public words are unaccented Vietnamese (docs/architecture.md)."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from core.views_text_size import text_size
from haiphong_egov import views_health
from haiphong_egov.views_components import components

urlpatterns = [
    path("healthz", views_health.healthz, name="healthz"),
    path("readyz", views_health.readyz, name="readyz"),
    path("quan-tri/", admin.site.urls),
    # Accounts are tied to an outside identity on one page of ours.
    path("tai-khoan/3rdparty/", RedirectView.as_view(pattern_name="org:identity")),
    path("tai-khoan/3rdparty/signup/", RedirectView.as_view(pattern_name="account_login")),
    path("tai-khoan/", include("org.urls_account")),  # before allauth's doors of the same name
    path("tai-khoan/", include("allauth.urls")),
    path("co-chu/", text_size, name="text_size"),
    path("lam-viec/mau/", components, name="components"),
    path("lam-viec/thong-bao/", include("notices.urls")),
    path("thong-bao/", include("notices.urls", namespace="own_notices")),
    path("", include("core.urls")),
    path("", include("org.urls")),
    path("", include("documents.urls")),
    path("", include("onecase.urls")),
]
