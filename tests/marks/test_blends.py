"""Blends of copies: at least one source is named, no innocent one, and luck stays within its bound."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.evalue import SoftSymbols, Weigher, threshold
from sealtrace.marks.models import BLENDS, MODELS, Model
from sealtrace.marks.rounds import find_sources, limit_of
from sealtrace.testing.blends import STRATEGIES, blend, hard, soft

LIMIT = threshold(10**6, 1e-9)
TAIL = CodeBook(bytes(range(32)), "table", 256)
INNOCENT = np.arange(10**6, 10**6 + 84_000, dtype=np.uint64)
ONLY_ONE = (Model(1, "linear"),)


def bits_of(book: CodeBook, copies: int) -> NDArray[np.uint8]:
    return np.unpackbits(book.words(np.arange(copies, dtype=np.uint64)), axis=1)


def leak(book: CodeBook, strategy: str, colluders: int, *, kind: str, seed: int = 1) -> SoftSymbols:
    rng = np.random.default_rng([seed, colluders, STRATEGIES.index(strategy)])
    blended = blend(bits_of(book, colluders), strategy, rng)
    return hard(blended, 0.02, rng) if kind == "hard" else soft(blended, 0.5, rng)


SIZES = [("interleave", 1, 256), *((s, 3, 1024) for s in ("majority", "ones", "zeros")),
         *((s, 2, 1024) for s in STRATEGIES), ("interleave", 5, 4096), ("coin", 5, 4096)]  # fmt: skip


@pytest.mark.parametrize(("strategy", "colluders", "symbols"), SIZES)
def test_a_source_is_named_and_nobody_else(strategy: str, colluders: int, symbols: int) -> None:
    book = CodeBook(bytes([symbols % 251]) * 32, "table", symbols)
    symbols_read = leak(book, strategy, colluders, kind="hard")
    found = find_sources(symbols_read, book, np.arange(300, dtype=np.uint64), LIMIT, BLENDS)
    named = {source.copy.value for source in found.named}
    assert named
    assert named <= set(range(colluders))
    assert found.runner_up is not None
    assert found.runner_up < LIMIT


def test_later_rounds_name_sources_that_the_first_could_not() -> None:
    book = CodeBook(bytes(32), "table", 1024)
    copies, gained = np.arange(200, dtype=np.uint64), 0
    for seed in range(4):
        found = find_sources(leak(book, "minority", 3, kind="hard", seed=seed), book, copies, LIMIT, BLENDS)
        assert {s.copy.value for s in found.named} <= {0, 1, 2}
        assert all(s.log_e >= limit_of(s.round, LIMIT) for s in found.named)
        gained += sum(s.round > 1 for s in found.named)
    assert gained


def test_rounds_together_spend_no_more_than_was_given() -> None:
    spent = sum(np.exp(-limit_of(round_, LIMIT)) for round_ in range(1, 11))
    assert spent <= 2 * np.exp(-LIMIT)


def test_models_of_averages_hardly_see_a_minority_and_models_of_blends_do() -> None:
    """Why the second mixture exists: an average of +1 and -1 says little of who is outvoted."""
    book = CodeBook(bytes(32), "table", 2048)
    words = book.words(np.arange(5, dtype=np.uint64))
    read = leak(book, "minority", 5, kind="hard")
    assert Weigher(read, book.biases, MODELS).log_e(words).max() < LIMIT / 2
    assert Weigher(read, book.biases, BLENDS).log_e(words).min() > LIMIT


# -- the bound ---------------------------------------------------------------------------------------


@cache
def innocent_words() -> NDArray[np.uint8]:
    return TAIL.words(INNOCENT)


def assert_bounded(log_e: NDArray[np.float64]) -> None:
    """The claim: at most one innocent copy in t has an e-value of t or more, and none is accused."""
    assert not np.isnan(log_e).any()
    for t in (10, 100, 1000):
        share = np.mean(log_e >= np.log(t))
        assert share <= 1 / t, f"P(E >= {t}) = {share:.2e}"
    assert log_e.max() < threshold(len(INNOCENT) * 12, 1e-9)


CASES = [
    (strategy, c, kind)
    for strategy, c in zip(STRATEGIES, (2, 3, 3, 5, 8, 4), strict=True)
    for kind in ("hard", "soft")
]
"""Every strategy, hard and soft; which models weigh it turns with the case: right, too narrow, quite wrong."""


def test_the_bound_holds_over_a_million_innocent_copies_of_blends() -> None:
    scores = []
    for number, (strategy, c, kind) in enumerate(CASES):
        models = (BLENDS, MODELS, ONLY_ONE)[number % 3]
        scores.append(
            Weigher(leak(TAIL, strategy, c, kind=kind), TAIL.biases, models).log_e(innocent_words())
        )
        assert_bounded(scores[-1])
    pooled = np.concatenate(scores)
    assert len(pooled) > 10**6
    assert_bounded(pooled)


def test_the_bound_holds_in_later_rounds() -> None:
    """Named copies taken as known, rightly or wrongly, accuse nobody else."""
    words = innocent_words()[:40_000]
    for known in (bits_of(TAIL, 2), np.unpackbits(words[-2:], axis=1)):
        weigher = Weigher(leak(TAIL, "majority", 3, kind="hard"), TAIL.biases, BLENDS, named=known)
        assert_bounded(weigher.log_e(words[:-2]))


def counted_twice(symbols: SoftSymbols, words: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Broken: multiplies two readings under ONE code book as if their keys were independent."""
    return 2 * Weigher(symbols, TAIL.biases, BLENDS).log_e(words)


def best_model_for_each(symbols: SoftSymbols, words: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Broken: takes for each copy the model that suits it best, with nothing paid for the choice."""
    return np.max([Weigher(symbols, TAIL.biases, (m,)).log_e(words) for m in BLENDS], axis=0) + np.log(
        len(BLENDS)
    )


def fair_coins(symbols: SoftSymbols, words: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Broken: divides by the wrong marginal."""
    return Weigher(symbols, np.full(256, 128, np.uint8), BLENDS).log_e(words)


def no_division(symbols: SoftSymbols, words: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Broken: forgets what an unseen copy would show; a likelihood, not a ratio."""
    return Weigher(symbols, TAIL.biases, BLENDS).log_e(words) + 8.0


@pytest.mark.parametrize(
    "broken", [counted_twice, best_model_for_each, fair_coins, no_division], ids=lambda f: f.__name__
)
def test_a_weigher_that_breaks_the_proof_fails_the_same_assertion(
    broken: Callable[[SoftSymbols, NDArray[np.uint8]], NDArray[np.float64]],
) -> None:
    words, caught = innocent_words()[:6_000], []
    leaks = [leak(TAIL, "interleave", 2, kind="hard"), leak(TAIL, "coin", 4, kind="soft"), faint()]
    for symbols in leaks:
        try:
            assert_bounded(broken(symbols, words))
        except AssertionError:
            caught.append(symbols)
    assert caught


def faint() -> SoftSymbols:
    """A leak that says almost nothing: e-values near 1 for all, where the bound is tightest."""
    rng = np.random.default_rng(3)
    return soft(rng.integers(0, 2, 256).astype(np.uint8), 6.0, rng)
