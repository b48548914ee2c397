"""The small parts of every screen, as tags: icon, glyph, chip, proof badge; numbers and times as designed."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ..icons import GLYPHS, ICONS

register = template.Library()
_MINUTE, _HOUR = 60, 3600
PROOFS = {"ok": "sound", "not": "open", "fail": "fail", "cannot": "doubt"}


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon that says nothing to a screen reader; a word must stand beside it."""
    inside = mark_safe(ICONS[name])  # noqa: S308 (our own constants)
    return format_html('<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">{}</svg>', inside)


@register.simple_tag
def glyph(result: str) -> SafeString:
    """The disc of one of the four results."""
    inside = mark_safe(GLYPHS[result])  # noqa: S308 (our own constants)
    return format_html('<svg class="glyph" viewBox="0 0 80 80" aria-hidden="true">{}</svg>', inside)


@register.simple_tag
def chip(text: object, what: str) -> SafeString:
    """An id with a button that copies it; `what` names it for screen readers."""
    label = _("Copy %(what)s %(text)s") % {"what": what, "text": text}
    return format_html(
        '<span class="chip"><code>{}</code><button type="button" data-copy="{}" aria-label="{}">{}</button></span>',
        text, text, label, icon("copy"),
    )  # fmt: skip


@register.simple_tag
def proof(state: str) -> SafeString:
    """The badge of a proof: ok, not, fail or cannot."""
    words = {
        "ok": _("Verified in this browser"),
        "not": _("Not verified"),
        "fail": _("Verification failed"),
        "cannot": _("Cannot verify here"),
    }
    return format_html(
        '<span class="proof" data-p="{}">{}{}</span>', state, icon(PROOFS[state]), words[state]
    )


@register.filter
def level_word(level: str) -> str:
    """The word of a file's level."""
    return {"core": _("Core"), "important": _("Important"), "general": _("General")}.get(level, level)


@register.filter
def whole(number: int) -> str:
    """A whole number with commas, in both languages."""
    return f"{number:,}"


@register.filter
def evidence_time(at: str | datetime) -> str:
    """A time as on evidence: date, seconds and offset."""
    moment = parse_datetime(at) if isinstance(at, str) else at
    if moment is None:
        return str(at)
    local = timezone.localtime(moment)
    return f"{local:%Y-%m-%d %H:%M:%S} {local:%z}"[:-2] + ":" + f"{local:%z}"[-2:]


@register.filter
def both_times(at: str | datetime) -> str:
    """A time on evidence in both ways: as the site's clocks have it, and in UTC as the ledger has it."""
    moment = parse_datetime(at) if isinstance(at, str) else at
    if moment is None:
        return str(at)
    return f"{evidence_time(moment)} · {moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@register.filter
def ago(at: str | datetime) -> str:
    """Under an hour ago in words, else the time itself."""
    moment = parse_datetime(at) if isinstance(at, str) else at
    if moment is None:
        return str(at)
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < _MINUTE:
        return _("%(n)d s ago") % {"n": max(0, seconds)}
    if seconds < _HOUR:
        return _("%(n)d min ago") % {"n": seconds // _MINUTE}
    return evidence_time(moment)


@register.filter
def chance(value: float) -> SafeString:
    """A chance of error as a bound: ≤ 8.1 × 10⁻¹³, never 0; rounded up."""
    if value <= 0:
        value = 5e-324
    exponent = math.floor(math.log10(value))
    digits = math.ceil(value / 10.0**exponent * 10) / 10 if exponent > -300 else 1.0
    if digits >= 10:
        digits, exponent = 1.0, exponent + 1
    minus = f"{exponent}".replace("-", "−")
    return format_html("≤ {} × 10<sup>{}</sup>", f"{digits:.1f}", minus)


@register.filter
def nats(value: float | None) -> str:
    """A score to one decimal, with a true minus sign."""
    return "—" if value is None else f"{value:,.1f}".replace("-", "−")


@register.filter
def short(digest: str) -> str:
    """A digest shortened in the middle."""
    return f"{digest[:8]}…{digest[-8:]}" if len(digest) > 20 else digest


@register.filter
def role_word(role: str) -> str:
    """The word of a role."""
    from ...policy import words

    return words.role(str(role))


@register.filter
def action_word(action: str) -> str:
    """The words of an action."""
    from ...policy import words

    return words.action(action)


@register.filter
def need_word(need: str) -> str:
    """The words of what is lacking."""
    from ...policy import words

    return words.need(need)
