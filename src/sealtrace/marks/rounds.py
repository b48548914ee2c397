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
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sealtrace.ids import CopyId

from .codewords import CodeBook
from .evalue import SoftSymbols
from .joint import weigher_of
from .models import COLLUDERS, MODELS, Model
from .scan import Scores, scan

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


class Half(Protocol):
    """One independently keyed codeword of every copy, weighed against one leak, wherever its key is."""

    @property
    def single(self) -> bool:
        """Whether this leak leaves no doubt that it shows one copy and not a blend."""
        ...

    def above(self, round_: int, named: Sequence[CopyId]) -> Sequence[Source]:
        """Give the copies at or above the limit of a round, best first, without those named before it."""
        ...


class Weighing:
    """All copies of one code book weighed against one leak. `limit` is the first round's."""

    def __init__(
        self,
        symbols: SoftSymbols,
        book: CodeBook,
        copies: NDArray[np.uint64],
        limit: float,
        models: Sequence[Model] = MODELS,
    ) -> None:
        self._symbols, self._book, self._limit, self._models = symbols, book, limit, models
        self._lengths = [count for _, count in book.parts_of]
        self._weigher = weigher_of(symbols, book.biases, self._lengths, models)
        self.scores = (
            scan(self._weigher, book, copies)
            if len(copies)
            else Scores(np.zeros(0, np.uint64), np.zeros((0, 0), np.uint8), np.zeros(0))
        )

    @property
    def single(self) -> bool:
        """Whether this leak leaves no doubt that it shows one copy and not a blend."""
        return self._weigher.single

    @property
    def best(self) -> float:
        """The best score of the first round."""
        return float(self.scores.log_e.max()) if len(self.scores.ids) else 0.0

    def runner_up(self, named: Sequence[CopyId]) -> float | None:
        """The best score of the first round among the copies that were not named."""
        rest = self.scores.log_e[self._open(named)]
        return float(rest.max()) if len(rest) else None

    def above(self, round_: int, named: Sequence[CopyId]) -> tuple[Source, ...]:
        """Give the copies at or above the limit of a round, best first, without those named before it."""
        open_ = self._open(named)
        if not open_.any() or len(named) >= max(COLLUDERS):
            return ()
        weigher, log_e = self._weigher, self.scores.log_e
        if named:
            ids = np.array([copy.value for copy in named], np.uint64)
            bits = np.unpackbits(self._book.words(ids), axis=1)
            weigher = weigher_of(self._symbols, self._book.biases, self._lengths, self._models, named=bits)
            log_e = weigher.log_e(self.scores.words)
        limit = limit_of(round_, self._limit)
        chosen = [int(i) for i in np.argsort(-log_e, kind="stable") if open_[i] and log_e[i] >= limit]
        return tuple(
            Source(
                CopyId(int(self.scores.ids[i])), float(log_e[i]), round_, weigher.log_chance(float(log_e[i]))
            )
            for i in chosen
        )

    def _open(self, named: Sequence[CopyId]) -> NDArray[np.bool_]:
        open_: NDArray[np.bool_] = ~np.isin(
            self.scores.ids, np.array([copy.value for copy in named], np.uint64)
        )
        return open_


@dataclass(frozen=True, slots=True)
class Together:
    """What all rounds gave: for each copy named its source in every half; how many one half alone points to."""

    named: tuple[tuple[Source, ...], ...]
    alone: tuple[int, ...]


def together(halves: Sequence[Half]) -> Together:
    """Name the copies that are at or above the limit of a round in EVERY half, each half by its own key.

    A round takes as known what the rounds before it named. Leave an innocent copy j out, and the earlier rounds
    go the same in all halves: what round r takes as known is independent of j's word in each half whose key is
    secret. So the bound of `find_sources` holds for each half by itself, whatever was done with the others.
    """
    named, alone = list[tuple[Source, ...]](), [0] * len(halves)
    for round_ in range(1, MOST_ROUNDS + 1):
        before = [sources[0].copy for sources in named]
        found = [{source.copy: source for source in half.above(round_, before)} for half in halves]
        new = [copy for copy in found[0] if all(copy in other for other in found)]
        if round_ == 1:
            alone = [len(half) - len(new) for half in found]
        named += [tuple(half[copy] for half in found) for copy in new]
        if not new or halves[0].single or len(named) >= max(COLLUDERS):
            break
    return Together(tuple(named), tuple(alone))


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
    weighing = Weighing(symbols, book, copies, limit, models)
    named = tuple(sources[0] for sources in together([weighing]).named)
    return Sources(named, weighing.best, weighing.runner_up([source.copy for source in named]))
