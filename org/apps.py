"""Units through time, people, posts, roles, sign-in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrgConfig(AppConfig):
    name = "org"
    verbose_name = "Tổ chức"

    def ready(self) -> None:
        from core import audit, audit_subjects
        from core.templatetags import ui
        from org import own_data, receivers, rules, sealed, sentences, trail, trail_names
        from org.restructuring import hooks, movers
        from org.restructuring import sentences as of_restructuring

        audit.register_sentences(receivers.SENTENCES)
        audit.register_sentences(sentences.SENTENCES)
        audit.register_sentences(of_restructuring.SENTENCES)
        audit_subjects.register("org.organization", trail.UNITS)
        trail_names.register_all()
        hooks.register(movers.PeopleMover())
        hooks.register(movers.BooksMover())
        sealed.register("org.CitizenIdentity", "number_sealed")
        sealed.register("org.DataRequest", "text_sealed", "answer_sealed")
        sealed.register("mfa.Authenticator", "data", keys=("secret", "seed"))
        own_data.register()
        place = (_("Dữ liệu cá nhân"), "/lam-viec/du-lieu-ca-nhan/", "person-badge")
        ui.STAFF_PLACES.append((place, rules.is_data_officer))
