"""The small parts of the case screens: choices of a field, words of a department, one thing said of an item."""

from __future__ import annotations

from datetime import datetime

from django import template

from sealtrace.cases.model import Item

from ..fields import Field
from ..page import word

register = template.Library()


@register.filter
def options(field: Field, language: str) -> list[tuple[str, str]]:
    """The choices of a field, with their words."""
    return field.options(language)


@register.filter
def named(name: object, language: str) -> str:
    """The word of a department, state or result."""
    return word(str(name), language)


@register.filter
def said(item: Item, name: str) -> str:
    """One field of an item as text; a time to the minute, nothing twice."""
    text = item.text(name)
    if name in ("due", "happened_at", "appeal_until") and text:
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC"
    return text


@register.filter
def listed(names: str) -> list[str]:
    """Names written with spaces between them, as a list for templates."""
    return names.split()
