"""How Django knows this part."""

from django.apps import AppConfig


class CustodyScreens(AppConfig):
    """The screens of the main job."""

    name = "sealtrace.web.custody"
    label = "custody_screens"

    def ready(self) -> None:
        """Make the kinds of long work known."""
        from . import ordering, register, standing, tracing  # noqa: F401 (each names its work when it is read)
