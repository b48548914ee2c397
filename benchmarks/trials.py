"""Spread independent trials over processes; every trial has its own seed, so the figures do not depend on how many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Trial = TypeVar("Trial")
Result = TypeVar("Result")


def spread(
    act: Callable[[Trial], Result],
    trials: Sequence[Trial],
    processes: int,
    prepare: Callable[[], None] | None = None,
) -> Iterator[Result]:
    """Yield each trial's result, in order. `prepare` runs once in each process."""
    if processes == 1:
        if prepare:
            prepare()
        yield from map(act, trials)
        return
    with ProcessPoolExecutor(processes, initializer=prepare) as pool:
        yield from pool.map(act, trials, chunksize=max(1, len(trials) // (processes * 16)))
