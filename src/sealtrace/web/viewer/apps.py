"""How Django knows this part."""

from django.apps import AppConfig


class Viewer(AppConfig):
    """Viewer of the application."""

    name = "sealtrace.web.viewer"
    label = "viewer"
