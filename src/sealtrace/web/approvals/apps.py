"""How Django knows this part."""

from django.apps import AppConfig


class Approvals(AppConfig):
    """Approvals by a second person."""

    name = "sealtrace.web.approvals"
    label = "approvals"
