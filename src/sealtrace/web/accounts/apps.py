"""How Django knows this part."""

from django.apps import AppConfig


class Accounts(AppConfig):
    """Accounts of the application."""

    name = "sealtrace.web.accounts"
    label = "accounts"
