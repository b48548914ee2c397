"""How Django knows this part."""

from django.apps import AppConfig


class PolicyScreens(AppConfig):
    """The policy's screens."""

    name = "sealtrace.web.policy"
    label = "policy_screens"
