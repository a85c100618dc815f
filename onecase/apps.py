"""Procedures and cases: from an application to a signed result."""

from django.apps import AppConfig


class OnecaseConfig(AppConfig):
    name = "onecase"
    verbose_name = "Một cửa"

    def ready(self) -> None:
        from core import audit
        from onecase import receivers, timeline  # noqa: F401  (receivers connect themselves)

        audit.register_sentences(timeline.SENTENCES)
