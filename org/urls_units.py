"""Addresses of units, included by org.urls under its namespace."""

from django.urls import path

from org.views import units

urlpatterns = [
    path("don-vi/", units.units, name="units"),
    path("don-vi/dia-gioi/<str:code>/<str:since>/", units.territory, name="territory"),
    path("don-vi/<slug:slug>/", units.unit, name="unit"),
    path("lam-viec/don-vi/", units.staff_units, name="staff_units"),
    path("lam-viec/don-vi/<slug:slug>/", units.staff_unit, name="staff_unit"),
]
