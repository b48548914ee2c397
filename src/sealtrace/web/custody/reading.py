"""What addresses say, read carefully."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from sealtrace.errors import UsageProblem


def whole_number(text: str | None) -> int | None:
    """A whole number from an address; anything else is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else None


def day_of(text: str) -> date | None:
    """A day as a form sends it; None when it was left out. Raises UsageProblem."""
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise UsageProblem(_("This is no date.")) from None
