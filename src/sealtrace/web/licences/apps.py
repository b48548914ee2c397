"""How Django knows this part."""

from django.apps import AppConfig


class LicenceScreens(AppConfig):
    """The screens of export licensing."""

    name = "sealtrace.web.licences"
    label = "licences_screens"
