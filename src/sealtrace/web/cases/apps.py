"""How Django knows this part."""

from django.apps import AppConfig


class CaseScreens(AppConfig):
    """The screens of joint cases."""

    name = "sealtrace.web.cases"
    label = "cases_screens"
