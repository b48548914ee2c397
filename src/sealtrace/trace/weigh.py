"""Weigh the copies really issued against a leak's symbols, under one family-wise bound."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.halves import Party, parted
from sealtrace.marks.models import MIXTURES, described
from sealtrace.marks.rounds import Half, Source, Weighing, find_sources, together

from .model import (
    DIGEST_CHANCE,
    Accused,
    HalfScore,
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


class OtherHalf(Half, Protocol):
    """The half whose key another party holds: it tells scores only of copies that it points to."""

    @property
    def best(self) -> float:
        """The best score of the first round; minus infinity where it points to nobody and tells none."""
        ...

    @property
    def runner_up(self) -> float | None:
        """The best score among the copies that it does not point to; None where it is not told."""
        ...


def weigh_halves(
    version: int,
    symbols: SoftSymbols,
    own: CodeBook,
    other: Callable[[SoftSymbols], OtherHalf],
    copies: NDArray[np.uint64],
    *,
    considered: int,
    chance: float,
    looks: int,
    pages: Sequence[PageFinding] = (),
    tables: Sequence[TableFinding] = (),
) -> tuple[Weighed, Weighed]:
    """Weigh both halves of every copy's codeword, each under its own party's key, as `weigh` does one.

    A copy is named where BOTH halves are at or above ln(N K / eps). An honest notary's half bounds the chance of
    naming any innocent copy by eps whatever the office does, an honest office's likewise.
    """
    channel = "table" if tables else "page"
    first, second = parted(symbols)
    limit = threshold(considered, chance, looks)
    mine = Weighing(first, own, copies, limit, MIXTURES[MIXTURE_OF[channel]])
    theirs = other(second)
    found = together([mine, theirs])
    named = [sources[0].copy for sources in found.named]

    def made(half: Party, part: SoftSymbols, best: float, runner_up: float | None, at: int) -> Weighed:
        return Weighed(
            version, part, tuple(pages), considered, best, runner_up,
            tuple(sources[at] for sources in found.named), channel, tuple(tables), family_digest(copies),
            half, found.alone[at],
        )  # fmt: skip

    return (
        made(Party.OFFICE, first, mine.best, mine.runner_up(named), 0),
        made(Party.NOTARY, second, theirs.best, theirs.runner_up, 1),
    )


def accuse(weighed: Weighed, looks: int) -> list[Accused]:
    """Turn the copies above the threshold into accusations with their stated bound."""
    return [
        Accused(
            source.copy,
            weighed.version,
            family_bound(source.log_e, weighed.considered, round_looks(looks, source.round)),
            weighed.telling,
            source.log_e,
            source.round,
            _chernoff(source, weighed.considered, looks),
        )
        for source in weighed.sources
    ]


def accuse_both(halves: Sequence[Weighed], looks: int) -> list[Accused]:
    """Turn the copies that both halves name into accusations: what is stated is the weaker half's.

    The smaller of two e-values is at most the one whose key is secret, whichever that is; where both are, the
    keys are independent, the product is an e-value, and gives the bound `both_secret`.
    """
    found = []
    for pair in zip(*(accuse(half, looks) for half in halves), strict=True):
        weaker = min(pair, key=lambda one: one.log_e or 0.0)
        scores = tuple(
            HalfScore(half.half, one.log_e or 0.0, one.chance_of_error, one.chernoff or 1.0)
            for half, one in zip(halves, pair, strict=True)
        )
        paid = round_looks(looks, weaker.round)
        both = family_bound(sum(score.log_e for score in scores), halves[0].considered, paid)
        chernoff = max(score.chernoff for score in scores)
        found.append(replace(weaker, halves=scores, both_secret=both, chernoff=chernoff))
    return found


def _chernoff(source: Source, considered: int, looks: int) -> float:
    exponent = math.log(max(considered, 1) * round_looks(looks, source.round)) + source.log_chance
    return max(math.exp(min(0.0, max(exponent, -700.0))), DIGEST_CHANCE)
