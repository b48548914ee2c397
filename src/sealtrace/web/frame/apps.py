"""How Django knows this part."""

from django.apps import AppConfig


class Frame(AppConfig):
    """Frame of the application."""

    name = "sealtrace.web.frame"
    label = "frame"
