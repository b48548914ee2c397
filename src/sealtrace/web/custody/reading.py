"""What addresses say, read carefully."""

from __future__ import annotations


def whole_number(text: str | None) -> int | None:
    """A whole number from an address; anything else is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else None
