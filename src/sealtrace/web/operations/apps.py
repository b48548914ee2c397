"""How Django knows this part."""

from django.apps import AppConfig


class Operations(AppConfig):
    """Readiness, metrics and logs."""

    name = "sealtrace.web.operations"
    label = "operations"
