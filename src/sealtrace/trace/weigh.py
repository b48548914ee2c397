"""Weigh the copies really issued against a leak's symbols, under one family-wise bound."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.models import MIXTURES, described
from sealtrace.marks.rounds import find_sources

from .model import (
    DIGEST_CHANCE,
    Accused,
    PageFinding,
    TableFinding,
    Weighed,
    family_bound,
    round_looks,
    threshold,
)

EXTRAS = {"order", "decoy"}
"""Channels of a table beside its cells, weighed with the models of the table."""
MIXTURE_OF = {"page": "averaging", "table": "blends"}
"""Which models weigh a channel: a page's symbols are averaged by any blend, a table's cells need not be."""


def models_text() -> str:
    """Which models weigh which channel, in one line: what a trace fixes in the log before it decodes."""
    channels = " ".join(f"{channel}={mixture}" for channel, mixture in MIXTURE_OF.items())
    return f"{channels} {described()}"


def family_digest(copies: NDArray[np.uint64]) -> bytes:
    """Return the SHA-256 over the ids of all copies weighed, 8 bytes each, in ascending order."""
    return hashlib.sha256(np.sort(copies).astype(">u8").tobytes()).digest()


def weigh(
    version: int,
    symbols: SoftSymbols,
    book: CodeBook,
    copies: NDArray[np.uint64],
    *,
    considered: int,
    chance: float,
    looks: int,
    pages: Sequence[PageFinding] = (),
    tables: Sequence[TableFinding] = (),
) -> Weighed:
    """Give every copy of a version its e-value, round by round.

    `considered` is the number of ALL copies ever issued by the installation: the family is fixed before
    the leak is looked at, and a larger family than needed only raises the threshold. `looks` is how many
    times a copy may be weighed before the search stops, twice over: half of the chance is for later rounds.
    """
    channel = "table" if tables else "page"
    models = MIXTURES[MIXTURE_OF[channel]]
    found = find_sources(symbols, book, copies, threshold(considered, chance, looks), models)
    return Weighed(
        version,
        symbols,
        tuple(pages),
        considered,
        best=found.best,
        runner_up=found.runner_up,
        sources=found.named,
        channel=channel,
        tables=tuple(tables),
        parts=book.parts_of if len(book.parts_of) > 1 else (),
        family=family_digest(copies),
    )


def accuse(weighed: Weighed, looks: int) -> list[Accused]:
    """Turn the copies above the threshold into accusations with their stated bound."""
    found = []
    for source in weighed.sources:
        paid = round_looks(looks, source.round)
        exponent = math.log(max(weighed.considered, 1) * paid) + source.log_chance
        found.append(
            Accused(
                source.copy,
                weighed.version,
                family_bound(source.log_e, weighed.considered, paid),
                weighed.telling,
                source.log_e,
                source.round,
                max(math.exp(min(0.0, max(exponent, -700.0))), DIGEST_CHANCE),
            )
        )
    return found
