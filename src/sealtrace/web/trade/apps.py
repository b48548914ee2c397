"""How Django knows this part."""

from django.apps import AppConfig


class TradeScreens(AppConfig):
    """The screens of the customs desk."""

    name = "sealtrace.web.trade"
    label = "trade_screens"
