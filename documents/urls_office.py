"""Registers, work files, dashboards, rights."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
