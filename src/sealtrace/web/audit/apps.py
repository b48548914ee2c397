"""How Django knows this part."""

from django.apps import AppConfig


class Audit(AppConfig):
    """The audit trail."""

    name = "sealtrace.web.audit"
    label = "audit"
