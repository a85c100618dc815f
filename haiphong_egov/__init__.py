"""Composition root: settings, addresses, Celery. Knows every app, holds no rule."""

from haiphong_egov.celery import app as celery_app

__all__ = ["celery_app"]
