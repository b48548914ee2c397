"""How Django knows this part."""

from django.apps import AppConfig


class CustodyScreens(AppConfig):
    """The screens of the main job."""

    name = "sealtrace.web.custody"
    label = "custody_screens"
