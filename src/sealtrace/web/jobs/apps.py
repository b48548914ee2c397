"""How Django knows this part."""

from django.apps import AppConfig


class Jobs(AppConfig):
    """Jobs of the application."""

    name = "sealtrace.web.jobs"
    label = "jobs"
