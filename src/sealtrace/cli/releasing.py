"""Options of commands that may need the tracing key: its holders' shares, and what they are given for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sealtrace.custody.service import Custody

Shares = Callable[["Custody"], None]
"""Puts the tracing key together, where shares were given."""


def release_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, and hand the command what uses them as `release`."""

    @click.option(
        "--key-share", "key_shares", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="A share of the tracing key, in a home that seals codewords; repeat.",
    )  # fmt: skip
    @click.option("--holder", "holders", multiple=True, help="Who gives that share; once for each, in order.")
    @click.option("--purpose", "release_purpose", default="", help="What the shares are given for.")
    @click.option(
        "--minutes", default=60, show_default=True, help="How long the release is in force, at most."
    )
    @wraps(function)
    def taking(
        *args: Any,
        key_shares: tuple[Path, ...],
        holders: tuple[str, ...],
        release_purpose: str,
        minutes: int,
        **kwargs: Any,
    ) -> Any:
        def release(custody: Custody) -> None:
            if key_shares:
                custody.release(key_shares, holders=holders, purpose=release_purpose, minutes=minutes)

        return function(*args, release=release, **kwargs)

    return taking
