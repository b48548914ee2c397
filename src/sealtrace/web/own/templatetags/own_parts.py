"""Words of what the registers of people hold, as filters: `{{ state|said:"status" }}`."""

from __future__ import annotations

from django import template

from .. import words

register = template.Library()


@register.filter
def said(value: object, of: str) -> str:
    """The word of a value of one of the lists in `words`."""
    return words.say(of, value)


@register.filter
def about_words(about: str) -> str:
    """What a petition is about, in words with its name."""
    return words.about(about)


@register.filter
def reason_words(reason: str) -> str:
    """A look's reason: what a person typed as typed, what the program wrote in the reader's language."""
    return words.reason(reason)


@register.filter
def place_words(place: str) -> str:
    """Where a row of a roster stands."""
    return words.place(place)


@register.filter
def reading_words(reading: str) -> str:
    """How a name was read."""
    return words.reading(reading)
