"""What tests of the own page and of the appeals desk share."""

from .scene import as_account, concerned, house

__all__ = ["as_account", "concerned", "house"]
