"""How Django knows this part."""

from django.apps import AppConfig


class Devices(AppConfig):
    """Devices of the application."""

    name = "sealtrace.web.devices"
    label = "devices"
