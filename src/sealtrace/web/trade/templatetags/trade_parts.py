"""The small parts of the customs desk: amounts with commas, and the words of a shape's figures."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def amount(value: float | None, places: int = 0) -> str:
    """A number with commas in both languages; a dash for none."""
    return "–" if value is None else f"{value:,.{places}f}".replace("-", "−")


@register.filter
def measure(value: float) -> str:
    """A figure of a shape: whole when it is whole, else two places."""
    return amount(value, 0 if float(value).is_integer() or abs(value) >= 1000 else 2)


@register.filter
def figure(name: str) -> str:
    """The word of a figure."""
    words = {
        "consignees": _("consignees"), "young": _("of them young"), "exporters": _("exporters"),
        "strategic_kg": _("strategic goods, kg"), "share": _("share"), "usual": _("usual share"),
        "traders": _("share of traders"), "declarations": _("declarations"), "days": _("days"), "kg": _("kg"),
    }  # fmt: skip
    return words.get(name, name)
