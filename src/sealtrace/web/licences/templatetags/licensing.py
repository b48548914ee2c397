"""Words, state tags and quantities in the templates of licensing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from ...frame.templatetags.parts import icon
from ..words import ALL, CLASSES, ICONS, STATES, TONES

register = template.Library()
MG_PER_KG = 1_000_000


@register.filter
def word(value: object, of: str) -> object:
    """The word of a value: `{{ row.state|word:"state" }}`; the value itself when it has none."""
    return ALL[of].get(str(value), str(value))


@register.simple_tag
def state_tag(value: object) -> SafeString:
    """A state or class as a tag: word, colour and shape."""
    name = str(value)
    tone = TONES.get(name, "")
    text = STATES.get(name) or CLASSES.get(name) or name
    mark = icon(ICONS[tone]) if tone else icon("open")
    return format_html('<span class="tag" data-tone="{}">{}{}</span>', tone, mark, text)


@register.filter
def kg(milligrams: int) -> str:
    """Milligrams as kilograms with a gram's places, more where they are needed; nothing is rounded away."""
    value = Decimal(milligrams) / MG_PER_KG
    exact = value.normalize()
    places = max(3, -int(exact.as_tuple().exponent))
    return f"{value:,.{places}f}"


@register.filter
def spoken(holder: object) -> str:
    """The words of something that has them in both languages, as keys or attributes zh and en."""
    name = "en" if (get_language() or "").startswith("en") else "zh"
    if isinstance(holder, tuple):
        return str(holder[1] if name == "en" else holder[0])
    return str(holder.get(name, "") if isinstance(holder, dict) else getattr(holder, name, ""))


@register.filter
def plainly(value: object) -> object:
    """A value of a document without its brackets: what it says, field by field."""
    if isinstance(value, dict):
        return ", ".join(f"{k} {plainly(v)}" for k, v in value.items() if k != "id")
    return ", ".join(str(plainly(v)) for v in value) if isinstance(value, list | tuple) else value


@register.filter
def pick(held: object, key: object) -> object:
    """What a map has under a key; the key itself where it has nothing."""
    return held.get(key, key) if isinstance(held, Mapping) else key


@register.filter
def first_word(value: str) -> str:
    """A class or standing in words, with the codes behind it: `licence_required 1C905.b`."""
    name, _, rest = value.partition(" ")
    text = STATES.get(name) or CLASSES.get(name) or ALL["standing"].get(name) or name
    return f"{text} {rest}".strip()
