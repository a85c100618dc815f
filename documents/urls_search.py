"""Search and saved views."""

from django.urls import URLPattern, path

from documents.views import search

urlpatterns: list[URLPattern] = [
    path("lam-viec/van-ban/tim/", search.search, name="search"),
    path("lam-viec/van-ban/tim/xuat/", search.export, name="search_export"),
    path("lam-viec/van-ban/tim/sao/", search.star, name="star"),
    path("lam-viec/van-ban/tim/bo-loc/", search.save_view, name="save_view"),
    path("lam-viec/van-ban/tim/bo-loc/<int:view_id>/bo/", search.drop_view, name="drop_view"),
]
