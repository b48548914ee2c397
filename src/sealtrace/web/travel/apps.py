"""How Django knows this part."""

from django.apps import AppConfig


class TravelScreens(AppConfig):
    """The screens of travel and of travel documents in custody."""

    name = "sealtrace.web.travel"
    label = "travel_screens"

    def ready(self) -> None:
        """Name what is done at once when it is approved."""
        from . import parts  # noqa: F401 (registers itself)
