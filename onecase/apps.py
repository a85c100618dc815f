"""Procedures and cases: from an application to a signed result."""

from django.apps import AppConfig


class OnecaseConfig(AppConfig):
    name = "onecase"
    verbose_name = "Một cửa"

    def ready(self) -> None:
        from core import audit, audit_subjects
        from onecase import (  # noqa: F401  (receivers connect themselves)
            emergency,
            keeping,
            narrowing,
            own_data,
            reading,
            receivers,
            timeline,
            trail,
        )
        from onecase.movers import CaseMover
        from org import break_glass, handing_over, sealed
        from org.restructuring import hooks

        audit.register_sentences(timeline.SENTENCES | reading.SENTENCES)
        break_glass.register("onecase.case", emergency.DOOR)
        handing_over.register("onecase", keeping.KEEPER)
        narrowing.register()
        sealed.register("onecase.Case", "answers_sealed")
        sealed.register("onecase.Party", "number_sealed")
        hooks.register(CaseMover())
        audit_subjects.register("onecase.case", trail.CASES)
        audit_subjects.register("documents.document", trail.RESULTS)
        own_data.register()
