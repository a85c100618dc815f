"""The questions asked of documents."""

from typing import Any, Self

from django.db import models

from documents import rules
from documents.choices import DocumentStatus
from org.choices import Role


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(rules.visible(user))

    def waiting_for_seal(self, user: Any) -> Self:
        """Signed documents of the agencies whose seal this hat keeps; those being sealed stand with them."""
        return self.filter(
            rules.serving(user, "agency", Role.CLERK),
            status__in=[DocumentStatus.SIGNED, DocumentStatus.SEALING],
        ).order_by("id")
