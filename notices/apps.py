"""Who is told what, and the proof that it was sent."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = "Thông báo"

    def ready(self) -> None:
        from notices import own_data, receivers  # noqa: F401  (connects them)
        from notices.movers import NoticeMover
        from org import sealed
        from org.restructuring import hooks

        sealed.register("notices.Message", "text_sealed")
        hooks.register(NoticeMover())
        own_data.register()
