"""Countries and territories by their ISO 3166-1 code, with names to show and to read.

The names are those of Unicode CLDR 46 for `en` and `zh_Hans` (licence Unicode-3.0); HK, MO and TW are written as
GB/T 2659.1-2022 writes them.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from django.utils.translation import get_language


@cache
def names() -> dict[str, tuple[str, str]]:
    """Each code with its Chinese and its English name, by code."""
    text = files(__package__).joinpath("countries.json").read_text("utf-8")
    return {code: (zh, en) for code, (zh, en) in json.loads(text).items()}


@cache
def _codes() -> dict[str, str]:
    return {word.casefold(): code for code, both in names().items() for word in (code, *both)}


def code_of(typed: str) -> str | None:
    """The code that a code or a name in either language means; None where it means none."""
    return _codes().get(typed.strip().casefold())


def name_of(code: str) -> str:
    """A country's name in the language in use; the code where it has none."""
    both = names().get(code)
    if both is None:
        return code
    return both[1] if (get_language() or "").startswith("en") else both[0]


def choices() -> list[tuple[str, str]]:
    """Every code with its name in the language in use, by name."""
    return sorted(((code, name_of(code)) for code in names()), key=lambda pair: pair[1])
