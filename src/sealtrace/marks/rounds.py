"""Name the sources of a blend round by round: what the named ones explain is taken into account.

Round r spends half of what round r - 1 did, so that all rounds together stay within the chance given: its
limit lies (r - 1) ln 2 above the first one's. A round takes ALL copies at or above its limit.

Why no more must be paid for the choice: let j be innocent and not named before round r. Leave j out, and
rounds 1 to r - 1 go exactly the same, because a copy acts on others only by being named. So what is taken as
known in round r is a function of the leak and of words other than j's, of all of which j's word is
independent: its e-value in round r has mean 1. The same holds under `scan`, which chooses each copy by its
own word alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sealtrace.ids import CopyId

from .codewords import CodeBook
from .evalue import SoftSymbols
from .joint import weigher_of
from .models import COLLUDERS, MODELS, Model
from .scan import scan

MOST_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Source:
    """A copy at or above the limit of its round, with the bound of one innocent copy's chance, in logs."""

    copy: CopyId
    log_e: float
    round: int
    log_chance: float


@dataclass(frozen=True, slots=True)
class Sources:
    """What all rounds gave: sources in the order they were named, the best score, the best of the others."""

    named: tuple[Source, ...]
    best: float
    runner_up: float | None


def limit_of(round_: int, first: float) -> float:
    """The limit of a round, given the first round's."""
    return first + (round_ - 1) * math.log(2)


def find_sources(
    symbols: SoftSymbols,
    book: CodeBook,
    copies: NDArray[np.uint64],
    limit: float,
    models: Sequence[Model] = MODELS,
) -> Sources:
    """Weigh all copies, and again as long as a round names new ones. `limit` is the first round's."""
    if not len(copies):
        return Sources((), -math.inf, None)
    lengths = [count for _, count in book.parts_of]
    weigher = weigher_of(symbols, book.biases, lengths, models)
    scores = scan(weigher, book, copies)
    if not len(scores.ids):
        return Sources((), 0.0, None)
    log_e, open_, named = scores.log_e, np.ones(len(scores.ids), bool), list[Source]()
    for round_ in range(1, MOST_ROUNDS + 1):
        above = [
            int(i)
            for i in np.argsort(-log_e, kind="stable")
            if open_[i] and log_e[i] >= limit_of(round_, limit)
        ]
        if not above:
            break
        named += [
            Source(CopyId(int(scores.ids[i])), float(log_e[i]), round_, weigher.log_chance(float(log_e[i])))
            for i in above
        ]
        open_[above] = False
        if weigher.single or len(named) >= max(COLLUDERS) or not open_.any():
            break
        bits = np.unpackbits(scores.words[~open_], axis=1)
        weigher = weigher_of(symbols, book.biases, lengths, models, named=bits)
        log_e = weigher.log_e(scores.words)
    rest = scores.log_e[open_]
    return Sources(tuple(named), float(scores.log_e.max()), float(rest.max()) if len(rest) else None)
