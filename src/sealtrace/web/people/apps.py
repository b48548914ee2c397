"""How Django knows this part."""

from django.apps import AppConfig


class PeopleScreens(AppConfig):
    """The screens of the personnel-security office."""

    name = "sealtrace.web.people"
    label = "people_screens"
