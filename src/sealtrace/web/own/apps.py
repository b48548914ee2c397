"""How Django knows this part."""

from django.apps import AppConfig


class OwnScreens(AppConfig):
    """The own page and the appeals desk."""

    name = "sealtrace.web.own"
    label = "own_screens"
