"""The error rates that the project's benchmarks have measured, as data, each with the command that printed it."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


def validation_bytes() -> bytes:
    """Return the file as it is shipped."""
    return resources.files("sealtrace.trace").joinpath("validation.json").read_bytes()


@cache
def validation() -> dict[str, Any]:
    """Return the table, read: `rows` with what was tried, how often, how often traced and wrongly."""
    found: dict[str, Any] = json.loads(validation_bytes())
    return found
