"""What every page shows beside its own content."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    return {"DEMO": settings.DEBUG, "SITE_URL": settings.SITE_URL}
