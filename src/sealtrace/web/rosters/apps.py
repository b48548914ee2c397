"""How Django knows this part."""

from django.apps import AppConfig


class RosterScreens(AppConfig):
    """The screens of roster screening."""

    name = "sealtrace.web.rosters"
    label = "rosters_screens"

    def ready(self) -> None:
        """Make the kind of long work known."""
        from . import screening  # noqa: F401 (it names its work when it is read)
