"""How Django knows this part."""

from django.apps import AppConfig


class Api(AppConfig):
    """The machine API of the application."""

    name = "sealtrace.web.api"
    label = "api"

    def ready(self) -> None:
        """Make the kinds of long work known."""
        from . import webhooks, works  # noqa: F401 (each names its work when it is read)
